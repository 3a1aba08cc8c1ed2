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
    "| row | receiver | records/s | CPU ns/record | CPU ns/byte | times the ingestor's "
    "| file bytes/record | RSS MiB | lost | cipher |\n|---|---|" + "---:|" * 7 + "---|"
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
        f"{median(r.cpu_ns for r in theirs) * ours[0].records / ours[0].bytes:.1f}",
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


def _wanted(ours: dict[str, list[Result]], theirs: Measured) -> list[str]:
    """What is asked of the ingestor in 16 KiB TLS records."""
    found = []
    for row in ("rfc5424", "rfc3164"):
        if (row, "rsyslog") in theirs:
            one, two = (median(r.cpu_ns for r in rs) for rs in (theirs[row, "rsyslog"], ours[row]))
            found.append(f"- `{row}`, CPU per record of rsyslog to cordwood's in the same run: "
                         f"{one:.0f} / {two:.0f} ns = {one / two:.1f} (at least 4 is wanted)")
    return found


def table(ours: dict[str, list[Result]], theirs: Measured, peers: list[str]) -> str:
    """All that was measured, and the versions of the programs."""
    lines = [_line(row, peer, ours[row], results) for (row, peer), results in theirs.items()]
    return "\n".join(["", HEADER, *lines, "", *_wanted(ours, theirs),
                      *map(_version, peers)])
