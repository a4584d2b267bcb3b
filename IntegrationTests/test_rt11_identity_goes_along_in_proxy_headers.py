"""The PROXY protocol toward endpoints: who the client is and what its certificate says."""

import socket

import pytest

from harness import proxy_header
from harness.haproxy import BEHIND, HAProxy
from harness.nginx import NginxBehindProxies
from harness.proxy_header import ALPN, AUTHORITY, CIPHER, CLIENT_CERT, COMMON_NAME, KEY_ALG, SIG_ALG, UNIQUE_ID, VERSION
from harness.tls_client import TLS12, TLS13, request
from harness.waiting import until
from harness.world import route

HOST = "db.apps.mtls.internal"
PLAIN = "plain.example.com"


@pytest.fixture
def headers():
    return []


@pytest.fixture
def reading(start_backend, headers):
    """Reads the header of each connection, then answers its requests."""

    def script(exchange):
        headers.append(proxy_header.read(exchange.reader))
        while message := exchange.request():
            exchange.answer(message.target.encode())

    return start_backend(script)


def options(**more):
    return {"mtls_allow_any": True, "proxy_protocol": "v2", **more}


def open_tunnel(world, router, version=None, host=HOST):
    connection = world.connect(router, host, world.frontend, version=version)
    connection.send(f"CONNECT {host}:5432 HTTP/1.1\r\nHost: {host}:5432\r\nX-Request-Id: the-id\r\n\r\n")
    assert connection.reader.head().status == 200
    return connection


@pytest.mark.parametrize("version, name", [(TLS12, b"TLSv1.2"), (TLS13, b"TLSv1.3")])
def test_tunnel_begins_with_the_identity_of_its_caller(world, start_router, reading, headers, version, name):
    router = start_router(world.configuration([route(HOST, reading, **options(tunnel=True))]))
    with open_tunnel(world, router, version) as connection:
        own = connection.tls.getsockname()
        connection.send(request("GET", "/inside", "any.host"))
        assert connection.response("GET").body == b"/inside"
        cipher = connection.tls.cipher()[0]
    [header] = headers
    assert (header.command, header.client, header.server) == (1, own, ("127.0.0.1", router.port))
    assert header.extras[AUTHORITY] == HOST.encode()
    assert header.extras[UNIQUE_ID] == b"the-id"
    assert proxy_header.CRC32C in header.extras
    assert header.ssl_verify == 0
    assert header.ssl_client & 1 and header.ssl_client & 4
    assert header.ssl[VERSION] == name
    assert header.ssl[CIPHER].startswith(b"TLS_") and cipher.split("-")[0].encode() in header.ssl[CIPHER] + b"TLS_ECDHE"
    assert header.ssl[COMMON_NAME] == b"frontend-0"
    assert header.ssl[CLIENT_CERT] == world.frontend.der
    assert header.ssl[KEY_ALG] == b"EC256"
    assert header.ssl[SIG_ALG] == b"ecdsa-with-SHA256"
    assert ALPN not in header.extras


def test_caller_without_a_certificate_is_told_as_one(world, start_router, reading, headers):
    router = start_router(world.configuration([route(PLAIN, reading, proxy_protocol="v2")]))
    with world.connect(router, PLAIN) as connection:
        assert connection.get(PLAIN, "/a").body == b"/a"
    [header] = headers
    assert header.ssl_client == 1 and header.ssl_verify != 0
    assert CLIENT_CERT not in header.ssl and COMMON_NAME not in header.ssl


def test_connection_with_a_header_carries_one_exchange(world, start_router, reading, headers):
    """It names one client: the next one's request must not go out on it, nor this one's under another id."""
    router = start_router(world.configuration([route(HOST, reading, **options())]))
    clients = []
    for _ in range(2):
        with world.connect(router, HOST, world.frontend) as connection:
            for number in range(2):
                clients.append(connection.tls.getsockname())
                assert connection.get(HOST, f"/{number}").body == f"/{number}".encode()
    assert [header.client for header in headers] == clients
    assert len({header.extras[UNIQUE_ID] for header in headers}) == 4


def test_route_without_the_option_sends_none(world, start_router, backend, reading):
    both = [route(HOST, backend, mtls_allow_any=True), route(f"{HOST}/told", reading, **options())]
    router = start_router(world.configuration(both))
    with world.connect(router, HOST, world.frontend) as connection:
        for _ in range(2):
            assert connection.get(HOST).status == 200
            assert connection.get(HOST, "/told").status == 200
    assert not backend.received_bytes().startswith(proxy_header.SIGNATURE)
    assert len(backend.exchanges.snapshot()) == 1, "connections without a header are kept as always"


class Unbuffered:
    """Takes exactly what is asked for off a socket, so that a handshake can follow."""

    def __init__(self, sock):
        self._sock = sock

    def exactly(self, count):
        return self._sock.recv(count, socket.MSG_WAITALL)


def test_header_goes_in_front_of_tls_with_the_endpoint(world, start_router, mesh, start_backend, headers):
    tls = mesh.context(mesh.service())

    def script(exchange):
        headers.append(proxy_header.read(Unbuffered(exchange.sock)))
        exchange.sock = tls.wrap_socket(exchange.sock, server_side=True)
        assert exchange.request().target == "/secure"
        exchange.answer(b"over TLS")

    configuration = mesh.configuration(mesh.upstream(start_backend(script)))
    configuration["router"]["routes"][0]["options"] = {"proxy_protocol": "v2"}
    router = start_router(configuration)
    with world.connect(router, PLAIN) as connection:
        own = connection.tls.getsockname()
        assert connection.get(PLAIN, "/secure").body == b"over TLS"
    assert [header.client for header in headers] == [own]


def test_haproxy_reads_the_header(world, start_router, tmp_path):
    with HAProxy(tmp_path / "haproxy", BEHIND) as haproxy:
        router = start_router(world.configuration([route(HOST, haproxy, **options())]))
        with world.connect(router, HOST, world.frontend) as connection:
            own = connection.tls.getsockname()
            answer = connection.exchange(request("GET", "/", HOST, "X-Request-Id: req-7")).body.decode()
    assert answer.strip() == f"{own[0]} {own[1]} {router.port} {HOST} req-7"


def test_nginx_reads_the_header(world, start_router, tmp_path):
    with NginxBehindProxies(tmp_path / "nginx") as nginx:
        router = start_router(world.configuration([route(HOST, f"127.0.0.1:{nginx.port}", **options())]))
        with world.connect(router, HOST, world.frontend) as connection:
            own = connection.tls.getsockname()
            answer = connection.get(HOST).body.decode()
    assert answer.split() == [own[0], str(own[1]), "127.0.0.1", str(router.port)]


def test_endpoint_that_expects_none_shows_that_it_got_one(world, start_router, backend):
    backend.script = lambda exchange: exchange.reader.fill() and exchange.finish()
    router = start_router(world.configuration([route(HOST, backend, **options())]))
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 502
    until(lambda: backend.received_bytes().startswith(proxy_header.SIGNATURE), 10, "the header arriving")


def test_another_endpoint_gets_the_header_as_well(world, start_router, reading, headers):
    dead = socket.socket()
    dead.bind(("127.0.0.1", 0))
    router = start_router(
        world.configuration([route(HOST, f"127.0.0.1:{dead.getsockname()[1]}", reading, **options())])
    )
    with world.connect(router, HOST, world.frontend) as connection:
        for _ in range(4):
            assert connection.get(HOST).status == 200
    assert len(headers) == 4
