"""Whatever a backend does wrong, the client gets one clear answer, and the operator the same in log and metrics."""

import threading

import pytest

from harness.backend import Backend
from harness.hanging import FullBacklog
from harness.http import Cut
from harness.ports import free_port
from harness.tls_client import request
from harness.world import route

HOST = "plain.example.com"
# Where nothing is waited for, times are long: a busy machine is no failing backend.
TIMES = {"connect": "300ms", "response": "10s"}
SHORT = {"connect": "2s", "response": "2s"}


def start(world, start_router, *backends, **router):
    router.setdefault("workers", 1)
    router.setdefault("timeouts", TIMES)
    return start_router(world.configuration([route(HOST, *backends)], **router))


def expect(world, router, status, error, kind, attempts=None):
    """One request fails in this way for the client, in the access log, and in the metrics."""
    before = router.metric("router_upstream_errors_total", kind=kind)
    with world.connect(router, HOST) as connection:
        response = connection.exchange(request("POST", "/failing", HOST, body=b"x"))
    assert (response.status, response.router_error) == (status, "endpoint_failure")
    assert b"127.0.0.1" not in response.body
    record = router.wait_for_access(lambda record: record["target"] == "/failing")
    assert (record["status"], record["error"], record.get("attempts")) == (status, error, attempts)
    assert router.metric("router_upstream_errors_total", kind=kind) == before + (attempts or 1)


def fails_each_connection(act):
    """A script that reads a request and then does this."""

    def script(exchange):
        if exchange.request() is not None:
            act(exchange)

    return script


def hang(exchange):
    exchange.wait_until_peer_closes()


ACTS = {
    "reset before the head": (lambda e: e.reset(), 502, "endpoint_failure", "closed_early", "reset"),
    "end before the head": (lambda e: e.finish(), 502, "endpoint_failure", "closed_early", "reset"),
    "half a head": (
        lambda e: (e.send("HTTP/1.1 200 OK\r\nContent-"), e.finish()),
        502,
        "endpoint_failure",
        "closed_early",
        "reset",
    ),
    "half a head and silence": (
        lambda e: (e.send("HTTP/1.1 200 OK\r\nContent-"), hang(e)),
        504,
        "endpoint_timeout",
        "response_timeout",
        "timeout",
    ),
    "silence": (hang, 504, "endpoint_timeout", "response_timeout", "timeout"),
    "garbage": (
        lambda e: (e.send(b"\x00\xff\x16garbage\r\n\r\n"), hang(e)),
        502,
        "malformed_response",
        "malformed_response",
        "malformed",
    ),
    "two lengths": (
        lambda e: (e.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!"), hang(e)),
        502,
        "malformed_response",
        "malformed_response",
        "malformed",
    ),
}


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_failure_of_the_only_endpoint_is_answered_and_told_and_never_ejects_it(world, start_router, backend, act):
    doing, status, error, kind, _ = ACTS[act]
    backend.script = fails_each_connection(doing)
    router = start(world, start_router, backend, timeouts=SHORT if status == 504 else TIMES)
    expect(world, router, status, error, kind)
    with world.connect(router, HOST) as connection:
        for _ in range(4):
            assert connection.exchange(request("POST", "/", HOST, body=b"x")).status == status
    assert router.metric("router_upstream_ejections_total") == 0, "the only endpoint of a route stays"
    backend.script = answers
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST).status == 200


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_endpoint_that_fails_in_a_row_is_ejected_and_another_is_not(world, start_router, backend, act):
    doing, status, _, _, fault = ACTS[act]
    timeouts = SHORT if status == 504 else TIMES
    with Backend(fails_each_connection(doing)) as bad:
        ejection = {"base_time": "1m", "max_time": "1m"}
        router = start(world, start_router, bad, backend, ejection=ejection, timeouts=timeouts)
        with world.connect(router, HOST) as connection:
            statuses = [connection.exchange(request("POST", "/", HOST, body=b"x")).status for _ in range(20)]
        assert sorted(statuses, reverse=True)[:3] == [status for status in statuses if status != 200]
        line = router.wait_for_line("endpoint ejected")
        assert (line["endpoint"], line["cause"], line["milliseconds"]) == (bad.address, fault, 60000)
        assert router.metric("router_upstream_ejections_total", cause=fault) == 1
        assert router.metric("router_upstream_ejected") == 1
        assert len(bad.seen()) == 3


def test_refused_connection_is_502_or_goes_elsewhere(world, start_router, backend):
    dead = f"127.0.0.1:{free_port()}"
    router = start(world, start_router, dead)
    expect(world, router, 502, "endpoint_failure", "connect_refused")
    router = start(world, start_router, dead, backend)
    with world.connect(router, HOST) as connection:
        assert [connection.exchange(request("POST", "/", HOST, body=b"x")).status for _ in range(8)] == [200] * 8
    assert router.metric("router_upstream_retries_total", reason="connect") == 3, "then it was ejected"
    assert router.wait_for_line("endpoint ejected")["cause"] == "connect"
    tried = [record.get("attempts") for record in router_records(router, 8)]
    assert tried.count(2) == 3 and tried.count(None) == 5


def test_connection_that_hangs_is_504_or_goes_elsewhere(world, start_router, backend):
    with FullBacklog() as hanging:
        router = start(world, start_router, hanging)
        expect(world, router, 504, "endpoint_timeout", "connect_timeout")
        router = start(world, start_router, hanging, backend, ejection={"consecutive_failures": 1})
        with world.connect(router, HOST) as connection:
            assert [connection.exchange(request("POST", "/", HOST, body=b"x")).status for _ in range(4)] == [200] * 4
        assert router.metric("router_upstream_errors_total", kind="connect_timeout") == 1


def test_attempts_end_with_their_time(world, start_router):
    with FullBacklog() as one, FullBacklog() as two, FullBacklog() as three:
        router = start(world, start_router, one, two, three, retries={"time": "100ms"})
        expect(world, router, 504, "endpoint_timeout", "connect_timeout")
    assert router.metric("router_upstream_retries_withheld_total", limit="time") == 1


def test_attempts_end_with_their_number(world, start_router):
    dead = [f"127.0.0.1:{free_port()}" for _ in range(4)]
    router = start(world, start_router, *dead, retries={"max_attempts": 2})
    expect(world, router, 502, "endpoint_failure", "connect_refused", attempts=2)
    assert router.metric("router_upstream_retries_withheld_total", limit="attempts") == 1


def test_retries_are_a_share_of_the_requests(world, start_router):
    """With every endpoint dead, retries do not multiply what there is to bear."""
    dead = [f"127.0.0.1:{free_port()}" for _ in range(3)]
    router = start(world, start_router, *dead, retries={"percent": 20, "min_per_second": 0})
    with world.connect(router, HOST) as connection:
        assert {connection.get(HOST).status for _ in range(50)} == {502}
    assert 5 <= router.metric("router_upstream_retries_total") <= 10
    assert router.metric("router_upstream_retries_withheld_total", limit="budget") >= 40


@pytest.mark.parametrize("end", ["reset", "finish", "silence"])
def test_end_in_the_middle_of_a_body_is_a_cut_and_never_sent_again(world, start_router, backend, end):
    def act(exchange):
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        hang(exchange) if end == "silence" else getattr(exchange, end)()

    with Backend(fails_each_connection(act)) as bad:
        router = start(world, start_router, bad, timeouts=SHORT if end == "silence" else TIMES)
        with world.connect(router, HOST) as connection:
            connection.send(request("GET", "/failing", HOST))
            with pytest.raises((Cut, ConnectionError, OSError)):
                connection.response()
        assert len(bad.seen()) == 1
        record = router.wait_for_access(lambda record: record["target"] == "/failing")
        assert record["error"] == ("backend_stalled" if end == "silence" else "backend_cut_response")
        kind = "response_timeout" if end == "silence" else "closed_early"
        assert router.metric("router_upstream_errors_total", kind=kind) == 1


def test_more_than_the_length_says_reaches_nobody(world, start_router, backend):
    def script(exchange):
        while exchange.request() is not None:
            exchange.send(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
            )

    backend.script = script
    router = start(world, start_router, backend)
    with world.connect(router, HOST) as connection:
        assert {connection.get(HOST).body for _ in range(10)} == {b"ok"}


def test_connections_that_close_just_as_requests_come_cost_none_of_them(world, start_router):
    """The backend ends each kept connection with its answer, without saying so: the race of every pool."""

    def script(exchange):
        exchange.request()
        exchange.answer()
        exchange.reset()

    with Backend(script) as one, Backend(script) as two:
        router = start(world, start_router, one, two)
        with world.connect(router, HOST) as connection:
            assert [connection.get(HOST).status for _ in range(200)] == [200] * 200
        assert router.metric("router_upstream_ejections_total") == 0, "an old connection says nothing of its endpoint"


def test_one_bad_endpoint_of_three_fails_no_idempotent_request(world, start_router, backend):
    with Backend(fails_each_connection(lambda e: e.reset())) as bad, Backend() as other:
        router = start(
            world, start_router, backend, bad, other, ejection={"base_time": "50ms", "max_time": "200ms"}, workers=2
        )
        with world.connect(router, HOST) as connection:
            assert [connection.get(HOST).status for _ in range(300)] == [200] * 300
        assert router.metric("router_upstream_ejections_total", cause="reset") >= 1
        assert router.metric("router_upstream_retries_total", reason="connection_lost") == len(bad.seen())


def test_endpoint_that_is_well_again_comes_back_by_a_trial(world, start_router, backend):
    with Backend(fails_each_connection(lambda e: e.reset())) as bad:
        router = start(world, start_router, bad, backend, ejection={"base_time": "200ms", "max_time": "200ms"})
        with world.connect(router, HOST) as connection:
            while router.metric("router_upstream_ejected") == 0:
                assert connection.get(HOST).status == 200
            bad.script = answers
            failed = len(bad.seen())
            while router.metric("router_upstream_ejected") == 1:
                assert connection.get(HOST).status == 200
            assert router.wait_for_line("endpoint serves again")["endpoint"] == bad.address
            for _ in range(10):
                assert connection.get(HOST).status == 200
        assert len(bad.seen()) >= failed + 5


def test_when_all_are_ejected_they_are_tried_all_the_same(world, start_router):
    proceed = threading.Event()

    def script(exchange):
        while exchange.request() is not None:
            if not proceed.is_set():
                exchange.reset()
                return
            exchange.answer()

    with Backend(script) as one, Backend(script) as two:
        router = start(
            world,
            start_router,
            one,
            two,
            ejection={"base_time": "1m", "max_time": "1m", "max_ejection_percent": 100},
        )
        with world.connect(router, HOST) as connection:
            while router.metric("router_upstream_ejected") < 2:
                assert connection.get(HOST).status == 502
            proceed.set()
            assert [connection.get(HOST).status for _ in range(4)] == [200] * 4
        assert router.metric("router_upstream_last_resort_total") >= 1
        assert router.metric("router_upstream_ejected") == 1, "success ended one ejection, and has all requests"


@pytest.mark.parametrize("counts", [False, True])
def test_errors_of_the_application_eject_only_where_that_is_wanted(world, start_router, backend, counts):
    def script(exchange):
        while exchange.request() is not None:
            exchange.answer(b"sorry", "500 Internal Server Error")

    with Backend(script) as bad:
        ejection = {"base_time": "1m", "max_time": "1m", "count_server_errors": counts}
        router = start(world, start_router, bad, backend, ejection=ejection)
        with world.connect(router, HOST) as connection:
            failed = [connection.get(HOST).status for _ in range(30)].count(500)
        assert failed == (3 if counts else 15)
        assert router.metric("router_upstream_ejections_total", cause="server_error") == (1 if counts else 0)


def answers(exchange):
    while exchange.request() is not None:
        exchange.answer()


def router_records(router, count):
    router.wait_for_access(lambda _: len(router.access_records()) >= count)
    return router.access_records()
