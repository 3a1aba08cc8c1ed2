# SPDX-License-Identifier: Apache-2.0
"""How long records of quiet connections take into a file, beside busy ones.

While the load runs, only the sizes of the growing files are noted, many times a second; afterwards
the place of each record in its file tells when it was there. A record is in a file when the frame
that holds it is.
"""
from __future__ import annotations

import re
import struct
import subprocess
import threading
import time
from bisect import bisect_left
from pathlib import Path

INDEX_BYTES = 88  # the skippable frame behind each frame: common/archive/archive_frame.h
INDEX_MAGIC = 0x184D2A5C
NOTE_S = 0.002
SENT = re.compile(rb"^(\d+):.* t=(\d+)\"", re.MULTILINE)


def frame_ends(path: Path) -> tuple[list[int], list[int]]:
    """Where each frame ends: in the lines, and (with its index) in the file."""
    lines, ends = [], []
    with open(path, "rb") as file:
        end = file.seek(0, 2)
        while end > 0:
            file.seek(end - INDEX_BYTES)
            index = file.read(INDEX_BYTES)
            magic, line_bytes, frame_bytes = struct.unpack_from("<I36xII", index)
            if magic != INDEX_MAGIC:
                raise AssertionError(f"{path}: no index before byte {end}")
            lines.append(line_bytes)
            ends.append(end)
            end -= INDEX_BYTES + frame_bytes
    total, line_ends = 0, []
    for line_bytes in reversed(lines):
        total += line_bytes
        line_ends.append(total)
    return line_ends, ends[::-1]


class QuietWatch:
    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._sizes: dict[Path, list[tuple[int, int]]] = {}  # of each file: (bytes, wall ns)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._note_sizes, daemon=True)
        self._thread.start()

    def _note_sizes(self) -> None:
        while not self._stop.wait(NOTE_S):
            for path in self._data_dir.glob("log_*.open"):
                size, now = path.stat().st_size, time.time_ns()
                sizes = self._sizes.setdefault(path, [(0, now)])
                if size > sizes[-1][0]:
                    sizes.append((size, now))

    def finish(self, quiet_records: int) -> tuple[float, ...]:
        """Milliseconds of each record, sorted. Before the files are published."""
        time.sleep(10 * NOTE_S)
        self._stop.set()
        self._thread.join()
        waits: list[float] = []
        for path, sizes in self._sizes.items():
            waits += self._waits_in(path, sizes)
        if len(waits) != quiet_records:
            raise AssertionError(f"{quiet_records} quiet records sent, {len(waits)} found")
        return tuple(sorted(waits))

    @staticmethod
    def _waits_in(path: Path, sizes: list[tuple[int, int]]) -> list[float]:
        line_ends, file_ends = frame_ends(path)
        found = subprocess.run(
            ["sh", "-c", 'zstd -dcq <"$1" | grep -abF quiet-service', "sh", str(path)],
            capture_output=True,
        ).stdout
        waits = []
        for at, sent_ns in SENT.findall(found):
            frame = bisect_left(line_ends, int(at) + 1)
            noted = bisect_left(sizes, (file_ends[frame], 0))
            waits.append((sizes[noted][1] - int(sent_ns)) / 1e6)
        return waits
