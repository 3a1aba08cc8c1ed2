# SPDX-License-Identifier: Apache-2.0
"""cordwood-client against servers of the test's own: the bytes it sends and how it ends."""
from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import cordwood
from sink import RAW, Sink, end_side_after, keep, reset_after

TOTAL = re.compile(r"^total (.*)$", re.MULTILINE)


def totals_of(output: str) -> dict[str, float]:
    match = TOTAL.search(output)
    assert match is not None, f"no totals in {output!r}"
    return {key: float(value) for key, value in (p.split("=") for p in match[1].split())}


class ClientTest(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.certs = self.make_certs()

    def sink(self, *manners: Any, **more: Any) -> Sink:
        sink = Sink(self.certs, list(manners) or [keep], **more)
        self.addCleanup(sink.close)
        return sink

    def command(self, *options: str) -> list[str]:
        return [cordwood.program("cordwood-client"), *options]

    def run_client(self, *options: str, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*options), capture_output=True, text=True, timeout=120,
                              cwd=self.directory, **more)

    def send(self, sink: Sink, *options: str, status: int = 0, **more: Any) -> dict[str, float]:
        """Runs the client against the sink, to both ends; returns its totals."""
        done = self.run_client("--tcp-port", str(sink.port), "--ca", str(self.certs / "ca.crt"),
                               *options, **more)
        self.assertEqual(done.returncode, status, done.stderr)
        sink.close()
        self.log = done.stderr
        return totals_of(done.stdout)


class Usage(ClientTest):
    def test_errors(self) -> None:
        for options, why in (
            (["--format", "xml"],
             'error: --format: "xml" is no choice; allowed: json, proto, avro or raw\n'),
            (["--udp", "--format", "raw"],
             "error: --udp: UDP carries JSON; allowed: with --format json\n"),
            (["--ca", "/no/ca.pem"], "error: --ca: /no/ca.pem: No such file or directory\n"),
            (["--file", "/no/file"], "error: --file: /no/file: No such file or directory\n"),
        ):
            with self.subTest(options):
                done = self.run_client(*options)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", why))

    def test_help_and_version(self) -> None:
        done = self.run_client("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--tcp-port PORT", done.stdout)
        done = self.run_client("--version")
        self.assertRegex(done.stdout, r"^cordwood-client \d+\.\d+\.\d+\n$")


class Records(ClientTest):
    def test_json(self) -> None:
        sink = self.sink()
        totals = self.send(sink, "--count", "250", "--rate", "0", "--fields", "user_id")
        records = [(kind, json.loads(payload)) for kind, payload in sink.frames()]
        self.assertEqual({kind for kind, _ in records}, {1})
        for _, record in records:
            self.assertEqual(set(record), {"timestamp", "level", "message", "service", "user_id"})
        self.assertTrue(sink.connections[0].in_order)
        self.assertEqual(totals["records"], 250)
        self.assertEqual(totals["batches_sent"], 3)
        self.assertEqual(totals["bytes"], len(sink.connections[0].data))
        self.assertGreater(totals["latency_p99_us"], 0)

    def test_raw(self) -> None:
        sink = self.sink()
        self.send(sink, "--count", "400", "--rate", "0", "--format", "raw")
        self.assertEqual({kind for kind, _ in sink.frames()}, {RAW})
        firsts = Counter(payload[:1] for _, payload in sink.frames())
        self.assertEqual(set(firsts), {b"{", b"<", b"2"})

    def test_file(self) -> None:
        path = Path(self.directory) / "in"
        path.write_bytes(b"one\r\n\n\xff\x00two\n" + b"x" * (256 * 1024 + 1) + b"\nlast")
        sink = self.sink()
        totals = self.send(sink, "--file", str(path), status=1)
        self.assertEqual(sink.frames(), [(RAW, b"one\r"), (RAW, b"\xff\x00two"), (RAW, b"last")])
        self.assertEqual((totals["lines_blank"], totals["lines_refused"]), (1, 1))
        self.assertIn("event=line_refused line=4 ", self.log)

    def test_standard_input_over_connections(self) -> None:
        sink = self.sink()
        text = "".join(f"{n}\n" for n in range(200000))
        totals = self.send(sink, "--file", "-", "--connections", "3", input=text)
        got = sorted(int(payload) for _, payload in sink.frames())
        self.assertEqual(got, list(range(200000)))
        self.assertEqual(totals["records"], 200000)
        self.assertEqual(len(sink.connections), 3)

    def test_count_over_connections(self) -> None:
        sink = self.sink()
        self.send(sink, "--count", "12345", "--rate", "0", "--connections", "4")
        self.assertEqual(len(sink.frames()), 12345)

    def test_rate_is_not_exceeded(self) -> None:
        sink = self.sink()
        totals = self.send(sink, "--rate", "300", "--duration", "2s", "--connections", "2")
        self.assertLessEqual(totals["records"], 300 * totals["seconds"] + 2 * 15)
        self.assertGreater(totals["records"], 0)


class Failures(ClientTest):
    def test_nobody_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        done = self.run_client("--tcp-port", str(port), "--address", "127.0.0.1", "--retries", "1")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(totals_of(done.stdout)["batches_failed"], 1)
        self.assertEqual(totals_of(done.stdout)["records_failed"], 100)
        self.assertIn('reason="connect: Connection refused" action=send_again', done.stderr)
        self.assertIn("action=count_as_failed", done.stderr)

    def test_drain(self) -> None:
        """A server that ends its side loses nothing: the rest goes to new connections."""
        sink = self.sink(end_side_after(3000), end_side_after(3000), keep)
        totals = self.send(sink, "--count", "3000", "--batch", "10", "--rate", "3000")
        self.assertEqual(len(sink.connections), 3)
        self.assertTrue(all(connection.in_order for connection in sink.connections))
        self.assertEqual(len(sink.frames()), 3000)
        self.assertEqual((totals["batches_failed"], totals["batches_resent"]), (0, 0))
        self.assertIn("event=server_ended", self.log)

    def test_reset(self) -> None:
        """What a reset took is not hidden: the status is 1, and sending goes on."""
        sink = self.sink(reset_after(20000), keep)
        self.send(sink, "--count", "20000", "--rate", "20000", status=1)
        self.assertEqual(len(sink.connections), 2)
        self.assertGreater(len(sink.connections[1].frames()), 0)

    def test_resend(self) -> None:
        """A batch whose write failed is sent again whole."""
        sink = self.sink(reset_after(20000), keep)
        totals = self.send(sink, "--count", "100000", "--batch", "100000", "--rate", "0")
        self.assertEqual((totals["batches_sent"], totals["batches_resent"]), (1, 1))
        self.assertEqual(len(sink.connections[1].frames()), 100000)

    def test_stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            sink = self.sink()
            client = subprocess.Popen(
                self.command("--tcp-port", str(sink.port), "--ca", str(self.certs / "ca.crt"),
                             "--rate", "1000"),
                stdout=subprocess.PIPE, text=True)
            cordwood.wait_until(
                lambda: sink.connections and len(sink.connections[0].data) > 10000, "records")
            client.send_signal(number)
            output, _ = client.communicate(timeout=60)
            self.assertEqual(client.returncode, 0)
            sink.close()
            self.assertTrue(sink.connections[0].in_order)
            self.assertEqual(totals_of(output)["records"], len(sink.frames()))


class Trust(ClientTest):
    def test_strangers(self) -> None:
        sink = self.sink()
        for options in ([], ["--ca", str(self.certs / "other-ca.crt")]):
            with self.subTest(options):
                done = self.run_client("--tcp-port", str(sink.port), "--retries", "0", "--count",
                                       "1", *options)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, "certificate not trusted: [^\n]*; if it is the right "
                                              "one, give it or its authority with --ca FILE")
        self.assertEqual(sink.frames(), [])

    def test_another_name(self) -> None:
        cert, key = self.directory / "server.crt", self.directory / "server.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj",
                        "/CN=elsewhere.example", "-keyout", key, "-out", cert],
                       check=True, capture_output=True)
        sink = Sink(self.directory, [keep])
        self.addCleanup(sink.close)
        done = self.run_client("--tcp-port", str(sink.port), "--retries", "0", "--count", "1",
                               "--ca", str(cert))
        self.assertEqual(done.returncode, 1)
        self.assertIn("; --address must be a name that the certificate holds", done.stderr)

    def test_insecure(self) -> None:
        sink = self.sink()
        done = self.run_client("--tcp-port", str(sink.port), "--count", "1", "--insecure")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("event=insecure", done.stderr)

    def test_development_certificate(self) -> None:
        state = Path(self.directory) / "data" / ".state"
        state.mkdir(parents=True)
        shutil.copy(self.certs / "server.crt", state / "dev-cert.pem")
        for address in ("localhost", "127.0.0.1"):
            sink = self.sink()
            done = self.run_client("--tcp-port", str(sink.port), "--count", "1", "--address",
                                   address)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_client_certificate(self) -> None:
        sink = self.sink(client_ca=self.certs / "ca.crt")
        self.send(sink, "--count", "5", "--cert", str(self.certs / "client.crt"), "--key",
                  str(self.certs / "client.key"))
        self.assertEqual(len(sink.frames()), 5)
        sink = self.sink(client_ca=self.certs / "ca.crt")
        self.send(sink, "--count", "5", "--retries", "0", status=1)
        self.assertEqual(sink.refused, 1)


class Udp(ClientTest):
    def test_datagrams(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            receiver.bind(("127.0.0.1", 0))
            done = self.run_client("--udp", "--address", "127.0.0.1", "--udp-port",
                                   str(receiver.getsockname()[1]), "--count", "100")
            self.assertEqual(done.returncode, 0, done.stderr)
            records = []
            datagrams = 0
            while len(records) < 100:
                datagram = receiver.recv(65536)
                self.assertLessEqual(len(datagram), 1400)
                records += [json.loads(line) for line in datagram.split(b"\n")]
                datagrams += 1
        self.assertEqual(len(records), 100)
        self.assertLess(datagrams, 20)

    def test_record_above_a_datagram(self) -> None:
        fields = ",".join(f"a_field_with_a_name_that_is_long_{n}" for n in range(40))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", 0))
            done = self.run_client("--udp", "--address", "127.0.0.1", "--udp-port",
                                   str(receiver.getsockname()[1]), "--count", "2", "--fields",
                                   fields)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("event=record_oversized", done.stderr)
            for _ in range(2):
                self.assertEqual(len(json.loads(receiver.recv(65536))), 44)


if __name__ == "__main__":
    cordwood.main()
