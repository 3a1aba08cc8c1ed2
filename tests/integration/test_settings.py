# SPDX-License-Identifier: Apache-2.0
"""Settings: what is refused and how it is said, from every origin; what is shown; what SIGHUP
changes."""
from __future__ import annotations

import random
import re
import signal
import socket
import subprocess

import cordwood
import senders
from archive_check import mark

# Name, a value that it cannot have, what is allowed.
BAD_VALUES = (
    ("rotate-bytes", "12parsecs", "64KiB to 1TiB"),
    ("rotate-bytes", "1KiB", "64KiB to 1TiB"),
    ("udp-port", "70000", "0 to 65535 or off"),
    ("udp-port", "-1", "0 to 65535 or off"),
    ("tls-port", "https", "0 to 65535 or off"),
    ("layout", "round", "flat or daily"),
    ("log-level", "loud", "error, warn, info or debug"),
    ("flush-interval", "5", "10ms to 1m"),
    ("flush-interval", "2h", "10ms to 1m"),
    ("shards", "many", "0 to 64"),
    ("shards", "65", "0 to 64"),
    ("zstd-level", "1.5", "1 to 19"),
    ("http-open", "maybe", "true or false"),
    ("min-free", "91%", "0% to 90%, or a size like 1GiB"),
    ("instance", "a/b", "A-Z a-z 0-9 . -"),
    ("bind", "nowhere", "an IPv4 or IPv6 address"),
    ("http-bind", "0.0.0.0", "http-token-file or http-open"),
    ("max-message-bytes", "1MiB", "at most 262144"),
    ("cert", "/some.crt", "cert and key together"),
    ("key", "/some.key", "cert and key together"),
    ("client-names", "web", "with client-ca"),
)

# Files that are refused: content, what the error says behind "FILE:".
BAD_FILES = (
    (b"tls-port: [\n", "no YAML"),
    (b"tls-port: 1\n\ttabs: 2\n", "no YAML"),
    (b"log-level: \xff\n", "no YAML"),
    (b"- tls-port\n", "1: not settings"),
    (b"just text\n", "1: not settings"),
    (b"# one\n\nrotate_bytes: 1MiB\n", '3: rotate_bytes: unknown key (its value: "1MiB"); did you '
     "mean rotate-bytes?; allowed: names of options"),
    (b"colour: red\n", '1: colour: unknown key (its value: "red"); allowed: names of options'),
    (b"colour: [red]\n", "1: colour: unknown key (its value: a list); allowed: names of options"),
    (b"config: other.yaml\n",
     '1: config: unknown key (its value: "other.yaml"); allowed: names of options'),
    (b"shards: 1\nshards: 2\n", "2: shards: given twice; the first is on line 1"),
    (b"rotate-bytes: [1MiB]\n", "1: rotate-bytes: not a single value"),
    (b"tls-port: {a: b}\n", "1: tls-port: not a single value; allowed: a value, or a list"),
    (b"instance:\n", "1: instance: has no value"),
    (b"shards: ~\n", "1: shards: has no value"),
    (b"shards: 1\n---\nshards: 2\n", "a second document"),
)


def variable(name: str) -> str:
    return "CORDWOOD_" + name.upper().replace("-", "_")


class SettingsTest(cordwood.TestCase):
    def run_program(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [cordwood.program("cordwood-ingestor"), *options], capture_output=True, text=True,
            cwd=self.directory, env=cordwood.clean_environment(**environment), timeout=60)

    def write_file(self, content: str | bytes) -> str:
        path = self.directory / "settings.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def assert_refused(self, done: subprocess.CompletedProcess[str], *said: str) -> None:
        """Status 2, one line of error that says all of this, and nothing else was done."""
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"\Aerror: [^\n]+\n\Z")
        for text in said:
            self.assertIn(text, done.stderr)
        self.assertFalse((self.directory / "data").exists())

    def settings(self, *options: str, **environment: str) -> dict[str, str]:
        """What --print-config says: name -> value and origin."""
        done = self.run_program("--print-config", *options, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(line.split(": ", 1) for line in done.stdout.splitlines())


class Refusals(SettingsTest):
    def test_bad_values(self) -> None:
        for name, value, allowed in BAD_VALUES:
            with self.subTest(name=name, value=value):
                file = self.write_file(f"# a comment\n{name}: {value}\n")
                flag, env = f"--{name}", variable(name)
                said = (f'"{value}"' if value != "1MiB" else "1048576", "allowed: ", allowed)
                self.assert_refused(self.run_program(f"{flag}={value}"), f"{flag}: ", *said)
                self.assert_refused(self.run_program(**{env: value}), f"{env}: ", *said)
                self.assert_refused(
                    self.run_program("--config", file), f"{file}:2: {name}: ", *said)
                self.assert_refused(
                    self.run_program(CORDWOOD_CONFIG=file), f"{file}:2: {name}: ", *said)

    def test_an_overruled_value_is_checked_too(self) -> None:
        file = self.write_file("shards: many\n")
        self.assert_refused(self.run_program("--config", file, "--shards", "1"), "many")

    def test_bad_files(self) -> None:
        for content, said in BAD_FILES:
            with self.subTest(content):
                file = self.write_file(content)
                done = self.run_program("--config", file, "--check-config")
                self.assert_refused(done, f"{file}:", said)
        for path, why in (("absent.yaml", "No such file"), (".", "Is a directory")):
            self.assert_refused(self.run_program("--config", path), path, why)

    def test_unknown_names(self) -> None:
        self.assert_refused(self.run_program("--shard", "1"), "--shard: ", "mean --shards?")
        self.assert_refused(self.run_program("--nothing-like-it"), "--nothing-like-it: ", "--help")
        self.assert_refused(self.run_program("stray"), "stray: ")
        self.assert_refused(self.run_program("--shards"), "--shards: a value must follow")
        allowed = "allowed: CORDWOOD_ and an option's name, see --help all"
        self.assert_refused(
            self.run_program(CORDWOOD_SHARD="17"), "CORDWOOD_SHARD: unknown variable ",
            '(its value: "17")', "mean the one of --shards?", allowed)
        self.assert_refused(
            self.run_program(CORDWOOD_NOTHING_LIKE_IT="red"), "CORDWOOD_NOTHING_LIKE_IT: ",
            '(its value: "red")', allowed)

    def test_certificates(self) -> None:
        certs = self.make_certs()
        good, ca = certs / "server.crt", certs / "ca.crt"
        for cert, key, client_ca, said in (
            ("/absent.crt", certs / "server.key", ca,
             ("error: --cert: ", "/absent.crt", "No such file")),
            (good, "/absent.key", ca, ("error: --key: ", "/absent.key", "No such file")),
            (good, certs / "server.key", "/absent.ca",
             ("error: --client-ca: ", "/absent.ca", "No such file")),
            (good, certs / "client.key", ca, ("client.key", "mismatch")),
            (certs / "server.key", certs / "server.key", ca, ("server.key",)),
        ):
            options = ("--cert", str(cert), "--key", str(key), "--client-ca", str(client_ca))
            with self.subTest(said):
                self.assert_refused(self.run_program("--check-config", *options), *said)

    def test_client_ca_beside_the_development_certificate(self) -> None:
        empty = self.write_file("no certificate\n")
        for file, said in (("/absent.ca", "No such file"), (str(empty), "in PEM form")):
            with self.subTest(file):
                self.assert_refused(self.run_program("--check-config", "--client-ca", file),
                                    "error: --client-ca: ", file, said)
        ca = self.make_certs() / "ca.crt"
        self.assertEqual(self.run_program("--check-config", "--client-ca", str(ca)).returncode, 0)


class Shown(SettingsTest):
    OPTIONS = ("--tls-port", "4001,4002", "--tls-port", "4003", "--udp-port", "off", "--cert",
               'a "b" \\c.pem', "--key", "k: # .pem", "--client-ca", "ca", "--client-names",
               "a.example,*.b.example", "--rotate-bytes", "100000", "--min-free", "2GiB",
               "--stats-interval", "0", "--log-level=debug", "--http-open")

    def test_check_config(self) -> None:
        done = self.run_program("--check-config", "--config", self.write_file("shards: 2\n"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "configuration is valid\n")
        self.assertFalse((self.directory / "data").exists(), "it only looks")

    def test_what_is_printed_reads_back_the_same(self) -> None:
        environment = {"CORDWOOD_RETAIN_AGE": "36h", "CORDWOOD_INSTANCE": "web-1"}
        first = self.settings(*self.OPTIONS, **environment)
        file = self.write_file("".join(f"{name}: {text}\n" for name, text in first.items()))
        again = self.settings("--config", file)

        def values(shown: dict[str, str]) -> dict[str, str]:
            return {name: text.rpartition(" # ")[0] for name, text in shown.items()}

        self.assertEqual(values(again), values(first))
        self.assertEqual({text.rpartition(" # ")[2] for text in again.values()}, {"file"})
        self.assertEqual(first["instance"], '"web-1" # environment')
        self.assertEqual(first["udp-port"], "off # option")
        self.assertEqual(first["layout"], "flat # default")

    def test_help_has_every_setting(self) -> None:
        done = self.run_program("--help", "all")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for name in self.settings().keys() - {"config-version", "ignore-unknown"}:
            self.assertRegex(done.stdout, rf"(?m)^  --{name}( |$)")

    def test_a_template_reads_back_the_same(self) -> None:
        given = ("--rotate-bytes", "1GiB", "--layout", "daily", "--client-ca", "a b.pem")
        template = self.run_program("--print-config-template", *given)
        self.assertEqual((template.returncode, template.stderr), (0, ""))
        stated = re.findall(r"(?m)^([a-z-]+): ", template.stdout)
        self.assertEqual(sorted(stated), ["client-ca", "config-version", "layout", "rotate-bytes"])
        again = self.settings("--config", self.write_file(template.stdout))
        self.assertEqual(
            {name for name, text in again.items() if text.endswith(" # file")}, set(stated))
        uncommented = re.sub(r"(?m)^#(?=[a-z-]+: )", "", template.stdout)
        whole = self.settings("--config", self.write_file(uncommented))

        def values(shown: dict[str, str]) -> dict[str, str]:
            return {name: text.rpartition(" # ")[0] for name, text in shown.items()}

        self.assertEqual(values(whole), values(again))
        self.assertEqual({text.rpartition(" # ")[2] for text in whole.values()}, {"file"})

    def test_a_later_file_starts_where_it_says_what_to_ignore(self) -> None:
        content = "later: {a: [1]}\nshards: 1\nignore-unknown: [later, shards]\n"
        done = self.run_program("--print-config", "--config", self.write_file(content))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"\A\S+: ignored, as [^\n]* know later \(line 1\)\n\Z")
        self.assertIn("shards: 1 # file\n", done.stdout)
        later = "config-version: 2\nignore-unknown: [later]\nlater: 1\n"
        self.assert_refused(self.run_program("--config", self.write_file(later)),
                            ":1: config-version: ", "newer than this program", "allowed: 1")

    def test_platform_variables_are_skipped_with_a_warning(self) -> None:
        environment = {
            "CORDWOOD_TLS_PORT": "tcp://10.0.0.7:3001", "CORDWOOD_UDP_PORT": "udp://10.0.0.7:3002",
            "CORDWOOD_SERVICE_HOST": "10.0.0.7", "CORDWOOD_PORT_3001_TCP_ADDR": "10.0.0.7",
        }
        done = self.run_program("--print-config", **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("tls-port: [3001] # default", done.stdout)
        self.assertIn("udp-port: 3002 # default", done.stdout)
        for name in environment:
            self.assertRegex(done.stderr, rf"(?m)^{name}: skipped: ")


class Reload(SettingsTest):
    """SIGHUP."""

    def start_with(self, content: str) -> cordwood.Ingestor:
        return self.start("--config", self.write_file(content))

    def reload(self, ingestor: cordwood.Ingestor, content: str, event: str) -> str:
        """Changes the file, signals, waits; returns the log line of this event."""
        before = len(ingestor.log())
        self.write_file(content)
        ingestor.send_signal(signal.SIGHUP)
        said = re.compile(rf"^.* event={event} .*$", re.MULTILINE)
        match = cordwood.wait_until(lambda: said.search(ingestor.log(), before), event)
        return str(match[0])

    def published(self, ingestor: cordwood.Ingestor) -> int:
        return len(list(ingestor.data_dir.glob("log_*.zst")))

    def send_noise(self, ingestor: cordwood.Ingestor, sender: str) -> None:
        dice = random.Random(sender)
        lines = [f"{mark(sender, n)} {dice.randbytes(100).hex()}" for n in range(2000)]
        senders.send(ingestor.tls_port, senders.lines(line.encode() for line in lines))

    def is_logged(self, ingestor: cordwood.Ingestor, host: str) -> bool:
        """Whether a refusal, which is a warning, gets into the log; once a minute a host may."""
        def count() -> float:
            return ingestor.metrics().sum("cordwood_tls_handshake_failures_total")

        failures, before = count(), len(ingestor.log())
        address = ("127.0.0.1", ingestor.tls_port)
        with socket.create_connection(address, source_address=(host, 0)) as plain:
            plain.sendall(b"no TLS\n")
            cordwood.wait_until(lambda: count() > failures, "the refusal is counted")
        return "plain_text" in ingestor.log()[before:]

    def test_what_can_change_changes(self) -> None:
        ingestor = self.start_with("shards: 1\nlog-level: error\n")
        self.send_noise(ingestor, "before")
        ingestor.settle(received=2000)
        self.assertFalse(self.is_logged(ingestor, "127.0.0.2"))
        self.assertEqual(self.published(ingestor), 0)
        line = self.reload(
            ingestor, "shards: 1\nlog-level: info\nrotate-bytes: 64KiB\n", "reloaded")
        self.assertRegex(line, r'changed="rotate-bytes log-level ?" needs_restart=""')
        self.assertTrue(self.is_logged(ingestor, "127.0.0.3"))
        self.send_noise(ingestor, "after")
        ingestor.settle(received=4000)
        cordwood.wait_until(lambda: self.published(ingestor) > 0, "the size rotates")
        _, archive = self.stop_and_check(ingestor)
        archive.check_delivery({"before": 2000, "after": 2000})

    def test_what_needs_a_restart_is_named(self) -> None:
        ingestor = self.start_with("shards: 1\n")
        line = self.reload(
            ingestor, "shards: 2\nmax-record-bytes: 1MiB\nretain-age: 5d\nzstd-level: 3\n",
            "reloaded")
        self.assertRegex(line, r'changed="retain-age ?"')
        self.assertRegex(line, r'needs_restart="shards zstd-level max-record-bytes ?"')
        self.send_noise(ingestor, "a")
        ingestor.settle(received=2000)
        self.stop_and_check(ingestor)

    def test_a_bad_file_keeps_the_settings(self) -> None:
        ingestor = self.start_with("shards: 1\nrotate-bytes: 64KiB\n")
        for content, said in (
            ("shards: 1\nrotate-bytes: 1\n", '"1" is out of bounds; allowed: 64KiB to 1TiB'),
            ("log-level: error\ncolour: red\n", "colour: unknown key"),
            ("log-level: [error\n", "log-level: not a single value"),
        ):
            line = self.reload(ingestor, content, "reload_failed")
            self.assertIn(said, line)
            self.assertIn("action=keep_settings", line)
        line = self.reload(
            ingestor, "log-level: error\ncert: /nowhere.crt\nkey: /nowhere.key\n", "reload_failed")
        self.assertIn("/nowhere.crt", line)
        self.assertNotIn("event=reloaded", ingestor.log())
        (self.directory / "settings.yaml").unlink()
        ingestor.send_signal(signal.SIGHUP)
        cordwood.wait_until(lambda: "No such file" in ingestor.log(), "the file is missed")
        self.assertTrue(self.is_logged(ingestor, "127.0.0.2"), "log-level is as it was")
        self.send_noise(ingestor, "a")
        ingestor.settle(received=2000)
        cordwood.wait_until(lambda: self.published(ingestor) > 0, "rotate-bytes is as it was")
        self.stop_and_check(ingestor)


if __name__ == "__main__":
    cordwood.main()
