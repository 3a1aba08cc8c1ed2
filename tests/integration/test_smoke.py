# SPDX-License-Identifier: Apache-2.0
"""The ingestor as a new user meets it: it starts, takes every format, counts, archives, ends."""
from __future__ import annotations

import hashlib
import stat
import subprocess
from pathlib import Path

import cordwood
import senders
from archive_check import Archive, mark

COUNT = 50


class Smoke(cordwood.TestCase):
    def test_every_way_in(self) -> None:
        ingestor = self.start()
        tls = ingestor.tls_port
        syslog = [senders.syslog_5424("syslog", n) for n in range(COUNT)]
        octet = [senders.syslog_3164("octet", n) for n in range(COUNT)]
        senders.send(tls, senders.json_frames("frames", COUNT))
        senders.send(tls, senders.ndjson("ndjson", COUNT))
        senders.send(tls, senders.raw_lines("raw", COUNT))
        senders.send(tls, senders.lines(syslog))
        senders.send(tls, senders.octet_counted(octet))
        senders.send_udp(
            ingestor.udp_port,
            [senders.json_payload(senders.entry("udp", n)) for n in range(COUNT)],
        )
        metrics = ingestor.settle(received=6 * COUNT)
        self.assertEqual(
            metrics.by("cordwood_records_archived_total", "format"),
            {"json": 3 * COUNT, "raw": COUNT, "syslog": 2 * COUNT},
        )
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual((totals.received, totals.rejected), (6 * COUNT, 0))
        names = ("frames", "ndjson", "raw", "syslog", "octet", "udp")
        archive.check_delivery({name: COUNT for name in names})

    def test_bad_record_is_kept_beside_the_good(self) -> None:
        ingestor = self.start()
        bad = senders.json_payload(senders.entry("a", 1, level="LOUD"))
        data = senders.json_frames("a", 1) + senders.frame(senders.JSON, bad)
        senders.send(ingestor.tls_port, data)
        metrics = ingestor.settle(received=2)
        self.assertEqual(
            metrics.by("cordwood_records_rejected_total", "reason"), {"bad_level": 1}
        )
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual((totals.archived, totals.rejected), (1, 1))
        archive.check_delivery({"a": 2}, rejected=[("a", 1)])
        self.assertEqual(archive.rejected()[0]["payload"].encode(), bad)

    def test_nothing_received_leaves_no_file(self) -> None:
        totals, archive = self.stop_and_check(self.start())
        self.assertEqual(totals.received, 0)
        self.assertEqual(archive.files(), [])

    def test_output_begins_with_where_it_listens(self) -> None:
        ingestor = self.start("--tls-port", "0", "--tls-port", "0")
        kinds = [line.split()[:2] for line in ingestor.stdout[: ingestor.stdout.index("ready")]]
        self.assertEqual(
            kinds, [["listening", kind] for kind in ("tls", "tls", "udp", "http")]
        )
        for port in ingestor.ports("tls"):
            senders.send(port, senders.raw_lines(f"port-{port}", 1))
        ingestor.settle(received=2)
        self.stop_and_check(ingestor)

    def test_ports_can_be_off(self) -> None:
        ingestor = self.start("--udp-port", "off", "--http-port", "off")
        self.assertEqual((ingestor.ports("udp"), ingestor.ports("http")), ([], []))
        senders.send(ingestor.tls_port, senders.raw_lines("a", 3))
        cordwood.wait_until(
            lambda: list(ingestor.data_dir.glob("log_*.open")), "the records are in a file"
        )
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.received, 3)
        archive.check_delivery({"a": 3})

    def test_development_certificate_is_kept_and_private(self) -> None:
        ingestor = self.start()
        state = ingestor.data_dir / ".state"
        self.assertEqual(stat.S_IMODE(state.stat().st_mode), 0o700)
        keys = {p.name: p.read_bytes() for p in state.iterdir() if b"PRIVATE KEY" in p.read_bytes()}
        self.assertEqual(len(keys), 1)
        for name, content in keys.items():
            self.assertEqual(stat.S_IMODE((state / name).stat().st_mode), 0o600)
        self.stop_and_check(ingestor)
        again = self.start()
        for name, content in keys.items():
            self.assertEqual((state / name).read_bytes(), content)
        self.stop_and_check(again)

    def test_second_instance_names_the_holder(self) -> None:
        first = self.start("--rotate-interval", "0")
        senders.send(first.tls_port, senders.raw_lines("a", 1))
        first.settle(received=1)
        before = self.snapshot(first.data_dir)
        self.assertTrue(any(name.endswith(".open") for name in before), before)
        second = self.launch()
        self.assertEqual(second.wait_exit(), 2)
        self.assertIn(str(first.process.pid), second.log())
        self.assertEqual(self.snapshot(first.data_dir), before)
        senders.send(first.tls_port, senders.raw_lines("b", 1))
        first.settle(received=2)
        _, archive = self.stop_and_check(first)
        archive.check_delivery({"a": 1, "b": 1})

    def snapshot(self, directory: Path) -> dict[str, tuple[int, int, int, str]]:
        """Every file below it, the state directory's too: inode, size, time of change, hash."""
        found = {}
        for path in sorted(p for p in directory.rglob("*") if p.is_file()):
            seen = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path)] = (seen.st_ino, seen.st_size, seen.st_mtime_ns, digest)
        return found

    def test_second_instance_with_a_state_of_its_own_changes_no_file(self) -> None:
        """The second one would repair, and so publish, the file that the first one writes."""
        first = self.start()
        senders.send(first.tls_port, senders.raw_lines("a", 1))
        first.settle(received=1)
        data = self.directory / "data"
        before = {p: p.read_bytes() for p in data.rglob("*") if p.is_file()}
        self.assertTrue(any(p.name.endswith(".open") for p in before))
        second = self.launch("--state-dir", str(self.directory / "other-state"))
        self.assertEqual(second.wait_exit(), 2)
        self.assertIn(str(first.process.pid), second.log())
        self.assertEqual({p: p.read_bytes() for p in data.rglob("*") if p.is_file()}, before)
        self.stop_and_check(first)

    def test_taken_port_is_named(self) -> None:
        first = self.start()
        second = self.launch(
            "--tls-port", str(first.tls_port), "--data-dir", str(self.directory / "other")
        )
        self.assertNotEqual(second.wait_exit(), 0)
        self.assertIn(str(first.tls_port), second.log())
        self.stop_and_check(first)

    def test_bad_options_end_with_status_2(self) -> None:
        for options, said in (
            (("--no-such-option",), "no-such-option"),
            (("--udp-port", "70000"), "70000"),
            (("--layout", "round"), "flat"),
            (("--cert", "/nonexistent.crt", "--key", "/nonexistent.key"), "/nonexistent"),
        ):
            with self.subTest(options):
                ingestor = self.launch(*options)
                self.assertEqual(ingestor.wait_exit(), 2)
                self.assertIn(said, ingestor.log())
                self.assertNotIn("ready", ingestor.stdout)

    def test_second_run_adds_to_the_first(self) -> None:
        for run in range(2):
            ingestor = self.start()
            senders.send(ingestor.tls_port, senders.raw_lines(f"run-{run}", COUNT))
            ingestor.settle(received=COUNT)
            self.assertEqual(ingestor.stop().archived, COUNT)
        archive = Archive(ingestor.data_dir)
        archive.check_files()
        archive.check_delivery({"run-0": COUNT, "run-1": COUNT})

    def test_try_out_line(self) -> None:
        """What README and ./dev run tell people to type."""
        ingestor = self.start()
        text = mark("shell", 0)
        client = "openssl s_client -quiet -no_ign_eof -nocommands"
        command = f"echo '{text}' | {client} -connect localhost:{ingestor.tls_port}"
        subprocess.run(command, shell=True, check=True, capture_output=True, timeout=60)
        ingestor.settle(received=1)
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"shell": 1})


if __name__ == "__main__":
    cordwood.main()
