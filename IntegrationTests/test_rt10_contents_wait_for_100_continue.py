"""Expect: 100-continue, every way that it can go, and that no byte of content is taken for a request."""

import threading

import pytest

from harness.backend import account_of
from harness.tls_client import request
from harness.world import route

HOST = "plain.example.com"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def router(world, start_router, backend):
    return start_router(world.configuration([route(HOST, backend)]))


@pytest.fixture
def connection(world, router):
    with world.connect(router, HOST) as connection:
        yield connection


def head(*fields, version="1.1", framing="Content-Length: 5"):
    return "\r\n".join([f"POST / HTTP/{version}", f"Host: {HOST}", "Expect: 100-continue", framing, *fields, "", ""])


def continuing(exchange):
    """Asks for the content and answers with an account of the request, again and again."""
    while exchange.reader.buffer or exchange.reader.fill():
        message = exchange.head()
        exchange.send(CONTINUE)
        message.body = exchange.reader.exactly(5)
        exchange.answer(account_of(message))


def test_client_that_waits_sends_when_it_is_told(connection, backend):
    backend.script = continuing
    for _ in range(2):
        connection.send(head())
        assert connection.reader.head().status == 100
        connection.send(b"hello")
        assert connection.response("POST").status == 200
    assert [message.get("Expect") for message in backend.seen()] == ["100-continue"] * 2
    assert len(backend.exchanges.snapshot()) == 1


def test_client_that_does_not_wait_is_served_the_same(connection, backend):
    backend.script = continuing
    for _ in range(2):
        connection.send(head() + "hello")
        response = connection.response("POST")
        assert response.status == 200
        assert [interim.status for interim in response.interim] == [100]


def test_chunked_content_waits_as_well(connection, backend):
    def script(exchange):
        message = exchange.head()
        exchange.send(CONTINUE)
        assert exchange.reader.until(b"0\r\n\r\n").startswith(b"5\r\nhello\r\n")
        exchange.answer(account_of(message))

    backend.script = script
    connection.send(head(framing="Transfer-Encoding: chunked"))
    assert connection.reader.head().status == 100
    connection.send(b"5\r\nhello\r\n0\r\n\r\n")
    assert connection.response("POST").status == 200


def test_backend_that_reads_on_without_a_word_gets_the_content(connection, backend):
    """A client may grow tired of waiting (RFC 9110 section 10.1.1)."""
    backend.script = lambda exchange: exchange.answer(exchange.request().body)
    connection.send(head())
    backend.exchanges.wait_for(lambda exchange: True)
    connection.send(b"hello")
    response = connection.response("POST")
    assert (response.status, response.interim, response.body) == (200, [], b"hello")


@pytest.mark.parametrize("status", ["401 Unauthorized", "413 Content Too Large", "200 OK"])
def test_final_answer_without_100_ends_a_connection_that_still_owes_content(connection, backend, status):
    def script(exchange):
        exchange.head()
        exchange.answer(b"no", status)

    backend.script = script
    connection.send(head())
    response = connection.response("POST")
    assert (response.status, response.body, response.get("Connection")) == (int(status[:3]), b"no", "close")
    connection.send(request("GET", "/smuggled", HOST))
    assert connection.is_closed_by_peer()
    assert len(backend.seen()) == 1


def test_final_answer_to_a_client_that_did_not_wait_keeps_the_content_out_of_requests(connection, backend):
    def script(exchange):
        exchange.head()
        exchange.answer(b"no", "417 Expectation Failed")

    backend.script = script
    smuggled = request("GET", "/smuggled", HOST).decode()
    connection.send(head(framing=f"Content-Length: {len(smuggled)}") + smuggled)
    assert connection.response("POST").status == 417
    assert all(message.target == "/" for message in backend.seen())


def test_answer_of_the_router_itself_asks_for_no_content(world, start_router, backend):
    router = start_router(world.configuration([route("shop.apps.mtls.internal", backend)]))
    with world.connect(router, "shop.apps.mtls.internal", world.frontend) as connection:
        connection.send(head().replace(HOST, "shop.apps.mtls.internal"))
        response = connection.response("POST")
        assert (response.status, response.interim, response.get("Connection")) == (403, [], "close")
    assert backend.seen() == []


def test_http_1_0_client_gets_no_interim_answer(connection, backend):
    def script(exchange):
        exchange.head()
        exchange.send(CONTINUE)
        assert exchange.reader.exactly(5) == b"hello"
        exchange.answer(b"done")

    backend.script = script
    connection.send(head(version="1.0") + "hello")
    data, _ = connection.how_it_ends()
    assert data.startswith(b"HTTP/1.1 200") and data.endswith(b"done")


@pytest.mark.parametrize("expectation", ["200-ok", "100-continue, other", ""])
def test_other_expectation_is_refused(connection, backend, expectation):
    response = connection.exchange(request("POST", "/", HOST, f"Expect: {expectation}", body=b"hello"))
    assert response.status == 417
    assert backend.seen() == []


def test_expectation_without_content_is_just_a_request(connection, backend):
    for framing in ("Content-Length: 0", "X-None: 1"):
        connection.send(head(framing=framing))
        assert connection.response("POST").status == 200


def test_100_that_nobody_waits_for_is_passed_on_before_the_answer(connection, backend):
    def script(exchange):
        while message := exchange.request():
            exchange.send(CONTINUE)
            exchange.answer(account_of(message))

    backend.script = script
    response = connection.get(HOST)
    assert ([interim.status for interim in response.interim], response.status) == ([100], 200)


def test_content_comes_while_the_answer_is_under_way(connection, backend):
    """An early answer whose content goes on: neither direction waits for the other to end."""
    begun, proceed = threading.Event(), threading.Event()

    def script(exchange):
        exchange.head()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
        begun.set()
        assert exchange.reader.exactly(5) == b"hello"
        assert proceed.wait(10)
        exchange.send(b"other")

    backend.script = script
    connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5\r\n\r\n")
    assert begun.wait(10)
    assert connection.reader.head().status == 200
    assert connection.reader.exactly(5) == b"first"
    connection.send(b"hello")
    proceed.set()
    assert connection.reader.exactly(5) == b"other"
