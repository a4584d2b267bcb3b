"""HTTP/2 to endpoints: many requests share a connection, and its failures are those of single requests."""

import pytest

from harness.hanging import FullBacklog
from harness.http2 import CANCEL, INTERNAL_ERROR, NO_ERROR, REFUSED_STREAM
from harness.http2_backend import FINISH, echo
from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"


@pytest.fixture
def start(world, start_router):
    def start_it(*endpoints, **router):
        entry = {**route(HOST, *endpoints), "protocol": "http2"}
        return start_router(world.configuration([entry], **router))

    return start_it


def test_head_arrives_as_http2_has_it(world, start, start_http2_backend):
    backend = start_http2_backend()
    router = start(backend)
    with world.connect(router, HOST) as connection:
        response = connection.exchange(request("GET", "/a?b=c", HOST, "X-One: 1", "Cookie: a=b", "TE: gzip"))
    assert (response.status, response.get("x-path")) == (200, "/a?b=c")
    [(_, head)] = backend.requests.snapshot()
    assert head[:4] == [(":method", "GET"), (":scheme", "http"), (":authority", HOST), (":path", "/a?b=c")]
    fields = dict(head[4:])
    assert (fields["x-one"], fields["cookie"], fields["te"]) == ("1", "a=b", "trailers")
    assert not {"host", "connection", "transfer-encoding"} & set(fields)


@pytest.mark.parametrize("body", [b"", b"abc", b"x" * 50_000])
def test_both_versions_meet_with_content_and_trailers(world, start, start_http2_backend, body):
    router = start(start_http2_backend())
    with world.connect(router, HOST) as connection:
        response = connection.exchange(request("POST", "/", HOST, body=body))
        assert (response.status, response.body) == (200, body)
        text = b"POST / HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % HOST.encode()
        text += (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\nX-Sum: 7\r\n\r\n"
        response = connection.exchange(text, "POST")
        assert (response.status, response.body) == (200, body)
        assert dict(response.trailers) == {"x-sum": "7"}
    with world.connect_http2(router, HOST) as client:
        stream = client.request(HOST, method="POST", body=body, end=False)
        client.trailers(stream, ("x-sum", "7"))
        client.finish(stream)
        assert (stream.status, bytes(stream.body), stream.trailers) == (200, body, [("x-sum", "7")])


def test_requests_of_several_clients_share_a_connection(world, start, start_http2_backend):
    backend = start_http2_backend()
    router = start(backend, workers=1)
    with world.connect_http2(router, HOST) as one, world.connect_http2(router, HOST) as other:
        streams = [(client, client.request(HOST, f"/{number}")) for number in range(30) for client in (one, other)]
        assert [client.finish(stream).status for client, stream in streams] == [200] * 60
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST).status == 200
    assert len(backend.connections) == 1


def test_client_that_goes_away_resets_its_stream_at_the_start_http2_backend(world, start, start_http2_backend):
    backend = start_http2_backend(lambda *_: None)
    router = start(backend, workers=1)
    with world.connect_http2(router, HOST) as client:
        stream = client.request(HOST)
        backend.requests.wait_for(lambda _: True)
        client.state.reset_stream(stream.number, CANCEL)
        client.flush()
        assert backend.resets.wait_for(lambda _: True)[1] == CANCEL
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        until(lambda: len(backend.requests.snapshot()) == 2, 10, "the second request")
        connection.reset()
        until(lambda: len(backend.resets.snapshot()) == 2, 10, "the second reset")
    assert len(backend.connections) == 1


def test_endpoint_that_resets_is_seen_as_502_or_a_reset(world, start, start_http2_backend):
    def answer(state, number, head, body, trailers):
        if dict(head)[":path"] == "/late":
            state.send_headers(number, [(":status", "200")])
            state.send_data(number, b"abc")
        state.reset_stream(number, 2)

    router = start(start_http2_backend(answer))
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST).status == 502
        late = client.finish(client.request(HOST, "/late"))
        assert (late.status, late.is_complete, late.reset) == (200, False, 2)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_that_was_not_looked_at_is_sent_again(world, start, start_http2_backend, method):
    seen = []

    def answer(state, number, head, body, trailers):
        seen.append(number)
        if len(seen) == 1:
            state.reset_stream(number, REFUSED_STREAM)
        else:
            echo(state, number, head, body, trailers)

    router = start(start_http2_backend(answer))
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST, method=method).status == 200
    assert len(seen) == 2


def test_content_is_not_sent_twice(world, start, start_http2_backend):
    seen = []

    def answer(state, number, head, body, trailers):
        seen.append(number)
        state.reset_stream(number, REFUSED_STREAM)

    router = start(start_http2_backend(answer))
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST, method="POST", body=b"abc").status == 502
    assert len(seen) == 1


def test_connection_that_goes_away_loses_no_request(world, start, start_http2_backend):
    def answer(state, number, head, body, trailers):
        echo(state, number, head, body, trailers)
        if number == 1:
            state.close_connection(0, last_stream_id=1)

    backend = start_http2_backend(answer)
    router = start(backend, workers=1)
    with world.connect_http2(router, HOST) as client:
        for _ in range(10):
            assert client.get(HOST).status == 200
    assert len(backend.connections) > 1


def test_response_of_the_wrong_length_is_no_response(world, start, start_http2_backend):
    def answer(state, number, head, body, trailers):
        state.send_headers(number, [(":status", "200"), ("content-length", "10")])
        state.send_data(number, b"abc", end_stream=True)

    router = start(start_http2_backend(answer))
    with world.connect_http2(router, HOST) as client:
        stream = client.finish(client.request(HOST))
        assert (stream.is_complete, stream.reset) == (False, 2)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        assert connection.how_it_ends()[1] != "close_notify"


def test_endpoint_that_speaks_http1_is_seen_as_502(world, start, backend):
    backend.script = lambda exchange: (
        exchange.head() and exchange.send(b"HTTP/1.1 505 HTTP Version Not Supported\r\n\r\n")
    )
    router = start(backend)
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST).status == 502


def test_silent_endpoint_times_out_alone(world, start, start_http2_backend):
    def answer(state, number, head, body, trailers):
        if dict(head)[":path"] != "/silent":
            echo(state, number, head, body, trailers)

    router = start(start_http2_backend(answer), timeouts={"response": "2s"})
    with world.connect_http2(router, HOST) as client:
        silent = client.request(HOST, "/silent")
        assert client.get(HOST).status == 200
        assert client.finish(silent).status == 504
        assert client.get(HOST).status == 200


def test_slow_client_holds_up_no_other_on_the_same_connection(world, start, start_http2_backend):
    def answer(state, number, head, body, trailers):
        state.send_headers(number, [(":status", "200")])
        state.send_data(number, b"x" * 16384)
        state.end_stream(number)

    backend = start_http2_backend(answer)
    router = start(backend, workers=1)
    with world.connect_http2(router, HOST, window=0, acknowledges=False) as slow:
        waiting = [slow.request(HOST) for _ in range(8)]
        slow.read(lambda: all(stream.status for stream in waiting))
        with world.connect_http2(router, HOST) as quick:
            for _ in range(10):
                assert len(quick.get(HOST).body) == 16384
    assert len(backend.connections) == 1


def test_health_checks_are_asked_in_the_same_version(world, start_router, start_http2_backend):
    def answer(state, number, head, body, trailers):
        if dict(head)[":path"] == "/healthz":
            state.send_headers(number, [(":status", "200")], end_stream=True)
        else:
            echo(state, number, head, body, trailers)

    backend = start_http2_backend(answer)
    check = {"path": "/healthz", "interval": "200ms"}
    router = start_router(
        world.configuration([{**route(HOST, backend), "protocol": "http2", "health_check": check}], workers=1)
    )
    asked = [backend.requests.wait_for(lambda entry: (":path", "/healthz") in entry[1]) for _ in range(2)]
    assert all((":method", "GET") in head for _, head in asked)
    assert router.metric("router_health_check_endpoints", state="unhealthy") == 0
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST).status == 200


SIZE = 60_000


@pytest.fixture
def asked_slowly(world, start, start_http2_backend):
    """Has an endpoint answer, end the stream or the connection, and only then lets the client read on."""

    def ask(ends, isComplete):
        def answer(state, number, head, body, trailers):
            state.send_headers(number, [(":status", "200"), ("content-length", str(SIZE))])
            sent = SIZE if isComplete else SIZE // 2
            for start_of in range(0, sent, 10_000):
                state.send_data(number, bytes(10_000), end_stream=isComplete and start_of + 10_000 == sent)
            if ends == FINISH:
                return FINISH
            state.reset_stream(number, NO_ERROR)

        # An endpoint resets what it has answered in full where the request is not over.
        router = start(start_http2_backend(answer, answers_early=True), workers=1)
        with world.connect_http2(router, HOST, window=1000, acknowledges=False) as client:
            stream = client.request(HOST, method="POST", end=False)
            client.read(lambda: len(stream.body) == 1000 or stream.is_over)
            until(lambda: router.metric("router_upstream_connections", state="active") == 0, 10, "the endpoint's end")
            if not stream.is_over:
                client.state.increment_flow_control_window(SIZE, stream.number)
                client.flush()
            return router, client.finish(stream)

    return ask


@pytest.mark.parametrize("ends", ["reset", FINISH])
def test_complete_response_outlives_what_the_endpoint_does_next(asked_slowly, ends):
    router, stream = asked_slowly(ends, isComplete=True)
    assert (stream.status, len(stream.body), stream.is_complete) == (200, SIZE, True)
    record = router.wait_for_access(lambda record: record["status"] == 200)
    assert (record["bytes_sent"], record.get("error")) == (SIZE, None)
    assert router.metric("router_upstream_errors_total") == 0


@pytest.mark.parametrize("ends", ["reset", FINISH])
def test_incomplete_response_is_cut_and_counted(asked_slowly, ends):
    router, stream = asked_slowly(ends, isComplete=False)
    assert (stream.is_complete, stream.reset) == (False, INTERNAL_ERROR)
    assert router.wait_for_access(lambda record: record.get("error") == "backend_cut_response")["status"] == 200
    assert router.metric("router_upstream_errors_total") == 1


def test_requests_that_wait_for_one_connection_fail_the_endpoint_once(world, start):
    with FullBacklog() as unreachable:
        ejection = {"consecutive_failures": 2, "max_ejection_percent": 100}
        router = start(unreachable, workers=1, ejection=ejection, timeouts={"connect": "2s"})
        with world.connect_http2(router, HOST) as client:
            for ejections in (0, 1):
                streams = [client.request(HOST) for _ in range(5)]
                assert [client.finish(stream).status for stream in streams] == [504] * 5
                assert router.metric("router_upstream_ejections_total", cause="connect") == ejections
