"""Each known way to make an HTTP/2 server work for nothing ends that connection, and nobody else notices."""

import threading

import pytest

from harness.backend import echo
from harness.hanging import FullBacklog
from harness.http2 import (
    CANCEL,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    ENHANCE_YOUR_CALM,
    FLOW_CONTROL_ERROR,
    FRAME_SIZE_ERROR,
    HEADERS,
    PING,
    PRIORITY,
    PROTOCOL_ERROR,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    block,
    frame,
)
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
GET = block((":method", "GET"), (":scheme", "https"), (":authority", HOST), (":path", "/"))
POST = block((":method", "POST"), (":scheme", "https"), (":authority", HOST), (":path", "/"))


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)]))


@pytest.fixture(autouse=True)
def echoing(module_backend):
    module_backend.script = echo


@pytest.fixture
def witness(world, router):
    """Another client, whose connection goes on as if nothing were."""
    with world.connect_http2(router, HOST) as other:
        yield other
        assert other.get(HOST).status == 200


@pytest.fixture
def client(world, router, witness):
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST).status == 200
        yield client


def number(word):
    return word.to_bytes(4, "big")


def flood(client, pieces):
    """Sends the pieces until the router ends the connection; answers the codes of its GOAWAY frames."""
    try:
        for piece in pieces:
            client.send(piece)
    except OSError:
        pass
    return client.read_to_the_end()


def is_told(router, code):
    return until(lambda: router.metric("router_protocol_violations_total", code=code), 10, f"the metric of {code}")


def streams(count):
    return range(3, 3 + 2 * count, 2)


def test_rapid_reset(client, router):
    pieces = (frame(HEADERS, 5, at, GET) + frame(RST_STREAM, 0, at, number(CANCEL)) for at in streams(2000))
    assert flood(client, pieces) == [ENHANCE_YOUR_CALM]
    assert is_told(router, "h2_reset_flood")


@pytest.mark.parametrize(
    "provoke",
    [
        lambda at: frame(WINDOW_UPDATE, 0, at, number(0)),
        lambda at: frame(WINDOW_UPDATE, 0, at, number(0x7FFFFFFF)),
        lambda at: frame(DATA, END_STREAM, at, b"x"),
        lambda at: frame(HEADERS, 5, at, block(("a", "b"))),
    ],
    ids=["empty window update", "window overflow", "data after the end", "headers after the end"],
)
def test_resets_that_the_client_provokes(client, provoke):
    pieces = (frame(HEADERS, 5, at, GET) + provoke(at) for at in streams(2000))
    assert flood(client, pieces) == [ENHANCE_YOUR_CALM]


def test_malformed_requests_without_end(client):
    pieces = (frame(HEADERS, 5, at, GET + block(("connection", "close"))) for at in streams(2000))
    assert flood(client, pieces) == [ENHANCE_YOUR_CALM]


def test_continuation_flood(client, router):
    begun = frame(HEADERS, END_STREAM, 3, GET)
    assert flood(client, [begun] + [frame(CONTINUATION, 0, 3, block(("a", "b")))] * 1000) == [ENHANCE_YOUR_CALM]
    assert is_told(router, "h2_continuation_flood")


def test_header_block_without_end(client, router):
    large = block(("a", "v" * 15_000))
    pieces = [frame(HEADERS, END_STREAM, 3, GET)] + [frame(CONTINUATION, 0, 3, large)] * 14
    assert flood(client, pieces) == [ENHANCE_YOUR_CALM]
    assert is_told(router, "h2_header_block_too_large")


def test_header_bomb(client, router):
    entry = b"\x40\x01a" + b"\x7f" + b"\x9d\x1e" + b"v" * 3996
    assert len(entry) == 6 + 3996
    bomb = frame(HEADERS, 5, 3, GET + entry + b"\xbe" * 10_000)
    assert flood(client, [bomb]) == [ENHANCE_YOUR_CALM]
    assert is_told(router, "h2_header_expansion")
    assert router.memory() < 400 << 20


@pytest.mark.parametrize(
    "piece, code",
    [
        (frame(PING, 0, 0, b"12345678"), "h2_control_frame_flood"),
        (frame(SETTINGS), "h2_control_frame_flood"),
        (frame(SETTINGS, 0, 0, b"\0\4" + number(1000)), "h2_control_frame_flood"),
        (frame(PRIORITY, 0, 3, number(0) + b"\0"), "h2_control_frame_flood"),
        (frame(0xEE, 0, 3, b"unknown"), "h2_control_frame_flood"),
        (frame(WINDOW_UPDATE, 0, 0, number(1)), "h2_window_update_flood"),
        (frame(DATA, 0, 3), "h2_empty_frame_flood"),
        (frame(DATA, 8, 3, b"\x01\0"), "h2_empty_frame_flood"),
    ],
    ids=["ping", "settings", "full settings", "priority", "unknown", "window update", "empty data", "padding alone"],
)
def test_flood_of_one_frame(client, router, piece, code):
    client.send(frame(HEADERS, END_HEADERS, 3, POST))
    assert flood(client, [piece * 10] * 1000) == [ENHANCE_YOUR_CALM]
    assert is_told(router, code)


@pytest.mark.parametrize(
    "piece, code",
    [
        (frame(WINDOW_UPDATE, 0, 0, number(0x7FFFFFFF)), FLOW_CONTROL_ERROR),
        (frame(WINDOW_UPDATE, 0, 0, number(0)), PROTOCOL_ERROR),
        (frame(SETTINGS, 0, 0, b"\0\4" + number(0x80000000)), FLOW_CONTROL_ERROR),
        (b"\x00\x40\x01" + frame(DATA, 0, 3)[3:] + b"x" * 16385, FRAME_SIZE_ERROR),
        (frame(DATA, 0, 99, b"x"), PROTOCOL_ERROR),
        (frame(HEADERS, 5, 2, GET), PROTOCOL_ERROR),
        (frame(HEADERS, 5, 3, b"\xff\xff\xff\xff\xff\xff"), 9),
    ],
    ids=["window", "no window", "settings window", "large frame", "idle stream", "even stream", "compression"],
)
def test_what_breaks_the_protocol_ends_the_connection(client, piece, code):
    assert flood(client, [piece]) == [code]


def test_content_beyond_the_window_breaks_its_stream(world, start_router):
    # Nothing of the content can go on, so that nothing of the window is given back.
    with FullBacklog() as endpoint:
        router = start_router(
            world.configuration(
                [route(HOST, endpoint)], http2={"stream_window_bytes": 65535, "connection_window_bytes": 1 << 20}
            )
        )
        with world.connect_http2(router, HOST) as client:
            stream = client.request(HOST, method="POST", end=False)
            for _ in range(5):
                client.send(frame(DATA, 0, stream.number, b"x" * 16384))
            client.read(lambda: stream.reset is not None)
            assert stream.reset == FLOW_CONTROL_ERROR


def test_client_that_opens_no_window_is_reset_and_holds_little(world, start_router, backend):
    def script(exchange):
        while exchange.request() is not None:
            exchange.answer(b"x" * (8 << 20))

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)], timeouts={"body_idle": "1s"}))
    with world.connect_http2(router, HOST, window=0, acknowledges=False) as client:
        before = router.memory()
        waiting = [client.request(HOST) for _ in range(50)]
        client.read(lambda: all(stream.status for stream in waiting))
        assert router.memory() - before < 16 << 20
        client.read(lambda: all(stream.reset is not None for stream in waiting))
        assert not any(stream.body for stream in waiting)
        assert client.get(HOST, method="HEAD").status == 200


def test_half_a_frame_is_not_waited_for_for_ever(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)], timeouts={"request_head": "500ms"}))
    for piece in (frame(HEADERS, END_STREAM, 3, GET), frame(HEADERS, 5, 3, GET)[:-1], b"\0\0\1"):
        with world.connect_http2(router, HOST) as client:
            assert client.get(HOST).status == 200
            client.send(piece)
            assert client.read_to_the_end() == [0]


def test_client_that_sends_nothing_is_ended_in_order(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)], timeouts={"keep_alive": "500ms"}))
    with world.connect_http2(router, HOST) as client:
        assert client.get(HOST).status == 200
        assert client.read_to_the_end() == [0]


@pytest.mark.parametrize(
    "length", ["0000000000000000000005", "000000000000000000000", "+5", "5, 5", "", "99999999999999999999"]
)
def test_length_that_readers_could_take_for_different_ones_is_refused(client, module_backend, length):
    """What follows the content would become a request of nobody's on the backend's connection."""
    module_backend.forget()
    fields = [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", HOST),
        (":path", "/"),
        ("content-length", length),
    ]
    stream = client.open(fields, body=None, end=False)
    smuggled = f"GET /smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    client.send(frame(DATA, END_STREAM, stream.number, b"hello" + smuggled))
    client.finish(stream)
    assert stream.status == 400 or stream.status is None and stream.reset == PROTOCOL_ERROR
    assert not module_backend.seen()
    assert client.get(HOST).status == 200, "the other streams are not concerned"


def test_uploads_that_are_cancelled_leave_the_connection_its_window(world, start_router, start_backend):
    def reads_nothing(exchange):
        exchange.head()
        exchange.wait_until_peer_closes()

    slow, well = start_backend(reads_nothing, receive_buffer=4096), start_backend()
    router = start_router(world.configuration([route(f"{HOST}/slow", slow), route(HOST, well)]))
    with world.connect_http2(router, HOST) as client:
        for _ in range(8):
            stream = client.request(HOST, "/slow", method="POST", end=False)
            until(lambda: slow.requests.snapshot(), 10, "the request")
            for _ in range(16):
                room = min(client.state.local_flow_control_window(stream.number), 16384)
                if room > 0:
                    client.state.send_data(stream.number, b"x" * room)
                    client.flush()
            client.state.reset_stream(stream.number, CANCEL)
            client.flush()
        upload = client.request(HOST, "/ok", method="POST", end=False)
        client.content(upload, b"y" * 1000, True)
        client.finish(upload)
        assert upload.status == 200


def test_client_that_measures_its_way_while_content_comes_is_no_flood(world, start_router, start_backend):
    count, proceed = 1000, threading.Semaphore(1)

    def chatty(exchange):
        exchange.request()
        exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(count):
            assert proceed.acquire(timeout=20)
            exchange.send("5\r\nhello\r\n")
        exchange.send("0\r\n\r\n")

    router = start_router(world.configuration([route(HOST, start_backend(chatty))]))
    with world.connect_http2(router, HOST) as client:
        stream = client.request(HOST)
        for number in range(1, count + 1):
            client.read(lambda wanted=5 * number: len(stream.body) >= wanted)
            client.send(frame(PING, 0, 0, b"measured"))
            proceed.release()
        client.finish(stream)
        assert (stream.status, bytes(stream.body)) == (200, b"hello" * count)
