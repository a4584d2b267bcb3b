"""The PROXY protocol in front of the router: it counts from listed peers alone, and from them it must be right."""

import json
import socket
import ssl
import struct
import time

import pytest

from harness import proxy_header
from harness.haproxy import FRONT, HAProxy
from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
MUTUAL = "shop.apps.mtls.internal"
CLIENT = ("203.0.113.7", 40001)


@pytest.fixture
def start(world, start_router, backend):
    """Starts a router that believes headers of `addresses`."""

    def run(*addresses, required=False, **router):
        routes = [route(HOST, backend), route(MUTUAL, backend, mtls_allow_any=True)]
        rules = {"from": list(addresses), "required": required}
        return start_router(world.configuration(routes, proxy_protocol=rules, **router))

    return run


class Proxied:
    """A TLS client behind a proxy that sends `start` first, in pieces where it is a list of them."""

    def __init__(self, world, router, start, host=HOST, identity=None):
        self.sock = socket.create_connection(("127.0.0.1", router.port), 10)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in start if isinstance(start, list) else [start]:
            self.sock.sendall(piece)
        self.tls = world.context(identity).wrap_socket(self.sock, server_hostname=host)
        self.host = host

    def account(self, *fields):
        """What the backend was told of a request."""
        self.tls.sendall(request("GET", "/", self.host, "Connection: close", *fields))
        data = b""
        while piece := self.tls.recv(65536):
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        return dict(json.loads(body)["headers"])


def headers(router, result):
    return router.metric("router_proxy_headers_total", result=result)


def refused(world, router, start):
    """Whether the connection is closed without a word of TLS."""
    try:
        Proxied(world, router, start)
    except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return True
    except ssl.SSLError as error:
        return "WRONG_VERSION_NUMBER" in str(error) or "EOF" in str(error)
    return False


@pytest.mark.parametrize("client", [CLIENT, ("2001:db8::7", 40001)])
def test_client_of_a_listed_proxy_is_the_one_that_is_told(world, start, client):
    router = start("127.0.0.0/8")
    server = ("198.51.100.1" if client is CLIENT else "2001:db8::1", 443)
    fields = Proxied(world, router, proxy_header.tcp(client, server)).account()
    assert fields["X-Forwarded-For"] == client[0]
    host = client[0] if client is CLIENT else f"[{client[0]}]"
    assert router.wait_for_access(lambda _: True)["remote_addr"] == f"{host}:{client[1]}"
    assert headers(router, "accepted") == 1


def test_certificate_counts_behind_a_proxy_as_always(world, start):
    router = start("127.0.0.1")
    header = proxy_header.tcp(CLIENT)
    fields = Proxied(world, router, header, MUTUAL, world.frontend).account()
    assert "X-Forwarded-Client-Cert" in fields
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Proxied(world, router, header, MUTUAL).account()


def test_identity_in_a_header_is_not_believed(world, start):
    """What a proxy says of TLS counts for nothing: an identity comes from a handshake with the router alone."""
    router = start("127.0.0.1")
    der = proxy_header.extra(proxy_header.CLIENT_CERT, world.frontend.der)
    tls = proxy_header.extra(proxy_header.SSL, struct.pack("!BI", 7, 0) + der)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Proxied(world, router, proxy_header.tcp(CLIENT, extras=tls), MUTUAL).account()
    fields = Proxied(world, router, proxy_header.tcp(CLIENT, extras=tls)).account()
    assert "X-Forwarded-Client-Cert" not in fields


@pytest.mark.parametrize("required", [False, True])
def test_header_of_anybody_else_never_counts(world, start, backend, required):
    router = start("10.0.0.0/8", required=required)
    assert refused(world, router, proxy_header.tcp(CLIENT))
    assert backend.seen() == []
    assert headers(router, "accepted") == 0
    if required:
        assert refused(world, router, b""), "only proxies may connect"
        assert headers(router, "refused") == 2
    else:
        assert Proxied(world, router, b"").account()["X-Forwarded-For"] == "127.0.0.1"


def test_connection_without_a_header_may_be_taken_or_refused(world, start):
    optional, required = start("127.0.0.1"), start("127.0.0.1", required=True)
    assert Proxied(world, optional, b"").account()["X-Forwarded-For"] == "127.0.0.1"
    assert headers(optional, "absent") == 1
    assert refused(world, required, b"")
    assert headers(required, "refused") == 1
    assert required.wait_for_line("connection closed for its PROXY protocol header", reason="absent")


@pytest.mark.parametrize(
    "start_bytes",
    [
        proxy_header.local(),
        proxy_header.framed(0x20, 0x11, bytes(12), True),
        proxy_header.framed(0x21, 0x00, b"", True),
        proxy_header.framed(0x21, 0x31, bytes(216), True),
    ],
    ids=["LOCAL", "LOCAL with addresses", "unspecified", "Unix"],
)
def test_header_without_a_client_leaves_the_peers_address(world, start, start_bytes):
    router = start("127.0.0.1", required=True)
    assert Proxied(world, router, start_bytes).account()["X-Forwarded-For"] == "127.0.0.1"
    assert headers(router, "local") == 1


def flipped(data, position):
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


GOOD = proxy_header.tcp(CLIENT)


@pytest.mark.parametrize(
    "start_bytes, reason",
    [
        (flipped(GOOD, 20), "checksum"),
        (flipped(GOOD, len(GOOD) - 1), "checksum"),
        (proxy_header.framed(0x11, 0x11, bytes(12), True), "version"),
        (proxy_header.framed(0x2F, 0x11, bytes(12), True), "command"),
        (proxy_header.framed(0x21, 0x51, bytes(12), True), "family"),
        (proxy_header.framed(0x21, 0x21, bytes(20), False), "addresses"),
        (proxy_header.framed(0x21, 0x11, bytes(12) + b"\x02\x00\xffa", False), "extras"),
        (proxy_header.SIGNATURE + b"\x21\x11\xff\xff", "too_large"),
        (b"PROXY TCP4 203.0.113.7 127.0.0.1 40001 443\r\n", "absent"),
        (b"GET / HTTP/1.1\r\nHost: plain.example.com\r\n\r\n", "absent"),
    ],
)
def test_header_that_is_wrong_ends_the_connection(world, start, backend, start_bytes, reason):
    router = start("127.0.0.1", required=True)
    assert refused(world, router, start_bytes)
    assert router.wait_for_line("connection closed for its PROXY protocol header")["reason"] == reason
    assert headers(router, "refused") == 1
    assert backend.seen() == []


def test_header_may_come_bit_by_bit_and_with_the_first_bytes_of_tls(world, start):
    router = start("127.0.0.1", required=True)
    extras = proxy_header.extra(0xE0, bytes(5000))
    whole = proxy_header.tcp(CLIENT, extras=extras)
    for size in (1, 15, 17, 4000):
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        if len(pieces) > 600:
            pieces = [whole[at : at + 1] for at in range(40)] + [whole[40:]]
        assert Proxied(world, router, pieces).account()["X-Forwarded-For"] == CLIENT[0]


def test_header_that_does_not_come_to_its_end_times_out(world, start):
    router = start("127.0.0.1", required=True, timeouts={"handshake": "500ms"})
    for beginning in (b"", GOOD[:10], GOOD[:20]):
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", router.port), 10) as silent:
            silent.sendall(beginning)
            try:
                assert silent.recv(1) == b""
            except ConnectionResetError:
                pass
        assert time.monotonic() - begun < 5
    until(lambda: router.metric("router_connections_open") == 0, 10, "the connections being closed")


def test_addresses_are_exchanged_by_a_reload(world, start, start_router, backend):
    router = start("10.0.0.0/8")
    assert Proxied(world, router, b"").account()["X-Forwarded-For"] == "127.0.0.1"
    configuration = router.configuration
    configuration["router"]["proxy_protocol"]["from"] = ["127.0.0.1"]
    router.apply(configuration)
    assert Proxied(world, router, GOOD).account()["X-Forwarded-For"] == CLIENT[0]


def test_haproxy_in_front_passes_the_clients_address_on(world, start, tmp_path):
    router = start("127.0.0.1", required=True)
    with HAProxy(tmp_path / "haproxy", FRONT, router.port) as haproxy:
        sock = socket.create_connection(("127.0.0.1", haproxy.port), 10)
        tls = world.context(world.frontend).wrap_socket(sock, server_hostname=MUTUAL)
        tls.sendall(request("GET", "/", MUTUAL, "Connection: close"))
        assert tls.recv(12) == b"HTTP/1.1 200"
        own = tls.getsockname()
        record = router.wait_for_access(lambda record: record["host"] == MUTUAL)
        assert record["remote_addr"] == f"{own[0]}:{own[1]}"
