# SPDX-License-Identifier: Apache-2.0
"""An independent reader of archives: what is promised about the files, checked without our code.

Promises: a published file is a sequence of zstd frames with content checksums, each of whole lines
and each followed by a skippable frame that describes it; `zstd -dc` and python3-zstandard read the
same bytes; every line is one strict JSON object; modes are 0640 and 0750; manifest.jsonl names
every file with its size and SHA-256. What is found otherwise raises AssertionError.
"""
from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
import struct
import subprocess
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterable, Mapping

import zstandard

ZSTD_MAGIC = 0xFD2FB528
INDEX_MAGIC = 0x184D2A5C
INDEX_BYTES = 88
REMEMBERED_BYTES_MAX = 256 << 10  # small files, of which there are many, are read once
FILE_NAME = re.compile(
    r"(?P<family>log|rejected|recovered)_(?:(?P<instance>.+)_)?(?P<shard>\d+)_"
    r"(?P<stamp>\d{8}_\d{6})(?:_(?P<number>\d+))?\.jsonl\.zst"
)
MARK = re.compile(r"\bs=(\S+) n=(\d+)\b")
UNESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def demand(condition: bool, text: str) -> None:
    if not condition:
        raise AssertionError(text)


def parse_strict(line: bytes) -> dict[str, Any]:
    """One JSON object: valid UTF-8, no NaN, no duplicate names, nothing a line could break on."""

    def no_constant(name: str) -> None:
        raise AssertionError(f"{name} is no JSON: {line[:200]!r}")

    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = Counter(name for name, _ in pairs)
        demand(max(names.values(), default=1) == 1, f"duplicate names: {line[:200]!r}")
        return dict(pairs)

    try:
        text = line.decode("utf-8")
        value = json.loads(text, parse_constant=no_constant, object_pairs_hook=no_duplicates)
    except ValueError as problem:
        raise AssertionError(f"{problem}: {line[:200]!r}") from problem
    demand(isinstance(value, dict), f"no object: {line[:200]!r}")
    demand(UNESCAPED.search(text) is None, f"unescaped control character: {line[:200]!r}")
    return value


@dataclass(frozen=True)
class Index:
    """Our skippable frame: what it says of the frame before it."""

    kind: int
    shard: int
    records: int
    first_ns: int
    last_ns: int
    sequence: int
    line_bytes: int
    frame_bytes: int
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Frame:
    content: bytes
    length: int  # in the file
    checksum: bool
    index: Index | None


def _frame_length(data: bytes, at: int) -> tuple[int, bool]:
    """Length of the zstd frame at `at` and whether it has a checksum (RFC 8878 section 3.1.1)."""
    descriptor = data[at + 4]
    single_segment, checksum = bool(descriptor & 0x20), bool(descriptor & 0x04)
    size_bytes = (1 if single_segment else 0, 2, 4, 8)[descriptor >> 6]
    dictionary_bytes = (0, 1, 2, 4)[descriptor & 3]
    end = at + 5 + (0 if single_segment else 1) + dictionary_bytes + size_bytes
    last = False
    while not last:
        demand(end + 3 <= len(data), "a frame ends early")
        head = int.from_bytes(data[end : end + 3], "little")
        last, kind, size = bool(head & 1), head >> 1 & 3, head >> 3
        end += 3 + (1 if kind == 1 else size)
    end += 4 if checksum else 0
    demand(end <= len(data), "a frame ends early")
    return end - at, checksum


def _parse_index(data: bytes, at: int) -> Index:
    size, version = struct.unpack_from("<IB", data, at + 4)
    demand(size == INDEX_BYTES - 8 and version == 1, f"index of size {size}, version {version}")
    demand(at + INDEX_BYTES <= len(data), "an index frame ends early")
    kind, shard, records, first, last, sequence, lines, frame = struct.unpack_from(
        "<BHIQQQII", data, at + 9
    )
    levels = struct.unpack_from("<10I", data, at + 48)
    return Index(kind, shard, records, first, last, sequence, lines, frame, levels)


def parse_frames(data: bytes) -> list[Frame]:
    frames: list[Frame] = []
    at = 0
    while at < len(data):
        demand(at + 8 <= len(data), "bytes behind the last frame")
        magic = struct.unpack_from("<I", data, at)[0]
        if magic == INDEX_MAGIC:
            demand(bool(frames) and frames[-1].index is None, "an index frame without its frame")
            last = frames[-1]
            frames[-1] = Frame(last.content, last.length, last.checksum, _parse_index(data, at))
            at += INDEX_BYTES
            continue
        demand(magic == ZSTD_MAGIC, f"magic {magic:#x} at {at}")
        length, checksum = _frame_length(data, at)
        content = zstandard.ZstdDecompressor().decompress(data[at : at + length], 64 << 20)
        frames.append(Frame(content, length, checksum, None))
        at += length
    return frames


def _read_both(path: Path) -> bytes:
    done = subprocess.run(["zstd", "-dc", str(path)], capture_output=True)
    demand(done.returncode == 0, f"{path}: {done.stderr.decode()}")
    frames = parse_frames(path.read_bytes())
    demand(b"".join(f.content for f in frames) == done.stdout, f"{path}: readers differ")
    return done.stdout


@lru_cache(maxsize=4096)
def _read_remembered(path: Path, _state: tuple[int, int, int]) -> bytes:
    return _read_both(path)


@dataclass(frozen=True)
class ArchiveFile:
    path: Path
    family: str
    instance: str
    shard: int
    stamp: str
    number: int

    def read(self) -> bytes:
        """What `zstd -dc` says is in it; it must agree with python3-zstandard."""
        state = self.path.stat()
        if state.st_size > REMEMBERED_BYTES_MAX:
            return _read_both(self.path)
        return _read_remembered(self.path, (state.st_ino, state.st_size, state.st_mtime_ns))

    def lines(self) -> list[bytes]:
        content = self.read()
        demand(content.endswith(b"\n"), f"{self.path}: no LF at the end")
        return content[:-1].split(b"\n")

    def records(self) -> list[dict[str, Any]]:
        return [parse_strict(line) for line in self.lines()]

    def check_frames(self) -> None:
        """Each frame: checksum, whole lines, and an index that tells the truth."""
        frames = parse_frames(self.path.read_bytes())
        demand(bool(frames), f"{self.path}: empty")
        for f in frames:
            demand(f.checksum, f"{self.path}: a frame without checksum")
            demand(f.content.endswith(b"\n"), f"{self.path}: a frame ends inside a line")
            demand(f.index is not None, f"{self.path}: a frame without index")
            found = (f.content.count(b"\n"), len(f.content), f.length)
            said = (f.index.records, f.index.line_bytes, f.index.frame_bytes)
            demand(said == found, f"{self.path}: index says {said}, frame has {found}")
            demand(f.index.shard == self.shard, f"{self.path}: index of shard {f.index.shard}")
            demand(0 < f.index.first_ns <= f.index.last_ns, f"{self.path}: index times {f.index}")
            if self.family == "log":
                levels = sum(f.index.levels)
                demand(levels == f.index.records, f"{self.path}: {levels} levels")


class Archive:
    """The data directory of one ingestor."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def files(self, *families: str) -> list[ArchiveFile]:
        """Published files of these families (all without), in the order they were written."""
        found = []
        for path in self.data_dir.rglob("*.zst"):
            match = FILE_NAME.fullmatch(path.name)
            if match is None:
                raise AssertionError(f"no archive file name: {path.name}")
            if not families or match["family"] in families:
                found.append(
                    ArchiveFile(
                        path, match["family"], match["instance"] or "", int(match["shard"]),
                        match["stamp"], int(match["number"] or 0),
                    )
                )
        return sorted(found, key=lambda f: (f.family, f.shard, f.stamp, f.number))

    def records(self) -> list[dict[str, Any]]:
        return [record for f in self.files("log") for record in f.records()]

    def rejected(self) -> list[dict[str, Any]]:
        return [record for f in self.files("rejected") for record in f.records()]

    def unpublished(self) -> list[str]:
        """Names that only a running or killed ingestor may leave."""
        return sorted(
            p.name for p in self.data_dir.rglob("*") if p.suffix in (".open", ".repack", ".tail")
        )

    def manifest(self) -> list[dict[str, Any]]:
        path = self.data_dir / "manifest.jsonl"
        if not path.exists():
            return []
        content = path.read_bytes()
        demand(content.endswith(b"\n"), "the manifest ends inside a line")
        return [parse_strict(line) for line in content[:-1].split(b"\n")]

    def check_files(self) -> None:
        """Everything that is promised about the files of an ingestor that has ended in order."""
        demand(self.unpublished() == [], f"left over: {self.unpublished()}")
        for f in self.files():
            f.check_frames()
            f.records()
            mode = stat.S_IMODE(f.path.stat().st_mode)
            demand(mode == 0o640, f"{f.path}: mode {mode:o}")
        for directory in {f.path.parent for f in self.files()} | {self.data_dir}:
            mode = stat.S_IMODE(directory.stat().st_mode)
            demand(mode == 0o750, f"{directory}: mode {mode:o}")
        self.check_manifest()

    def check_manifest(self) -> None:
        """Each published file has one entry that describes it, each entry a file."""
        entries: dict[str, dict[str, Any]] = {}
        for e in self.manifest():
            if e["event"] == "retained":
                demand(e["file"] in entries, f"{e['file']} retained before it was published")
                del entries[e["file"]]
            else:
                demand(e["file"] not in entries, f"two entries for {e['file']}")
                entries[e["file"]] = e
        files = {str(f.path.relative_to(self.data_dir)): f for f in self.files()}
        difference = sorted(set(entries).symmetric_difference(files))
        demand(not difference, f"entries and files differ by {difference}")
        for name, f in files.items():
            content = f.path.read_bytes()
            lines = f.lines()
            rejected = f.family == "rejected"
            expected = {
                "kind": f.family,
                "sha256": hashlib.sha256(content).hexdigest(),
                "bytes_out": len(content),
                "bytes_in": sum(len(line) + 1 for line in lines),
                "records": 0 if rejected else len(lines),
                "rejected": len(lines) if rejected else 0,
            }
            said = {key: entries[name].get(key) for key in expected}
            demand(said == expected, f"{name}: manifest says {said}, file has {expected}")

    # --- what was sent, by marks: each test record's message holds `s=SENDER n=NUMBER` -----------

    def archived_marks(self) -> list[tuple[str, int]]:
        return [mark for record in self.records() for mark in marks_in(str(record.get("message")))]

    def rejected_marks(self) -> list[tuple[str, int]]:
        return [mark for record in self.rejected() for mark in marks_in(rejected_payload(record))]

    def check_delivery(
        self, sent: Mapping[str, int], rejected: Iterable[tuple[str, int]] = ()
    ) -> None:
        """`sent`: sender -> how many records (numbered from 0). Each must be there exactly once,
        in the log files or, exactly those named, in the rejected files; and in order."""
        wanted = {(sender, n) for sender, count in sent.items() for n in range(count)}
        demand(bool(wanted), "nothing was sent: this would check nothing")
        archived, refused = self.archived_marks(), self.rejected_marks()
        twice = [mark for mark, count in Counter(archived + refused).items() if count > 1]
        demand(not twice, f"{len(twice)} records twice, such as {sorted(twice)[:5]}")
        unlike = sorted(set(refused).symmetric_difference(rejected))
        demand(not unlike, f"rejected, or not, against expectation: {unlike[:5]}")
        lost = wanted - set(archived) - set(refused)
        demand(not lost, f"{len(lost)} of {len(wanted)} records lost, such as {sorted(lost)[:5]}")
        foreign = set(archived) | set(refused)
        demand(foreign <= wanted, f"never sent: {sorted(foreign - wanted)[:5]}")
        self.check_order()

    def check_order(self) -> None:
        """Records of one sender (one connection at a time) keep their order within a shard."""
        for shard in sorted({f.shard for f in self.files("log")}):
            last: dict[str, int] = {}
            for f in self.files("log"):
                if f.shard != shard:
                    continue
                for record in f.records():
                    for sender, n in marks_in(str(record.get("message"))):
                        before = last.get(sender, -1)
                        demand(n > before, f"{sender}: {n} behind {before} in shard {shard}")
                        last[sender] = n


def mark(sender: str, number: int) -> str:
    """The text that lets a record be found again."""
    return f"s={sender} n={number}"


def marks_in(text: str) -> list[tuple[str, int]]:
    return [(m.group(1), int(m.group(2))) for m in MARK.finditer(text)]


def rejected_bytes(record: Mapping[str, Any]) -> bytes:
    """The bytes kept of a rejected record, as they came."""
    if "payload" in record:
        return str(record["payload"]).encode()
    return base64.b64decode(record["payload_base64"], validate=True)


def rejected_payload(record: Mapping[str, Any]) -> str:
    """The same as text (bytes that are none become U+FFFD)."""
    return rejected_bytes(record).decode("utf-8", "replace")
