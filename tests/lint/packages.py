# SPDX-License-Identifier: Apache-2.0
"""Packages: what CMake asks pkg-config for is what `./dev` installs.

A machine that has everything hides a line missing in dev's list; a fresh one does not. For each
pkg_check_modules() the Debian package that owns the .pc file must be in that list. Without dpkg
the exit status is 77 (CTest: skipped).
"""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from source import Report, find_files, parse_root

SKIPPED = 77
MODULES = re.compile(r"pkg_check_modules\(\s*\w+([^)]*)\)")
KEYWORDS = {"REQUIRED", "QUIET", "IMPORTED_TARGET", "GLOBAL"}


def modules_of(text: str) -> list[str]:
    found = []
    for match in MODULES.finditer(text):
        words = [w for w in match.group(1).split() if w not in KEYWORDS]
        found += [re.split(r"[<>=]", w)[0] for w in words]
    return found


def package_of(module: str) -> str | None:
    """The installed package that brings MODULE.pc."""
    done = subprocess.run(
        ["dpkg-query", "--search", f"*/pkgconfig/{module}.pc"], capture_output=True, text=True
    )
    return done.stdout.split(":")[0] if done.returncode == 0 else None


def main() -> int:
    root = parse_root(__doc__)
    if shutil.which("dpkg-query") is None:
        print("skipped: no dpkg here")
        return SKIPPED
    report = Report(root)
    listed = set(re.findall(r"^\s*\w+\s+(\S+)\s", (root / "dev").read_text(), re.MULTILINE))
    count = 0
    for path in find_files(root, ".cmake", names=("CMakeLists.txt",)):
        for module in modules_of(path.read_text()):
            count += 1
            package = package_of(module)
            if package not in listed:
                report.add(path, 1, "package", f"{module} comes with {package}: not in dev's list")
    return report.finish(f"packages: {count} modules")


if __name__ == "__main__":
    sys.exit(main())
