# SPDX-License-Identifier: Apache-2.0
"""--explain against what is archived: the same bytes through both, line by line; that it writes
nothing and works beside a running instance; statuses, pipes, colours."""
from __future__ import annotations

import json
import os
import pty
import random
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import cordwood
import senders
from registry import Registry

Told = dict[str, Any]
NOW = re.compile(r'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"')
PEER = re.compile(r'"peer":"[^"]*"')


def table(name: str) -> list[bytes]:
    path = cordwood.source("tests/vectors/dialects") / name
    return [json.loads(line)["line"].encode() for line in path.read_text().splitlines()]


def comparable(line: str) -> str:
    """Without the times of receipt and the sender, which differ."""
    return PEER.sub('"peer":""', NOW.sub('""', line))


def streams() -> dict[str, bytes]:
    """All formats, good and bad, and each kind of end."""
    record = senders.entry("a", 1)
    frames = b"".join(
        [senders.frame(kind, payload) for kind, payload in (
            (1, senders.json_payload(record)), (2, senders.proto_payload(record)),
            (3, senders.avro_payload(record)), (4, b"<13>raw"), (1, b"{}"), (2, b"\xff"),
            (3, b"\x01"), (1, b""), (9, b"?"), (1, b"\x00\x00\x00\x00\x07{}"),
            (1, b"x" * 300_000), (4, b"after"))])
    noise = random.Random(4)
    return {
        "octets": senders.octet_counted(table("syslog.jsonl")),
        "syslog": senders.lines([b"<13>a", b"", b"<34>Oct 11 22:14:15 h su: b"]) + b"<13>cut",
        "ndjson": senders.lines(table("ndjson.jsonl")),
        "bad-json": b'{"a":1\n[1]\n{"a":1,"a":2}\n{"message":"' + b"m" * 70_000 + b'"}\n',
        "journald": b'{"__REALTIME_TIMESTAMP":"1795234305123456","MESSAGE":"m","PRIORITY":"6"}\n',
        "raw": b"plain\n2026-11-21T04:11:45Z [WARN] [api] hello\n\xff\xfe bytes\n" +
               b"x" * 300_000 + b"\nlast",
        "frames": frames,
        "cut": senders.json_frames("a", 2)[:-3],
        "out-of-step": senders.json_frames("a", 1) + b"zzzz and more" * 200,
        "http": b"GET / HTTP/1.1\r\n\r\n",
        "nothing": b"\x80\x81\x82\x83",
        "noise": bytes(noise.choice(b'{}<1>,:" \nab\x00\xc3') for _ in range(5000)),
    }


class Explain(cordwood.TestCase):
    def explain(self, data: bytes, *options: str, status: int | None = None) -> bytes:
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run(
                [cordwood.program("cordwood-ingestor"), "--explain", "-", *options], input=data,
                capture_output=True, cwd=empty, env=cordwood.clean_environment())
            self.assertEqual(os.listdir(empty), [], "nothing is written")
        if status is not None:
            self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout

    def told(self, data: bytes, *options: str) -> list[Told]:
        out = self.explain(data, "--explain-format", "json", *options)
        return [json.loads(line) for line in out.splitlines()]

    def check_offsets(self, data: bytes, told: list[Told]) -> None:
        """Each is where the rejected file's payload, or the next record, says that it is."""
        last = -1
        for n, t in enumerate(told, 1):
            self.assertEqual(t["record"], n)
            self.assertGreaterEqual(t["offset"], last)
            if t.get("reason") != "truncated":
                self.assertLessEqual(t["offset"] + t["length"], len(data))
            last = t["offset"]
            if t["result"] == "rejected" and t["reason"] != "too_large":
                kept = json.loads(t["line"])
                if "payload" in kept:
                    payload = kept["payload"].encode()
                    self.assertTrue(data[t["offset"]:].startswith(payload))

    def check_counts(self, told: list[Told], last: cordwood.Metrics) -> None:
        for kind in {t["format"] for t in told}:
            self.assertEqual(last.sum("cordwood_records_received_total", format=kind),
                             sum(t["format"] == kind for t in told), kind)
        for field in ("timestamp", "level", "message", "service"):
            self.assertEqual(last.sum("cordwood_records_defaulted_total", field=field),
                             sum(field in t.get("defaulted", ()) for t in told), field)

    def equals_the_archive(self, *options: str) -> None:
        """All streams, one after the other, so that the archive has them in their order."""
        ingestor = self.start("--shards", "1", *options)
        told: list[Told] = []
        for data in streams().values():
            more = self.told(data, *options)
            self.check_offsets(data, more)
            told += more
            tls = senders.connect(ingestor.tls_port)
            try:
                senders.send_records(tls, data)
                senders.close_in_order(tls)
            except OSError:  # refused while it still sent
                pass
            last = ingestor.settle(received=len(told))
        self.check_counts(told, last)
        _, archive = self.stop_and_check(ingestor)
        for family, result in (("log", "archived"), ("rejected", "rejected")):
            lines = [line.decode() for f in archive.files(family) for line in f.lines()]
            want = [t["line"] for t in told if t["result"] == result]
            self.assertGreater(len(want), 10)
            self.assertEqual([comparable(x) for x in want], [comparable(x) for x in lines])

    def test_equals_the_archive(self) -> None:
        self.equals_the_archive()

    def test_equals_the_archive_with_other_options(self) -> None:
        self.equals_the_archive("--ndjson", "strict", "--max-message-bytes", "100", "--peer-field",
                                "peer", "--received-field", "at", "--syslog-zone", "Asia/Tokyo")

    def test_csv_and_text_lines(self) -> None:
        data = streams()["ndjson"]
        for out in ("csv", "text"):
            told = self.told(data, "--out", out)
            self.next_directory()
            ingestor = self.start("--shards", "1", "--out", out)
            senders.send(ingestor.tls_port, data)
            ingestor.settle(received=len(told))
            ingestor.stop()
            (path,) = Path(ingestor.data_dir).glob("log_*.zst")
            plain = subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True)
            lines = plain.stdout.decode().splitlines()[1 if out == "csv" else 0:]
            want = [t["line"] for t in told if t["result"] == "archived"]
            times = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
            self.assertEqual([times.sub("", x) for x in want], [times.sub("", x) for x in lines])

    def test_a_registry_is_asked_and_nothing_kept(self) -> None:
        registry = Registry(db=str(self.directory / "registry.db"))
        self.addCleanup(registry.stop)
        schema = {"type": "object", "required": ["id"], "properties": {"id": {"minimum": 1}}}
        number = registry.register("Order-json", json.dumps(schema), schemaType="JSON")
        head = b"\0" + number.to_bytes(4, "big")
        data = b"".join(senders.frame(1, payload) for payload in (
            head + b'{"id":7,"peer":"x"}', head + b'{"id":0}', b'\0\0\0\xff\xff{}'))
        options = ("--registry", registry.url, "--peer-field", "peer")
        told = self.told(data, *options)
        self.assertEqual([t["result"] for t in told], ["archived", "rejected", "rejected"])
        self.assertEqual(told[0]["schema"]["type"], "Order")
        self.assertEqual(told[0]["schema"]["id"], number)
        self.assertEqual([t["reason"] for t in told[1:]], ["schema", "schema"])
        ingestor = self.start("--shards", "1", *options)
        senders.send(ingestor.tls_port, data)
        ingestor.settle(received=3)
        _, archive = self.stop_and_check(ingestor)
        lines = [line.decode() for f in archive.files("log") for line in f.lines()]
        self.assertEqual([comparable(told[0]["line"])], [comparable(line) for line in lines])
        self.assertIn('"_peer":"x"', lines[0])

    def test_beside_a_running_instance(self) -> None:
        ingestor = self.start()
        before = sorted(str(p) for p in Path(ingestor.data_dir).rglob("*"))
        out = self.explain(b"hello\n", "--data-dir", str(ingestor.data_dir), "--tls-port",
                           str(ingestor.tls_port), status=0)
        self.assertIn(b"all would be archived", out)
        self.assertEqual(before, sorted(str(p) for p in Path(ingestor.data_dir).rglob("*")))
        self.stop_and_check(ingestor)

    def test_a_slow_pipe_is_answered_at_once(self) -> None:
        with subprocess.Popen(
                [cordwood.program("cordwood-ingestor"), "--explain", "-", "--explain-format",
                 "json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env=cordwood.clean_environment()) as program:
            assert program.stdin is not None and program.stdout is not None
            for n in range(3):
                program.stdin.write(b"line %d\n" % n)
                program.stdin.flush()
                self.assertIn(f"line {n}", json.loads(program.stdout.readline())["line"])
            program.stdin.close()
            self.assertEqual(program.wait(), 0)

    def on_a_terminal(self, **environment: str) -> bytes:
        ours, theirs = pty.openpty()
        path = Path(tempfile.mkdtemp()) / "in"
        path.write_bytes(b"hello\n")
        subprocess.run(
            [cordwood.program("cordwood-ingestor"), "--explain", str(path)], stdout=theirs,
            check=True, env=cordwood.clean_environment(**environment))
        os.close(theirs)
        said = b""
        try:
            while chunk := os.read(ours, 4096):
                said += chunk
        except OSError:  # the terminal's end
            pass
        os.close(ours)
        return said

    def test_colour_only_where_it_is_wanted(self) -> None:
        self.assertIn(b"\x1b[32m", self.on_a_terminal(TERM="xterm"))
        self.assertNotIn(b"\x1b", self.on_a_terminal(TERM="xterm", NO_COLOR="1"))
        self.assertNotIn(b"\x1b", self.on_a_terminal(TERM="dumb"))
        self.assertNotIn(b"\x1b", self.explain(b"hello\n"))

    def test_a_port_for_one_kind_of_stream(self) -> None:
        """The input is what comes by the ports; where they differ, its first bytes decide."""
        entry = b"MESSAGE=m\nPRIORITY=3\n\n"
        one = self.explain(entry, "--tls-port", "0=journald", "--tls-port", "0=journald")
        self.assertIn(b"stream: journald export", one)
        two = self.explain(entry, "--tls-port", "0=journald", "--tls-port", "0=syslog")
        self.assertIn(b"stream: raw lines", two)

    def test_usage(self) -> None:
        for words in (("--explain", "/nowhere"), ("--explain", "/"), ("--explain",),
                      ("--explain", "-", "--explain-format", "xml")):
            done = subprocess.run([cordwood.program("cordwood-ingestor"), *words],
                                  stdin=subprocess.DEVNULL, capture_output=True,
                                  env=cordwood.clean_environment())
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(b"error: ", done.stderr)
            self.assertEqual(done.stdout, b"")


if __name__ == "__main__":
    cordwood.main()
