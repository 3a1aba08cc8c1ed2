# SPDX-License-Identifier: Apache-2.0
"""Symbols: what each object file exports begins with the file's stem; stems are unique.

Reads compile_commands.json of a build directory and `nm` of the objects named there. A file that
exports anything has a header of its stem.
"""
from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

from source import Report

# What a program or the fuzzing engine must find under a given name.
GIVEN_NAMES = {"main", "LLVMFuzzerTestOneInput", "LLVMFuzzerInitialize", "LLVMFuzzerCustomMutator"}
# main.c belongs to each program and exports only a given name.
SHARED_STEMS = {"main"}


def objects_of(build: Path, root: Path) -> dict[Path, Path]:
    """Source file -> one object file of it, for the project's own C files."""
    objects = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = Path(entry["file"])
        if source.suffix != ".c" or not source.is_relative_to(root):
            continue
        if source.is_relative_to(build):
            continue  # made by the build
        words = shlex.split(entry["command"])
        objects[source] = Path(entry["directory"], words[words.index("-o") + 1])
    return objects


def exported(objects: list[Path]) -> dict[Path, list[str]]:
    """External symbols each object defines, without what compilers add (which begins __)."""
    if not objects:
        return {}
    command = ["nm", "--print-file-name", "--extern-only", "--defined-only", "--format=posix"]
    out = subprocess.run(
        [*command, *map(str, objects)], check=True, capture_output=True, text=True
    ).stdout
    names: dict[Path, list[str]] = {obj: [] for obj in objects}
    for line in out.splitlines():
        path, _, rest = line.partition(": ")
        name = rest.split()[0]
        if not name.startswith("__") and name not in GIVEN_NAMES:
            names[Path(path)].append(name)
    return names


def check_names(source: Path, names: list[str], report: Report) -> None:
    stems = (source.stem, source.stem.removeprefix("fake_"))  # fake_x.c stands in for module x
    for name in names:
        if not any(name == stem or name.startswith(stem + "_") for stem in stems):
            report.add(source, 1, "stem", f"exports {name}, which does not begin {source.stem}_")
    if names and not source.with_suffix(".h").exists():
        report.add(source, 1, "no-header", f"exports {names[0]} but has no {source.stem}.h")


def check_stems(sources: list[Path], report: Report) -> None:
    first: dict[str, Path] = {}
    for source in sorted(sources):
        if source.stem in SHARED_STEMS:
            continue
        if source.stem in first:
            report.add(source, 1, "stem-taken", f"{first[source.stem]} has this stem too")
        first.setdefault(source.stem, source)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--build", type=Path, required=True)
    args = parser.parse_args()
    report = Report(args.root.resolve())
    objects = objects_of(args.build.resolve(), report.root)
    if not objects:
        sys.exit(f"symbols: {args.build} compiles no file of {report.root}")
    built = {source: obj for source, obj in sorted(objects.items()) if obj.exists()}
    for source in set(objects) - set(built):
        report.add(source, 1, "not-built", f"{objects[source]} is missing")
    names = exported(list(built.values()))
    for source, obj in built.items():
        check_names(source, names[obj], report)
    check_stems(list(objects), report)
    count = sum(map(len, names.values()))
    return report.finish(f"symbols: {len(objects)} objects, {count} symbols")


if __name__ == "__main__":
    sys.exit(main())
