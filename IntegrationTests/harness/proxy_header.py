"""PROXY protocol headers, version 2, written and read without the product's code."""

import ipaddress
import struct
from dataclasses import dataclass, field

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
ALPN, AUTHORITY, CRC32C, UNIQUE_ID, SSL = 0x01, 0x02, 0x03, 0x05, 0x20
VERSION, COMMON_NAME, CIPHER, SIG_ALG, KEY_ALG, CLIENT_CERT = 0x21, 0x22, 0x23, 0x24, 0x25, 0x28


@dataclass
class Header:
    command: int
    client: tuple | None
    server: tuple | None
    extras: dict = field(default_factory=dict)
    ssl_client: int | None = None
    ssl_verify: int | None = None
    ssl: dict = field(default_factory=dict)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x82F63B78 if crc & 1 else crc >> 1
    return crc ^ 0xFFFFFFFF


def extra(kind, value):
    return struct.pack("!BH", kind, len(value)) + value


def tcp(client, server=("127.0.0.1", 443), extras=b"", checksum=True):
    """A PROXY header for two pairs of address and port."""
    first, second = (ipaddress.ip_address(host) for host, _ in (client, server))
    body = first.packed + second.packed + struct.pack("!HH", client[1], server[1]) + extras
    return framed(0x21, 0x11 if first.version == 4 else 0x21, body, checksum)


def local():
    return framed(0x20, 0, b"", False)


def framed(command, family, body, checksum):
    if not checksum:
        return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body
    body += extra(CRC32C, b"\0\0\0\0")
    whole = SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body
    return whole[:-4] + struct.pack("!I", crc32c(whole))


def read(reader):
    """Takes a header off the front of a stream and checks its checksum."""
    head = reader.exactly(16)
    assert head[:12] == SIGNATURE, head
    command, family, length = struct.unpack("!BBH", head[12:])
    assert command >> 4 == 2
    body = reader.exactly(length)
    width = {0x00: 0, 0x11: 4, 0x21: 16}[family]
    made = Header(command & 15, None, None)
    if width:
        ports = struct.unpack("!HH", body[2 * width : 2 * width + 4])
        hosts = (str(ipaddress.ip_address(body[place : place + width])) for place in (0, width))
        made.client, made.server = zip(hosts, ports, strict=True)
    start = 2 * width + 4 if width else 0
    made.extras = fields(body[start:])
    if SSL in made.extras:
        value = made.extras[SSL]
        made.ssl_client, made.ssl_verify = struct.unpack("!BI", value[:5])
        made.ssl = fields(value[5:])
    if CRC32C in made.extras:
        at = 16 + start + body[start:].index(extra(CRC32C, made.extras[CRC32C])) + 3
        whole = head + body
        assert struct.pack("!I", crc32c(whole[:at] + b"\0\0\0\0" + whole[at + 4 :])) == made.extras[CRC32C]
    return made


def fields(data):
    found = {}
    while data:
        kind, length = struct.unpack("!BH", data[:3])
        assert len(data) >= 3 + length and kind not in found
        found[kind], data = data[3 : 3 + length], data[3 + length :]
    return found
