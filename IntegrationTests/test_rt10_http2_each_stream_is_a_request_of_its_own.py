"""HTTP/2 with clients: every stream is a request like any other, and what becomes of one concerns no other."""

import json
import threading

import httpx
import pytest

from harness.backend import answering, echo
from harness.http2 import CANCEL, HEADERS, REFUSED_STREAM, block, frame
from harness.ports import free_port
from harness.tls_client import Connection
from harness.tools import run
from harness.waiting import until
from harness.world import APP_FRONTEND, route

pytestmark = pytest.mark.usefixtures("echoing")

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
        with Connection(router.port, HOST, world.context(alpn=offered)) as connection:
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
    head = (
        b"HTTP/1.1 207 Multi Status\r\nContent-Length: 3\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nSet-Cookie: a=b\r\n"
    )
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
    text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    text += b"3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 7\r\n\r\n"
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
    record = router.wait_for_access(
        lambda record: record.get("path", record.get("uri", "")) == "/hang" or "/hang" in str(record)
    )
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


def test_policy_decides_each_stream_and_identity_headers_are_the_routers(world, router, module_backend):
    spoofed = [
        ("x-forwarded-client-cert", "Hash=spoofed"),
        ("x_forwarded_client_cert", "Hash=spoofed"),
        ("client-cert", ":x:"),
    ]
    with world.connect_http2(router, SECURE, world.other_app) as client:
        assert client.get(SECURE, "/", *spoofed).status == 403
        assert client.get(SECURE).status == 403
    with world.connect_http2(router, SECURE, world.frontend) as client:
        assert client.get(SECURE, "/", *spoofed).status == 200
    [seen] = module_backend.seen()
    [forwarded] = seen.all("X-Forwarded-Client-Cert")
    assert "spoofed" not in str(seen.headers) and forwarded.startswith("Hash=")
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

    with Connection(router.port, HOST, made) as connection:
        assert connection.tls.selected_alpn_protocol() == "http/1.1"
        assert connection.get(HOST).status == 200


def test_backend_that_refuses_is_seen_as_502(world, start_router):
    router = start_router(world.configuration([route(HOST, f"127.0.0.1:{free_port()}")]))
    with world.connect_http2(router, HOST) as client:
        stream = client.get(HOST)
        assert (stream.status, stream.get("x-cf-routererror")) == (502, "endpoint_failure")
        assert client.get(HOST).status == 502
