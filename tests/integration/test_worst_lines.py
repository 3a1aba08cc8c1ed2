# SPDX-License-Identifier: Apache-2.0
"""The longest output lines that input can become, each behind a frame that is nearly full."""
from __future__ import annotations

import base64

import cordwood
import senders

RECORD_BYTES_MAX = 256 * 1024
KEPT_BYTES = 64 * 1024
PATIENT = ("--shards", "1", "--flush-interval", "60s")  # frames end when they are full
FILLING = senders.lines([b"." * 64_000] * 16)  # as output in any format just below 1 MiB


def filled(head: bytes, part: bytes, tail: bytes) -> bytes:
    return head + part * ((RECORD_BYTES_MAX - len(head) - len(tail)) // len(part)) + tail


# Each byte becomes as much as it can: escaped, its escape escaped, and base64 because of the \xff.
LINES = {
    "structured data": filled(b'<14>1 - h a - - [x y="\xc3\xa9', b"\x01", b'"] \xff'),
    "process": filled(b"<14>1 - h a ", b"\x01", b" - - \xff"),
    "host": filled(b"<14>1 - ", b"\x01", b" a - - - \xff"),
    "host, no name": filled(b"<14>1 - ", b"\x01", b" - - - - \xff"),
    "journald field": filled(b'{"MESSAGE":"\xff","PRIORITY":"6","A":"', b"\x7f", b'"}'),
    "journald host": filled(b'{"MESSAGE":"\xff","PRIORITY":"6","_HOSTNAME":"', b"\x7f", b'"}'),
    "journald list": filled(b'{"MESSAGE":"\xff","PRIORITY":"6","A":[0', b',""', b"]}"),
    "message": filled(b"\xff", b"\x01", b""),
}


class WorstLines(cordwood.TestCase):
    def send_all(self, ingestor: cordwood.Ingestor) -> None:
        for line in LINES.values():
            senders.send(ingestor.tls_port, FILLING + senders.lines([line]))
        wanted = 17 * len(LINES)
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_records_received_total") == wanted, "all")

    def test_json(self) -> None:
        ingestor = self.start(*PATIENT)
        self.send_all(ingestor)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.rejected, 0, archive.rejected()[:1])
        kept = [r["raw_base64"] for r in archive.records() if "raw_base64" in r]
        self.assertEqual([base64.b64decode(text) for text in kept], list(LINES.values()))

    def test_other_outputs(self) -> None:
        for out in ("csv", "text"):
            with self.subTest(out):
                ingestor = self.start(*PATIENT, "--out", out)
                self.send_all(ingestor)
                self.assertEqual(ingestor.stop().archived, 17 * len(LINES))
            self.next_directory()

    def test_rejects_larger_than_records(self) -> None:
        """What is kept of a rejected record does not depend on how long records may be."""
        ingestor = self.start(*PATIENT, "--max-record-bytes", "1KiB", "--max-message-bytes", "1KiB")
        payload = b"\x01" * KEPT_BYTES  # six bytes each as text
        frames = [senders.frame(senders.JSON, payload)] * 20
        senders.send(ingestor.tls_port, b"".join(frames))
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.rejected, 20)
        self.assertEqual({r["payload"].encode() for r in archive.rejected()}, {payload})


if __name__ == "__main__":
    cordwood.main()
