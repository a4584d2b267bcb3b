"""Permissive listeners: plain HTTP beside TLS on one port, counted, without identity, until a reload ends it."""

import json
import socket
import threading

import pytest
import yaml

from harness.http import Reader
from harness.ports import free_port
from harness.tls_client import request
from harness.waiting import until
from harness.world import APP_FRONTEND, route

HOST = "shop.apps.mtls.internal"
CLOSED = "partner.example.com"
PLAIN = "plain.example.com"
SPOOFED = [
    "X-Forwarded-Client-Cert: Hash=00",
    "x_forwarded_client_cert: Hash=00",
    "Client-Cert: :AAAA:",
    "ssl-client-verify: SUCCESS",
    "X-Forwarded-Proto: https",
]


class PlainConnection:
    """A client that speaks HTTP without TLS."""

    def __init__(self, port, source="127.0.0.1"):
        self.sock = socket.create_connection(("127.0.0.1", port), 10, source_address=(source, 0))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(self.sock.recv)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def get(self, host, path="/", *fields, method="GET"):
        self.sock.sendall(request(method, path, host, *fields))
        return self.reader.response(method)

    def is_closed(self):
        try:
            return not self.reader.buffer and self.sock.recv(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def configuration(world, backend):
    routes = [
        route(HOST, backend, mtls_allowed_apps=APP_FRONTEND),
        route(f"{HOST}/never", backend, mtls_allow_any=True, plaintext=False),
        route(CLOSED, backend),
        route(f"{CLOSED}/open", backend, plaintext=True),
        route(PLAIN, backend),
        route(f"{PLAIN}/never", backend, plaintext=False),
    ]
    domains = [world.platform_domain(plaintext="allow"), world.partner_domain()]
    return world.configuration(routes, domains)


@pytest.fixture
def router(start_router, configuration):
    port = free_port()
    configuration["router"]["listen"] = [f"127.0.0.1:{port}"]
    configuration["router"]["permissive_listeners"] = [f"127.0.0.1:{port}"]
    router = start_router(configuration)
    router.port = port
    return router


def counted(router, **labels):
    return router.metric("mtls_plaintext_requests_total", **labels)


def test_both_kinds_of_callers_are_served_on_one_port(world, router):
    with PlainConnection(router.port) as plain, world.connect(router, HOST, world.frontend) as secure:
        for _ in range(2):
            without = dict(json.loads(plain.get(HOST).body)["headers"])
            verified = dict(json.loads(secure.get(HOST).body)["headers"])
            assert without["X-Forwarded-Proto"] == "http" and verified["X-Forwarded-Proto"] == "https"
            assert "X-Forwarded-Client-Cert" in verified and "X-Forwarded-Client-Cert" not in without
    records = until(lambda: len(router.access_records()) == 4 and router.access_records(), 10, "four records")
    plain = [record for record in records if record["scheme"] == "http"]
    assert [(record["mtls_auth"], record["mtls_policy"]) for record in plain] == [("not_enforced", "plaintext")] * 2
    assert all("caller_cf_app" not in record and "tls_version" not in record for record in plain)
    assert [record["mtls_auth"] for record in records if record["scheme"] == "https"] == ["allowed"] * 2


def test_plain_callers_are_counted_by_their_address(router):
    for source in ("127.0.0.1", "127.0.0.2", "127.0.0.2"):
        with PlainConnection(router.port, source) as plain:
            assert plain.get(HOST).status == 200
            assert plain.get(PLAIN).status == 200
    assert counted(router, source="127.0.0.1") == 2
    assert counted(router, source="127.0.0.2") == 4


def test_sources_that_are_told_apart_are_bounded(router):
    for number in range(1, 301):
        with PlainConnection(router.port, f"127.0.{number // 200 + 1}.{number % 200 + 1}") as plain:
            plain.get(PLAIN)
    sources = [labels["source"] for name, labels, _ in router.metrics() if name == "mtls_plaintext_requests_total"]
    assert len(sources) == 257 and "other" in sources
    assert counted(router) == 300


def test_identity_headers_of_a_plain_request_never_reach_a_backend(router, backend):
    with PlainConnection(router.port) as plain:
        for host in (HOST, PLAIN):
            assert plain.get(host, "/", *SPOOFED).status == 200
    for message in backend.seen():
        names = [name.replace("_", "-") for name in message.names()]
        assert not {"x-forwarded-client-cert", "client-cert", "ssl-client-verify"} & set(names)
        assert message.get("X-Forwarded-Proto") == "http"


@pytest.mark.parametrize(
    "host, path, status",
    [
        (HOST, "/never", 421),
        (CLOSED, "/", 421),
        (CLOSED, "/open", 200),
        ("unrouted.apps.mtls.internal", "/", 404),
        (PLAIN, "/", 200),
        (PLAIN, "/never", 421),
        ("nowhere.example.com", "/", 404),
    ],
)
def test_only_what_is_said_to_pass_passes(router, backend, host, path, status):
    with PlainConnection(router.port) as plain:
        assert plain.get(host, path).status == status
        assert plain.get(PLAIN).status == 200, "the connection serves on"
    assert len(backend.seen()) == (2 if status == 200 else 1)
    assert counted(router) == 2


def test_host_that_refuses_plain_requests_tells_none_of_its_routes(router):
    with PlainConnection(router.port) as plain:
        known, unknown = plain.get(CLOSED), plain.get("partner.example.com.", "/no/such/route")
    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert router.wait_for_access(lambda record: record["status"] == 421)["error"] == "tls_required"


def test_tunnels_are_for_verified_callers_alone(router, backend):
    with PlainConnection(router.port) as plain:
        plain.sock.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n".encode())
        assert plain.reader.response("GET").status == 501
    assert backend.seen() == []


def test_policy_holds_for_callers_with_a_certificate_as_ever(world, router, backend):
    with world.connect(router, HOST, world.other_app) as connection:
        assert connection.get(HOST).status == 403
    assert backend.seen() == []
    assert counted(router) == 0


def test_listener_that_is_not_listed_stays_strict(world, start_router, configuration, backend):
    ports = [free_port(), free_port()]
    configuration["router"]["listen"] = [f"127.0.0.1:{port}" for port in ports]
    configuration["router"]["permissive_listeners"] = [f"127.0.0.1:{ports[0]}"]
    router = start_router(configuration)
    with PlainConnection(ports[0]) as plain:
        assert plain.get(PLAIN).status == 200
    with PlainConnection(ports[1]) as plain:
        response = plain.get(PLAIN)
        assert (response.status, b"HTTPS only" in response.body) == (400, True)
        assert plain.is_closed()
    assert len(backend.seen()) == 1
    assert counted(router) == 2, "who is refused is counted as well"


def test_reload_makes_a_listener_strict_for_open_connections_too(world, router, configuration, backend):
    arrived, proceed = threading.Event(), threading.Event()
    echo = backend.script

    def slow(exchange):
        exchange.request()
        arrived.set()
        assert proceed.wait(20)
        exchange.answer(b"finished")

    with PlainConnection(router.port) as idle, PlainConnection(router.port) as busy:
        assert idle.get(HOST).status == 200
        backend.script = slow
        backend.drop_connections()
        busy.sock.sendall(request("GET", "/", HOST))
        assert arrived.wait(10)
        backend.script = echo
        configuration["router"]["permissive_listeners"] = []
        router.apply(configuration)
        assert idle.is_closed()
        proceed.set()
        assert busy.reader.response("GET").body == b"finished", "what is in flight is not cut"
        assert busy.is_closed()
    with PlainConnection(router.port) as plain:
        assert plain.get(HOST).status == 400
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200


def test_connection_before_its_first_request_is_refused_after_the_reload(router, configuration):
    with PlainConnection(router.port) as begun:
        begun.sock.sendall(b"GET / HTTP/1.1\r\nHost: ")
        until(lambda: router.metric("router_connections_open") == 1, 10, "the connection being open")
        configuration["router"]["permissive_listeners"] = []
        router.apply(configuration)
        assert begun.is_closed() or begun.reader.response("GET").status == 400


def test_malformed_plain_request_is_refused(router, backend):
    with PlainConnection(router.port) as plain:
        plain.sock.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert plain.reader.response("GET").status == 400
        assert plain.is_closed()
    assert backend.seen() == []


def test_bodies_and_chunks_pass_without_tls(router, backend):
    body = bytes(range(256)) * 4000
    backend.script = lambda exchange: exchange.answer(exchange.request().body)
    with PlainConnection(router.port) as plain:
        sender = threading.Thread(target=plain.sock.sendall, args=(request("POST", "/", PLAIN, body=body),))
        sender.start()
        assert plain.reader.response("POST").body == body
        sender.join(10)


@pytest.mark.parametrize("key, value", [("permissive_listeners", ["127.0.0.1:1"]), ("permissive_listeners", "all")])
def test_address_that_is_not_listened_on_is_refused(router, configuration, key, value):
    configuration["router"][key] = value
    line = router.expect_refusal(yaml.safe_dump(router.complete(configuration)))
    assert "permissive_listeners" in line["reason"]
