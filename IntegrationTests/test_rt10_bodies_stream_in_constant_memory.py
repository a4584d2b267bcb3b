"""Bodies far larger than memory should be pass through; a side that does not read stops the other one."""

import os
import threading

import pytest

from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
MIB = 1 << 20
SIZE = int(os.environ.get("STREAM_MIB", "1024")) * MIB
BLOCK = bytes(range(256)) * 1024
MEMORY_BOUND = 48 * MIB
# What the router and the kernel's socket buffers on both hops may hold of a stream that nobody reads.
HELD_BOUND = 48 * MIB


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)]))


@pytest.fixture
def steady(router):
    """Fails when the router's peak memory grows by more than the bound during the test."""
    router.reset_peak_memory()
    before = router.memory("VmRSS")
    yield
    grown = router.memory("VmHWM") - before
    assert grown < MEMORY_BOUND, f"the router's memory grew by {grown / MIB:.0f} MiB"


class Counter:
    """Bytes that a thread has moved, for another to watch."""

    def __init__(self):
        self.bytes = 0

    def wait_until_it_stands_still(self):
        """Waits until nothing moved for half a second's worth of looks; answers how much had moved by then."""
        seen, still = -1, 0

        def look():
            nonlocal seen, still
            still = still + 1 if self.bytes == seen and seen > 0 else 0
            seen = self.bytes
            return still >= 100

        until(look, 30, "the stream standing still")
        return seen


def drain(exchange, size, counter):
    """Reads `size` bytes and compares each block with what must have been sent."""
    buffer = bytearray(len(BLOCK))
    view = memoryview(buffer)
    filled, left = len(exchange.reader.buffer), size
    view[:filled] = exchange.reader.buffer
    while left:
        while filled < len(BLOCK):
            count = exchange.sock.recv_into(view[filled:])
            if not count:
                raise ValueError("the body ended early")
            filled += count
            counter.bytes += count
        assert buffer == BLOCK, "the body arrived changed"
        left -= len(BLOCK)
        filled = 0


def read_body(connection, size):
    assert connection.reader.buffer == BLOCK[: len(connection.reader.buffer)]
    buffer = bytearray(len(BLOCK))
    view = memoryview(buffer)
    filled = len(connection.reader.buffer)
    view[:filled] = connection.reader.buffer
    left = size
    while left:
        while filled < len(BLOCK):
            count = connection.tls.recv_into(view[filled:])
            assert count, "the body ended early"
            filled += count
        assert buffer == BLOCK, "the body arrived changed"
        left -= len(BLOCK)
        filled = 0


def sending(size, counter):
    def script(exchange):
        exchange.request()
        exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")
        for _ in range(size // len(BLOCK)):
            exchange.sock.sendall(BLOCK)
            counter.bytes += len(BLOCK)

    return script


def test_download(world, router, module_backend, steady):
    module_backend.script = sending(SIZE, Counter())
    with world.connect(router, HOST, within=60) as connection:
        connection.send(request("GET", "/", HOST))
        assert connection.reader.head().status == 200
        read_body(connection, SIZE)


def test_upload(world, router, module_backend, steady):
    counter = Counter()

    def script(exchange):
        exchange.head()
        drain(exchange, SIZE, counter)
        exchange.answer(b"received")

    module_backend.script = script
    with world.connect(router, HOST, within=60) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {SIZE}\r\n\r\n")
        for _ in range(SIZE // len(BLOCK)):
            connection.tls.sendall(BLOCK)
        assert connection.response("POST").body == b"received"


def test_chunked_both_ways_at_once(world, router, module_backend, steady):
    size = SIZE // 4
    chunk = b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n"

    def script(exchange):
        exchange.head()
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer = threading.Thread(target=lambda: exchange.send(chunk * (size // len(BLOCK) // 8)))
        body, _ = 0, writer.start()
        while (length := int(exchange.reader.line().split(b";")[0], 16)) > 0:
            exchange.reader.exactly(length + 2)
            body += length
        assert body == size
        exchange.reader.until(b"\r\n")
        writer.join(60)
        exchange.send(b"0\r\n\r\n")

    module_backend.script = script
    with world.connect(router, HOST, within=60) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n")
        connection.send_while_reading(chunk for _ in range(size // len(BLOCK)))
        connection.send(b"0\r\n\r\n")
        assert len(connection.response("POST").body) == size // 8


def test_client_that_does_not_read_stops_the_backend(world, router, module_backend, steady):
    size, counter = 256 * MIB, Counter()
    module_backend.script = sending(size, counter)
    with world.connect(router, HOST, receive_buffer=65536, within=60) as connection:
        connection.send(request("GET", "/", HOST))
        assert connection.reader.head().status == 200
        assert counter.wait_until_it_stands_still() < HELD_BOUND
        read_body(connection, size)
    assert counter.bytes == size


def test_backend_that_does_not_read_stops_the_client(world, router, module_backend, steady):
    size, sent, counter = 256 * MIB, Counter(), Counter()
    proceed = threading.Event()

    def script(exchange):
        exchange.head()
        assert proceed.wait(60)
        drain(exchange, size, counter)
        exchange.answer(b"received")

    def write():
        for _ in range(size // len(BLOCK)):
            connection.tls.sendall(BLOCK)
            sent.bytes += len(BLOCK)

    module_backend.script = script
    with world.connect(router, HOST, within=60) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {size}\r\n\r\n")
        writer = threading.Thread(target=write)
        writer.start()
        assert sent.wait_until_it_stands_still() < HELD_BOUND
        proceed.set()
        writer.join(60)
        assert connection.response("POST").body == b"received"
    assert sent.bytes == size


def test_many_clients_that_do_not_read_hold_a_bounded_buffer_each(world, router, module_backend):
    counter = Counter()
    module_backend.script = sending(64 * MIB, counter)
    before, count = router.memory(), 20
    connections = []
    try:
        for _ in range(count):
            connection = world.connect(router, HOST, receive_buffer=65536)
            connection.send(request("GET", "/", HOST))
            connections.append(connection)
        for connection in connections:
            assert connection.reader.head().status == 200
        assert counter.wait_until_it_stands_still() < count * HELD_BOUND
        assert (router.memory() - before) / count < 2 * MIB
    finally:
        for connection in connections:
            connection.reset()
