"""HTTP/2 with clients: every stream is a request like any other, and what becomes of one concerns no other."""

import json
import threading

import httpx
import pytest
from harness.backend import Backend, answering, echo
from harness.http2 import CANCEL, HEADERS, PROTOCOL_ERROR, REFUSED_STREAM, block, frame
from harness.tools import run
from harness.waiting import until
from harness.world import APP_FRONTEND, route

HOST = "plain.example.com"
SECURE = "backend.apps.mtls.internal"
PARTNER = "partner.example.com"


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [
        route(HOST, module_backend),
        route(SECURE, module_backend, mtls_allowed_apps=APP_FRONTEND),
        route("other.apps.mtls.internal", module_backend, mtls_allow_any=True),
        route(PARTNER, module_backend),
    ]
    return start_module_router(world.configuration(routes))


@pytest.fixture(autouse=True)
def echoing(module_backend):
    module_backend.script = echo
    module_backend.drop_connections()
    module_backend.forget()


@pytest.fixture
def client(world, router):
    with world.connect_http2(router, HOST) as client:
        yield client


def test_stock_clients_speak_http2(world, router):
    answer = run(
        *["curl", "-sS", "--http2", "--cacert", world.server_roots, "--resolve", f"{HOST}:{router.port}:127.0.0.1"],
        *["-w", "\n%{http_version} %{http_code}", f"https://{HOST}:{router.port}/curl?a=b"],
    )
    assert answer.stdout.strip().endswith("\n2 200"), answer
    assert json.loads(answer.stdout.split("\n")[0])["target"] == "/curl?a=b"
    with httpx.Client(http2=True, verify=world.context(alpn=("h2", "http/1.1"))) as client:
        url = f"https://127.0.0.1:{router.port}/httpx"
        answer = client.post(url, headers={"Host": HOST}, content=b"x" * 100_000, extensions={"sni_hostname": HOST})
        assert (answer.http_version, answer.status_code, answer.json()["body_length"]) == ("HTTP/2", 200, 100_000)


def test_http11_is_chosen_by_clients_that_offer_nothing_else(world, router):
    for offered in (None, ("http/1.1",)):
        with world.connect(router, HOST) if offered is None else world.connect(router, HOST, None) as connection:
            assert connection.get(HOST).status == 200


def test_request_arrives_as_http11_would_bring_it(client, module_backend):
    fields = [("accept", "*/*"), ("cookie", "a=b"), ("x-two", "2"), ("cookie", "c=d"), ("te", "trailers")]
    stream = client.get(HOST, "/a/%2e/b?c=d", *fields, method="PUT", body=b"body\0\xff")
    assert stream.status == 200
    [seen] = module_backend.seen()
    assert seen.start == "PUT /a/%2e/b?c=d HTTP/1.1"
    assert seen.body == b"body\0\xff"
    assert seen.get("Host") == HOST
    assert seen.all("Cookie") == ["a=b; c=d"]
    assert seen.get("X-Forwarded-Proto") == "https"
    assert seen.all("TE") == []


def test_answer_arrives_without_what_ends_at_the_hop(client, module_backend):
    head = b"HTTP/1.1 207 Multi Status\r\nContent-Length: 3\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\n"
    module_backend.script = answering(head + b"Set-Cookie: c=d\r\nX-Odd:  spaced \r\nKeep-Alive: 5\r\n\r\nabc")
    stream = client.get(HOST)
    assert (stream.status, bytes(stream.body)) == (207, b"abc")
    fields = [pair for pair in stream.headers if not pair[0].startswith(":")]
    assert fields == [("content-length", "3"), ("set-cookie", "a=b"), ("set-cookie", "c=d"), ("x-odd", "spaced")]


def test_many_streams_are_served_at_once(client, module_backend):
    gate = threading.Barrier(21, timeout=10)

    def script(exchange):
        while (message := exchange.request()) is not None:
            gate.wait()
            exchange.answer(message.target.encode())

    module_backend.script = script
    streams = [client.request(HOST, f"/{number}") for number in range(20)]
    gate.wait()
    for number, stream in enumerate(streams):
        assert bytes(client.finish(stream).body) == f"/{number}".encode()


def test_large_bodies_pass_both_ways_under_flow_control(client, module_backend):
    body = bytes(range(256)) * 8192

    def script(exchange):
        while (message := exchange.request()) is not None:
            exchange.answer(message.body)

    module_backend.script = script
    stream = client.finish(client.request(HOST, method="POST", body=body), 30)
    assert bytes(stream.body) == body
    sized = client.request(HOST, "/", ("content-length", str(len(body))), method="POST", body=body)
    assert bytes(client.finish(sized, 30).body) == body
    assert [seen.get("Transfer-Encoding") for seen in module_backend.seen()] == ["chunked", None]


def test_chunked_answer_and_its_trailers_are_passed_on(client, module_backend):
    text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 7\r\n\r\n"
    module_backend.script = answering(text)
    for _ in range(3):
        stream = client.get(HOST)
        assert (bytes(stream.body), stream.trailers) == (b"abcde", [("x-sum", "7")])
        assert stream.get("transfer-encoding") is None


def test_trailers_of_a_request_are_passed_on(client, module_backend):
    stream = client.request(HOST, method="POST", body=b"abc", end=False)
    client.trailers(stream, ("x-sum", "7"), ("content-length", "9"))
    assert client.finish(stream).status == 200
    [seen] = module_backend.seen()
    assert (seen.body, seen.trailers) == (b"abc", [["x-sum", "7"]]) or seen.trailers == [("x-sum", "7")]


@pytest.mark.parametrize("method, status", [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")])
def test_answer_without_content_ends_with_its_head(client, module_backend, method, status):
    length = "Content-Length: 5\r\n" if method == "HEAD" else ""
    module_backend.script = answering(f'HTTP/1.1 {status}\r\n{length}ETag: "a"\r\n\r\n'.encode())
    for _ in range(3):
        stream = client.get(HOST, method=method)
        assert (stream.status, bytes(stream.body), stream.is_complete) == (int(status[:3]), b"", True)


def test_interim_responses_come_before_the_final_one(client, module_backend):
    text = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    module_backend.script = answering(text)
    stream = client.get(HOST)
    assert (stream.interim, stream.status, bytes(stream.body)) == ([103], 200, b"ok")


def test_early_answer_ends_the_request_without_an_error(client, module_backend):
    def script(exchange):
        exchange.head()
        exchange.answer(b"enough", "413 Content Too Large")
        exchange.wait_until_peer_closes()

    module_backend.script = script
    stream = client.request(HOST, method="POST", body=b"x" * 1000, end=False)
    client.read(lambda: stream.reset is not None)
    assert (stream.status, bytes(stream.body), stream.reset) == (413, b"enough", 0)
    module_backend.script = echo
    assert client.get(HOST).status == 200


def test_slow_reader_of_one_stream_holds_up_no_other(world, router, module_backend):
    body = b"x" * (1 << 20)

    def script(exchange):
        while (message := exchange.request()) is not None:
            exchange.answer(body if message.target == "/large" else b"small")

    module_backend.script = script
    with world.connect_http2(router, HOST, window=1000, acknowledges=False) as client:
        large = client.request(HOST, "/large")
        client.read(lambda: len(large.body) >= 1000)
        for _ in range(20):
            assert bytes(client.get(HOST, "/small").body) == b"small"
        assert len(large.body) == 1000
        client.acknowledges = True
        client.state.increment_flow_control_window(1 << 21)
        client.state.increment_flow_control_window(1 << 21, large.number)
        client.flush()
        assert bytes(client.finish(large, 30).body) == body


def test_cancelled_stream_ends_at_the_backend_and_others_go_on(client, module_backend, router):
    asked = threading.Event()

    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/hang":
                asked.set()
                return exchange.wait_until_peer_closes()
            exchange.answer(b"ok")

    module_backend.script = script
    hanging = client.request(HOST, "/hang")
    assert asked.wait(10)
    client.state.reset_stream(hanging.number, CANCEL)
    client.flush()
    until(lambda: any(outcome in ("closed", "reset") for _, outcome in module_backend.ended.snapshot()), 10, "the cut")
    assert client.get(HOST).status == 200
    record = router.wait_for_access(lambda record: record.get("path", record.get("uri", "")) == "/hang" or "/hang" in str(record))
    assert record["status"] == 499


def test_dying_backend_resets_its_stream_alone(client, module_backend):
    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/die":
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
                return exchange.reset()
            exchange.answer(b"ok")

    module_backend.script = script
    dying = client.finish(client.request(HOST, "/die"))
    assert (dying.is_complete, dying.reset) == (False, 2)
    assert client.get(HOST).status == 200


@pytest.mark.parametrize(
    "head",
    [
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST)],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("Upper", "x")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("connection", "close")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("transfer-encoding", "chunked")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("te", "gzip")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("host", "other.example.com")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("a", "b\r\nc: d")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/x HTTP/1.1\r\na: b")],
        [(":method", "GET"), (":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("content-length", "5")],
        [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", HOST), (":path", "/")],
    ],
)
def test_malformed_request_breaks_its_stream_alone(client, module_backend, head):
    stream = client.open([])if False else None
    number = client.state.get_next_available_stream_id()
    waiting = client.request(HOST, "/before")
    number = waiting.number + 2
    client.streams[number] = stream = type(waiting)(number)
    client.send(frame(HEADERS, 5, number, block(*head)))
    client.read(lambda: stream.reset is not None)
    assert stream.reset == PROTOCOL_ERROR
    assert client.finish(waiting).status == 200
    assert [seen.target for seen in module_backend.seen()] == ["/before"]


@pytest.mark.parametrize(
    "fields, status",
    [
        ([("content-length", "1"), ("content-length", "1")], 400),
        ([("content-length", "x")], 400),
        ([("content_length", "5")], 400),
        ([("expect", "something")], 417),
        ([("x-long", "v" * 20_000)], 431),
        ([(f"x-{number}", "v") for number in range(120)], 431),
        ([(f"x-{number}", "v" * 8000) for number in range(12)], 431),
    ],
)
def test_what_http11_refuses_is_answered_and_others_go_on(client, fields, status):
    refused = client.request(HOST, "/", *fields, end=False)
    client.read(lambda: refused.status is not None)
    assert refused.status == status
    assert client.get(HOST).status == 200


def test_host_alone_names_the_route_and_none_is_refused(client):
    assert client.open([(":method", "GET"), (":scheme", "https"), (":path", "/"), ("host", HOST)]).number
    stream = client.get(HOST, "/", ("host", HOST.upper()))
    assert stream.status == 200
    nameless = client.finish(client.open([(":method", "GET"), (":scheme", "https"), (":path", "/")]))
    assert nameless.status == 400
    assert client.get("unknown.example.com").status == 404
    assert client.get(HOST).status == 200


def test_connect_is_refused(client):
    stream = client.open([(":method", "CONNECT"), (":authority", f"{HOST}:443")], end=False)
    client.read(lambda: stream.status is not None)
    assert stream.status in (403, 501)
    assert client.get(HOST).status == 200


def test_coalesced_stream_is_misdirected_and_others_go_on(world, router, module_backend):
    with world.connect_http2(router, SECURE, world.frontend) as client:
        assert client.get(SECURE).status == 200
        for host in (
            "other.apps.mtls.internal", HOST, PARTNER, "apps.mtls.internal", "x." + SECURE, "127.0.0.1", "[::1]", "unknown.example.com",
        ):
            assert client.get(host).status == 421, host
        for host in (SECURE.upper(), SECURE + ".", f"{SECURE}:443", f"{SECURE}.:8443"):
            assert client.get(host).status == 200, host
        assert client.get(SECURE).status == 200
    for sni, identity in ((HOST, None), (PARTNER, world.partner_device), (None, None)):
        with world.connect_http2(router, sni, identity) as client:
            for host in (SECURE, SECURE.upper() + ".:443"):
                assert client.get(host).status == 421
    assert {seen.get("Host").lower().partition(":")[0].rstrip(".") for seen in module_backend.seen()} == {SECURE}


def test_resumed_session_is_measured_by_its_own_name(world, router):
    context_options = {"alpn": ("h2",)}
    with world.connect_http2(router, SECURE, world.frontend) as first:
        assert first.get(SECURE).status == 200
        session = first.connection.session
    made = world.context(world.frontend, None, **context_options)
    assert made
    with world.connect_http2(router, SECURE, world.frontend, session=session) as again:
        assert again.connection.resumed
        assert again.get(SECURE).status == 200
        assert again.get("other.apps.mtls.internal").status == 421
    with world.connect_http2(router, "other.apps.mtls.internal", world.frontend, session=session) as other:
        assert other.get("other.apps.mtls.internal").status == 200
        assert other.get(SECURE).status == 421


def test_policy_decides_each_stream_and_identity_headers_are_the_routers(world, router, module_backend):
    spoofed = [("x-forwarded-client-cert", "Hash=0"), ("x_forwarded_client_cert", "Hash=1"), ("client-cert", ":x:")]
    with world.connect_http2(router, SECURE, world.other_app) as client:
        assert client.get(SECURE, "/", *spoofed).status == 403
        assert client.get(SECURE).status == 403
    with world.connect_http2(router, SECURE, world.frontend) as client:
        assert client.get(SECURE, "/", *spoofed).status == 200
    [seen] = module_backend.seen()
    [forwarded] = seen.all("X-Forwarded-Client-Cert")
    assert "Hash=0" not in forwarded and "Hash=1" not in str(seen.headers)
    assert not seen.all("client-cert")


def test_each_stream_has_one_access_record(world, router):
    with world.connect_http2(router, SECURE, world.frontend) as client:
        streams = [client.request(SECURE, f"/logged-{number}") for number in range(5)]
        for stream in streams:
            client.finish(stream)
        client.get("other.apps.mtls.internal", "/logged-421")
    until(lambda: len(logged(router)) >= 6, 10, "the records")
    records = logged(router)
    assert len(records) == 6
    assert all("HTTP/2" in str(record) for record in records)
    assert sorted(record["status"] for record in records) == [200] * 5 + [421]
    assert all(APP_FRONTEND in str(record) for record in records)


def logged(router):
    return [record for record in router.access_records() if "/logged-" in str(record)]


def test_more_streams_than_the_limit_are_refused_and_may_be_sent_again(world, start_router, backend):
    gate = threading.Event()

    def script(exchange):
        while exchange.request() is not None:
            gate.wait(10)
            exchange.answer(b"ok")

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)], http2={"max_concurrent_streams": 2}))
    with world.connect_http2(router, HOST) as client:
        first = client.request(HOST)
        second = client.request(HOST)
        client.streams[5] = third = type(first)(5)
        head = [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/")]
        client.send(frame(HEADERS, 5, 5, block(*head)))
        client.read(lambda: third.reset is not None)
        assert third.reset == REFUSED_STREAM
        gate.set()
        assert [client.finish(stream).status for stream in (first, second)] == [200, 200]


def test_http2_can_be_turned_off(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)], http2={"enabled": False}))
    made = world.context(alpn=("h2", "http/1.1"))
    from harness.tls_client import Connection

    with Connection(router.port, HOST, made) as connection:
        assert connection.tls.selected_alpn_protocol() == "http/1.1"
        assert connection.get(HOST).status == 200


def test_backend_that_refuses_is_seen_as_502(world, start_router):
    with Backend() as gone:
        address = gone.address
    router = start_router(world.configuration([route(HOST, address)]))
    with world.connect_http2(router, HOST) as client:
        stream = client.get(HOST)
        assert (stream.status, stream.get("x-cf-routererror")) == (502, "endpoint_failure")
        assert client.get(HOST).status == 502
