# SPDX-License-Identifier: Apache-2.0
"""What is measured: one row each. A row is a load, and a way to run the ingestor under it."""
from __future__ import annotations

from dataclasses import dataclass, field

MILLION = 1_000_000
ONE_EACH = ("--tls-record-bytes=0",)


@dataclass(frozen=True)
class Row:
    name: str
    about: str
    records: int  # sent once by the busy connections together
    sender: tuple[str, ...] = ()  # options of bench_sender
    ingestor: tuple[str, ...] = ()
    connections: int = 4
    idle: int = 0
    quiet: int = 0
    watchers: int = 0  # readers of /events, and a scrape of /metrics every second
    duration_s: int = 0  # the records are sent again and again for so long
    udp: bool = False
    disk: bool = False  # else in memory
    marked: bool = False  # each record is looked for by its mark
    any_schema: bool = False  # a registry says that JSON may be anything

    def sender_options(self) -> list[str]:
        return [
            *self.sender,
            f"--connections={self.connections}",
            f"--idle={self.idle}",
            f"--quiet={self.quiet}",
            f"--duration={self.duration_s}s",
            f"--marks={'true' if self.marked else 'false'}",
        ]


def _pair(
    name: str, about: str, records: int, *sender: str, marked: bool = False
) -> list[Row]:
    """A format in 16 KiB TLS records, and in one TLS record for each log record."""
    each = (*sender, *ONE_EACH)
    return [
        Row(name, f"{about}, 16 KiB TLS records", records, sender, marked=marked),
        Row(f"{name}-1", f"{about}, a TLS record each", records // 4, each, marked=marked),
    ]


def _long(name: str, about: str, watchers: int) -> Row:
    """Long enough for what happens once a second to happen several times."""
    return Row(
        name, about, 200_000, ("--format=json",), ingestor=("--rotate-bytes=1GiB",),
        watchers=watchers, duration_s=5,
    )


ROWS: list[Row] = [
    *_pair("json", "go-client JSON frames", 4 * MILLION, "--format=json"),
    Row(
        "json-1g", "as json-1, TLS records written 64 KiB at a time", MILLION,
        ("--format=json", *ONE_EACH, "--writes=gathered"),
    ),
    Row("json-disk", "as json, files on a disk", 4 * MILLION, ("--format=json",), disk=True),
    Row(
        "json-1shard", "as json, one shard", 4 * MILLION, ("--format=json",),
        ingestor=("--shards=1",),
    ),
    Row(
        "varied", "JSON frames, messages of 200-400 bytes", 2 * MILLION,
        ("--format=json", "--texts=varied"), marked=True,
    ),
    Row(
        "json-any", "as json, a registry whose JSON Schema allows anything", 4 * MILLION,
        ("--format=json",), any_schema=True,
    ),
    *_pair("proto", "go-client Protobuf frames", 4 * MILLION, "--format=proto"),
    *_pair("avro", "go-client Avro frames", 4 * MILLION, "--format=avro"),
    *_pair("raw", "raw lines", 4 * MILLION, "--format=raw"),
    *_pair("rfc3164", "syslog RFC 3164 lines", 4 * MILLION, "--format=rfc3164"),
    *_pair("rfc5424", "syslog RFC 5424, octet-counted", 4 * MILLION, "--format=rfc5424"),
    *_pair("ndjson", "newline-delimited JSON", 4 * MILLION, "--format=ndjson"),
    *_pair(
        "journald", "journalctl -o json lines", MILLION, "--format=journald", marked=True,
    ),
    Row(
        "udp", "UDP, one JSON record a datagram, 200 000/s", MILLION,
        ("--format=ndjson", "--rate=200000"), udp=True,
    ),
    Row(
        "udp-1400", "UDP, datagrams of 1400 bytes, 1 000 000/s", 2 * MILLION,
        ("--format=ndjson", "--datagram-bytes=1400", "--rate=1000000"), udp=True,
    ),
    Row(
        "idle", "as json, 4000 idle connections beside", 4 * MILLION, ("--format=json",),
        idle=4000,
    ),
    Row(
        "fairness", "2 flat out, 50 that send 1 record/s", 200_000, ("--format=json",),
        ingestor=("--rotate-bytes=1GiB",), connections=2, quiet=50, duration_s=5,
    ),
    _long("unwatched", "as json, for 5 s", 0),
    _long("watched", "as unwatched, 200 readers of /events and a scrape every second", 200),
]


def select(names: list[str]) -> list[Row]:
    """The rows of these names, in the table's order; all without a name. ValueError."""
    known = {row.name for row in ROWS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no row {', '.join(unknown)}; there are {' '.join(r.name for r in ROWS)}")
    return [row for row in ROWS if not names or row.name in names]
