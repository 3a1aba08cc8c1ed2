# SPDX-License-Identifier: Apache-2.0
"""Log files as machines have them, one of ours and those of this machine, sent by cordwood-client
and by openssl: every line is found again, byte for byte and in order."""
from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

import cordwood
from archive_check import Archive

# Best known first: plain lines; a file that begins with LF and holds carriage returns.
PREFERRED = ("dpkg.log", "apt/term.log", "apt/history.log")
LOGS = Path("/var/log")
OWN = Path(__file__).with_name("term.log")  # of the same kind, with all that terminals write
FILE_BYTES_MAX = 4 << 20
LINE_BYTES_MAX = 64 * 1024  # longer messages are cut, which is not what this is about
BLANK = (b"", b"\r")
NOT_RAW = re.compile(rb"^(?:\s*\{|<\d|\d{4}-\d\d-\d\dT\S+ \[)", re.MULTILINE)


def is_plain_log(content: bytes) -> bool:
    return (
        10 < content.count(b"\n") and len(content) <= FILE_BYTES_MAX and b"\0" not in content
        and max(map(len, content.split(b"\n"))) <= LINE_BYTES_MAX and not NOT_RAW.search(content)
    )


def real_files() -> dict[str, bytes]:
    """The log that is always there, and up to four readable plain logs of this machine: their
    contents now, for some may grow."""
    found: dict[str, bytes] = {str(OWN): OWN.read_bytes()}
    for path in [LOGS / name for name in PREFERRED] + sorted(LOGS.rglob("*.log")):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if len(found) < 5 and is_plain_log(content):
            found[str(path)] = content
    return found


class RealFiles(cordwood.TestCase):
    def test_our_own_has_everything(self) -> None:
        content = OWN.read_bytes()
        self.assertTrue(content.startswith(b"\n"))
        self.assertTrue(is_plain_log(content))
        for byte in (b"\r", b"\x1b", b"\x07", b"\x7f", b"\xff", b"\n\n", b"\r\n\r\n"):
            self.assertIn(byte, content)

    def archived_lines(self, archive: Archive) -> list[bytes]:
        """What was sent as a line, from each record that is the whole of one."""
        found = []
        for record in archive.records():
            self.assertEqual(record["service"], "raw", "none of these files is syslog or JSON")
            self.assertEqual(record["time_source"], "received")
            raw = record.get("raw_base64")
            found.append(base64.b64decode(raw) if raw else record["message"].encode())
        return found

    def test_client(self) -> None:
        for name, content in real_files().items():
            with self.subTest(name):
                path = self.directory / "log"
                path.write_bytes(content)
                lines = content.removesuffix(b"\n").split(b"\n")
                sent = [line for line in lines if line != b""]
                ingestor = self.start("--shards", "1")
                done = subprocess.run(
                    [cordwood.program("cordwood-client"), "--tcp-port", str(ingestor.tls_port),
                     "--file", str(path), "--insecure"],
                    capture_output=True, text=True, cwd=self.directory, timeout=120)
                self.assertEqual(done.returncode, 0, done.stderr)
                total = re.search(r"^total .*$", done.stdout, re.MULTILINE)
                assert total is not None, done.stdout
                self.assertIn(f" records={len(sent)} ", total[0])
                self.assertIn(f" lines_blank={len(lines) - len(sent)}", total[0])
                ingestor.settle(received=len(sent))
                _, archive = self.stop_and_check(ingestor)
                self.assertEqual(self.archived_lines(archive), sent)
            self.next_directory()

    def test_openssl(self) -> None:
        """As anybody would send a file who has no log sender."""
        for name, content in real_files().items():
            with self.subTest(name):
                path = self.directory / "log"
                path.write_bytes(content)
                lines = content.removesuffix(b"\n").split(b"\n")
                sent = [line for line in lines if line not in BLANK]
                ingestor = self.start("--shards", "1")
                with open(path, "rb") as file:
                    subprocess.run(
                        ["openssl", "s_client", "-quiet", "-no_ign_eof", "-nocommands",
                         "-connect", f"localhost:{ingestor.tls_port}"],
                        stdin=file, capture_output=True, check=True, timeout=120)
                metrics = ingestor.settle(received=len(sent))
                blank = metrics.sum("cordwood_blank_lines_total")
                self.assertEqual(blank, len(lines) - len(sent))
                _, archive = self.stop_and_check(ingestor)
                self.assertEqual(self.archived_lines(archive), sent)
            self.next_directory()


if __name__ == "__main__":
    print("files:", *real_files())
    cordwood.main()
