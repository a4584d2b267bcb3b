"""Through TLS to a backend: pooling, retries, cuts, large bodies."""

import os
import socket
import ssl
import threading

import pytest

from harness.backend import echo
from harness.http import Cut
from harness.mesh import HOST, ask, handshakes, spiffe_id
from harness.relay import Relay
from harness.tls_client import TLS12, TLS13, request
from harness.waiting import until

MIB = 1 << 20
SIZE = int(os.environ.get("STREAM_MIB", "256")) * MIB
BLOCK = bytes(range(256)) * 1024
MEMORY_BOUND = 48 * MIB


# Pooling


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_connection_is_kept_and_shared_by_clients(world, mesh, start_router, start_backend, version):
    backend = start_backend(tls=mesh.context(mesh.service(), version=version))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert [ask(world, router).status for _ in range(10)] == [200] * 10
    assert len(backend.exchanges.snapshot()) == 1
    assert handshakes(router) == 1


def test_tickets_that_come_late_do_not_end_an_idle_connection(world, mesh, start_router, start_backend):
    """OpenSSL sends its tickets behind the handshake; many of them arrive when no request is on the connection."""
    backend = start_backend(tls=mesh.context(mesh.service(), tickets=16))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert [ask(world, router).status for _ in range(5)] == [200] * 5
    assert len(backend.exchanges.snapshot()) == 1


def test_two_upstreams_at_one_address_share_no_connection(world, mesh, start_router, start_backend):
    leaf = mesh.service(uris=[spiffe_id("users")], dns=["users.internal", "localhost"])
    backend = start_backend(tls=mesh.context(leaf))
    one = mesh.upstream(backend)
    two = mesh.upstream(backend, name="other", server_cert_domain_san="users.internal")
    del two["mtls"]["service_name"]
    router = start_router(mesh.configuration(one, two))
    assert ask(world, router).status == 200
    assert ask(world, router, "other.example.com").status == 200
    assert len(backend.exchanges.snapshot()) == 2


def test_connection_that_the_backend_closed_while_idle_costs_no_request(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.request()
        exchange.answer()

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    with world.connect(router, HOST) as connection:
        assert [connection.get(HOST).status for _ in range(10)] == [200] * 10


@pytest.mark.parametrize("method, body, sent, status", [("POST", b"pay", 1, 502), ("GET", b"", 2, 200)])
def test_only_what_is_harmless_is_sent_again_when_a_kept_connection_dies(
    world, mesh, start_router, start_backend, method, body, sent, status
):
    def script(exchange):
        exchange.request()
        exchange.answer()
        if exchange.request() is not None:
            exchange.reset()

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST, "/first").status == 200
        assert connection.exchange(request(method, "/second", HOST, body=body)).status == status
    assert [message.target for message in backend.seen()] == ["/first"] + ["/second"] * sent


def test_bytes_behind_a_response_end_the_connection(world, mesh, start_router, start_backend):
    def script(exchange):
        while exchange.request() is not None:
            exchange.send(
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
            )

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert [ask(world, router).body for _ in range(4)] == [b"ok"] * 4
    assert len(backend.exchanges.snapshot()) == 4


def test_bytes_before_the_request_are_no_answer(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")
        while exchange.request() is not None:
            exchange.answer(b"ok")

    backend = start_backend(script, tls=mesh.context(mesh.service(), version=TLS12))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    response = ask(world, router)
    # The greeting may come behind the handshake or with the answer; it must not be kept for the next request.
    assert response.status in (200, 525)
    assert [ask(world, router).status for _ in range(3)].count(502) == 0


# Cuts


FRAMINGS = {
    "length": b"Content-Length: 10\r\n\r\nhalf",
    "chunked": b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "until_close": b"\r\nhalf",
}


def end_tcp(exchange):
    """Ends TCP in order and says nothing of it in TLS."""
    socket.socket.shutdown(exchange.sock, socket.SHUT_WR)


@pytest.mark.parametrize("ending", ["tcp", "reset", "close_notify"])
@pytest.mark.parametrize("framing", FRAMINGS)
def test_backend_that_ends_within_a_body_is_seen_as_a_cut(world, mesh, start_router, start_backend, framing, ending):
    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\n" + FRAMINGS[framing])
        if ending == "tcp":
            end_tcp(exchange)
        elif ending == "reset":
            exchange.reset()
        else:
            exchange.sock.unwrap()
        exchange.wait_until_peer_closes()

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        if framing == "until_close" and ending == "close_notify":
            assert connection.response().body == b"half", "an end that was said in TLS is the end"
            return
        with pytest.raises((Cut, ssl.SSLError, ConnectionError)):
            connection.response()
    assert router.wait_for_access(lambda record: record.get("error") == "backend_cut_response")


def test_end_before_the_answer_is_502(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.request()

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 502


# Large bodies


def blocks(size):
    for _ in range(size // len(BLOCK)):
        yield BLOCK


@pytest.fixture
def steady_router(mesh, start_router):
    routers = []

    def start(backend):
        router = start_router(mesh.configuration(mesh.upstream(backend)))
        router.reset_peak_memory()
        routers.append((router, router.memory("VmRSS")))
        return router

    yield start
    for router, before in routers:
        grown = router.memory("VmHWM") - before
        assert grown < MEMORY_BOUND, f"the router's memory grew by {grown / MIB:.0f} MiB"


def read_blocks(read_into, first, size):
    """Reads `size` bytes of repeated blocks, beginning with what was read already."""
    assert first == BLOCK[: len(first)]
    buffer = bytearray(len(BLOCK))
    view = memoryview(buffer)
    view[: len(first)] = first
    filled, left = len(first), size
    while left:
        while filled < len(BLOCK):
            count = read_into(view[filled:])
            assert count, "the body ended early"
            filled += count
        assert buffer == BLOCK, "the body arrived changed"
        left -= len(BLOCK)
        filled = 0


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_large_response_streams_in_constant_memory(world, mesh, steady_router, start_backend, version):
    def script(exchange):
        exchange.request()
        exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n")
        for block in blocks(SIZE):
            exchange.sock.sendall(block)

    backend = start_backend(script, tls=mesh.context(mesh.service(), version=version))
    router = steady_router(backend)
    with world.connect(router, HOST, within=60) as connection:
        connection.send(request("GET", "/", HOST))
        assert connection.reader.head().status == 200
        read_blocks(connection.tls.recv_into, bytes(connection.reader.buffer), SIZE)


def test_large_request_streams_in_constant_memory(world, mesh, steady_router, start_backend):
    def script(exchange):
        exchange.head()
        read_blocks(exchange.sock.recv_into, bytes(exchange.reader.buffer), SIZE)
        exchange.answer(b"all")

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = steady_router(backend)
    with world.connect(router, HOST, within=60) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {SIZE}\r\n\r\n")
        for block in blocks(SIZE):
            connection.tls.sendall(block)
        assert connection.response("POST").body == b"all"


def test_client_that_does_not_read_stops_the_backend(world, mesh, steady_router, start_backend):
    sent = [0]

    def script(exchange):
        exchange.request()
        exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n")
        for block in blocks(SIZE):
            exchange.sock.sendall(block)
            sent[0] += len(block)

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = steady_router(backend)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        assert connection.reader.head().status == 200
        seen, still = [-1], [0]

        def stands_still():
            still[0] = still[0] + 1 if sent[0] == seen[0] and sent[0] else 0
            seen[0] = sent[0]
            return still[0] >= 100

        until(stands_still, 30, "the backend standing still")
        assert sent[0] < min(48 * MIB, SIZE)


def test_chunked_request_with_trailers_arrives_whole(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    with world.connect(router, HOST) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        until(lambda: b"hello" in backend.received_bytes(), 10, "the first chunk")
        connection.send(b"6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n")
        assert connection.response("POST").status == 200
    [seen] = backend.seen()
    assert seen.body == b"hello world"
    assert seen.trailers == [("X-Sum", "1")]


def test_alpn_settles_on_http_1_1(world, mesh, start_router, start_backend):
    chosen = []

    def script(exchange):
        chosen.append(exchange.sock.selected_alpn_protocol())
        echo(exchange)

    backend = start_backend(script, tls=mesh.context(mesh.service(), alpn=["h2", "http/1.1"]))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 200
    assert chosen == ["http/1.1"]


@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_records_in_pieces_are_put_together(world, mesh, start_router, start_backend, size, version):
    def script(exchange):
        while (message := exchange.request()) is not None:
            exchange.answer(message.body * 2)

    backend = start_backend(script, tls=mesh.context(mesh.service(), version=version))
    with Relay(backend, size) as relay:
        router = start_router(mesh.configuration(mesh.upstream(relay)))
        with world.connect(router, HOST) as connection:
            for length in (0, 1, 5000):
                body = BLOCK[:length]
                response = connection.exchange(request("POST", "/", HOST, body=body))
                assert (response.status, response.body) == (200, body * 2)
    assert len(backend.exchanges.snapshot()) == 1


def test_client_that_leaves_within_the_handshake_leaves_nothing_behind(world, mesh, start_router, start_backend):
    over = threading.Event()
    backend = start_backend(lambda exchange: over.wait(30) and None)
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        until(lambda: router.metric("router_upstream_connections", state="connecting") == 1, 10, "the handshake")
    until(lambda: router.metric("router_upstream_connections", state="connecting") == 0, 10, "the end of it")
    over.set()


def test_many_connections_leave_no_memory_behind(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.request()
        exchange.answer(b"ok", "200 OK", "Connection: close")

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    wrong = start_backend(tls=mesh.context(mesh.service("orders")))
    upstream = {**mesh.upstream(backend), "endpoints": [backend.address, wrong.address]}
    router = start_router(mesh.configuration(upstream))
    with world.connect(router, HOST) as connection:
        for _ in range(150):
            assert connection.get(HOST).status == 200
        before = router.memory()
        for _ in range(450):
            assert connection.get(HOST).status == 200
    assert router.memory() - before < 4 * MIB
    states = ("active", "idle", "connecting")
    assert sum(router.metric("router_upstream_connections", state=state) for state in states) <= 1
