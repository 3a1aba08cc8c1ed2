# SPDX-License-Identifier: Apache-2.0
"""A machine of the test's own: a minimal root from the distribution, booted by systemd-nspawn.

The root is made once (debootstrap, from where this machine gets its packages) and kept in build/;
what a test changes lies in memory above it and is gone afterwards. The machine has a network of its
own with nothing but a loopback interface.
"""
from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any, Callable, Sequence

from cordwood import PATIENCE_S, source, wait_until
from service_manager import NotifySocket

CLONE_NEWNET = 0x40000000
TOOLS = ("debootstrap", "systemd-nspawn", "nsenter", "apt-get")
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Unavailable(Exception):
    """Why there can be no such machine here."""


def _mirror() -> tuple[str, str, str]:
    """Site, suite and components of the distribution, as this machine's apt knows them."""
    release = dict(
        line.split("=", 1)
        for line in Path("/etc/os-release").read_text().splitlines()
        if "=" in line
    )
    suite = release.get("VERSION_CODENAME", "").strip('"')
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)",
         "Created-By: Packages"], capture_output=True, text=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    found = [line for line in lines if len(line) == 3 and line[1] == suite]
    if not found:
        raise Unavailable(f"apt knows no mirror of '{suite}'")
    site = found[0][0]
    components = sorted({component for where, _, component in found if where == site})
    return site, suite, ",".join(components)


def make_root(packages: Sequence[str]) -> Path:
    """A root that holds systemd and these packages; from an earlier run if it is the same."""
    for tool in TOOLS:
        if shutil.which(tool) is None:
            raise Unavailable(f"there is no {tool}")
    if os.geteuid() != 0:
        raise Unavailable("only root may boot a container")
    site, suite, components = _mirror()
    wanted = sorted({"systemd", "systemd-sysv", *packages})
    key = hashlib.sha256(" ".join([site, suite, components, *wanted]).encode()).hexdigest()[:16]
    root = source("build/container-root")
    stamp = root.with_suffix(".key")
    if stamp.exists() and stamp.read_text() == key:
        return root
    stamp.unlink(missing_ok=True)
    shutil.rmtree(root, ignore_errors=True)
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--components={components}",
         f"--include={','.join(wanted)}", suite, str(root), site],
        capture_output=True, text=True, timeout=900, env={"PATH": PATH, **_proxies()},
    )
    if done.returncode != 0:
        shutil.rmtree(root, ignore_errors=True)
        last = done.stdout.strip().splitlines()[-1:]
        raise Unavailable(f"debootstrap: {last} {done.stderr[-500:]}")
    for name in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/locale"):
        shutil.rmtree(root / name, ignore_errors=True)
    (root / "etc/hostname").unlink(missing_ok=True)  # of this machine: each container has its own
    stamp.write_text(key)
    return root


def _proxies() -> dict[str, str]:
    names = ("http_proxy", "https_proxy", "no_proxy")
    return {k: v for k, v in os.environ.items() if k.lower() in names}


class Container:
    """A booted machine. `directory`: for the test's files; `packages`: seen there as /packages."""

    def __init__(self, root: Path, directory: Path, packages: Path, hostname: str) -> None:
        self.leader = 0
        self._notify = NotifySocket(directory / "nspawn")
        self._log_path = directory / "console"
        with open(self._log_path, "wb") as log:
            self._process = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot",
                 "--private-network", "--notify-ready=yes", "--volatile=overlay",
                 "--link-journal=no", "--resolv-conf=off", "--timezone=off",
                 f"--hostname={hostname}", f"--directory={root}", f"--bind-ro={packages}:/packages"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": PATH, "NOTIFY_SOCKET": str(self._notify.path)},
            )
        try:
            self._wait_booted()
        except AssertionError as problem:
            text = self._log_path.read_text(errors="replace")[-1500:]
            self.close()
            raise Unavailable(f"systemd-nspawn does not boot: {problem}; {text}") from problem

    def _wait_booted(self) -> None:
        def booted() -> bool:
            if self._process.poll() is not None:
                raise AssertionError(f"it ended with {self._process.returncode}")
            return bool(self._notify.having("READY", "1"))

        wait_until(booted, "the machine is up")
        self.leader = int(self._notify.having("X_NSPAWN_LEADER_PID")[0]["X_NSPAWN_LEADER_PID"])

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command inside, as root."""
        done = subprocess.run(
            ["nsenter", f"--target={self.leader}", "--mount", "--uts", "--ipc", "--net", "--pid",
             "--root", "--wd", "--", "/usr/bin/env", "-i", f"PATH={PATH}", "LC_ALL=C.UTF-8",
             "DEBIAN_FRONTEND=noninteractive", *command],
            capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def path(self, name: str) -> Path:
        """A file inside, as seen from outside."""
        return Path(f"/proc/{self.leader}/root{name}")

    def enter_network(self) -> None:
        """The calling thread, and nobody else, then connects inside."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/proc/{self.leader}/ns/net", "rb") as net:
            if libc.setns(net.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")

    def in_network(self, function: Callable[[], Any]) -> Any:
        """Calls the function in a thread of its own that connects inside."""
        results: list[Any] = []

        def call() -> None:
            self.enter_network()
            try:
                results.append(function())
            except Exception as problem:  # handed to the caller
                results.append(problem)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join(PATIENCE_S * 2)
        if not results:
            raise AssertionError("a call inside the machine does not end")
        if isinstance(results[0], Exception):
            raise results[0]
        return results[0]

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)  # powers it off in order
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(PATIENCE_S)
        self._notify.close()
