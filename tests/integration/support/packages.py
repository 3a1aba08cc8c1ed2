# SPDX-License-Identifier: Apache-2.0
"""The Debian packages of the optimised build: made where they are missing or old, and taken apart.
"""
from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

from cordwood import program, source

NAMES = ("cordwood-ingestor", "cordwood-registry", "cordwood-client")


def directory() -> Path:
    return source("build/packages")


def missing_tool() -> str:
    """What cannot be done without here; "" if all is there."""
    tools = ("cpack", "dpkg-deb", "dpkg-shlibdeps")
    return next((tool for tool in tools if shutil.which(tool) is None), "")


def make() -> dict[str, Path]:
    """Name -> file, of this state of the build. Two tests may ask at one time."""
    directory().mkdir(parents=True, exist_ok=True)
    with open(directory() / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        build = Path(program(".")).resolve().parent
        stamp = directory() / ".made"
        newest = max(
            path.stat().st_mtime
            for path in (*map(Path, map(program, NAMES)), *source("deploy").rglob("*"))
        )
        if not stamp.exists() or stamp.stat().st_mtime < newest:
            for old in directory().glob("*.deb"):
                old.unlink()
            done = subprocess.run(
                ["cpack", "-G", "DEB"], cwd=build, capture_output=True, text=True,
                env={**os.environ, "LC_ALL": "C"},
            )
            if done.returncode != 0:
                raise AssertionError(f"cpack: {done.stdout[-2000:]}{done.stderr[-2000:]}")
            shutil.rmtree(directory() / "_CPack_Packages", ignore_errors=True)
            stamp.touch()
    return {name: _one(f"{name}_*.deb") for name in NAMES}


def _one(pattern: str) -> Path:
    found = list(directory().glob(pattern))
    if len(found) != 1:
        raise AssertionError(f"{pattern}: {found}")
    return found[0]


def field(package: Path, name: str) -> str:
    return subprocess.run(
        ["dpkg-deb", "--field", str(package), name], check=True, capture_output=True, text=True
    ).stdout.strip()


def dependencies(packages: dict[str, Path]) -> list[str]:
    """Names only, without our own."""
    names = set()
    for package in packages.values():
        for one in field(package, "Depends").split(","):
            names.add(re.split(r"[\s(|:]", one.strip())[0])
    return sorted(names - set(packages))


def with_version(package: Path, version: str, target: Path) -> Path:
    """The same package under a later version, in the directory `target`."""
    tree = target / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
    control = tree / "DEBIAN" / "control"
    text = re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text())
    control.write_text(text)
    result = target / f"{field(package, 'Package')}_{version}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(result)],
        check=True, capture_output=True,
    )
    shutil.rmtree(tree)
    return result
