"""A malformed request of HTTP/2 ends its stream, one that HTTP/1.1 would refuse is answered, and all others go on."""

import pytest

from harness.http2 import HEADERS, PROTOCOL_ERROR, block, frame
from harness.world import route

pytestmark = pytest.mark.usefixtures("echoing")

HOST = "plain.example.com"


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)]))


@pytest.fixture
def client(world, router):
    with world.connect_http2(router, HOST) as client:
        yield client


@pytest.mark.parametrize(
    "head",
    [
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST)],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("Upper", "x")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("connection", "close")],
        [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", HOST),
            (":path", "/"),
            ("transfer-encoding", "chunked"),
        ],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("te", "gzip")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("host", "other.example.com")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("a", "b\r\nc: d")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/x HTTP/1.1\r\na: b")],
        [(":method", "GET"), (":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/")],
        [(":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"), ("content-length", "5")],
        [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "https"),
            (":authority", HOST),
            (":path", "/"),
        ],
    ],
)
def test_malformed_request_breaks_its_stream_alone(client, module_backend, head):
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
