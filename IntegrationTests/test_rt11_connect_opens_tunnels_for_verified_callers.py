"""CONNECT on mutual TLS domains: the same decisions as for requests, then bytes either way."""

import hashlib
import socket
import threading

import pytest

from harness.tls_client import request
from harness.waiting import until
from harness.world import APP_FRONTEND, APP_OTHER, route

HOST = "db.apps.mtls.internal"
PLAIN = "plain.example.com"


def connect_to(authority, *fields):
    return "\r\n".join([f"CONNECT {authority} HTTP/1.1", f"Host: {authority}", *fields]).encode() + b"\r\n\r\n"


@pytest.fixture
def database(start_backend):
    """Greets, then answers each line with its digest, until the client's end."""

    def script(exchange):
        exchange.send(b"ready\n")
        while line := exchange.reader.until(b"\n"):
            exchange.send(hashlib.sha256(line).hexdigest().encode() + b"\n")

    return start_backend(script)


@pytest.fixture
def router(world, start_router, database):
    routes = [
        route(HOST, database, mtls_allowed_apps=APP_FRONTEND, tunnel=True),
        route(f"{HOST}/web", database, mtls_allow_any=True, tunnel=True),
        route("web.apps.mtls.internal", database, mtls_allow_any=True),
        route("paths.apps.mtls.internal/only", database, mtls_allow_any=True, tunnel=True),
        route(PLAIN, database, tunnel=True),
    ]
    return start_router(world.configuration(routes))


def open_tunnel(world, router, identity=None, host=HOST, authority=f"{HOST}:5432"):
    connection = world.connect(router, host, identity or world.frontend)
    connection.send(connect_to(authority))
    head = connection.reader.head()
    assert head.start == "HTTP/1.1 200 OK", head.start
    assert head.headers == [], "a response to CONNECT has no content to tell of"
    return connection


def test_bytes_pass_both_ways_until_both_ends(world, router, database):
    connection = open_tunnel(world, router)
    assert connection.reader.until(b"\n") == b"ready\n"
    for line in (b"one\n", b"x" * 100000 + b"\n"):
        connection.send(line)
        assert connection.reader.until(b"\n") == hashlib.sha256(line).hexdigest().encode() + b"\n"
    assert router.metric("router_tunnels_open", kind="connect") == 1
    connection.half_close()
    assert connection.how_it_ends()[1] == "close_notify"
    record = router.wait_for_access(lambda record: record["method"] == "CONNECT")
    assert (record["status"], record["mtls_auth"], record["caller_cf_app"]) == (200, "allowed", APP_FRONTEND)
    assert record["target"] == f"{HOST}:5432"
    assert (record["bytes_received"], record["bytes_sent"]) == (100005, 6 + 2 * 65)
    until(lambda: router.metric("router_tunnels_open") == 0, 10, "the tunnel being counted out")
    assert bytes(database.exchanges.snapshot()[0].received).startswith(b"one\n"), "nothing but the tunnel's bytes"


def test_bytes_sent_ahead_of_the_answer_belong_to_the_tunnel(world, router):
    with world.connect(router, HOST, world.frontend) as connection:
        ahead = b"GET / HTTP/1.1\n"
        connection.send(connect_to(f"{HOST}:80") + ahead)
        assert connection.reader.head().status == 200
        assert connection.reader.until(b"\n") == b"ready\n"
        assert connection.reader.until(b"\n") == hashlib.sha256(ahead).hexdigest().encode() + b"\n"


@pytest.mark.parametrize(
    "host, authority, status, error",
    [
        (HOST, "web.apps.mtls.internal:443", 421, "misdirected_request"),
        (HOST, f"{PLAIN}:443", 421, "misdirected_request"),
        (HOST, "127.0.0.1:5432", 421, "misdirected_request"),
        (HOST, "nowhere.apps.mtls.internal:5432", 421, "misdirected_request"),
        ("web.apps.mtls.internal", "web.apps.mtls.internal:443", 403, "tunnel_not_allowed"),
        ("paths.apps.mtls.internal", "paths.apps.mtls.internal:443", 404, "unknown_route"),
    ],
)
def test_tunnel_to_anywhere_else_is_refused(world, router, database, host, authority, status, error):
    with world.connect(router, host, world.frontend) as connection:
        connection.send(connect_to(authority) + request("GET", "/smuggled", host))
        response = connection.response("GET")
        assert response.status == status
        assert response.get("Connection") == "close"
        assert connection.is_closed_by_peer(), "what follows a refused CONNECT is no request"
    assert router.wait_for_access(lambda record: record["method"] == "CONNECT")["error"] == error
    assert len(router.access_records()) == 1
    assert database.exchanges.snapshot() == []


def test_caller_that_policy_denies_gets_no_tunnel(world, router, database):
    assert APP_OTHER != APP_FRONTEND
    with world.connect(router, HOST, world.other_app) as connection:
        response = connection.exchange(connect_to(f"{HOST}:5432"))
        assert response.status == 403
    record = router.wait_for_access(lambda record: record["method"] == "CONNECT")
    assert (record["mtls_auth"], record["error"]) == ("denied", "denied")
    assert database.exchanges.snapshot() == []


def test_host_on_no_mutual_tls_domain_offers_no_tunnel(world, router, database):
    with world.connect(router, PLAIN) as connection:
        assert connection.exchange(connect_to(f"{PLAIN}:443")).status == 501
        assert connection.is_closed_by_peer()
    assert database.exchanges.snapshot() == []


def test_endpoint_that_cannot_be_reached_is_passed_over(world, start_router, database):
    dead = socket.socket()
    dead.bind(("127.0.0.1", 0))
    closed = f"127.0.0.1:{dead.getsockname()[1]}"
    both = route(HOST, closed, database, mtls_allow_any=True, tunnel=True)
    none = route("none.apps.mtls.internal", closed, mtls_allow_any=True, tunnel=True)
    router = start_router(world.configuration([both, none]))
    for _ in range(2):
        with open_tunnel(world, router) as connection:
            assert connection.reader.until(b"\n") == b"ready\n"
    with world.connect(router, "none.apps.mtls.internal", world.frontend) as connection:
        assert connection.exchange(connect_to("none.apps.mtls.internal:5432")).status == 502


def test_tunnel_never_uses_a_connection_that_carried_a_request(world, start_router, backend):
    def script(exchange):
        while message := exchange.request():
            exchange.answer(message.method.encode())

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend, mtls_allow_any=True, tunnel=True)]))
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).body == b"GET"
        assert connection.get(HOST).body == b"GET"
        assert len(backend.exchanges.snapshot()) == 1
    with open_tunnel(world, router) as tunnel:
        tunnel.send(request("PUT", "/inside", "any.host"))
        assert tunnel.response("PUT").body == b"PUT"
    assert len(backend.exchanges.snapshot()) == 2


def test_end_without_close_notify_is_a_reset_at_the_endpoint(world, start_router, backend):
    ends = []
    backend.script = lambda exchange: ends.append(exchange.wait_until_peer_closes())
    router = start_router(world.configuration([route(HOST, backend, mtls_allow_any=True, tunnel=True)]))
    connection = open_tunnel(world, router)
    connection.send(b"half a mess")
    socket.socket.shutdown(connection.tls, socket.SHUT_WR)
    until(lambda: ends, 10, "the endpoint seeing the end")
    assert ends == ["reset"]
    assert router.wait_for_access(lambda record: record["status"] == 200)["error"] == "client_gone"


def test_endpoint_that_resets_cuts_the_client(world, start_router, backend):
    backend.script = lambda exchange: exchange.reader.exactly(1) and exchange.reset()
    router = start_router(world.configuration([route(HOST, backend, mtls_allow_any=True, tunnel=True)]))
    connection = open_tunnel(world, router)
    connection.send(b"x")
    assert connection.how_it_ends()[1] != "close_notify"


def test_route_of_the_file_says_whether_tunnels_are_allowed_after_a_reload(world, start_router, database):
    configuration = world.configuration([route(HOST, database, mtls_allow_any=True)])
    router = start_router(configuration)
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.exchange(connect_to(f"{HOST}:5432")).status == 403
    configuration["router"]["routes"][0]["options"]["tunnel"] = True
    router.apply(configuration)
    open_tunnel(world, router).close()
    configuration["router"]["routes"][0]["options"]["tunnel"] = "yes"
    router.expect_refusal(__import__("yaml").safe_dump(router.complete(configuration)))


def test_many_tunnels_at_once_keep_their_bytes_apart(world, router):
    failures = []

    def client(number):
        try:
            with open_tunnel(world, router) as connection:
                connection.reader.until(b"\n")
                for turn in range(20):
                    line = b"%d %d\n" % (number, turn)
                    connection.send(line)
                    assert connection.reader.until(b"\n") == hashlib.sha256(line).hexdigest().encode() + b"\n"
        except Exception as error:  # noqa: BLE001 - collected and shown below
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
