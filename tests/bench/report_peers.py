# SPDX-License-Identifier: Apache-2.0
"""The table of the other receivers, in Markdown: what each took for the rows of the ingestor."""
from __future__ import annotations

import subprocess
from statistics import median

import forwarders
from measure import Result
from receivers import PeerResult, program_of

Measured = dict[tuple[str, str], list[PeerResult]]  # by row and program

HEADER = (
    "| row | receiver | records/s | CPU ns/record | times the ingestor's | file bytes/record "
    "| RSS MiB | lost | cipher |\n|---|---|---:|---:|---:|---:|---:|---:|---|"
)


def _spread(values: list[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.0f}"
    return f"{median(values):.0f} ({min(values):.0f}-{max(values):.0f})"


def _line(row: str, peer: str, ours: list[Result], theirs: list[PeerResult]) -> str:
    times = median(r.cpu_ns for r in theirs) / median(r.cpu_ns for r in ours)
    cells = [
        f"`{row}`", peer,
        f"{median(r.records / r.seconds for r in theirs) / 1e6:.2f} M",
        _spread([r.cpu_ns for r in theirs]),
        f"**{times:.1f}**",
        f"{median(r.file_bytes for r in theirs):.1f}",
        _spread([r.rss_mib for r in theirs]),
        str(max(r.lost for r in theirs)),
        theirs[0].cipher,
    ]
    return "| " + " | ".join(cells) + " |"


def _version(peer: str) -> str:
    program = program_of(peer)
    if program is None:
        return f"- {peer}: skipped, it is not on this machine"
    option = "-v" if peer == "rsyslog" else "--version"
    said = subprocess.run([program, option], capture_output=True, text=True,
                          env=forwarders.environment()).stdout
    return "- " + " ".join(said.splitlines()[0].split(" compiled")[0].split())


def table(ours: dict[str, list[Result]], theirs: Measured, peers: list[str]) -> str:
    """All that was measured, and the versions of the programs."""
    lines = [_line(row, peer, ours[row], results) for (row, peer), results in theirs.items()]
    return "\n".join(["", HEADER, *lines, "", *map(_version, peers)])
