"""A backend that ends in the middle of an answer never makes that answer look whole."""

import pytest

from harness.http import Cut
from harness.tls_client import request
from harness.world import route

HOST = "plain.example.com"
OK = b"HTTP/1.1 200 OK\r\n"

HALVES = {
    "length": OK + b"Content-Length: 10\r\n\r\nhalf",
    "length, no byte of the body": OK + b"Content-Length: 10\r\n\r\n",
    "length, one byte short": OK + b"Content-Length: 10\r\n\r\n123456789",
    "inside a chunk": OK + b"Transfer-Encoding: chunked\r\n\r\na\r\nhalf",
    "after a chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "inside a chunk's size": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n1",
    "before the last line end": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    "inside the trailers": OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\nX: a",
}
ENDS = {"reset": lambda exchange: exchange.reset(), "close": lambda exchange: exchange.finish()}


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)]))


@pytest.fixture(autouse=True)
def fresh_backend_connections(module_backend):
    module_backend.drop_connections()


def dying(data, end):
    def script(exchange):
        exchange.request()
        exchange.send(data)
        ENDS[end](exchange)

    return script


def acknowledged(data, end):
    """The same, but the end comes only after the client has said that it has read the beginning."""

    def script(exchange):
        exchange.head()
        exchange.send(data)
        exchange.reader.until(b"read")
        ENDS[end](exchange)

    return script


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("half", HALVES)
def test_half_an_answer_is_a_cut(world, router, module_backend, half, end):
    module_backend.script = dying(HALVES[half], end)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        try:
            response = connection.response()
        except (Cut, OSError):
            return
        assert response.status == 502, "an answer that ended early was passed on as a whole one"
        assert response.router_error.startswith("endpoint_failure")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("half", ["length", "after a chunk"])
def test_beginning_that_has_arrived_is_followed_by_the_end_of_the_connection(world, router, module_backend, half, end):
    module_backend.script = acknowledged(HALVES[half], end)
    with world.connect(router, HOST) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n")
        connection.reader.until(b"half")
        connection.send(b"read")
        rest, _ = connection.how_it_ends()
    assert rest.strip() == b"", f"nothing may follow a cut: {rest!r}"


def test_close_delimited_answer_that_is_reset_is_a_cut_for_http_1_1(world, router, module_backend):
    module_backend.script = acknowledged(OK + b"\r\nhalf", "reset")
    with world.connect(router, HOST) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n")
        head = connection.reader.head()
        connection.reader.until(b"half")
        connection.send(b"read")
        rest, ending = connection.how_it_ends()
    if "chunked" in "".join(head.all("Transfer-Encoding")):
        assert b"0\r\n" not in rest
    else:
        assert ending != "close_notify"


def test_close_delimited_answer_that_is_reset_is_a_cut_for_http_1_0(world, router, module_backend):
    module_backend.script = acknowledged(OK + b"\r\nhalf", "reset")
    with world.connect(router, HOST) as connection:
        connection.send(f"POST / HTTP/1.0\r\nHost: {HOST}\r\nContent-Length: 1000\r\n\r\n")
        connection.reader.until(b"half")
        connection.send(b"read")
        _, ending = connection.how_it_ends()
    assert ending != "close_notify", "an HTTP/1.0 client would take close_notify for the end of the answer"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 20", OK, OK + b"Content-Length: 4\r\n"], ids=repr)
def test_end_before_the_head_is_whole_is_502(world, router, module_backend, part, end):
    module_backend.script = dying(part, end)
    with world.connect(router, HOST) as connection:
        response = connection.exchange(request("POST", "/", HOST, body=b"x"))
        assert response.status == 502
        assert response.router_error.startswith("endpoint_failure")


def test_502_names_no_backend_address(world, router, module_backend):
    module_backend.script = dying(b"", "reset")
    with world.connect(router, HOST) as connection:
        response = connection.exchange(request("POST", "/", HOST, body=b"x"))
    assert str(module_backend.port).encode() not in response.raw_head + response.body


def test_whole_answers_before_and_after_are_whole(world, router, module_backend):
    module_backend.script = lambda exchange: (
        exchange.request() and exchange.answer(b"whole", "200 OK", "Connection: close")
    )
    with world.connect(router, HOST) as connection:
        assert [connection.get(HOST).body for _ in range(3)] == [b"whole"] * 3
