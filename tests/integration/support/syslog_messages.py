# SPDX-License-Identifier: Apache-2.0
"""Syslog messages that use all of RFC 5424, and the record each must become.

    message = syslog_messages.message("rsyslog", 7, lines=True)
    message.rfc5424()  -> the bytes
    message.record()   -> the archived fields, the time as microseconds
"""
from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Iterable, Mapping

from archive_check import mark

LEVELS = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")
FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", *(f"local{n}" for n in range(8)),
)
START = datetime(2026, 11, 21, 4, 11, 45, tzinfo=timezone.utc)
SERVICES = ("sshd", "postfix/smtpd", "kernel", "app.worker-1", "cron")
DATA: tuple[dict[str, dict[str, str]], ...] = (
    {},
    {"exampleSDID@32473": {"iut": "3", "eventSource": "Application", "eventID": "1011"}},
    {"exampleSDID@32473": {"iut": "3"}, "examplePriority@32473": {"class": "high"}},
    {"origin": {"ip": "192.0.2.1", "software": "app \"quoted\""}},
    {"path@32473": {"windows": "C:\\logs\\", "list": "[a][b]", "umlaut": "größer"}},
)
TEXTS = (
    "plain text", "größer → 日本語 🙂", 'quotes " and \\ and ] and {"json": [1]}', "a\ttab",
    "percent %s %d %% and $dollar", "x" * 700, "\x1b[31mred\x1b[0m \u2028 \x7f",
)
LINES = "\n  at first.second(File.java:1)\n\n\tlast line"


def escaped(value: str) -> str:
    """RFC 5424 section 6.3.3."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


@dataclass(frozen=True)
class Message:
    number: int
    facility: int
    severity: int
    time: datetime
    hostname: str
    service: str
    procid: str | None
    msgid: str | None
    data: Mapping[str, Mapping[str, str]]
    text: str

    def rfc5424(self) -> bytes:
        data = "".join(
            f"[{name}" + "".join(f' {key}="{escaped(value)}"' for key, value in items.items()) + "]"
            for name, items in self.data.items())
        time = self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return (f"<{self.facility * 8 + self.severity}>1 {time} {self.hostname} {self.service} "
                f"{self.procid or '-'} {self.msgid or '-'} {data or '-'} {self.text}").encode()

    def record(self) -> dict[str, Any]:
        fields = {
            "timestamp": microseconds(self.time), "level": LEVELS[self.severity],
            "service": self.service, "message": self.text, "hostname": self.hostname,
            "facility": FACILITIES[self.facility], "procid": self.procid, "msgid": self.msgid,
            "structured_data": self.data or None,
        }
        return {name: value for name, value in fields.items() if value is not None}


def microseconds(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(microseconds=1)


def message(sender: str, number: int, lines: bool) -> Message:
    """The message of this number; `lines`: some have several lines."""
    more = LINES if lines and number % 10 == 0 else ""
    return Message(
        number=number, facility=number // 3 % 24, severity=number % 8,
        time=START + timedelta(microseconds=1_000_003 * number),
        hostname=f"host-{number % 5}.example.org", service=SERVICES[number % 5],
        procid=str(number) if number % 4 else None, msgid=f"ID{number % 7}" if number % 3 else None,
        data=DATA[number // 7 % len(DATA)],
        text=f"{mark(sender, number)} {TEXTS[number % len(TEXTS)]}{more}",
    )


def messages(sender: str, count: int, lines: bool) -> list[Message]:
    return [message(sender, n, lines) for n in range(count)]


def archived(record: Mapping[str, Any]) -> dict[str, Any]:
    """An archived record in the form of Message.record(): the same instant may be written in
    several ways."""
    time = datetime.fromisoformat(record["timestamp"].replace("Z", "+00:00"))
    return dict(record) | {"timestamp": microseconds(time)}


def difference(sent: Iterable[Message], records: Iterable[Mapping[str, Any]]) -> str:
    """Empty if each message became exactly one record with exactly its fields; else examples."""

    def counted(fields: Iterable[Mapping[str, Any]]) -> Counter[str]:
        return Counter(json.dumps(each, sort_keys=True, ensure_ascii=False) for each in fields)

    wanted = counted(each.record() for each in sent)
    found = counted(archived(each) for each in records)
    missing, more = wanted - found, found - wanted
    if not missing and not more:
        return ""
    return (f"{missing.total()} missing, {more.total()} more than sent, such as\n"
            f"missing {sorted(missing)[:3]}\nfound   {sorted(more)[:3]}")
