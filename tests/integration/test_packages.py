# SPDX-License-Identifier: Apache-2.0
"""The Debian packages as files: what lintian says, what is in them, how hard the units are."""
from __future__ import annotations

import shutil
import subprocess

import cordwood
import packages

SECURITY_MAX = 20  # tenths: 2.0


class Packages(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        if packages.missing_tool():
            self.skipTest(f"there is no {packages.missing_tool()}")
        self.packages = packages.make()

    def test_lintian_finds_no_error(self) -> None:
        if shutil.which("lintian") is None:
            self.skipTest("there is no lintian")
        done = subprocess.run(
            ["lintian", "--allow-root", "--fail-on", "error", *map(str, self.packages.values())],
            capture_output=True, text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def contents(self, name: str) -> set[str]:
        done = subprocess.run(
            ["dpkg-deb", "--fsys-tarfile", str(self.packages[name])],
            check=True, capture_output=True,
        )
        listing = subprocess.run(
            ["tar", "-t"], input=done.stdout, check=True, capture_output=True
        ).stdout.decode()
        return {line.removeprefix(".") for line in listing.splitlines() if not line.endswith("/")}

    def test_each_brings_program_manual_and_papers(self) -> None:
        for name in packages.NAMES:
            with self.subTest(name):
                wanted = {
                    f"/usr/bin/{name}", f"/usr/share/man/man1/{name}.1.gz",
                    f"/usr/share/doc/{name}/copyright", f"/usr/share/doc/{name}/changelog.gz",
                    f"/usr/share/bash-completion/completions/{name}",
                    f"/usr/share/zsh/vendor-completions/_{name}",
                }
                self.assertEqual(wanted - self.contents(name), set())

    def test_settings_are_valid_and_for_production(self) -> None:
        """The file as it is shipped: the program takes it, and only the stated values differ."""
        tree = self.directory / "tree"
        subprocess.run(
            ["dpkg-deb", "--extract", str(self.packages["cordwood-ingestor"]), str(tree)],
            check=True,
        )
        config = tree / "etc/cordwood/cordwood.yaml"
        done = subprocess.run(
            [cordwood.program("cordwood-ingestor"), "--config", str(config), "--print-config"],
            check=True, capture_output=True, text=True, env=cordwood.clean_environment(),
        )
        set_there = {line.split(":")[0]: line for line in done.stdout.splitlines()
                     if line.endswith("# file")}
        self.assertIn('data-dir: "/var/lib/cordwood/archive"', set_there["data-dir"])
        self.assertIn("rotate-bytes: 1GiB", set_there["rotate-bytes"])
        self.assertIn("layout: daily", set_there["layout"])
        self.assertEqual(
            set(set_there) - {"config-version"}, {"data-dir", "rotate-bytes", "layout"}
        )

    def test_version_is_the_programs(self) -> None:
        said = subprocess.run(
            [cordwood.program("cordwood-ingestor"), "--version"], check=True, capture_output=True,
            text=True,
        ).stdout.split()[-1]
        changelog = cordwood.source("deploy/debian/changelog").read_text()
        self.assertIn(f"cordwood ({said})", changelog.splitlines()[0])
        for package in self.packages.values():
            self.assertEqual(packages.field(package, "Version"), said)

    def test_units_are_hardened(self) -> None:
        if shutil.which("systemd-analyze") is None:
            self.skipTest("there is no systemd-analyze")
        for unit in sorted(cordwood.source("deploy/systemd").glob("*.service")):
            with self.subTest(unit.name):
                done = subprocess.run(
                    ["systemd-analyze", "security", "--offline=true", f"--threshold={SECURITY_MAX}",
                     str(unit)], capture_output=True, text=True,
                )
                self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)


if __name__ == "__main__":
    cordwood.main()
