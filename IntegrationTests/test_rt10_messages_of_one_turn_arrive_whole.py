"""Requests and responses that the router has at the same moment go out together: each whole, in order, to its own."""

import contextlib
import ssl
import threading

import pytest

from harness.backend import echo
from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
CLIENTS = 32

# Up to 16 KiB wait for others; a head and 15 KiB are just below that, and 17 KiB just above.
SIZES = [0, 15 * 1024, 17 * 1024]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)], workers=1))


@pytest.fixture
def answered_at_once(module_backend):
    """Answers nobody before all have asked, so that the answers reach the router together; each has its own content."""
    everyone = threading.Barrier(CLIENTS)

    def script(exchange):
        message = exchange.request()
        if not message:
            return
        everyone.wait(20)
        body = content_for(message.target)
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    module_backend.script = script
    module_backend.drop_connections()
    module_backend.forget()
    yield
    everyone.abort()
    module_backend.script = echo


def content_for(target):
    name, size = target.strip("/").split("-")
    pattern = f"{name};".encode()
    return (pattern * (int(size) // len(pattern) + 1))[: int(size)]


@contextlib.contextmanager
def crowd(world, router):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(world.connect(router, HOST)) for _ in range(CLIENTS)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fields", [[], ["Connection: close"]], ids=["kept", "closed"])
def test_each_client_gets_its_own_answer_of_those_that_come_together(world, router, answered_at_once, size, fields):
    with crowd(world, router) as connections:
        for number, connection in enumerate(connections):
            connection.send(request("GET", f"/{number}-{size}", HOST, *fields))
        for number, connection in enumerate(connections):
            response = connection.response()
            assert response.status == 200
            assert response.body == content_for(f"/{number}-{size}")
            if fields:
                assert connection.how_it_ends() == (b"", "close_notify")


def test_clients_that_leave_take_no_answer_of_those_that_stay(world, router, answered_at_once, module_backend):
    with crowd(world, router) as connections:
        for number, connection in enumerate(connections[:-1]):
            connection.send(request("GET", f"/{number}-1000", HOST))
        until(lambda: len(module_backend.seen()) == CLIENTS - 1, what="all requests but the last at the backend")
        for connection in connections[:8]:
            connection.reset()
        connections[-1].send(request("GET", f"/{CLIENTS - 1}-1000", HOST))
        for number, connection in enumerate(connections[8:], start=8):
            assert connection.response().body == content_for(f"/{number}-1000")


def test_answer_and_the_refusal_behind_it_arrive_in_order_and_then_the_end(world, router):
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/first", HOST) + b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        assert connection.response().status == 200
        assert connection.response().status == 400
        assert connection.how_it_ends() == (b"", "close_notify")


@pytest.mark.parametrize("size", SIZES)
def test_client_that_ends_its_side_behind_its_request_gets_all_of_the_answer(world, router, module_backend, size):
    body = content_for(f"/whole-{size}")
    has_ended = threading.Event()

    def script(exchange):
        if exchange.request() and has_ended.wait(20):
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    module_backend.script = script
    module_backend.drop_connections()
    try:
        with world.connect(router, HOST, version=ssl.TLSVersion.TLSv1_3) as connection:
            connection.send(request("GET", "/", HOST))
            connection.half_close()
            has_ended.set()
            assert connection.response().body == body
            assert connection.how_it_ends() == (b"", "close_notify")
    finally:
        module_backend.script = echo


@pytest.mark.parametrize("size", SIZES)
def test_requests_of_many_clients_reach_the_backend_whole(world, router, module_backend, size):
    module_backend.script = echo
    module_backend.drop_connections()
    module_backend.forget()
    with crowd(world, router) as connections:
        bodies = [content_for(f"/{number}-{size}") for number in range(CLIENTS)]
        for number, connection in enumerate(connections):
            connection.send(request("POST", f"/{number}", HOST, body=bodies[number]))
        for connection in connections:
            assert connection.response().status == 200
    seen = {message.target: message.body for message in module_backend.seen()}
    assert seen == {f"/{number}": body for number, body in enumerate(bodies)}
