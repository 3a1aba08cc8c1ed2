# SPDX-License-Identifier: Apache-2.0
"""Senders of every format, written against the wire formats and not with our code.

A sender here does what real ones do and what bad ones do: closes without reading, resets, stalls,
cuts TLS records where it likes.
"""
from __future__ import annotations

import json
import os
import socket
import ssl
import struct
from pathlib import Path
from typing import Any, Iterable

from archive_check import mark

JSON, PROTO, AVRO, RAW = 1, 2, 3, 4
TLS_RECORD_BYTES_MAX = 16384
TIMEOUT_S = 60.0
TIMESTAMP = "2026-11-21T04:11:45Z"

# --- payloads ------------------------------------------------------------------------------------


def entry(sender: str, number: int, **more: Any) -> dict[str, Any]:
    """A good LogEntry whose message bears its mark; `more` replaces or adds members."""
    return {
        "timestamp": TIMESTAMP, "level": "INFO", "message": mark(sender, number),
        "service": "test",
    } | more


def json_payload(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def proto_payload(record: dict[str, Any]) -> bytes:
    """message LogEntry { string timestamp = 1; level = 2; message = 3; service = 4; }"""
    out = b""
    for number, name in enumerate(("timestamp", "level", "message", "service"), 1):
        if name in record:
            text = record[name].encode()
            out += _varint(number << 3 | 2) + _varint(len(text)) + text
    return out


def avro_payload(record: dict[str, Any]) -> bytes:
    """Record of four strings in the order timestamp, level, message, service."""
    out = b""
    for name in ("timestamp", "level", "message", "service"):
        text = record[name].encode()
        out += _varint(len(text) << 1) + text
    return out


# --- framing -------------------------------------------------------------------------------------


def frame(kind: int, payload: bytes) -> bytes:
    """A go-client frame: 1 byte format, 4 bytes big-endian length, payload."""
    return struct.pack(">BI", kind, len(payload)) + payload


def json_frames(sender: str, count: int) -> bytes:
    return b"".join(frame(JSON, json_payload(entry(sender, n))) for n in range(count))


def lines(payloads: Iterable[bytes], end: bytes = b"\n") -> bytes:
    return b"".join(payload + end for payload in payloads)


def raw_lines(sender: str, count: int) -> bytes:
    return lines(mark(sender, n).encode() for n in range(count))


def ndjson(sender: str, count: int) -> bytes:
    return lines(json_payload(entry(sender, n)) for n in range(count))


def syslog_5424(sender: str, number: int, priority: int = 14) -> bytes:
    return f"<{priority}>1 {TIMESTAMP} host app 42 ID - {mark(sender, number)}".encode()


def syslog_3164(sender: str, number: int, priority: int = 14) -> bytes:
    return f"<{priority}>Nov 21 04:11:45 host app[42]: {mark(sender, number)}".encode()


def octet_counted(messages: Iterable[bytes]) -> bytes:
    """RFC 6587: LEN SP MSG."""
    return b"".join(b"%d %s" % (len(message), message) for message in messages)


# --- connections ---------------------------------------------------------------------------------


def client_context(
    ca: Path | None = None, client: Path | None = None, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    """`ca`: trust only this one (else: any). `client`: NAME, of which NAME.crt and NAME.key are.
    `version`: speak exactly this one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(ca)
    if client is not None:
        context.load_cert_chain(client.with_suffix(".crt"), client.with_suffix(".key"))
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def connect(port: int, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return (context or client_context()).wrap_socket(plain, server_hostname="localhost")


def send_records(tls: ssl.SSLSocket, data: bytes, record_bytes: int = TLS_RECORD_BYTES_MAX) -> None:
    """Sends `data` in TLS records of this size."""
    for at in range(0, len(data), record_bytes):
        tls.sendall(data[at : at + record_bytes])


def close_in_order(tls: ssl.SSLSocket) -> None:
    """close_notify, wait for the other side's, close."""
    tls.unwrap().close()


def close_unread(tls: ssl.SSLSocket) -> None:
    """Closes without close_notify and without having read anything, as old senders do."""
    tls.close()


def reset(tls: ssl.SSLSocket) -> None:
    """Ends the connection with a TCP reset."""
    tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    tls.close()


def heard(tls: ssl.SSLSocket, flags: int = socket.MSG_DONTWAIT) -> str:
    """What the other side did since the handshake, below TLS: "nothing", "fin", or "reset". A
    single byte from it raises AssertionError: the handshake's own are read by then, and a sender
    that did not ask is sent no others. Without flags it waits for the end."""
    with socket.socket(fileno=os.dup(tls.fileno())) as plain:
        plain.settimeout(None if flags else TIMEOUT_S)
        try:
            got = plain.recv(65536, flags | socket.MSG_PEEK)
        except BlockingIOError:
            return "nothing"
        except ConnectionResetError:
            return "reset"
        finally:
            tls.settimeout(TIMEOUT_S)  # both share the descriptor's mode
    if got:
        raise AssertionError(f"{len(got)} bytes for a sender that did not ask: {got[:40].hex()}")
    return "fin"


def heard_at_last(tls: ssl.SSLSocket) -> str:
    """Waits for the other side to end the connection: "fin" or "reset"."""
    return heard(tls, 0)


def send(port: int, data: bytes, record_bytes: int = TLS_RECORD_BYTES_MAX) -> None:
    """One connection that sends and ends in order."""
    tls = connect(port)
    send_records(tls, data, record_bytes)
    close_in_order(tls)


def send_unread(port: int, data: bytes, record_bytes: int = TLS_RECORD_BYTES_MAX) -> None:
    """One connection that sends and closes without ever reading."""
    tls = connect(port)
    send_records(tls, data, record_bytes)
    close_unread(tls)


def send_udp(port: int, datagrams: Iterable[bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for datagram in datagrams:
            udp.sendto(datagram, ("127.0.0.1", port))


class TlsWire:
    """A TLS client whose bytes on the wire are in the test's hands: encrypt() gives them, and
    `plain`, the TCP socket, sends as many of them, and when, as the test likes."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.plain = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        self.plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = (context or client_context()).wrap_bio(
            self._incoming, self._outgoing, server_hostname="localhost"
        )
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.plain.sendall(self._outgoing.read())
                self._incoming.write(self.plain.recv(65536))
        self.plain.sendall(self._outgoing.read())

    def encrypt(self, data: bytes) -> bytes:
        """The TLS records of `data`, not yet sent."""
        self._tls.write(data)
        return self._outgoing.read()

    def end(self) -> bytes:
        """The TLS record of close_notify, not yet sent."""
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    def close(self) -> None:
        self.plain.close()
