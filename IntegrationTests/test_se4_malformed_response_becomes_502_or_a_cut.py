"""A backend's answer is read as strictly as a request; an ambiguous one never reaches the client as an answer."""

import threading

import pytest

from harness.backend import answering
from harness.http import Cut
from harness.tls_client import request
from harness.world import route
from tables import refused_responses

HOST = "plain.example.com"
HEADS, CHUNKED = refused_responses.ALL_HEADS, refused_responses.ALL_CHUNKED


def names(rows):
    return [row[0].replace(" ", "-") for row in rows]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)]))


@pytest.fixture(autouse=True)
def fresh_backend_connections(module_backend):
    module_backend.drop_connections()
    yield
    module_backend.drop_connections()


def bytewise(data):
    def script(exchange):
        while exchange.request() is not None:
            for index in range(len(data)):
                exchange.send(data[index : index + 1])

    return script


@pytest.mark.parametrize("send", [answering, bytewise], ids=["whole", "bytewise"])
@pytest.mark.parametrize("name, data", HEADS, ids=names(HEADS))
def test_malformed_head_is_answered_with_502(world, router, module_backend, name, data, send):
    if send is bytewise and len(data) > 5000:
        send = answering
    module_backend.script = send(data)
    with world.connect(router, HOST) as connection:
        response = connection.get(HOST)
        assert response.status == 502
        assert response.router_error.startswith("endpoint_failure")
        assert b"ok" not in response.body.replace(b"token", b"")
        module_backend.script = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")
        if response.get("Connection") != "close":
            assert connection.get(HOST).body == b"fine", "the connection to the backend must not be used again"


@pytest.mark.parametrize("name, data", CHUNKED, ids=names(CHUNKED))
def test_malformed_body_is_seen_as_a_cut(world, router, module_backend, name, data):
    module_backend.script = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + data)
    with world.connect(router, HOST) as connection:
        try:
            response = connection.get(HOST)
        except (Cut, OSError):
            return
    assert response.status == 502, "neither a cut nor a 502"


@pytest.mark.parametrize(
    "surplus",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworse", b"x", b"\r\n\r\n"],
    ids=["answer", "byte", "lines"],
)
def test_bytes_after_the_answer_are_given_to_nobody(world, router, module_backend, surplus):
    module_backend.script = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + surplus)
    with world.connect(router, HOST) as first:
        assert first.get(HOST).body == b"ok"
        assert first.get(HOST).body == b"ok"
    with world.connect(router, HOST) as second:
        assert second.get(HOST).body == b"ok"


POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned"


@pytest.mark.parametrize(
    "method, answer",
    [
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 59\r\n\r\n"),
    ],
    ids=["behind a whole answer", "content of a HEAD answer"],
)
def test_surplus_is_not_the_answer_to_a_pipelined_request(world, start_router, backend, method, answer):
    """Neither the client's own next request nor, on the connection it went to, another client's gets what is left."""

    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/surplus":
                exchange.send(answer + POISON)
            else:
                exchange.answer(message.target.encode())

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)], workers=1))
    with world.connect(router, HOST) as warm:
        assert warm.get(HOST, "/warm").body == b"/warm"
    with world.connect(router, HOST) as first, world.connect(router, HOST) as second:
        for _ in range(3):
            pipelined = [request(method, "/surplus", HOST), request("GET", "/of-first", HOST)]
            first.send(b"".join(pipelined + [request("GET", "/again", HOST)]))
            assert first.response(method).status == 200
            assert first.response().body == b"/of-first"
            assert second.get(HOST, "/of-second").body == b"/of-second"
            assert first.response().body == b"/again"


@pytest.mark.parametrize(
    "method, answer, rest",
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", b"POISONED"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n", POISON),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", POISON),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 46\r\n\r\n", POISON),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", POISON),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", POISON),
    ],
    ids=["HEAD", "HEAD answered twice", "HEAD, chunked", "304", "204", "too small a length"],
)
def test_surplus_in_a_segment_of_its_own_is_nobodys_answer(world, start_router, backend, method, answer, rest):
    """The rest comes when the router has passed the answer on and has had the time to send the next request."""
    passed_on, sent = threading.Event(), threading.Event()

    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/surplus":
                exchange.send(answer)
                passed_on.wait(10)
                exchange.send(rest)
                sent.set()
            else:
                exchange.answer(message.target.encode())

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)], workers=1))
    for _ in range(5):
        passed_on.clear()
        sent.clear()
        with world.connect(router, HOST) as first, world.connect(router, HOST) as second:
            first.send(request(method, "/surplus", HOST) + request("GET", "/of-first", HOST))
            assert first.response(method).status in (200, 204, 304)
            passed_on.set()
            assert first.response().body == b"/of-first"
            assert sent.wait(10)
            assert second.get(HOST, "/of-second").body == b"/of-second"


def test_unasked_for_answer_on_an_idle_connection_is_given_to_nobody(world, router, module_backend):
    def script(exchange):
        exchange.request()
        exchange.answer(b"first")
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned")
        if exchange.request() is not None:
            exchange.answer(b"second")

    module_backend.script = script
    for _ in range(3):
        with world.connect(router, HOST) as connection:
            assert connection.get(HOST).body == b"first"


def test_sound_answer_is_passed_on(world, router, module_backend):
    module_backend.script = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a\r\n\r\nok")
    with world.connect(router, HOST) as connection:
        response = connection.get(HOST)
    assert (response.status, response.get("X"), response.body) == (200, "a", b"ok")
