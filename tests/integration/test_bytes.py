# SPDX-License-Identifier: Apache-2.0
"""Characters that break formats, in every field of every format that can carry them: one record is
one line of valid JSON, and the text, or its bytes in raw_base64, comes back equal."""
from __future__ import annotations

import base64
import csv
import json
import re
import subprocess
from typing import Any, Iterable

import cordwood
import senders
from archive_check import demand
from hostile import entry_around, not_utf8, texts, written

LEVEL_BYTES_MAX = 64
FOUR = ("timestamp", "level", "message", "service")
ESCAPE = re.compile(r"\\(\\|[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|.?)")
TEXT_LINE = re.compile(r"(\S+) \[([^]]*)\] \[([^]]*)\] (.*)", re.DOTALL)


def ascii_upper(text: str) -> str:
    return re.sub("[a-z]+", lambda match: match[0].upper(), text)


def unescape(text: str) -> str:
    """Undoes what render_text.h says of control characters and backslashes."""

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) > 1:
            return chr(int(code[1:], 16))
        demand(code in ("\\", "n", "r", "t"), f"no escape: {match[0]!r}")
        return {"n": "\n", "r": "\r", "t": "\t"}.get(code, code)

    return ESCAPE.sub(one, text)


class BytesTest(cordwood.TestCase):
    """What is sent goes through one shard, so it comes out in order."""

    def run_streams(self, streams: Iterable[bytes], *options: str,
                    datagrams: Iterable[bytes] = ()) -> cordwood.Ingestor:
        ingestor = self.start("--shards", "1", *options)
        for stream in streams:
            senders.send(ingestor.tls_port, stream)
        sent = 0
        for datagram in datagrams:
            senders.send_udp(ingestor.udp_port, [datagram])
            sent += 1
            if sent % 50 == 0:  # no more than the socket holds
                self.wait_for_datagrams(ingestor, sent)
        self.wait_for_datagrams(ingestor, sent)
        return ingestor

    def wait_for_datagrams(self, ingestor: cordwood.Ingestor, count: int) -> None:
        cordwood.wait_until(
            lambda: ingestor.metrics().sum("cordwood_udp_datagrams_received_total") == count,
            f"{count} datagrams are read",
        )

    def archived(self, *streams: bytes, **more: Any) -> list[dict[str, Any]]:
        ingestor = self.run_streams(streams, **more)
        totals, archive = self.stop_and_check(ingestor)
        self.assertEqual(totals.rejected, 0, archive.rejected()[:1])
        return archive.records()

    def assert_came_back(self, found: list[dict[str, Any]], sent: list[dict[str, Any]]) -> None:
        self.assertEqual(len(found), len(sent))
        for got, wanted in zip(found, sent):
            self.assertEqual({name: got.get(name) for name in wanted}, wanted)

    def assert_lossy(self, record: dict[str, Any], line: bytes, message: bytes) -> None:
        """Bytes that are no UTF-8 became U+FFFD, and the line is kept."""
        self.assertEqual(record["message"], message.decode("utf-8", "replace"))
        self.assertIs(record["invalid_utf8"], True)
        self.assertEqual(base64.b64decode(record["raw_base64"], validate=True), line)


class Json(BytesTest):
    def test_frames(self) -> None:
        sent = [entry_around(text) for text in texts()]
        frames = [senders.frame(senders.JSON, json_) for r in sent for json_ in written(r)]
        self.assert_came_back(self.archived(b"".join(frames)), [r for r in sent for _ in range(3)])

    def test_lines(self) -> None:
        sent = [entry_around(text) for text in texts()]
        lines = [line for record in sent for line in written(record)]
        for end in (b"\n", b"\r\n", b"\0"):
            with self.subTest(end):
                found = self.archived(senders.lines(lines, end))
                self.assert_came_back(found, [r for r in sent for _ in range(3)])
            self.next_directory()

    def test_datagrams(self) -> None:
        sent = [entry_around(text) for text in texts()]
        datagrams = [b"\n".join(written(record)) for record in sent]
        self.assert_came_back(self.archived(datagrams=datagrams),
                              [r for r in sent for _ in range(3)])

    def test_not_utf8_in_frames_is_rejected_and_kept(self) -> None:
        payloads = [json.dumps(senders.entry("bad", 0, message="@")).encode().replace(b"@", bad)
                    for bad in not_utf8()]
        frames = [senders.frame(senders.JSON, payload) for payload in payloads]
        totals, archive = self.stop_and_check(self.run_streams([b"".join(frames)]))
        self.assertEqual(totals.archived, 0)
        self.assertEqual({record["reason"] for record in archive.rejected()}, {"bad_utf8"})
        kept = [base64.b64decode(record["payload_base64"]) for record in archive.rejected()]
        self.assertEqual(kept, payloads)

    def test_rejected_text_is_kept(self) -> None:
        payloads = [f"no JSON: {text}".encode() for text in texts()]
        frames = [senders.frame(senders.JSON, payload) for payload in payloads]
        _, archive = self.stop_and_check(self.run_streams([b"".join(frames)]))
        self.assertEqual([record["payload"].encode() for record in archive.rejected()], payloads)

    def test_not_utf8_in_lines_is_replaced_and_kept(self) -> None:
        bad = not_utf8()
        lines = [json.dumps(senders.entry("bad", 0, message="@")).encode().replace(b"@", b)
                 for b in bad]
        found = self.archived(senders.lines(lines))
        self.assertEqual(len(found), len(bad))
        for record, line, message in zip(found, lines, bad):
            self.assert_lossy(record, line, message)


    def test_levels_and_times_that_are_none(self) -> None:
        """An unknown level stays, in upper case, if it is short; a time that is none is kept beside
        the one we give."""
        sent = []
        for text in texts():
            record = senders.entry("", 0, message="m", level=f"w{text}")
            kept = {"level": ascii_upper(record["level"])}
            if len(record["level"].encode()) > LEVEL_BYTES_MAX:
                kept = {"level": "INFO", "_level": record["level"]}
            sent.append((record, kept))
            record = senders.entry("", 0, message="m", timestamp=f"t{text}")
            sent.append((record, {"_timestamp": f"t{text}", "time_source": "received"}))
        found = self.archived(senders.lines(
            line for record, _ in sent for line in written(record)))
        self.assert_came_back(found, [kept for _, kept in sent for _ in range(3)])
        for record in found:
            self.assertRegex(record["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_not_utf8_in_other_fields_of_lines(self) -> None:
        template = {"timestamp": "t@", "level": "w@", "message": "m", "service": "s@",
                    "x@": 1, "value": "v@", "deep": {"in@": ["@"]}}
        bad = [b for b in not_utf8() if len(b) < 12]
        lines = [json.dumps(template).encode().replace(b"@", b) for b in bad]
        found = self.archived(senders.lines(lines))
        for record, line, b in zip(found, lines, bad, strict=True):
            self.assert_lossy(record, line, b"m")
            text = b.decode("utf-8", "replace")
            self.assert_came_back([record], [{
                "_timestamp": f"t{text}", "level": ascii_upper(f"w{text}"), "service": f"s{text}",
                f"x{text}": 1, "value": f"v{text}", "deep": {f"in{text}": [text]}}])


class Journal(BytesTest):
    def test_fields(self) -> None:
        sent, lines = [], []
        for text in texts():
            fields = {"MESSAGE": text, "_SYSTEMD_UNIT": text[:60], "FIELD": text, f"N{text}": text,
                      "MANY": [text, text]}
            wanted = {"message": text, "service": text[:60], "FIELD": text, f"N{text}": text,
                      "MANY": [text, text]}
            for line in written({"PRIORITY": "6"} | fields):
                sent.append(wanted)
                lines.append(line)
        self.assert_came_back(self.archived(senders.lines(lines)), sent)

    def test_messages_as_bytes(self) -> None:
        messages = [text.encode() for text in texts()] + not_utf8()
        lines = [json.dumps({"PRIORITY": "6", "MESSAGE": list(m)}).encode() for m in messages]
        found = self.archived(senders.lines(lines))
        self.assertEqual(len(found), len(messages))
        for record, message in zip(found, messages):
            self.assertEqual(record["message"], message.decode("utf-8", "replace"))
            raw = base64.b64decode(record.get("raw_base64", ""))
            self.assertEqual(raw, b"" if record["message"].encode() == message else message)


class Lines(BytesTest):
    def test_raw_frames(self) -> None:
        bad = not_utf8()
        payloads = [text.encode() for text in texts()] + bad
        frames = [senders.frame(senders.RAW, payload) for payload in payloads]
        found = self.archived(b"".join(frames))
        good = len(payloads) - len(bad)
        self.assertEqual([record["message"].encode() for record in found[:good]], payloads[:good])
        for record, line in zip(found[good:], bad, strict=True):
            self.assert_lossy(record, line, line)

    def test_raw_with_fields(self) -> None:
        sent = []
        for text in texts():
            service = text.replace("]", "")[:60] or "s"
            sent.append({"timestamp": senders.TIMESTAMP, "level": "WARN", "service": service,
                         "message": text})
        payloads = ["{timestamp} [warn] [{service}] {message}".format(**r).encode() for r in sent]
        frames = [senders.frame(senders.RAW, payload) for payload in payloads]
        self.assert_came_back(self.archived(b"".join(frames)), sent)

    def test_raw_lines(self) -> None:
        bad = not_utf8()
        good = [text.encode() for text in texts() if "\n" not in text and text != "\r"]
        found = self.archived(senders.lines([b"start", *good, *bad]))
        self.assertEqual([r["message"].encode() for r in found[: len(good) + 1]], [b"start", *good])
        for record, line in zip(found[len(good) + 1 :], bad, strict=True):
            self.assert_lossy(record, line, line)

    def test_syslog_messages(self) -> None:
        """Octet counting and datagrams carry LF and NUL; lines carry what does not end them."""
        heads = ("<14>Nov 21 04:11:45 host app[7]: ", f"<14>1 {senders.TIMESTAMP} host app 7 - - ")
        inner = [f"({text})" for text in texts()]
        for head in heads:
            messages = [(head + text).encode() for text in inner]
            first = (head + "the stream's first line decides what ends lines").encode()
            by_lf = [first, *(m for m in messages if b"\n" not in m)]
            by_nul = [first, *(m for m in messages if b"\0" not in m)]
            found = self.archived(
                senders.octet_counted(messages), senders.lines(by_lf),
                senders.lines(by_lf, b"\r\n"), senders.lines(by_nul, b"\0"), datagrams=messages)
            sent = [*messages, *by_lf, *by_lf, *by_nul, *messages]
            self.assertEqual([r["message"] for r in found], [m.decode()[len(head) :] for m in sent])
            self.assertEqual({(r["hostname"], r["service"]) for r in found}, {("host", "app")})
            self.next_directory()

    def test_syslog_5424_fields(self) -> None:
        sent, messages = [], []
        for text in texts():
            word = f"w{text}".replace(" ", "_")
            name = re.sub(r'[\x00-\x20="\]]', "_", f"n{text}")
            value = re.sub(r'(["\\\]])', r"\\\1", text)
            messages.append(f'<14>1 {senders.TIMESTAMP} {word} {word[:60]} {word} {word} '
                            f'[{name} {name}="{value}" other="{value}"][x] {text}.'.encode())
            sent.append({"hostname": word, "service": word[:60], "procid": word, "msgid": word,
                         "structured_data": {name: {name: text, "other": text}, "x": {}},
                         "message": f"{text}."})
        found = self.archived(senders.octet_counted(messages), datagrams=messages)
        for record in sent:  # RFC 5424 section 6.4: a BOM before the text is none of it
            record["message"] = record["message"].removeprefix("\ufeff")
        self.assert_came_back(found, sent * 2)

    def test_syslog_3164_fields(self) -> None:
        sent, messages = [], []
        for text in texts():
            word = "w" + re.sub(r"[^a-z0-9/\x80-\U0010ffff]", "-", text)
            messages.append(f"<14>Nov 21 04:11:45 {word} {word[:60]}[7]: {text}.".encode())
            sent.append({"hostname": word, "service": word[:60], "message": f"{text}."})
        found = self.archived(senders.octet_counted(messages), datagrams=messages)
        self.assert_came_back(found, sent * 2)

    def test_syslog_not_utf8(self) -> None:
        bad = not_utf8()
        head = f'<14>1 {senders.TIMESTAMP} host app 42 - [a b="@"] '.encode()
        messages = [head.replace(b"@", b) + b + b"." for b in bad]
        found = self.archived(senders.octet_counted(messages))
        for record, message, b in zip(found, messages, bad, strict=True):
            self.assert_lossy(record, message, b + b".")
            self.assertEqual(record["structured_data"], {"a": {"b": b.decode("utf-8", "replace")}})

    def test_not_utf8_in_words_of_syslog(self) -> None:
        bad = [b for b in not_utf8() if len(b) < 12]
        words = [b for b in bad if min(b) >= 0x80]  # what RFC 3164 dialects have in their words
        new = b"<14>1 %s h@ a@ p@ m@ [s@ n@=\"v\"] text" % senders.TIMESTAMP.encode()
        old = b"<14>Nov 21 04:11:45 h@ a@[7]: text"
        messages = [new.replace(b"@", b) for b in bad] + [old.replace(b"@", b) for b in words]
        found = self.archived(senders.octet_counted(messages), datagrams=messages)
        for record, message, b in zip(found, messages * 2, (bad + words) * 2, strict=True):
            self.assert_lossy(record, message, b"text")
            text = b.decode("utf-8", "replace")
            wanted: dict[str, Any] = {"hostname": f"h{text}", "service": f"a{text}"}
            if message.startswith(b"<14>1 "):
                wanted |= {"procid": f"p{text}", "msgid": f"m{text}",
                           "structured_data": {f"s{text}": {f"n{text}": "v"}}}
            self.assert_came_back([record], [wanted])

    def test_not_utf8_in_the_service_of_raw_records(self) -> None:
        bad = not_utf8()
        payloads = [b"%s [WARN] [s%s] text" % (senders.TIMESTAMP.encode(), b) for b in bad]
        found = self.archived(
            b"".join(senders.frame(senders.RAW, payload) for payload in payloads))
        for record, payload, b in zip(found, payloads, bad, strict=True):
            self.assert_lossy(record, payload, b"text")
            self.assertEqual(record["service"], "s" + b.decode("utf-8", "replace"))
            self.assertEqual(record["level"], "WARN")


class Outputs(BytesTest):
    def output_of(self, out: str) -> tuple[list[str], list[dict[str, Any]]]:
        """The lines of the file, and what was sent."""
        sent = [entry_around(text) for text in texts()]
        bare = [written(record)[0] for record in sent]
        for message, service in (("a {b} [c]", "]"), ("{", "{"), (" {", "[a]")):
            sent.append(senders.entry("", 0, message=message, service=service))
            bare.append(senders.json_payload(sent[-1]))
        frames = [senders.frame(senders.JSON, payload) for payload in bare]
        for bad in not_utf8():
            line = f"{senders.TIMESTAMP} [INFO] [test] ".encode() + bad
            sent.append(senders.entry(
                "", 0, message=bad.decode("utf-8", "replace"), invalid_utf8=True,
                raw_base64=base64.b64encode(line).decode()))
            frames.append(senders.frame(senders.RAW, line))
        ingestor = self.run_streams([b"".join(frames)], "--out", out)
        self.assertEqual(ingestor.stop().archived, len(sent))
        (path,) = ingestor.data_dir.glob("log_*.zst")
        done = subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True)
        content = done.stdout.decode()
        lines = content.split("\n")
        self.assertEqual(lines.pop(), "")
        self.assertEqual(lines, content.splitlines(), "no reader finds more line ends")
        return lines, sent

    def assert_same(self, fields: list[str], extra: str, record: dict[str, Any]) -> None:
        self.assertEqual([unescape(field) for field in fields], [record[name] for name in FOUR])
        others = {name: value for name, value in record.items() if name not in FOUR}
        self.assertEqual(json.loads(extra) if extra else {}, others)

    def test_csv(self) -> None:
        lines, sent = self.output_of("csv")
        rows = list(csv.reader(lines, strict=True))
        self.assertEqual(rows.pop(0), [*FOUR, "extra"])
        for row, record in zip(rows, sent, strict=True):
            self.assert_same(row[:4], row[4], record)

    def test_text(self) -> None:
        lines, sent = self.output_of("text")
        for line, record in zip(lines, sent, strict=True):
            match = TEXT_LINE.fullmatch(line)
            assert match is not None, line
            message, brace, rest = match[4].partition(" {")
            self.assert_same([match[1], match[2], message, match[3]], brace[1:] + rest, record)


if __name__ == "__main__":
    cordwood.main()
