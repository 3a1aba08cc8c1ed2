# SPDX-License-Identifier: Apache-2.0
"""./dev run as people use it: it shows where to look, loads a little, and ends with a sum that the
printed command confirms."""
from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import cordwood
from archive_check import Archive

ANY_PORTS = ("--tls-port", "0", "--udp-port", "0", "--http-port", "0")
LAST = re.compile(
    r"received (\d+) = archived (\d+) \+ rejected (\d+) \+ dropped (\d+); check it yourself: (.+)"
)


class DevRun(cordwood.TestCase):
    def launch_dev(self, *options: str, **more: object) -> subprocess.Popen[bytes]:
        data = str(self.directory / "data")
        process = subprocess.Popen(
            [str(cordwood.source("dev")), "run", "--data-dir", data, *ANY_PORTS, *options],
            env=cordwood.clean_environment(), **more,
        )
        self.addCleanup(process.kill)
        return process

    def check_last_line(self, output: str) -> int:
        """Runs the command that the last line names; returns how many records it counted."""
        last = output.rstrip().splitlines()[-1]
        match = LAST.fullmatch(last)
        self.assertIsNotNone(match, output)
        assert match is not None
        received, archived, rejected, dropped = (int(match[i]) for i in range(1, 5))
        self.assertEqual((received, rejected, dropped), (archived, 0, 0))
        done = subprocess.run(
            match[5], shell=True, capture_output=True, text=True, cwd=cordwood.source(".")
        )
        self.assertEqual(int(done.stdout), archived, match[5])
        return archived

    def run_until_files_grow(self) -> str:
        """A run without a terminal, ended by SIGTERM."""
        path = self.directory / "output"
        with open(path, "wb") as output:
            process = self.launch_dev(
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        self.wait_for_files(path)
        self.wait_for_formats(path.read_text())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(cordwood.PATIENCE_S), 0, path.read_text())
        return path.read_text()

    def wait_for_formats(self, printed: str) -> None:
        """Every format comes in, judged by schemas of the registry that was started beside."""
        port = re.search(r"^dev: dashboard: http://localhost:(\d+)/$", printed, re.MULTILINE)
        assert port is not None, printed
        url = f"http://localhost:{port[1]}/metrics.json"

        def complete() -> bool:
            with urllib.request.urlopen(url, timeout=60) as f:
                shown = json.load(f)
            names = ("json", "proto", "avro", "raw", "syslog", "journald")
            return shown["schemas"]["reachable"] and all(shown[name] > 0 for name in names)

        cordwood.wait_until(complete, "records of every format, and a registry")
        registry = re.search(r"^dev: schemas: (http://\S+)/$", printed, re.MULTILINE)
        assert registry is not None, printed
        with urllib.request.urlopen(f"{registry[1]}/subjects", timeout=60) as f:
            subjects = json.load(f)
        self.assertLessEqual({"LogEntry-json", "LogEntry-avro", "LogEntry-proto"}, set(subjects))

    def wait_for_files(self, path: Path) -> None:
        cordwood.wait_until(
            lambda: re.search(r"log_\S+\.open +[1-9]\d* bytes", path.read_text()),
            "a growing file is shown", timeout_s=300,  # it builds first
        )

    def test_the_line_to_try(self) -> None:
        """Typed as it is printed, it shows on the dashboard within moments, from this machine."""
        path = self.directory / "output"
        with open(path, "wb") as output:
            process = self.launch_dev(
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        self.wait_for_files(path)
        printed = path.read_text()
        line = re.search(r"^dev: try it: (.*)$", printed, re.MULTILINE)
        port = re.search(r"^dev: dashboard: http://localhost:(\d+)/$", printed, re.MULTILINE)
        assert line is not None and port is not None, printed
        self.assertTrue(line[1].startswith("echo hello | openssl s_client "), line[1])

        def shown() -> str | None:
            """Types it and looks for a while: of each format only the last few lines are shown."""
            subprocess.run(["bash", "-c", line[1]], check=True, capture_output=True, timeout=60)
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                peer = self.peer_of(int(port[1]), "hello")
                if peer is not None:
                    return peer
            return None

        peer = cordwood.wait_until(shown, "the dashboard's source shows the line")
        self.assertIn(peer.rpartition(":")[0], ("127.0.0.1", "[::1]"))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(cordwood.PATIENCE_S), 0, path.read_text())
        self.check_last_line(path.read_text())

    def peer_of(self, http_port: int, message: str) -> str | None:
        """Where the shown raw line with this message came from."""
        with urllib.request.urlopen(f"http://localhost:{http_port}/metrics.json", timeout=60) as f:
            shown = json.load(f)
        for text, peer in zip(shown["samples"]["raw"], shown["sample_peers"]["raw"], strict=True):
            if json.loads(text)["message"] == message:
                return str(peer)
        return None

    def check_demo(self) -> None:
        """The load has every form: frames, line streams of three kinds, datagrams."""
        records = Archive(self.directory / "data").records()
        services = {record["service"] for record in records}
        self.assertLessEqual({"demo-syslog", "demo-ndjson"}, services)
        self.assertIn("demo: a line of plain text, number 1", {r["message"] for r in records})

    def test_without_a_terminal_and_twice(self) -> None:
        for _ in range(2):
            output = self.run_until_files_grow()
            self.assertRegex(output, r"dashboard: http://localhost:\d+/")
            self.assertRegex(output, r"try it: echo hello \| openssl s_client .*localhost:\d+")
            self.assertGreater(self.check_last_line(output), 0)
        self.check_demo()

    def test_ctrl_c_in_a_terminal(self) -> None:
        leader, follower = pty.openpty()
        path = self.directory / "output"
        with open(path, "wb") as output:
            process = self.launch_dev(
                stdin=follower, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
            )
        os.close(follower)
        self.wait_for_files(path)
        os.write(leader, b"\x03")
        self.assertEqual(process.wait(cordwood.PATIENCE_S), 0, path.read_text())
        os.close(leader)
        self.check_last_line(path.read_text())

    def check_all_ended(self, process: subprocess.Popen[bytes]) -> None:
        self.assertEqual(process.wait(cordwood.PATIENCE_S), 0)
        names = [path.name for path in (self.directory / "data").iterdir()]
        self.assertTrue(any(name.startswith("log_") for name in names), names)
        self.assertFalse([name for name in names if name.endswith(".open")])

    def test_reader_of_its_output_leaves(self) -> None:
        process = self.launch_dev(
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        while b"files are in" not in process.stdout.readline():
            self.assertIsNone(process.poll())
        process.stdout.close()
        self.check_all_ended(process)

    def test_terminal_is_closed(self) -> None:
        leader, follower = pty.openpty()
        process = self.launch_dev(
            stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
        )
        os.close(follower)
        with open(leader, "rb", buffering=0) as terminal:
            said = b""
            while not re.search(rb"log_\S+\.open +[1-9]\d* bytes", said):
                said += terminal.read(4096)
        self.check_all_ended(process)

    def test_taken_port_is_explained(self) -> None:
        ingestor = self.start()
        process = self.launch_dev(
            "--tls-port", str(ingestor.tls_port), "--data-dir", str(self.directory / "other"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        output, _ = process.communicate(timeout=300)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn(str(ingestor.tls_port), output.decode())
        self.assertIn("--tls-port", output.decode())
        self.stop_and_check(ingestor)


if __name__ == "__main__":
    cordwood.main()
