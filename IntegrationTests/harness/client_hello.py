"""A hand-made TLS 1.3 ClientHello, for what the installed clients cannot offer, and the first answer to it."""

import os
import socket
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

X25519, X25519MLKEM768 = 0x001D, 0x11EC
_RETRY_RANDOM = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@dataclass
class Answer:
    """The server's first message: an alert, a HelloRetryRequest or a ServerHello with its key-exchange group."""

    alert: int | None = None
    is_retry: bool = False
    group: int | None = None


def ask(port, server_name, groups, shares):
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(_record(_client_hello(server_name, groups, shares)))
        return _answer(sock)


def _client_hello(server_name, groups, shares):
    name = server_name.encode()
    extensions = _extension(0, _list16(b"\0" + _vector16(name)))
    extensions += _extension(10, _list16(b"".join(struct.pack("!H", group) for group in groups)))
    extensions += _extension(13, _list16(struct.pack("!4H", 0x0403, 0x0503, 0x0804, 0x0805)))
    extensions += _extension(43, b"\x02\x03\x04")
    extensions += _extension(
        51, _list16(b"".join(struct.pack("!H", group) + _vector16(_share(group)) for group in shares))
    )
    body = b"\x03\x03" + os.urandom(32) + b"\x20" + os.urandom(32)
    body += _list16(struct.pack("!3H", 0x1301, 0x1302, 0x1303)) + b"\x01\x00" + _vector16(extensions)
    return b"\x01" + struct.pack("!I", len(body))[1:] + body


def _share(group):
    assert group == X25519, "only X25519 shares are made here"
    return X25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _answer(sock):
    kind, _, length = struct.unpack("!BHH", _exactly(sock, 5))
    body = _exactly(sock, length)
    if kind == 21:
        return Answer(alert=body[1])
    assert kind == 22 and body[0] == 2, "the answer is no ServerHello"
    random, session_length = body[6:38], body[38]
    at = 39 + session_length + 3
    end = at + 2 + struct.unpack("!H", body[at : at + 2])[0]
    at += 2
    answer = Answer(is_retry=random == _RETRY_RANDOM)
    while at < end:
        extension, size = struct.unpack("!HH", body[at : at + 4])
        if extension == 51:
            answer.group = struct.unpack("!H", body[at + 4 : at + 6])[0]
        at += 4 + size
    return answer


def _exactly(sock, count):
    data = b""
    while len(data) < count:
        chunk = sock.recv(count - len(data))
        assert chunk, "the server closed without a word"
        data += chunk
    return data


def _record(handshake):
    return b"\x16\x03\x01" + _vector16(handshake)


def _extension(kind, body):
    return struct.pack("!H", kind) + _vector16(body)


def _vector16(body):
    return struct.pack("!H", len(body)) + body


_list16 = _vector16
