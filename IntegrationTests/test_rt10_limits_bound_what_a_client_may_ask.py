"""The limits of the configuration: each one just met and just exceeded."""

import fcntl
import os
import resource
import socket
import termios
import time
from pathlib import Path

import pytest

from harness.http import Cut
from harness.tls_client import Refused, request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
LIMITS = {
    "max_request_line_bytes": 300, "max_header_line_bytes": 400, "max_head_bytes": 1024, "max_headers": 10,
}  # fmt: skip


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)], limits=LIMITS))


def line(length):
    return request("GET", "/" + "a" * (length - len("GET / HTTP/1.1")), HOST)


def field(length):
    return request("GET", "/", HOST, "X: " + "a" * (length - 3))


def fields(count):
    return request("GET", "/", HOST, *(f"X-{number}: a" for number in range(count - 1)))


def head(length):
    start = request("GET", "/", HOST, "X: " + "a" * 350, "Y: " + "a" * 350, "Z: ")
    return start[:-4] + b"a" * (length - len(start)) + b"\r\n\r\n"


@pytest.mark.parametrize(
    "make, most, status",
    [(line, 300, 414), (field, 400, 431), (fields, 10, 431), (head, 1024, 431)],
    ids=["line", "field", "fields", "head"],
)
def test_limit_is_met_and_exceeded(world, router, make, most, status):
    with world.connect(router, HOST) as connection:
        assert connection.exchange(make(most)).status == 200
        assert connection.exchange(make(most + 1)).status == status
        assert connection.is_closed_by_peer()


@pytest.mark.parametrize("workers", [1, 3])
def test_connections_beyond_their_limit_are_closed_and_the_others_served(world, start_router, backend, workers):
    configuration = world.configuration([route(HOST, backend)], limits={"max_connections": 5}, workers=workers)
    router = start_router(configuration)
    held = [world.connect(router, HOST) for _ in range(5)]
    try:
        with pytest.raises((Refused, OSError)):
            world.connect(router, HOST).get(HOST)
        assert [connection.get(HOST).status for connection in held] == [200] * 5
        assert router.wait_for_line("connection limit reached, new connections are closed")["max_connections"] == 5
        assert router.metric("router_connections_refused_total") == 1
        held.pop().close()
        until(lambda: is_served(world, router), 10, "room for another connection")
    finally:
        for connection in held:
            connection.close()


def test_router_without_descriptors_waits_for_some_and_burns_nothing(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)], workers=1))
    limit = len(list(Path(f"/proc/{router.pid}/fd").iterdir())) + 3
    resource.prlimit(router.pid, resource.RLIMIT_NOFILE, (limit, limit))
    waiting = [socket.create_connection(("127.0.0.1", router.port), 10) for _ in range(20)]
    waiting += [socket.create_connection(("127.0.0.1", router.admin_port), 10) for _ in range(3)]
    line = "no file descriptors left, accepting paused"
    router.wait_for_line(line)
    before, began = processor_seconds(router), time.monotonic()
    mark = len(router.log.entries)
    for _ in range(2):
        router.wait_for_line(line, mark)
        mark = len(router.log.entries)
    assert processor_seconds(router) - before < 0.3 * (time.monotonic() - began)
    for connection in waiting:
        connection.close()
    until(lambda: is_served(world, router), 10, "connections being accepted again")
    assert router.admin("/health/live")[0] == 200


def processor_seconds(router):
    fields = Path(f"/proc/{router.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_served(world, router):
    try:
        with world.connect(router, HOST) as connection:
            return connection.get(HOST).status == 200
    except (Refused, OSError, Cut):
        return False


@pytest.mark.parametrize("cut", range(1, 9))
def test_client_hello_is_bounded_wherever_its_first_packet_ends(router, cut):
    """A ClientHello that says it has 15 MB is refused when it says so, not when it is there."""
    hello = bytes([22, 3, 1, 0x40, 0, 1, 0xF0, 0, 0]) + bytes(16 * 1024 - 4)
    with socket.create_connection(("127.0.0.1", router.port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(hello[:cut])
        until(lambda: unsent(connection) == 0, 5, "the first packet")
        connection.sendall(hello[cut:])
        assert connection.recv(7) == bytes([21, 3, 3, 0, 2, 2, 50]), "not the alert decode_error"


def unsent(connection):
    """Bytes that the peer has not acknowledged."""
    return int.from_bytes(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)), "little")
