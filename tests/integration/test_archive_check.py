# SPDX-License-Identifier: Apache-2.0
"""The archive checker itself: it accepts a good archive and finds each kind of damage."""
from __future__ import annotations

import hashlib
import json
import struct
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable

import zstandard
from archive_check import Archive, mark, marks_in, parse_strict

NAME = "log_0_20261121_041145.jsonl.zst"
REJECTED = "rejected_0_20261121_041145.jsonl.zst"


def line(sender: str, number: int) -> bytes:
    record = {"timestamp": "2026-11-21T04:11:45Z", "level": "INFO", "service": "test"}
    return json.dumps(record | {"message": mark(sender, number)}).encode() + b"\n"


def reject(sender: str, number: int) -> bytes:
    return json.dumps({"reason": "bad_json", "payload": mark(sender, number)}).encode() + b"\n"


def frame(content: bytes, checksum: bool = True, **index: int) -> bytes:
    """A zstd frame and its index; `index` replaces what the index says."""
    packed = zstandard.ZstdCompressor(write_checksum=checksum).compress(content)
    count = content.count(b"\n")
    said = {"shard": 0, "records": count, "first": 1, "last": 2, "sequence": 0,
            "line_bytes": len(content), "frame_bytes": len(packed), "info": count} | index
    head = struct.pack("<IIBBHIQQQII", 0x184D2A5C, 80, 1, 0, said["shard"], said["records"],
                       said["first"], said["last"], said["sequence"], said["line_bytes"],
                       said["frame_bytes"])
    return packed + head + struct.pack("<10I", 0, 0, 0, 0, 0, 0, said["info"], 0, 0, 0)


class ArchiveCheck(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.directory = Path(holder.name)
        self.directory.chmod(0o750)
        self.archive = Archive(self.directory)

    def write(self, name: str, *frames: bytes, **entry: Any) -> None:
        """A file and its manifest entry; `entry` replaces what the entry says."""
        path = self.directory / name
        path.write_bytes(b"".join(frames))
        path.chmod(0o640)
        try:
            content = b"".join(zstandard.ZstdDecompressor().decompress(f) for f in frames)
        except zstandard.ZstdError:
            content = b""
        rejected = name.startswith("rejected_")
        count = content.count(b"\n")
        said = {
            "event": "published", "file": name, "kind": name.split("_")[0],
            "records": 0 if rejected else count, "rejected": count if rejected else 0,
            "bytes_in": len(content), "bytes_out": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        } | entry
        with open(self.directory / "manifest.jsonl", "a", encoding="utf-8") as manifest:
            manifest.write(json.dumps(said) + "\n")

    def assert_refused(self, check: Callable[[], None], why: str) -> None:
        with self.assertRaisesRegex(AssertionError, why):
            check()

    def test_good(self) -> None:
        self.write(NAME, frame(line("a", 0)), frame(line("a", 1) + line("b", 0)))
        self.write(REJECTED, frame(reject("b", 1)))
        self.archive.check_files()
        self.archive.check_delivery({"a": 2, "b": 2}, rejected=[("b", 1)])
        self.assertEqual(len(self.archive.records()), 3)

    def test_large_frame_of_many_blocks(self) -> None:
        self.write(NAME, frame(b"".join(line("a", n) for n in range(20000))))
        self.archive.check_files()
        self.archive.check_delivery({"a": 20000})

    def test_torn_file(self) -> None:
        whole = frame(line("a", 0))
        for cut in (2, 8, len(whole) - 88 - 1, len(whole) - 1):
            with self.subTest(cut):
                self.write(NAME, whole[:cut])
                with self.assertRaises(AssertionError):
                    self.archive.check_files()
                (self.directory / "manifest.jsonl").unlink()

    def test_damaged_byte(self) -> None:
        damaged = bytearray(frame(line("a", 0)))
        damaged[20] ^= 1
        self.write(NAME, bytes(damaged))
        with self.assertRaises((AssertionError, zstandard.ZstdError)):
            self.archive.check_files()

    def test_frames(self) -> None:
        two = line("a", 0) + line("a", 1)
        for why, content in (
            ("without checksum", frame(two, checksum=False)),
            ("inside a line", frame(two[:-1])),
            ("without index", frame(two)[:-88]),
            ("index says", frame(two, records=3)),
            ("index says", frame(two, line_bytes=3)),
            ("index says", frame(two, frame_bytes=3)),
            ("index of shard", frame(two, shard=1)),
            ("index times", frame(two, first=3)),
            ("levels", frame(two, info=1)),
            ("index frame without", frame(two) + frame(two)[-88:]),
        ):
            with self.subTest(why):
                self.write(NAME, content)
                self.assert_refused(self.archive.check_files, why)
                (self.directory / "manifest.jsonl").unlink()

    def test_lines(self) -> None:
        for text in (b"", b"[]", b"{", b'{"a":NaN}', b'{"a":-Infinity}', b'{"a":1,"a":2}',
                     b'{"a":"\xff"}', b'{"a":"\x01"}', b'{"a":"\x7f"}', b'{"a":"\xe2\x80\xa8"}',
                     b"\xef\xbb\xbf{}", b"{} {}"):
            with self.subTest(text):
                with self.assertRaises(AssertionError):
                    parse_strict(text)
        self.assertEqual(parse_strict(b'{"a":"\xc3\xa9"}'), {"a": "\u00e9"})

    def test_modes(self) -> None:
        self.write(NAME, frame(line("a", 0)))
        (self.directory / NAME).chmod(0o644)
        self.assert_refused(self.archive.check_files, "mode 644")
        (self.directory / NAME).chmod(0o640)
        self.directory.chmod(0o755)
        self.assert_refused(self.archive.check_files, "mode 755")

    def test_left_over(self) -> None:
        for suffix in ("open", "repack", "tail"):
            with self.subTest(suffix):
                path = self.directory / f"{NAME}.{suffix}"
                path.touch()
                self.assert_refused(self.archive.check_files, "left over")
                path.unlink()

    def test_foreign_name(self) -> None:
        (self.directory / "log_x.zst").touch()
        self.assert_refused(self.archive.check_files, "no archive file name")

    def test_manifest(self) -> None:
        for key, value in (("records", 2), ("rejected", 1), ("bytes_in", 1), ("bytes_out", 1),
                           ("sha256", "0" * 64), ("kind", "recovered")):
            with self.subTest(key):
                self.write(NAME, frame(line("a", 0)), **{key: value})
                self.assert_refused(self.archive.check_manifest, "manifest says")
                (self.directory / "manifest.jsonl").unlink()

    def test_manifest_and_files_differ(self) -> None:
        self.write(NAME, frame(line("a", 0)))
        manifest = (self.directory / "manifest.jsonl").read_text()
        self.write(REJECTED, frame(reject("a", 1)))
        (self.directory / REJECTED).unlink()
        self.assert_refused(self.archive.check_manifest, "entries")
        (self.directory / "manifest.jsonl").write_text("")
        with self.assertRaises(AssertionError):
            self.archive.check_manifest()
        (self.directory / "manifest.jsonl").write_text(manifest * 2)
        self.assert_refused(self.archive.check_manifest, "two entries")
        (self.directory / "manifest.jsonl").write_text(manifest[:-1])
        self.assert_refused(self.archive.check_manifest, "inside a line")

    def test_retained_files_are_gone(self) -> None:
        self.write(NAME, frame(line("a", 0)))
        self.write(NAME, frame(line("a", 0)), event="retained")
        (self.directory / NAME).unlink()
        self.archive.check_manifest()
        self.write(NAME, frame(line("a", 0)))
        self.archive.check_manifest()
        self.write(NAME.replace("_0_", "_1_"), frame(line("a", 0)), event="retained")
        self.assert_refused(self.archive.check_manifest, "before it was published")

    def test_delivery(self) -> None:
        self.write(NAME, frame(line("a", 0) + line("a", 1)))
        self.write(REJECTED, frame(reject("a", 2)))
        check = self.archive.check_delivery
        self.assert_refused(lambda: check({"a": 4}, [("a", 2)]), "1 of 4 records lost")
        self.assert_refused(lambda: check({"a": 3}), "rejected")
        self.assert_refused(lambda: check({"a": 3}, [("a", 1), ("a", 2)]), "rejected")
        self.assert_refused(lambda: check({"b": 1}, [("a", 2)]), "lost")
        self.assert_refused(lambda: check({}), "nothing was sent")
        check({"a": 3}, [("a", 2)])

    def test_never_sent(self) -> None:
        self.write(NAME, frame(line("a", 0) + line("c", 7)))
        self.assert_refused(lambda: self.archive.check_delivery({"a": 1}), "never sent")

    def test_twice(self) -> None:
        self.write(NAME, frame(line("a", 0) + line("a", 0)))
        self.assert_refused(lambda: self.archive.check_delivery({"a": 1}), "twice")

    def test_order_across_files(self) -> None:
        self.write(NAME, frame(line("a", 1)))
        self.write(NAME.replace(".jsonl", "_1.jsonl"), frame(line("a", 0)))
        self.assert_refused(lambda: self.archive.check_delivery({"a": 2}), "a: 0 behind 1")

    def test_marks(self) -> None:
        self.assertEqual(marks_in(f"x {mark('web-1', 12)}, y"), [("web-1", 12)])
        self.assertEqual(marks_in("as=1 n=2"), [])


if __name__ == "__main__":
    unittest.main()
