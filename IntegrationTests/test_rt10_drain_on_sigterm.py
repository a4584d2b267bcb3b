"""On SIGTERM the router takes nothing new, finishes what it has begun, and ends with status 0."""

import signal
import socket
import threading

import pytest

from harness.tls_client import Refused, request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"


@pytest.fixture
def held(backend):
    """A backend that answers once `proceed` is set."""
    backend.proceed = threading.Event()

    def script(exchange):
        while exchange.request() is not None:
            assert backend.proceed.wait(20)
            exchange.answer(b"finished")

    backend.script = script
    yield backend
    backend.proceed.set()


def test_idle_router_ends_at_once_with_status_0(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)]))
    router.signal(signal.SIGTERM)
    assert router.wait_for_exit(10) == 0


def test_request_in_flight_is_finished_and_its_connection_closed(world, start_router, held):
    router = start_router(world.configuration([route(HOST, held)]))
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        held.requests.wait_for(lambda _: True)
        router.signal(signal.SIGTERM)
        until(lambda: is_refused(world, router), 10, "new connections being refused")
        held.proceed.set()
        response = connection.response()
        assert (response.status, response.body) == (200, b"finished")
        assert response.get("Connection") == "close"
        assert connection.is_closed_by_peer()
    assert router.wait_for_exit(10) == 0


def test_body_that_is_streaming_is_finished(world, start_router, backend):
    proceed = threading.Event()

    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1000000)
        assert proceed.wait(20)
        exchange.send(b"x" * 1000000)

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        assert connection.reader.head().status == 200
        router.signal(signal.SIGTERM)
        until(lambda: is_refused(world, router), 10, "new connections being refused")
        proceed.set()
        assert connection.reader.exactly(2000000) == b"x" * 2000000
    assert router.wait_for_exit(10) == 0


def test_idle_connections_are_closed(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST).status == 200
        router.signal(signal.SIGTERM)
        assert connection.how_it_ends() == (b"", "close_notify")
    assert router.wait_for_exit(10) == 0


def test_request_that_does_not_end_is_cut_at_the_drain_timeout(world, start_router, held):
    configuration = world.configuration([route(HOST, held)], timeouts={"drain": "1s"})
    router = start_router(configuration)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/cut", HOST))
        held.requests.wait_for(lambda _: True)
        router.signal(signal.SIGTERM)
        assert router.wait_for_exit(8) == 0
        assert connection.how_it_ends() != (b"", "close_notify")
    assert router.wait_for_line("router has stopped")["cut"] is True
    [record] = router.access_records()
    assert (record["target"], record["status"], record["error"]) == ("/cut", 0, "drain_timeout")


@pytest.mark.parametrize("start", [b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], ids=len)
def test_connection_without_a_request_holds_nothing_up_and_is_no_cut(world, start_router, backend, start):
    router = start_router(world.configuration([route(HOST, backend)], timeouts={"drain": "60s", "handshake": "60s"}))
    with socket.create_connection(("127.0.0.1", router.port), 10) as silent:
        silent.sendall(start)
        until(lambda: router.metric("router_connections_open") == 1, 10, "the connection being accepted")
        router.signal(signal.SIGTERM)
        assert router.wait_for_exit(8) == 0
    assert router.wait_for_line("router has stopped")["cut"] is False


def test_readiness_says_no_while_liveness_says_yes(world, start_router, held):
    router = start_router(world.configuration([route(HOST, held)]))
    assert router.admin("/health/ready")[0] == 200
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        held.requests.wait_for(lambda _: True)
        router.signal(signal.SIGTERM)
        until(lambda: router.admin("/health/ready")[0] == 503, 10, "readiness ending")
        assert router.admin("/health/live")[0] == 200
        held.proceed.set()
        assert connection.response().body == b"finished"
    assert router.wait_for_exit(10) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_end_the_router(world, start_router, backend, number):
    router = start_router(world.configuration([route(HOST, backend)]))
    router.signal(number)
    assert router.wait_for_exit(10) == 0


@pytest.mark.parametrize("wait", ["5s", "1h"])
def test_router_serves_on_while_it_says_that_it_will_not(world, start_router, backend, wait):
    """Balancers see the readiness end before connections are refused; a second signal ends the wait."""
    router = start_router(world.configuration([route(HOST, backend)], timeouts={"drain_wait": wait}))
    with world.connect(router, HOST) as kept:
        assert kept.get(HOST).status == 200
        router.signal(signal.SIGTERM)
        until(lambda: router.admin("/health/ready")[0] == 503, 10, "readiness ending")
        assert router.admin("/health/live")[0] == 200
        assert kept.get(HOST).status == 200
        with world.connect(router, HOST) as fresh:
            assert fresh.get(HOST).status == 200
        if wait == "1h":
            router.signal(signal.SIGTERM)
        assert kept.how_it_ends() == (b"", "close_notify")
    assert router.wait_for_exit(10) == 0
    assert router.wait_for_line("router will drain")["after"]
    assert router.wait_for_line("router has stopped")["cut"] is False


def test_configuration_is_taken_up_while_the_router_waits_to_drain(world, start_router, backend):
    configuration = world.configuration([route(HOST, backend)], timeouts={"drain_wait": "1h"})
    router = start_router(configuration)
    router.signal(signal.SIGTERM)
    router.wait_for_line("router will drain")
    router.apply(world.configuration([route("other.example.com", backend)], timeouts={"drain_wait": "1h"}))
    with world.connect(router, "other.example.com") as connection:
        assert connection.get("other.example.com").status == 200
    router.signal(signal.SIGTERM)
    assert router.wait_for_exit(10) == 0


def is_refused(world, router):
    """Whether nobody listens any more; one listener may be closed a moment before another, even under a handshake."""
    try:
        world.connect(router, HOST).close()
    except (ConnectionRefusedError, ConnectionResetError, Refused) as error:
        return isinstance(error, ConnectionRefusedError)
    return False
