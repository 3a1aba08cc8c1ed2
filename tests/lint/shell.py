# SPDX-License-Identifier: Apache-2.0
"""Shell: what shellcheck says of the shell scripts. Without it the exit status is 77 (skipped)."""
from __future__ import annotations

import shutil
import subprocess
import sys

from source import Report, find_files, parse_root

SKIPPED = 77


def main() -> int:
    root = parse_root(__doc__)
    tool = shutil.which("shellcheck")
    if tool is None:
        print("skipped: no shellcheck here")
        return SKIPPED
    report = Report(root)
    files = find_files(root, ".sh", names=("dev", ".ci/run"))
    files += sorted((root / "deploy" / "debian").glob("*/p*"))  # maintainer scripts
    done = subprocess.run(
        [tool, "--format=gcc", *map(str, files)], capture_output=True, text=True
    )
    for finding in done.stdout.splitlines():
        path, line, _, text = finding.split(":", 3)
        report.add(root / path, int(line), "shellcheck", text.strip())
    if done.returncode not in (0, 1):
        sys.exit(f"shellcheck failed: {done.stderr}")
    return report.finish(f"shell: {len(files)} files")


if __name__ == "__main__":
    sys.exit(main())
