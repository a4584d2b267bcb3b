"""Whatever two readers could understand differently is refused by the router and never reaches a backend."""

import socket

import pytest

from harness.http import Cut
from harness.tls_client import request
from harness.waiting import until
from harness.world import route
from tables import accepted_requests, refused_bodies, refused_requests

HOST = refused_requests.HOST


def names(rows):
    return [row[0].replace(" ", "-") for row in rows]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(
        world.configuration([route(HOST, module_backend), route("other.example.com", module_backend)])
    )


def send(connection, data, byte_by_byte):
    try:
        if byte_by_byte:
            connection.send_byte_by_byte(data)
        else:
            connection.send(data)
    except (BrokenPipeError, ConnectionResetError):
        pass  # The router has answered and closed before it read all; the answer is read next.


@pytest.mark.parametrize("name, data, status", refused_requests.ALL, ids=names(refused_requests.ALL))
def test_refused_in_one_piece(world, router, module_backend, name, data, status):
    assert_refused(world, router, module_backend, data, status, byte_by_byte=False)


_SMALL = [row for row in refused_requests.ALL if len(row[1]) < 2000]


@pytest.mark.parametrize("name, data, status", _SMALL, ids=names(_SMALL))
def test_refused_byte_by_byte(world, router, module_backend, name, data, status):
    assert_refused(world, router, module_backend, data, status, byte_by_byte=True)


def assert_refused(world, router, backend, data, status, byte_by_byte):
    backend.forget()
    with world.connect(router, HOST) as connection:
        send(connection, data, byte_by_byte)
        response = connection.response()
        assert response.status in (status if isinstance(status, tuple) else (status,))
        assert response.get("Connection") == "close"
        rest, _ = connection.how_it_ends()
    assert rest == b"", "nothing may follow the refusal"
    assert backend.received_bytes() == b""


_BODY_RUNS = [(name, body, False) for name, body in refused_bodies.ALL]
_BODY_RUNS += [(f"{name} bytewise", body, True) for name, body in refused_bodies.ALL if len(body) < 2000]


@pytest.mark.parametrize("name, body, byte_by_byte", _BODY_RUNS, ids=names(_BODY_RUNS))
def test_body_that_goes_wrong_is_never_a_whole_request(world, router, module_backend, name, body, byte_by_byte):
    module_backend.forget()
    with world.connect(router, HOST) as connection:
        connection.send(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n")
        send(connection, body, byte_by_byte)
        response = connection.response()
        assert response.status in (400, 431)
        rest, _ = connection.how_it_ends()
    assert rest == b""
    assert module_backend.seen() == []
    assert b"/smuggled" not in module_backend.received_bytes()


@pytest.mark.parametrize("byte_by_byte", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("name, data, length", accepted_requests.ALL, ids=names(accepted_requests.ALL))
def test_unusual_but_sound_request_is_served_and_the_next_one_too(
    world, router, module_backend, name, data, length, byte_by_byte
):
    module_backend.forget()
    with world.connect(router, HOST) as connection:
        send(connection, data, byte_by_byte and len(data) < 2000)
        assert connection.response().status == 200
        if b"HTTP/1.0" in data:
            assert connection.is_closed_by_peer()
        else:
            assert connection.get(HOST, "/next").status == 200
    first, *following = module_backend.seen()
    assert len(first.body) == length
    assert [message.target for message in following] == ([] if b"HTTP/1.0" in data else ["/next"])


def test_refusal_ends_a_connection_that_was_served_before(world, router, module_backend):
    module_backend.forget()
    with world.connect(router, HOST) as connection:
        good = request("GET", "/first", HOST)
        bad = f"POST /second HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".encode()
        connection.send(good + bad + request("GET", "/third", HOST))
        assert [connection.response().status, connection.response().status] == [200, 400]
        rest, _ = connection.how_it_ends()
    assert rest == b""
    assert [message.target for message in module_backend.seen()] == ["/first"]


@pytest.mark.parametrize("half_closes", [False, True], ids=["keeps sending side open", "ends its side"])
def test_refusal_is_read_by_a_client_that_was_still_sending(world, router, half_closes):
    for _ in range(5):
        with world.connect(router, HOST) as connection:
            connection.send(request("POST", "/", "nowhere.example.com", body=b"x" * 4_000_000))
            if half_closes:
                socket.socket.shutdown(connection.tls, socket.SHUT_WR)
            assert connection.response("POST").status == 404
            assert connection.how_it_ends() == (b"", "close_notify")


def test_refusals_are_counted_by_their_code(world, router):
    before = router.metric("router_protocol_violations_total", code="missing_host")
    with world.connect(router, HOST) as connection:
        response = connection.exchange(b"GET / HTTP/1.1\r\n\r\n")
        assert (response.status, response.router_error) == (400, "empty_host")
    assert router.metric("router_protocol_violations_total", code="missing_host") == before + 1


def test_message_that_ends_early_is_no_request(world, router, module_backend):
    module_backend.forget()
    for part in (b"GET / HT", f"GET / HTTP/1.1\r\nHost: {HOST}\r\n".encode()):
        with world.connect(router, HOST) as connection:
            connection.send(part)
            connection.half_close()
            try:
                assert connection.response().status == 400
            except Cut:
                pass
    assert module_backend.received_bytes() == b""


@pytest.mark.parametrize("fewer", [50, 120])
def test_nothing_behind_a_refusal_is_served_even_when_the_refusal_cannot_be_sent_yet(
    world, router, module_backend, fewer
):
    """The client does not read, so the refusal waits behind other answers; what comes after it is still no request.

    How much the system takes of what nobody reads is not known, so several amounts below it are tried.
    """
    with world.connect(router, HOST, receive_buffer=2048) as probe:
        most = flood(router, probe)
    count = (most - fewer) // 10 * 10
    module_backend.forget()
    with world.connect(router, HOST, receive_buffer=2048) as connection:
        before = router.metric("router_requests_total")
        # In the rhythm of the flood: how much the system takes depends on it.
        for sent in range(10, count + 1, 10):
            connection.send(UNKNOWN * 10)
            until(lambda sent=sent: router.metric("router_requests_total") - before >= sent, 10, "the answers")
        refused = router.metric("router_protocol_violations_total")
        connection.send(request("POST", "/bad", HOST, "Content-Length: 6", "Transfer-Encoding: chunked"))
        until(lambda: router.metric("router_protocol_violations_total") > refused, 10, "the refusal")
        connection.send(request("GET", "/smuggled", HOST))
        assert [connection.response().status for _ in range(count)] == [404] * count
        assert connection.response().status == 400
        rest, _ = connection.how_it_ends()
    assert rest == b""
    assert module_backend.received_bytes() == b""


UNKNOWN = request("GET", "/x", "nowhere.example")


def flood(router, connection):
    """Sends requests, reading nothing, until the router reads no more; how many it answered."""
    before, sent = router.metric("router_requests_total"), 0

    def answered():
        return int(router.metric("router_requests_total") - before)

    while True:
        connection.send(UNKNOWN * 10)
        sent += 10
        try:
            until(lambda wanted=sent: answered() >= wanted, 0.5, "the answers")
        except AssertionError:
            return answered()
