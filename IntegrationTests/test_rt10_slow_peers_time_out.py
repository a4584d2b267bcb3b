"""Nobody holds a connection by being slow: each phase has its deadline, and each deadline its answer."""

import select
import socket
import ssl
import threading

import pytest

from harness.backend import echo
from harness.http import Cut
from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST, MTLS = "plain.example.com", "a.apps.mtls.internal"
TIMEOUTS = {
    "handshake": "1s",
    "request_head": "1s",
    "body_idle": "3s",
    "keep_alive": "1500ms",
    "response": "3s",
}
WITHIN = 20


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [route(HOST, module_backend), route(MTLS, module_backend, mtls_allow_any=True)]
    return start_module_router(world.configuration(routes, timeouts=TIMEOUTS))


@pytest.fixture(autouse=True)
def fresh_backend(module_backend):
    module_backend.drop_connections()
    module_backend.forget()


def drip(connection, data, pace=0.2):
    """Sends a byte at a time, one per `pace` seconds, until the peer says something.

    The connection must have been used before: session tickets would be taken for an answer.
    """
    for index in range(len(data)):
        if connection.tls.pending() or select.select([connection.tls], [], [], pace)[0]:
            return
        try:
            connection.send(data[index : index + 1])
        except OSError:
            return
    raise AssertionError("the router waited for the last byte of a dripping message")


def test_head_that_drips_in_is_cut_off_with_408(world, router, module_backend):
    with world.connect(router, HOST, within=WITHIN) as connection:
        assert connection.get(HOST).status == 200
        module_backend.forget()
        drip(connection, request("GET", "/" + "a" * 200, HOST))
        assert connection.response().status == 408
        assert connection.is_closed_by_peer()
    assert module_backend.received_bytes() == b""


def test_head_that_stops_is_cut_off_with_408(world, router):
    with world.connect(router, HOST, within=WITHIN) as connection:
        connection.send(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n")
        assert connection.response().status == 408
        assert connection.is_closed_by_peer()


def test_second_head_that_stops_is_cut_off_too(world, router):
    with world.connect(router, HOST, within=WITHIN) as connection:
        assert connection.get(HOST).status == 200
        connection.send("GET / HT")
        assert connection.response().status == 408


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_body_that_stops_is_cut_off_and_its_backend_freed(world, router, module_backend, framing):
    ended = len(module_backend.ended.entries)
    with world.connect(router, HOST, within=WITHIN) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\n{framing}\r\n\r\n5\r\nhello\r\n")
        try:
            assert connection.response("POST").status == 408
        except (Cut, OSError):
            pass
        else:
            assert connection.is_closed_by_peer()
    module_backend.ended.wait_for(lambda _: True, WITHIN, "the end of the backend's connection", ended)
    assert module_backend.seen() == []


def test_body_that_drips_in_is_cut_off(world, router, module_backend):
    with world.connect(router, HOST, within=WITHIN) as connection:
        assert connection.get(HOST).status == 200
        module_backend.forget()
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n")
        drip(connection, b"x" * 100)
        try:
            assert connection.response("POST").status == 408
        except (Cut, OSError):
            pass
    assert module_backend.seen() == []


def test_idle_connection_is_closed_without_a_word(world, router):
    with world.connect(router, HOST, within=WITHIN) as connection:
        assert connection.get(HOST).status == 200
        assert connection.how_it_ends() == (b"", "close_notify")


def test_connection_that_never_asks_is_closed(world, router):
    with world.connect(router, HOST, within=WITHIN) as connection:
        data, _ = connection.how_it_ends()
        assert data == b"" or data.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("start", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 30], ids=len)
def test_handshake_that_stops_is_closed(router, start):
    with socket.create_connection(("127.0.0.1", router.port), WITHIN) as silent:
        silent.sendall(start)
        try:
            while silent.recv(4096):
                pass
        except ConnectionResetError:
            pass


def test_backend_that_never_answers_is_504(world, router, module_backend):
    module_backend.script = lambda exchange: exchange.request() and exchange.wait_until_peer_closes()
    ended = len(module_backend.ended.entries)
    with world.connect(router, HOST, within=WITHIN) as connection:
        response = connection.get(HOST)
        assert response.status == 504
    module_backend.ended.wait_for(lambda _: True, WITHIN, "the end of the backend's connection", ended)


@pytest.mark.parametrize(
    "piece", [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"X-Slow: 1\r\n"], ids=["interim responses", "fields"]
)
def test_backend_that_drips_before_its_answer_is_504(world, router, module_backend, piece):
    stop = threading.Event()

    def script(exchange):
        exchange.request()
        if piece.startswith(b"X"):
            exchange.send(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.25):
            exchange.send(piece)

    module_backend.script = script
    try:
        with world.connect(router, HOST, within=WITHIN) as connection:
            assert connection.get(HOST).status == 504
    finally:
        stop.set()


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("count, status", [(32, 200), (33, 502)])
def test_interim_responses_are_bounded(world, router, module_backend, version, count, status):
    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * count)
        exchange.answer()

    module_backend.script = script
    with world.connect(router, HOST, within=WITHIN) as connection:
        response = connection.exchange(f"GET / HTTP/{version}\r\nHost: {HOST}\r\n\r\n")
    assert response.status == status
    assert len(response.interim) == (32 if version == "1.1" else 0)


def test_backend_that_stops_in_the_middle_is_a_cut(world, router, module_backend):
    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        exchange.wait_until_peer_closes()

    module_backend.script = script
    with world.connect(router, HOST, within=WITHIN) as connection:
        with pytest.raises((Cut, OSError)):
            connection.get(HOST)


def test_client_that_stops_reading_is_cut_off_and_its_backend_freed(world, router, module_backend):
    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            exchange.send(b"x" * 65536)

    module_backend.script = script
    ended = len(module_backend.ended.entries)
    with world.connect(router, HOST, receive_buffer=65536, within=WITHIN) as connection:
        connection.send(request("GET", "/", HOST))
        module_backend.ended.wait_for(lambda _: True, WITHIN, "the end of the backend's connection", ended)


def test_client_that_pipelines_and_never_reads_is_let_go(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)], timeouts=TIMEOUTS))
    deaf = [world.connect(router, HOST, receive_buffer=4096) for _ in range(5)]
    for connection, host in zip(deaf, [HOST, "nowhere.example", HOST, "nowhere.example", HOST], strict=True):
        push(connection, request("GET", "/" + "a" * 1000, host) * 4000)
    until(lambda: router.metric("router_connections_open") == 0, WITHIN, "the end of the deaf clients' connections")
    stalled = [record for record in router.access_records() if record.get("error") == "client_stalled"]
    assert all(record["status"] in (0, 200) for record in stalled)
    with world.connect(router, HOST) as steady:
        steady.send_while_reading([request("GET", "/", HOST) * 500])
        assert [steady.response().status for _ in range(500)] == [200] * 500
    for connection in deaf:
        connection.close()


def push(connection, data):
    """Sends what the peer takes, and reads nothing."""
    connection.tls.setblocking(False)
    left = memoryview(data)
    while left and select.select([], [connection.tls], [], 0.5)[1]:
        try:
            left = left[connection.tls.send(left) :]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            if not select.select([], [connection.tls], [], 0.5)[1]:
                return
        except OSError:
            return


def test_slow_but_steady_body_is_served(world, router, module_backend):
    module_backend.script = echo
    with world.connect(router, HOST, within=WITHIN) as connection:
        assert connection.get(HOST).status == 200
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 80000\r\n\r\n")
        # In all, for longer than a body may stand still.
        for _ in range(20):
            assert not select.select([connection.tls], [], [], 0.25)[0], "a steady body was cut off"
            connection.send(b"x" * 4000)
        assert connection.response("POST").status == 200


def test_hundred_slow_clients_leave_the_others_quick(world, router, module_backend):
    module_backend.script = echo
    slow = []
    for _ in range(100):
        connection = world.connect(router, HOST)
        connection.send("GET / HTTP/1.1\r\nHo")
        slow.append(connection)
    finished = threading.Event()

    def quick():
        with world.connect(router, HOST) as connection:
            for _ in range(20):
                assert connection.get(HOST).status == 200
        finished.set()

    thread = threading.Thread(target=quick)
    thread.start()
    assert finished.wait(5)
    thread.join()
    for connection in slow:
        connection.close()
