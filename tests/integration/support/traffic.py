# SPDX-License-Identifier: Apache-2.0
"""Mixed traffic that looks like a small company's, for the dashboard's test and its pictures.

    traffic = Traffic(tls_port, udp_port, certs)
    with traffic.running(): …
"""
from __future__ import annotations

import contextlib
import datetime
import json
import math
import random
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import senders

TICK_S = 0.2
WORK = (
    # service, level, message
    ("checkout", "INFO", "order {n} accepted, {n} positions, took {ms} ms"),
    ("checkout", "DEBUG", "cart {n} priced in {ms} ms"),
    ("billing", "INFO", "invoice {n} sent"),
    ("billing", "WARN", "payment provider answered after {ms} ms, trying the second one"),
    ("search", "INFO", "query of {n} words, {ms} hits"),
    ("search", "ERROR", "shard {n} did not answer within {ms} ms"),
    ("sessions", "NOTICE", "session {n} renewed"),
    ("catalog", "INFO", "price list {n} loaded, {ms} articles"),
)
TRACE = ("java.lang.IllegalStateException: pool exhausted\n"
         "\tat com.example.Pool.take(Pool.java:118)\n\tat com.example.Web.handle(Web.java:54)\n"
         "Caused by: java.net.SocketTimeoutException")

KINDS = ((senders.JSON, senders.json_payload), (senders.PROTO, senders.proto_payload),
         (senders.AVRO, senders.avro_payload))


def now() -> str:
    stamp = datetime.datetime.now(datetime.timezone.utc)
    return stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Traffic:
    def __init__(self, tls_port: int, udp_port: int, certs: Path) -> None:
        self.ports = (tls_port, udp_port)
        self.certs = certs
        self.random = random.Random(1)
        self.sent = 0
        self._stop = threading.Event()

    def context(self) -> ssl.SSLContext:
        return senders.client_context(ca=self.certs / "ca.crt", client=self.certs / "client")

    def entry(self) -> dict[str, str]:
        service, level, message = self.random.choice(WORK)
        text = message.format(n=self.random.randrange(9000), ms=self.random.randrange(400))
        if self.random.random() < 0.01:
            level, text = "ERROR", TRACE
        return {"timestamp": now(), "level": level, "message": text, "service": service}

    def frames(self, count: int) -> bytes:
        """go-client frames of three formats; now and then one that is refused."""
        out = []
        for number in range(count):
            entry = self.entry()
            kind, make = KINDS[number % len(KINDS)]
            payload = make(entry)
            chance = self.random.random()
            if chance < 0.004:
                payload = payload[: len(payload) // 2] + b"\xff\xfe\xfd"
            elif chance < 0.008:
                kind = senders.JSON
                payload = senders.json_payload(entry | {"timestamp": "yesterday"})
            out.append(senders.frame(kind, payload))
        return b"".join(out)

    def syslog(self, count: int) -> bytes:
        def message(number: int) -> bytes:
            priority = self.random.choice((30, 30, 30, 29, 28, 27, 31))
            return (f"<{priority}>1 {now()} web-{number % 4} nginx 811 - - GET /articles/"
                    f"{self.random.randrange(9000)} 200 {self.random.randrange(40)} ms").encode()
        return senders.octet_counted(message(number) for number in range(count))

    def ndjson(self, count: int) -> bytes:
        return senders.lines(json.dumps(
            {"time": now(), "lvl": "info", "msg": f"job {self.random.randrange(900)} done",
             "service": "cron"}).encode() for _ in range(count))

    def raw(self, count: int) -> bytes:
        return senders.lines(f"{now()} [INFO] [backup] block {number} of volume 3 copied".encode()
                             for number in range(count))

    def journal(self, count: int) -> bytes:
        return senders.lines(json.dumps(
            {"__REALTIME_TIMESTAMP": str(time.time_ns() // 1000), "PRIORITY": "6",
             "_SYSTEMD_UNIT": "kubelet.service", "MESSAGE": f"volume {number} mounted"}).encode()
            for number in range(count))

    def _send(self, make: str, per_tick: int) -> None:
        """Until the end, or until the ingestor goes."""
        try:
            tls = senders.connect(self.ports[0], self.context())
            while not self._stop.wait(TICK_S):
                wave = 1 + 0.3 * math.sin(time.monotonic() / 9 + per_tick)
                count = int(per_tick * wave * self.random.uniform(0.85, 1.15))
                senders.send_records(tls, getattr(self, make)(count))
            senders.close_in_order(tls)
        except OSError:
            pass

    def foreign(self) -> None:
        """Two that speak what is not understood here."""
        for data in (b"2W\0\0\0\x0a2C\0\0\0\x04abcd", b"GET /logs HTTP/1.1\r\nHost: x\r\n\r\n"):
            with contextlib.suppress(OSError):
                tls = senders.connect(self.ports[0], self.context())
                with tls:
                    tls.sendall(data)
                    tls.recv(1)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._stop.clear()
        kinds = (("frames", 300), ("frames", 180), ("syslog", 200), ("ndjson", 40), ("raw", 30),
                 ("journal", 10))
        threads = [threading.Thread(target=self._send, args=kind) for kind in kinds]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
