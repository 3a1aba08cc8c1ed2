# SPDX-License-Identifier: Apache-2.0
"""Every block of docs/senders.md that is no configuration of rsyslog or syslog-ng (those have tests
of their own) is run as it stands there; what cannot be run here is imitated byte by byte."""
from __future__ import annotations

import configparser
import http.client
import json
import logging.handlers
import os
import pickle
import subprocess
import sys
import time
import tomllib

import cordwood
import forwarders
import senders

ELSEWHERE = {  # run by other tests
    "rsyslog-octets", "rsyslog-certificate", "rsyslog-lines",
    "syslog-ng-syslog", "syslog-ng-certificate", "syslog-ng-network",
}
ASKED = "/asked-by-the-test"


def need(case: cordwood.TestCase, name: str) -> str:
    found = forwarders.find(name)
    if found is None:
        case.skipTest(f"no {name} on this machine")
    return found


class Documented(cordwood.TestCase):
    def setUp(self) -> None:
        super().setUp()
        certs = self.make_certs()
        self.ingestor = self.start(
            "--cert", str(certs / "server.crt"), "--key", str(certs / "server.key"))

    def block(self, name: str) -> str:
        return forwarders.block(name, self.ingestor, self.directory)

    def command(self, name: str) -> None:
        """Runs a block for the shell."""
        path = f"{os.environ['CORDWOOD_BIN']}:{self.directory}:{os.environ['PATH']}"
        text = self.block(name).replace("/var/log/app.log", str(self.directory / "app.log"))
        done = subprocess.run(
            ["bash", "-ec", text], cwd=self.directory, capture_output=True, text=True,
            env=cordwood.clean_environment(PATH=path), timeout=cordwood.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)

    def python(self, name: str) -> None:
        done = subprocess.run([sys.executable, "-c", self.block(name)], capture_output=True,
                              text=True, timeout=cordwood.PATIENCE_S)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def records(self, count: int, **formats: int) -> list[dict[str, object]]:
        """Waits for so many records and ends the ingestor; `formats`: exactly so many of each."""
        metrics = self.ingestor.settle(received=count)
        self.assertEqual(metrics.by("cordwood_records_archived_total", "format"), formats)
        _, archive = self.stop_and_check(self.ingestor)
        return archive.records()

    def record(self, kind: str) -> dict[str, object]:
        return self.records(1, **{kind: 1})[0]

    def assert_fields(self, record: dict[str, object], **fields: object) -> None:
        self.assertEqual({name: record.get(name) for name in fields}, fields)

    # --- our own frames --------------------------------------------------------------------------

    def test_client(self) -> None:
        self.command("client")
        self.assertEqual(len(self.records(1000, json=1000)), 1000)

    def test_client_file(self) -> None:
        (self.directory / "app.log").write_text("first\nsecond\n")
        self.command("client-file")
        messages = [record["message"] for record in self.records(2, raw=2)]
        self.assertEqual(messages, ["first", "second"])

    def test_frames(self) -> None:
        self.python("frames")
        self.assertEqual(self.record("json"), {
            "timestamp": "2026-11-21T04:11:45Z", "level": "INFO", "message": "hello",
            "service": "shop"})

    # --- by hand ---------------------------------------------------------------------------------

    def test_openssl(self) -> None:
        self.command("openssl")
        self.assert_fields(self.record("raw"), message="a line of plain text", level="INFO")

    def test_logger_by_udp(self) -> None:
        self.command("logger-udp")
        self.assert_fields(self.record("syslog"), message="done", service="backup",
                           level="NOTICE", facility="local3")

    def test_logger_through_openssl(self) -> None:
        self.command("logger-tls")
        self.assert_fields(self.record("syslog"), message="done", service="backup",
                           level="NOTICE", facility="local3", structured_data={
                               "timeQuality": {"tzKnown": "1", "isSynced": "0"}})

    def test_logger_by_tcp_is_refused(self) -> None:
        subprocess.run(["logger", "--server", "localhost", "--port", str(self.ingestor.tls_port),
                        "--tcp", "hello"], stderr=subprocess.DEVNULL, check=False)
        cordwood.wait_until(
            lambda: self.ingestor.metrics().sum("cordwood_connections_ended_total",
                                                result="plain_text") == 1, "the refusal")
        self.assertRegex(self.ingestor.log(),
                         r"event=plain_text_on_tls_port peer=127\.0\.0\.1:\d+ .*use_instead=\"TLS")
        self.stop_and_check(self.ingestor)

    # --- Python ----------------------------------------------------------------------------------

    def test_python_by_tls(self) -> None:
        self.python("python-tls")
        record = self.record("syslog")
        self.assert_fields(record, level="ERR", service="shop", facility="user")
        self.assertRegex(str(record["message"]),
                         r"\Ano price\nTraceback (?s:.*)\nZeroDivisionError: division by zero\Z")

    def test_python_by_udp(self) -> None:
        self.python("python-udp")
        self.assert_fields(self.record("syslog"), level="WARNING", service="shop",
                           message="low on paper", facility="user", time_source="received")

    def test_python_pickles_are_refused(self) -> None:
        record = logging.makeLogRecord({"msg": "hello"})
        pickled = logging.handlers.SocketHandler("localhost", 1).makePickle(record)
        self.assertEqual(pickle.loads(pickled[4:])["msg"], "hello")
        senders.send(self.ingestor.tls_port, pickled)
        self.ingestor.settle(received=1)
        self.assertIn("event=unknown_format", self.ingestor.log())
        self.stop_and_check(self.ingestor)

    # --- journald --------------------------------------------------------------------------------

    def make_journal(self) -> None:
        """A journal of three entries, and a journalctl on the PATH that reads it."""
        remote, reader = need(self, "systemd-journal-remote"), need(self, "journalctl")
        now = time.time_ns() // 1000
        entries = "".join(
            f"__REALTIME_TIMESTAMP={now + n}\n__MONOTONIC_TIMESTAMP={n + 1}\n_BOOT_ID={'a' * 32}\n"
            f"MESSAGE=entry {n}\nPRIORITY={3 + n}\n_SYSTEMD_UNIT=shop.service\n\n"
            for n in range(3))
        journal = self.directory / "journal"
        journal.mkdir()
        subprocess.run([remote, f"--output={journal / 'shop.journal'}", "-"], input=entries,
                       text=True, check=True, capture_output=True, env=forwarders.environment())
        wrapper = self.directory / "journalctl"
        wrapper.write_text(
            "#!/bin/bash\n# what there is, instead of what is to come\n"
            f"export LD_LIBRARY_PATH={forwarders.environment()['LD_LIBRARY_PATH']}\n"
            f'exec {reader} --directory={journal} "${{@:1:2}}"\n')
        wrapper.chmod(0o755)

    def journal(self, name: str) -> None:
        self.make_journal()
        self.command(name)
        records = self.records(3, journald=3)
        for n, record in enumerate(records):
            self.assert_fields(record, message=f"entry {n}", service="shop.service",
                               level=("ERR", "WARNING", "NOTICE")[n])

    def test_journal_json(self) -> None:
        self.journal("journal-json")

    def test_journal_upload_is_refused(self) -> None:
        """The real one. It speaks HTTP: the log says so, and what to use instead."""
        upload = need(self, "systemd-journal-upload")
        self.make_journal()
        certs = self.directory / "certs"
        subprocess.run(
            [upload, f"--url=https://localhost:{self.ingestor.tls_port}",
             f"--directory={self.directory / 'journal'}", f"--trust={certs / 'ca.crt'}",
             f"--key={certs / 'client.key'}", f"--cert={certs / 'client.crt'}",
             f"--save-state={self.directory / 'state'}"],
            env=forwarders.environment(), capture_output=True, timeout=cordwood.PATIENCE_S)
        cordwood.wait_until(lambda: "HTTP" in self.ingestor.log(), "the log line")
        self.assertRegex(
            self.ingestor.log(), r"peer=127\.0\.0\.1:\d+ protocol=\"HTTP\" use_instead=")
        self.stop_and_check(self.ingestor)

    # --- web servers -----------------------------------------------------------------------------

    def ask(self, port: int) -> None:
        def answered() -> bool:
            web = http.client.HTTPConnection("127.0.0.1", port, timeout=cordwood.PATIENCE_S)
            try:
                web.request("GET", ASKED)
                web.getresponse().read()
            except ConnectionRefusedError:
                return False
            finally:
                web.close()
            return True

        cordwood.wait_until(answered, "an answer")

    def haproxy(self, name: str) -> None:
        port = forwarders.free_port()
        config = self.directory / "haproxy.cfg"
        config.write_text(self.block(name) + f"""
defaults
    mode http
    log global
    option httplog
    timeout client 5s
frontend web
    bind 127.0.0.1:{port}
    http-request return status 200
""")
        haproxy = forwarders.Program(
            self, "haproxy", [need(self, "haproxy"), "-db", "-f", str(config)])
        self.ask(port)
        record = self.record("syslog")
        haproxy.stop()
        self.assert_fields(record, service="haproxy", level="INFO", facility="local0")
        self.assertIn(ASKED, str(record["message"]))

    def test_haproxy_by_tls(self) -> None:
        self.haproxy("haproxy-tls")

    def test_haproxy_by_udp(self) -> None:
        self.haproxy("haproxy-udp")

    def test_nginx(self) -> None:
        port = forwarders.free_port()
        config = self.directory / "nginx.conf"
        config.write_text(f"""
daemon off;
master_process off;
pid {self.directory}/nginx.pid;
error_log {self.directory}/nginx.log;
events {{}}
http {{
    {self.block("nginx")}
    client_body_temp_path {self.directory};
    proxy_temp_path {self.directory};
    fastcgi_temp_path {self.directory};
    uwsgi_temp_path {self.directory};
    scgi_temp_path {self.directory};
    server {{ listen 127.0.0.1:{port}; return 200; }}
}}
""")
        nginx = forwarders.Program(self, "nginx", [
            need(self, "nginx"), "-e", str(self.directory / "nginx.log"), "-c", str(config)])
        self.ask(port)
        record = self.record("syslog")
        nginx.stop()
        self.assert_fields(record, service="nginx", level="INFO", facility="local7")
        self.assertIn(ASKED, str(record["message"]))

    # --- imitated --------------------------------------------------------------------------------

    def test_fluent_bit_json(self) -> None:
        parsed = configparser.ConfigParser(delimiters=(" ",))
        parsed.read_string(self.block("fluent-bit-json"))
        self.assertEqual(parsed["OUTPUT"]["format"].strip(), "json_lines")
        senders.send(self.ingestor.tls_port, (
            b'{"date":"2026-11-21T04:11:45.000681Z","log":"first\\nsecond","stream":"stderr",'
            b'"level":"warn","kubernetes":{"pod_name":"shop-1"}}\n'
            b'{"date":1795234305.000681,"cpu_p":1.5}\n'))
        first, second = self.records(2, json=2)
        self.assertEqual(first, {
            "timestamp": "2026-11-21T04:11:45.000681Z", "level": "WARN",
            "message": "first\nsecond", "service": "json", "stream": "stderr",
            "kubernetes": {"pod_name": "shop-1"}})
        self.assert_fields(second, timestamp="2026-11-21T04:11:45.000681Z", cpu_p=1.5)

    def test_fluent_bit_syslog(self) -> None:
        parsed = configparser.ConfigParser(delimiters=(" ",))
        parsed.read_string(self.block("fluent-bit-syslog"))
        self.assertEqual(parsed["OUTPUT"]["syslog_format"].strip(), "rfc5424")
        senders.send(self.ingestor.tls_port, "".join(
            f"<14>1 2026-11-21T04:11:45.000681Z web1 shop - - - \ufeffline {n} größer\n"
            for n in range(3)).encode())
        for n, record in enumerate(self.records(3, syslog=3)):
            self.assertEqual(record, {
                "timestamp": "2026-11-21T04:11:45.000681Z", "level": "INFO",
                "message": f"line {n} größer", "service": "shop", "facility": "user",
                "hostname": "web1"})

    def test_fluent_bit_msgpack_is_refused(self) -> None:
        # an array of two: a time as an extension of eight bytes, then the map
        event = b"\x92\xd7\x00\x6a\xbf\x6a\x01\x00\x00\x00\x00\x81\xa3log\xa5hello"
        senders.send(self.ingestor.tls_port, event)
        self.ingestor.settle(received=1)
        self.assertIn("event=unknown_format", self.ingestor.log())
        self.stop_and_check(self.ingestor)

    def test_vector(self) -> None:
        sink = tomllib.loads(self.block("vector"))["sinks"]["cordwood"]
        self.assertEqual((sink["encoding"]["codec"], sink["framing"]["method"]),
                         ("json", "newline_delimited"))
        event = {"file": "/var/log/shop.log", "host": "web1", "message": "a\nb",
                 "source_type": "file", "timestamp": "2026-11-21T04:11:45.443679600Z"}
        senders.send(self.ingestor.tls_port, senders.lines([senders.json_payload(event)] * 2))
        for record in self.records(2, json=2):
            self.assert_fields(record, level="INFO", **event)

    def test_docker(self) -> None:
        options = json.loads(self.block("docker"))["log-opts"]
        self.assertEqual(options["syslog-format"], "rfc5424micro")
        senders.send(self.ingestor.tls_port, senders.octet_counted(
            f"<{27 if n % 2 else 30}>1 2026-11-21T04:11:45.000681+01:00 web1 shop 4711 shop - "
            f"line {n}\n".encode() for n in range(4)))
        for n, record in enumerate(self.records(4, syslog=4)):
            self.assert_fields(record, message=f"line {n}", service="shop", procid="4711",
                               msgid="shop", hostname="web1", facility="daemon",
                               level="ERR" if n % 2 else "INFO")


class Complete(cordwood.TestCase):
    def test_every_block_is_run(self) -> None:
        with open(__file__) as source:
            text = source.read()
        missing = {name for name in forwarders.blocks() if f'"{name}"' not in text}
        self.assertEqual(missing, set())


if __name__ == "__main__":
    cordwood.main()
