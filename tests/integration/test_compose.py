# SPDX-License-Identifier: Apache-2.0
"""deploy/compose.yaml and deploy/Dockerfile, as far as they can be judged without containers.

What a container engine would trip over is looked for by hand: options that a program does not know,
ports that differ, files that are not there, packages that the build does not install. The images
are not built here: there is no container engine.
"""
from __future__ import annotations

import fnmatch
import json
import re
import shlex
import socket
import subprocess
from pathlib import Path
from typing import Any

import yaml

import cordwood
from registry import Registry

DEPLOY = cordwood.source("deploy")
PROGRAMS = {"registry": "cordwood-registry", "ingestor": "cordwood-ingestor"}
FORMATS = ("json", "proto", "avro", "raw")


def program_of(service: str) -> str:
    return "cordwood-client" if service.startswith("client-") else PROGRAMS[service]


def options_of(program: str) -> dict[str, Any]:
    done = subprocess.run(
        [cordwood.program(program), "--print-options"], check=True, capture_output=True, text=True,
        env=cordwood.clean_environment(),
    )
    return {row["name"]: row for row in json.loads(done.stdout)["options"]}


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of each instruction of the Dockerfile, with continued lines joined."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for word, rest in instructions():
        if word == "FROM":
            name = rest.split()[-1]
            found[name] = []
        found[name].append((word, rest))
    return found


class Compose(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
        self.services = self.compose["services"]
        self.ours = {name: s for name, s in self.services.items() if "build" in s}

    def test_services_are_those_of_the_original(self) -> None:
        self.assertEqual(
            set(self.services),
            {"registry", "ingestor", "prometheus", "grafana"} | {f"client-{f}" for f in FORMATS},
        )
        for name in FORMATS:
            client = self.services[f"client-{name}"]
            self.assertIn(f"--format={name}", client["command"])
            self.assertNotIn("container_name", client, "it could not be scaled")
            self.assertNotIn("ports", client, "it could not be scaled")

    def test_options_are_the_programs(self) -> None:
        for name, service in self.ours.items():
            known = options_of(program_of(name))
            for word in service["command"]:
                if word.startswith("--"):
                    self.assertIn(word[2:].split("=")[0], known, name)

    def test_the_ingestor_takes_its_command(self) -> None:
        for command in (self.services["ingestor"]["command"], self.cmd_of("ingestor")):
            done = subprocess.run(
                [cordwood.program("cordwood-ingestor"), *command, "--check-config"],
                capture_output=True, text=True, env=cordwood.clean_environment(),
                cwd=self.directory,
            )
            self.assertEqual(done.returncode, 0, done.stderr)

    def cmd_of(self, stage: str) -> list[str]:
        return json.loads(dict(stages()[stage])["CMD"])

    def test_ports_are_the_defaults(self) -> None:
        wanted = {
            "ingestor": {("tls-port", "3001"), ("udp-port", "3002"), ("http-port", "3000")},
            "registry": {("port", "8000")},
        }
        for name, pairs in wanted.items():
            known = options_of(program_of(name))
            for option, port in pairs:
                self.assertEqual(known[option]["default"], port)
            mapped = {p.split(":")[-1].split("/")[0] for p in self.services[name]["ports"]}
            exposed = {p.split("/")[0] for p in dict(stages()[name])["EXPOSE"].split()}
            self.assertEqual(mapped, {port for _, port in pairs})
            self.assertEqual(exposed, mapped)

    def test_names_between_services_exist(self) -> None:
        for name, service in self.services.items():
            for other in service.get("depends_on", []):
                self.assertIn(other, self.services)
        text = (DEPLOY / "compose.yaml").read_text()
        text += (DEPLOY / "prometheus/prometheus.yml").read_text()
        text += (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text()
        ports = {name: {p.split(":")[-1].split("/")[0] for p in s.get("ports", [])}
                 for name, s in self.services.items()}
        asked = re.findall(r"(?:http://|\")(ingestor|registry|prometheus):(\d+)", text)
        self.assertGreaterEqual(len(asked), 4)
        for name, port in asked:
            self.assertIn(port, ports[name])
        self.assertEqual(self.services["ingestor"]["hostname"], "ingestor", "Host header check")

    def test_volumes_and_mounts_exist(self) -> None:
        for name, service in self.services.items():
            for mount in service.get("volumes", []):
                what = mount.split(":")[0]
                if what.startswith("."):
                    self.assertTrue((DEPLOY / what).exists(), f"{name}: {mount}")
                else:
                    self.assertIn(what, self.compose["volumes"])

    def test_nothing_of_ours_runs_as_root(self) -> None:
        for name, service in self.ours.items():
            stage = stages()[service["build"]["target"]]
            self.assertIn("USER", dict(stage), name)
            self.assertEqual(service["cap_drop"], ["ALL"])
            self.assertTrue(service["read_only"])

    def test_health_checks_tell_the_truth(self) -> None:
        script = str(DEPLOY / "healthcheck.sh")

        def healthy(port: int, path: str) -> bool:
            return subprocess.run(
                [script, str(port), path], capture_output=True, timeout=60
            ).returncode == 0

        ingestor, registry = self.start(), Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(registry.stop)
        for name, port in (("ingestor", ingestor.http_port), ("registry", registry.port)):
            test = self.services[name]["healthcheck"]["test"]
            check = dict(stages()[name])["HEALTHCHECK"].split("CMD", 1)[1]
            self.assertEqual(json.loads(check), test[1:])
            self.assertEqual(test[1], "cordwood-healthcheck")
            self.assertTrue(healthy(port, test[3]), name)
            self.assertFalse(healthy(port, "/no-such-page"), name)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.assertFalse(healthy(silent.getsockname()[1], "/readyz"))
            closed = silent.getsockname()[1]
        self.assertFalse(healthy(closed, "/readyz"))


class Dockerfile(cordwood.TestCase):
    def test_packages_are_those_of_the_build(self) -> None:
        rows = re.findall(r"(?m)^build   (\S+)", cordwood.source("dev").read_text())
        run = next(rest for word, rest in stages()["build"] if word == "RUN")
        words = shlex.split(run)
        installed = [w for w in words[words.index("install") + 1:] if not w.startswith("-")]
        self.assertEqual(sorted(installed), sorted(rows))

    def test_what_is_copied_exists(self) -> None:
        ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
        for word, rest in instructions():
            if word != "COPY":
                continue
            words = rest.split()
            if words[0].startswith("--from="):
                self.assertIn(words[0].removeprefix("--from="), stages())
                self.check_package_name(words[1])
                continue
            for name in words[:-1]:
                self.assertTrue(cordwood.source(name).exists(), name)
                self.assertFalse(any(fnmatch.fnmatch(name, pattern) for pattern in ignored), name)

    def check_package_name(self, pattern: str) -> None:
        """`./dev package` of the first stage leaves them under names of CPack's."""
        match = re.fullmatch(r"/src/build/packages/cordwood-(\w+)_\*\.deb", pattern)
        assert match is not None, pattern
        self.assertIn(f"cordwood-{match[1]}", (DEPLOY / "CMakeLists.txt").read_text().replace(
            "cordwood-${name}", f"cordwood-{match[1]}"))

    def test_targets_are_stages(self) -> None:
        compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
        for name, service in compose["services"].items():
            if "build" in service:
                self.assertIn(service["build"]["target"], stages(), name)
                build = service["build"]
                found = DEPLOY / build["context"] / build["dockerfile"]
                self.assertEqual(found.resolve(), Path(DEPLOY / "Dockerfile").resolve())


if __name__ == "__main__":
    cordwood.main()
