"""Endpoints take turns, dead ones are passed over, connections are kept, and nothing is sent twice that must not be."""

import threading

import pytest

from harness.backend import Backend, answering
from harness.ports import free_port
from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"


def test_endpoints_take_turns(world, start_router):
    with Backend() as one, Backend() as two, Backend() as three:
        router = start_router(world.configuration([route(HOST, one, two, three)]))
        with world.connect(router, HOST) as connection:
            for _ in range(30):
                assert connection.get(HOST).status == 200
        counts = [len(backend.seen()) for backend in (one, two, three)]
    assert sum(counts) == 30
    assert min(counts) >= 8, counts


def test_connection_to_a_backend_is_kept_and_shared_by_clients(world, start_router, backend):
    configuration = world.configuration([route(HOST, backend)])
    configuration["router"]["workers"] = 1
    router = start_router(configuration)
    for _ in range(10):
        with world.connect(router, HOST) as connection:
            assert connection.get(HOST).status == 200
    assert len(backend.exchanges.snapshot()) == 1


def test_dead_endpoint_is_passed_over(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, f"127.0.0.1:{free_port()}", backend)]))
    with world.connect(router, HOST) as connection:
        assert [connection.exchange(request("POST", "/", HOST, body=b"x")).status for _ in range(10)] == [200] * 10
    assert len(backend.seen()) == 10


def test_no_endpoint_that_answers_is_502(world, start_router):
    router = start_router(world.configuration([route(HOST, f"127.0.0.1:{free_port()}")]))
    with world.connect(router, HOST) as connection:
        for _ in range(3):
            response = connection.get(HOST)
            assert response.status == 502
            assert response.router_error.startswith("endpoint_failure")


def expect_no_endpoints(router, connection, host):
    before = {
        kind: router.metric("router_upstream_errors_total", kind=kind) for kind in ("no_endpoint", "connect_refused")
    }
    response = connection.get(host)
    assert (response.status, response.router_error) == (503, "no_endpoints")
    record = router.wait_for_access(lambda record: record.get("host") == host)
    assert (record["status"], record["error"]) == (503, "no_endpoints")
    assert router.metric("router_upstream_errors_total", kind="no_endpoint") == before["no_endpoint"] + 1
    assert router.metric("router_upstream_errors_total", kind="connect_refused") == before["connect_refused"]


def test_route_whose_endpoint_has_no_address_is_503_and_the_others_are_served(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, "nowhere.invalid:80"), route("other.example.com", backend)]))
    with world.connect(router, HOST) as connection:
        expect_no_endpoints(router, connection, HOST)
        assert connection.get("other.example.com").status == 200


def test_endpoint_without_an_address_is_passed_over(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, "nowhere.invalid:80", backend)]))
    with world.connect(router, HOST) as connection:
        assert [connection.get(HOST).status for _ in range(6)] == [200] * 6


def test_path_of_an_upstream_is_warned_about_as_it_is_not_used(world, start_router, backend):
    configuration = world.configuration([{"route": HOST, "upstream": "b"}])
    configuration["subgraphs"] = [{"name": "b", "url": f"http://{backend.address}/graphql"}]
    router = start_router(configuration)
    line = router.wait_for_line("configuration warning")
    assert "subgraphs[0].url: the path of the URL is not used" in line["problem"]
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST, "/x").status == 200
    assert [seen.target for seen in backend.seen()] == ["/x"]
    mark = len(router.raw_log)
    router.apply(configuration | {"subgraphs": [{"name": "b", "url": f"http://{backend.address}/"}]})
    assert "the path of the URL" not in "".join(router.raw_log[mark:])


def test_endpoint_that_comes_back_is_used_again(world, start_router):
    # No port of the system's choice, which others may be given in between.
    with Backend(port=free_port()) as gone, Backend() as steady:
        port = gone.port
        router = start_router(world.configuration([route(HOST, gone, steady)]))
        gone.stop()
        with world.connect(router, HOST) as connection:
            assert [connection.get(HOST).status for _ in range(6)] == [200] * 6
            only = world.configuration([route(HOST, f"127.0.0.1:{port}")])
            router.apply(only)
            assert connection.get(HOST).status == 502
            with Backend(port=port):
                until(lambda: connection.get(HOST).status == 200, 10, "the endpoint being used again")


def test_connection_that_the_backend_closed_while_idle_costs_no_request(world, start_router, backend):
    def script(exchange):
        exchange.request()
        exchange.answer()

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        assert [connection.get(HOST).status for _ in range(20)] == [200] * 20


def test_idempotent_request_on_a_connection_that_just_died_is_tried_again(world, start_router, backend):
    """The backend reads the second request of each connection and drops it: the race of every keep-alive pool."""

    def script(exchange):
        exchange.request()
        exchange.answer()
        exchange.head()
        exchange.reset()

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        assert [connection.get(HOST).status for _ in range(5)] == [200] * 5


def dies_at_second(exchange):
    """Answers one request on each connection and dies when it has read the next: the race of every keep-alive pool."""
    exchange.request()
    exchange.answer()
    if exchange.request() is not None:
        exchange.reset()


@pytest.mark.parametrize(
    "method, body, sent, status",
    [("POST", b"pay", 1, 502), ("POST", b"", 1, 502), ("PUT", b"x", 1, 502), ("GET", b"", 2, 200)],
)
def test_only_a_request_that_cannot_have_acted_is_sent_twice(world, start_router, backend, method, body, sent, status):
    backend.script = dies_at_second
    router = start_router(world.configuration([route(HOST, backend)], workers=1))
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST, "/first").status == 200
        assert connection.exchange(request(method, "/second", HOST, body=body)).status == status
    assert [message.target for message in backend.seen()] == ["/first"] + ["/second"] * sent
    reused = backend.exchanges.snapshot()[0]
    assert b"/second" in bytes(reused.received), "the second request went to a connection of its own"


def test_second_try_takes_no_other_kept_connection(world, start_router, backend):
    """When one connection died, those that were kept beside it are likely to have died, too."""
    both = threading.Barrier(2)

    def script(exchange):
        if exchange.request().target == "/together":
            both.wait(10)
        exchange.answer()
        if exchange.request() is not None:
            exchange.reset()

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)], workers=1))
    with world.connect(router, HOST) as one, world.connect(router, HOST) as two:
        for connection in (one, two):
            connection.send(request("GET", "/together", HOST))
        assert [one.response().status, two.response().status] == [200, 200]
        assert one.get(HOST, "/again").status == 200
    assert [message.target for message in backend.seen()].count("/again") == 2


@pytest.mark.parametrize("status", [500, 502, 503])
def test_answer_of_a_backend_is_an_answer_whatever_its_status(world, start_router, backend, status):
    backend.script = answering(f"HTTP/1.1 {status} Sorry\r\nContent-Length: 2\r\n\r\nno".encode())
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        response = connection.get(HOST)
    assert (response.status, response.body) == (status, b"no")
    assert "x-cf-routererror" not in response.names()
    assert len(backend.seen()) == 1


def test_backend_connection_of_one_client_is_not_used_by_another_before_the_answer_is_whole(
    world, start_router, backend
):
    proceed = threading.Event()

    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/slow":
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nslow")
                assert proceed.wait(10)
                exchange.send(b"slow")
            else:
                exchange.answer(b"quick")

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as slow, world.connect(router, HOST) as quick:
        slow.send(request("GET", "/slow", HOST))
        backend.requests.wait_for(lambda message: message.target == "/slow")
        assert [quick.get(HOST, "/quick").body for _ in range(5)] == [b"quick"] * 5
        proceed.set()
        assert slow.response().body == b"slowslow"


def test_backend_is_told_the_clients_address_and_protocol(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        connection.get(HOST, "/", "X-Forwarded-For: 203.0.113.9")
    [seen] = backend.seen()
    assert seen.get("X-Forwarded-For").replace(" ", "") == "203.0.113.9,127.0.0.1"
    assert seen.get("X-Forwarded-Proto") == "https"
