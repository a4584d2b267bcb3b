"""A tunnel holds the faster side back in bounded memory, passes on both ends, and is ended when it is silent."""

import socket
import threading
import time

from harness.waiting import until
from harness.websocket import HANDSHAKE, open_tunnel, switched
from harness.world import route

HOST = "plain.example.com"


def test_half_closed_tunnel_goes_on_the_other_way(world, start_router, backend):
    def script(exchange):
        assert exchange.wait_until_peer_closes() == "closed"
        exchange.send(b"still here")
        exchange.finish()

    backend.script = switched(script)
    router = start_router(world.configuration([route(HOST, backend)]))
    connection = open_tunnel(world, router)
    connection.send(b"last words")
    connection.half_close()
    assert connection.reader.exactly(10) == b"still here"
    assert connection.how_it_ends() == (b"", "close_notify")
    assert backend.received_bytes().endswith(b"last words")
    record = router.wait_for_access(lambda record: record["status"] == 101)
    assert (record["bytes_received"], record["bytes_sent"], record.get("error")) == (10, 10, None)


def test_endpoint_that_ends_first_still_gets_what_the_client_sends(world, start_router, backend):
    received = []

    def script(exchange):
        exchange.finish()
        received.append(exchange.reader.exactly(200000))

    backend.script = switched(script)
    router = start_router(world.configuration([route(HOST, backend)]))
    connection = open_tunnel(world, router)
    assert connection.how_it_ends() == (b"", "close_notify")
    connection.send(b"x" * 200000)
    connection.half_close()
    until(lambda: received, 10, "the endpoint getting all")
    router.wait_for_access(lambda record: record["status"] == 101 and record["bytes_received"] == 200000)


def test_end_without_close_notify_is_passed_on_as_an_end(world, start_router, backend):
    """Many clients leave it out, and WebSocket says itself whether it has come to its end."""
    ends = []
    backend.script = switched(lambda exchange: ends.append(exchange.wait_until_peer_closes()))
    router = start_router(world.configuration([route(HOST, backend)]))
    connection = open_tunnel(world, router)
    connection.send(b"half a mess")
    socket.socket.shutdown(connection.tls, socket.SHUT_WR)
    until(lambda: ends, 10, "the endpoint seeing the end")
    assert ends == ["closed"]
    assert backend.received_bytes().endswith(b"half a mess")


def test_client_that_resets_is_a_reset_at_the_endpoint(world, start_router, backend):
    ends = []
    backend.script = switched(lambda exchange: ends.append(exchange.wait_until_peer_closes()))
    router = start_router(world.configuration([route(HOST, backend)]))
    connection = open_tunnel(world, router)
    connection.reset()
    until(lambda: ends, 10, "the endpoint seeing the end")
    assert ends == ["reset"]
    assert router.wait_for_access(lambda record: record["status"] == 101)["error"] == "client_gone"


def test_endpoint_that_resets_cuts_the_client(world, start_router, backend):
    backend.script = switched(lambda exchange: exchange.reset())
    router = start_router(world.configuration([route(HOST, backend)]))
    connection = world.connect(router, HOST)
    connection.send(HANDSHAKE)
    assert connection.how_it_ends()[1] != "close_notify"
    assert router.wait_for_access(lambda record: record["status"] == 101)["error"] == "backend_cut_tunnel"


def test_slow_reader_holds_the_other_side_up_and_memory_is_bounded(world, start_router, backend):
    total = 64 << 20
    sent = []

    def script(exchange):
        for _ in range(total >> 16):
            exchange.send(b"x" * 65536)
            sent.append(65536)
        exchange.finish()

    backend.script = switched(script)
    router = start_router(world.configuration([route(HOST, backend)]))
    before = router.memory()
    connection = open_tunnel(world, router)
    settled = settle(lambda: len(sent))
    assert settled < total >> 16, "nothing held the sender up"
    assert router.memory() - before < 8 << 20
    data = 0
    while data < total:
        piece = connection.tls.recv(1 << 20)
        assert piece
        data += len(piece)
    assert data == total
    assert router.memory() - before < 8 << 20


def test_endpoint_that_does_not_read_holds_the_client_up(world, start_router, backend):
    proceed = threading.Event()
    received = []

    def script(exchange):
        assert proceed.wait(60)
        while data := exchange.sock.recv(1 << 20):
            received.append(len(data))

    backend.script = switched(script)
    router = start_router(world.configuration([route(HOST, backend)]))
    before = router.memory()
    connection = open_tunnel(world, router)
    sent = []

    def send():
        for _ in range(1024):
            connection.tls.sendall(b"x" * 65536)
            sent.append(65536)
        connection.half_close()

    connection.tls.settimeout(60)
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    assert settle(lambda: len(sent)) < 1024, "nothing held the sender up"
    assert router.memory() - before < 8 << 20
    proceed.set()
    until(lambda: sum(received) == 64 << 20, 60, "the endpoint getting all")
    sender.join(10)


def test_both_directions_at_once_do_not_wait_for_each_other(world, start_router, backend):
    """Both sides write more than all buffers hold before either reads."""
    amount = 8 << 20

    def script(exchange):
        thread = threading.Thread(target=lambda: exchange.send(b"y" * amount), daemon=True)
        thread.start()
        assert exchange.reader.exactly(amount) == b"x" * amount
        thread.join(30)

    backend.script = switched(script)
    router = start_router(world.configuration([route(HOST, backend)]))
    connection = open_tunnel(world, router)
    connection.tls.settimeout(60)
    connection.send(b"x" * amount)
    assert connection.reader.exactly(amount) == b"y" * amount


def test_silent_tunnel_is_ended(world, start_router, backend):
    backend.script = switched(lambda exchange: exchange.wait_until_peer_closes())
    router = start_router(world.configuration([route(HOST, backend)], timeouts={"tunnel_idle": "1s"}))
    connection = open_tunnel(world, router)
    start = time.monotonic()
    connection.send(b"x")
    assert connection.how_it_ends()[1] != "close_notify"
    assert time.monotonic() - start > 0.8
    assert router.wait_for_access(lambda record: record["status"] == 101)["error"] == "tunnel_idle"


def settle(figure):
    """The figure once it has stood still for a while."""
    last, since = figure(), time.monotonic()

    def is_settled():
        nonlocal last, since
        if figure() != last:
            last, since = figure(), time.monotonic()
        return last and time.monotonic() - since > 1

    until(is_settled, 30, "the sender being held up")
    return last
