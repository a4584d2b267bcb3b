"""What the router must not change: bodies, status, framing that each side understands, and who waits for whom."""

import json
import threading

import pytest

from harness.backend import Backend, account_of, answering, echo
from harness.tls_client import request
from harness.world import route

HOST = "plain.example.com"


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)]))


@pytest.fixture(autouse=True)
def echoing(module_backend):
    module_backend.script = echo
    module_backend.drop_connections()
    module_backend.forget()


@pytest.fixture
def connection(world, router):
    with world.connect(router, HOST) as connection:
        yield connection


def chunked(*chunks, trailers=""):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailers.encode() + b"\r\n"


def test_request_arrives_as_it_was_sent(connection, module_backend):
    fields = ["Accept: */*", "X-One: 1", "x-TWO:  spaced  ", "Cookie: a=b; c=d", "Cookie: e=f"]
    connection.exchange(request("PUT", "/a/%2e/b?c=d&e=%20", HOST, *fields, body=b"body\0\xff"))
    [seen] = module_backend.seen()
    assert seen.start == "PUT /a/%2e/b?c=d&e=%20 HTTP/1.1"
    assert seen.body == b"body\0\xff"
    kept = [pair for pair in seen.headers if pair[0].lower() in ("accept", "x-one", "x-two", "cookie")]
    assert kept == [("Accept", "*/*"), ("X-One", "1"), ("x-TWO", "spaced"), ("Cookie", "a=b; c=d"), ("Cookie", "e=f")]
    assert seen.get("Host") == HOST


def test_answer_arrives_as_it_was_sent(connection, module_backend):
    body = bytes(range(256)) * 100
    head = b"HTTP/1.1 207 Multi Status Indeed\r\nContent-Length: %d\r\n" % len(body)
    head += b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\nx-Odd:\r\n\r\n"
    module_backend.script = answering(head + body)
    response = connection.get(HOST)
    assert response.start == "HTTP/1.1 207 Multi Status Indeed"
    assert response.all("Set-Cookie") == ["a=b", "c=d"]
    assert response.get("X-Odd") == ""
    assert response.body == body


def test_connection_is_kept_for_many_requests_on_both_sides(connection, module_backend):
    for number in range(50):
        assert connection.get(HOST, f"/{number}").status == 200
    assert [message.target for message in module_backend.seen()] == [f"/{number}" for number in range(50)]
    assert len([exchange for exchange in module_backend.exchanges.snapshot() if exchange.received]) == 1


def test_pipelined_requests_are_answered_in_order(connection):
    connection.send(b"".join(request("POST", f"/{number}", HOST, body=b"x" * number) for number in range(1, 20)))
    for number in range(1, 20):
        account = json.loads(connection.response().body)
        assert (account["target"], account["body_length"]) == (f"/{number}", number)


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_answer_without_content_ends_with_its_head(connection, module_backend, status):
    module_backend.script = answering(f'HTTP/1.1 {status}\r\nETag: "a"\r\n\r\n'.encode())
    for _ in range(3):
        response = connection.get(HOST)
        assert (response.status, response.body) == (int(status[:3]), b"")
        assert not response.all("Transfer-Encoding")


@pytest.mark.parametrize("field", ["Content-Length: 1234", "Transfer-Encoding: chunked"])
def test_head_request_keeps_the_fields_and_waits_for_no_content(connection, module_backend, field):
    module_backend.script = answering(f"HTTP/1.1 200 OK\r\n{field}\r\n\r\n".encode())
    for _ in range(3):
        response = connection.exchange(request("HEAD", "/", HOST))
        assert response.status == 200
        if field.startswith("Content-Length"):
            assert response.get("Content-Length") == "1234"


def test_chunked_both_ways_with_trailers(connection, module_backend):
    def script(exchange):
        message = exchange.request()
        body = chunked(b"one", message.body, trailers="X-Total: 2\r\n")
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Total\r\n\r\n" + body)

    module_backend.script = script
    head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nTE: trailers\r\n\r\n"
    response = connection.exchange(head.encode() + chunked(b"hello", b"world" * 1000, trailers="X-Sum: 9\r\n"))
    assert response.body == b"onehello" + b"world" * 1000
    assert response.trailers == [("X-Total", "2")]


def test_trailers_of_a_request_reach_the_backend(connection, module_backend):
    head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    assert connection.exchange(head.encode() + chunked(b"hello", trailers="X-Sum: 9\r\n")).status == 200
    assert module_backend.seen()[0].trailers == [("X-Sum", "9")]


def test_empty_chunked_body(connection, module_backend):
    head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert connection.exchange(head.encode() + chunked()).status == 200
    assert module_backend.seen()[0].body == b""
    assert connection.get(HOST).status == 200


def test_chunks_are_passed_on_as_they_come(connection, module_backend):
    proceed = threading.Event()

    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        assert proceed.wait(10)
        exchange.send(b"6\r\nsecond\r\n0\r\n\r\n")

    module_backend.script = script
    connection.send(request("GET", "/", HOST))
    connection.reader.until(b"first\r\n")
    proceed.set()
    assert connection.reader.until(b"0\r\n\r\n").endswith(b"second\r\n0\r\n\r\n")


def test_request_body_is_passed_on_as_it_comes(connection, module_backend):
    arrived = threading.Event()

    def script(exchange):
        exchange.head()
        assert exchange.reader.exactly(5) == b"first"
        arrived.set()
        assert exchange.reader.exactly(6) == b"second"
        exchange.answer()

    module_backend.script = script
    connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 11\r\n\r\nfirst")
    assert arrived.wait(10), "the first half waited for the second"
    connection.send(b"second")
    assert connection.response("POST").status == 200


def test_expect_100_continue_is_answered_before_the_body_is_sent(connection, module_backend):
    def script(exchange):
        head = exchange.head()
        assert head.get("Expect") == "100-continue"
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        head.body = exchange.reader.exactly(5)
        exchange.answer(account_of(head))

    module_backend.script = script
    connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert connection.reader.head().status == 100
    connection.send(b"hello")
    response = connection.response("POST")
    assert json.loads(response.body)["body_length"] == 5


def test_expect_100_continue_may_be_answered_with_a_final_status_instead(connection, module_backend):
    def script(exchange):
        exchange.head()
        exchange.answer(b"no", "413 Content Too Large")

    module_backend.script = script
    connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    response = connection.response("POST")
    assert response.status == 413


def test_early_hints_are_passed_on_before_the_answer(connection, module_backend):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2
    module_backend.script = answering(hints + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    response = connection.get(HOST)
    assert [(interim.status, interim.get("Link")) for interim in response.interim] == [(103, "</a>")] * 2
    assert response.body == b"ok"
    assert connection.get(HOST).body == b"ok"


def test_early_answer_reaches_a_client_that_still_sends(connection, module_backend):
    def script(exchange):
        exchange.head()
        exchange.answer(b"enough", "413 Content Too Large", "Connection: close")

    module_backend.script = script
    connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000000000\r\n\r\n" + "x" * 1000)
    response = connection.response("POST")
    assert (response.status, response.body) == (413, b"enough")


def test_http_1_0_client_gets_an_unchunked_answer_and_the_end_of_the_connection(connection, module_backend):
    module_backend.script = answering(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"hello", b"you")
    )
    connection.send(f"GET / HTTP/1.0\r\nHost: {HOST}\r\n\r\n")
    data, ending = connection.how_it_ends()
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert body == b"helloyou"
    assert ending == "close_notify"


def test_http_1_0_connection_is_kept_when_the_client_asks_for_it(connection):
    for number in range(3):
        connection.send(f"GET /{number} HTTP/1.0\r\nHost: {HOST}\r\nConnection: keep-alive\r\n\r\n")
        response = connection.response()
        assert response.status == 200
        assert response.get("Connection").lower() == "keep-alive"


def test_http_1_0_connection_is_kept_over_an_answer_of_the_router(connection):
    kept = b"GET / HTTP/1.0\r\nHost: nowhere.example.com\r\nConnection: keep-alive\r\n\r\n"
    for _ in range(3):
        response = connection.exchange(kept)
        assert (response.status, response.get("Connection")) == (404, "keep-alive")
    response = connection.exchange(b"GET / HTTP/1.0\r\nHost: nowhere.example.com\r\n\r\n")
    assert (response.status, response.get("Connection")) == (404, "close")
    assert connection.is_closed_by_peer()


def test_http_1_0_backend_that_ends_with_its_connection_is_a_whole_answer(connection, module_backend):
    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.0 200 OK\r\n\r\nall of it")
        exchange.finish()

    module_backend.script = script
    for _ in range(2):
        response = connection.get(HOST)
        assert response.body == b"all of it"
        if response.get("Connection") == "close":
            break
        assert response.all("Transfer-Encoding") == ["chunked"]


def test_connection_close_is_honoured(world, router, connection):
    response = connection.exchange(request("GET", "/", HOST, "Connection: close"))
    assert (response.status, response.get("Connection")) == (200, "close")
    assert connection.how_it_ends() == (b"", "close_notify")


def test_client_that_ends_its_direction_still_gets_its_answer(connection, module_backend):
    proceed = threading.Event()

    def script(exchange):
        message = exchange.request()
        assert proceed.wait(10)
        exchange.answer(account_of(message))

    module_backend.script = script
    connection.send(request("POST", "/", HOST, body=b"hello"))
    module_backend.requests.wait_for(lambda _: True)
    connection.half_close()
    proceed.set()
    assert json.loads(connection.response("POST").body)["body_length"] == 5


def test_client_that_goes_away_ends_the_request_at_the_backend(world, router, module_backend):
    ended = threading.Event()

    def script(exchange):
        exchange.request()
        exchange.wait_until_peer_closes()
        ended.set()

    module_backend.script = script
    for leave in ("close", "reset"):
        ended.clear()
        module_backend.requests.entries.clear()
        connection = world.connect(router, HOST)
        connection.send(request("GET", "/", HOST))
        module_backend.requests.wait_for(lambda message: True)
        getattr(connection, leave)()
        assert ended.wait(10), f"the backend still works for a client that left with {leave}"


def test_client_that_goes_away_mid_body_never_makes_a_whole_request(world, router, module_backend):
    for framing in ("Content-Length: 100", "Transfer-Encoding: chunked"):
        begun = threading.Event()

        def script(exchange, begun=begun):
            exchange.head()
            begun.set()
            exchange.wait_until_peer_closes()

        module_backend.script = script
        module_backend.forget()
        ended = len(module_backend.ended.entries)
        connection = world.connect(router, HOST)
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\n{framing}\r\n\r\n5\r\nhello\r\n")
        assert begun.wait(10)
        connection.reset()
        module_backend.ended.wait_for(lambda _: True, start=ended)
        assert b"\r\n0\r\n" not in module_backend.received_bytes()


def test_many_clients_at_once_get_each_their_own_answer(world, router):
    failures = []

    def client(number):
        try:
            with world.connect(router, HOST) as connection:
                for turn in range(20):
                    account = json.loads(connection.get(HOST, f"/{number}/{turn}").body)
                    assert account["target"] == f"/{number}/{turn}"
        except Exception as error:  # noqa: BLE001 - collected and shown below
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_large_body_is_the_same_on_both_ends(connection, module_backend):
    body = bytes(range(251)) * 40000

    def script(exchange):
        while (message := exchange.request()) is not None:
            exchange.answer(message.body)

    module_backend.script = script
    assert connection.exchange(request("POST", "/", HOST, body=body)).body == body


def test_account_matches_what_was_sent(world, start_router):
    """The echo itself: what other tests rely on."""
    with Backend() as backend:
        router = start_router(world.configuration([route(HOST, backend)]))
        with world.connect(router, HOST) as connection:
            account = json.loads(connection.get(HOST, "/x").body)
        [seen] = backend.seen()
        assert account == json.loads(account_of(seen))
