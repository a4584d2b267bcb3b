"""Server-Sent Events: each event at once, for as long as both sides want it, and not a moment longer."""

import signal
import threading
import time

import pytest

from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
MUTUAL = "shop.apps.mtls.internal"
HEADS = {
    "chunked": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    "until close": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
}


class Feed:
    """A backend's script that sends one event for each permission, and notes how its connection ended."""

    def __init__(self, head="chunked"):
        self.head, self.ends = head, []
        self.more = threading.Semaphore(0)
        self.is_over = False

    def __call__(self, exchange):
        exchange.request()
        exchange.send(HEADS[self.head])
        watcher = threading.Thread(target=lambda: self.ends.append(exchange.wait_until_peer_closes()), daemon=True)
        watcher.start()
        number = 0
        while self.more.acquire(timeout=30) and not self.is_over:
            event = b"data: %d\n\n" % number
            exchange.send(b"%x\r\n%s\r\n" % (len(event), event) if self.head == "chunked" else event)
            number += 1
        if self.head == "chunked":
            exchange.send(b"0\r\n\r\n")
        exchange.finish()
        watcher.join(10)

    def end(self):
        self.is_over = True
        self.more.release()


@pytest.fixture
def start(world, start_router, backend):
    def run(feed, **router):
        backend.script = feed
        routes = [route(HOST, backend), route(MUTUAL, backend, mtls_allow_any=True)]
        return start_router(world.configuration(routes, **router))

    return run


@pytest.mark.parametrize("head", HEADS)
def test_each_event_arrives_before_the_next_is_made(world, start, head):
    feed = Feed(head)
    router = start(feed)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/events", HOST, "Accept: text/event-stream"))
        assert connection.reader.head().get("Content-Type") == "text/event-stream"
        for number in range(20):
            feed.more.release()
            assert connection.reader.until(b"\n\n").endswith(b"data: %d\n\n" % number)
        feed.end()
        connection.reader.until(b"0\r\n\r\n")
    assert router.wait_for_access(lambda record: record["target"] == "/events").get("error") is None


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_client_that_goes_away_ends_the_feed(world, start, leave):
    feed = Feed()
    router = start(feed)
    connection = world.connect(router, HOST)
    connection.send(request("GET", "/events", HOST))
    feed.more.release()
    connection.reader.until(b"\n\n")
    getattr(connection, leave)()
    # An end alone is no sign: a client that only ended its direction still reads. The next event shows it.
    until(lambda: feed.ends or feed.more.release(), 10, "the backend seeing that nobody listens")
    assert router.wait_for_access(lambda record: record["target"] == "/events")["error"] == "client_gone"
    feed.end()


def test_feed_that_the_backend_breaks_off_is_a_cut(world, start, backend):
    feed = Feed()
    router = start(feed)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/events", HOST))
        feed.more.release()
        connection.reader.until(b"\n\n")
        backend.drop_connections()
        assert connection.how_it_ends()[1] != "close_notify"
    feed.end()


def test_silent_feed_ends_after_the_response_timeout_and_events_put_it_off(world, start):
    feed = Feed()
    router = start(feed, timeouts={"response": "3s"})
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/events", HOST))
        begun = time.monotonic()
        for _ in range(10):
            feed.more.release()
            connection.reader.until(b"\n\n")
            feed.more.acquire(timeout=0.4)
        assert time.monotonic() - begun > 3.5, "longer than the timeout, with events in between"
        assert connection.how_it_ends()[1] != "close_notify"
    assert router.wait_for_access(lambda record: record["target"] == "/events")["error"] == "backend_stalled"
    feed.end()


def test_drain_leaves_a_feed_until_its_deadline(world, start):
    feed = Feed()
    router = start(feed, timeouts={"drain": "5s"})
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/events", HOST))
        feed.more.release()
        connection.reader.until(b"\n\n")
        router.signal(signal.SIGTERM)
        router.wait_for_line("router is draining")
        feed.more.release()
        assert connection.reader.until(b"\n\n").endswith(b"data: 1\n\n")
        assert router.wait_for_exit(15) == 0
    assert router.access_records()[-1]["error"] == "drain_timeout"
    feed.end()


def test_many_feeds_at_once_hold_little(world, start):
    feed = Feed()
    router = start(feed)
    before = router.memory()
    connections = [world.connect(router, MUTUAL, world.frontend) for _ in range(40)]
    for connection in connections:
        connection.send(request("GET", "/events", MUTUAL))
    for connection in connections:
        assert connection.reader.head().status == 200
    for _ in connections:
        feed.more.release()
    assert router.memory() - before < 40 * (160 << 10), "an open feed holds its TLS session and little more"
    feed.is_over = True
    for connection in connections:
        feed.more.release()
        connection.close()
