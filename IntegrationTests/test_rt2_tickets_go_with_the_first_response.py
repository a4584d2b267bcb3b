"""Session tickets cost no segment of their own where a response is due, and nobody who waits for them waits in vain."""

import select
import socket
import ssl
import threading

import pytest

from harness.world import route

HOST, SLOW = "a.apps.mtls.internal", "b.apps.mtls.internal"
APPLICATION_DATA = 23


class SlowService:
    """A backend that answers when it is told to, and says when it was asked."""

    def __init__(self):
        self.asked, self.gate = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, exchange):
        while exchange.request() is not None:
            self.asked.release()
            assert self.gate.acquire(timeout=20), "nobody opens the gate"
            exchange.answer(b"late")


@pytest.fixture
def service():
    return SlowService()


@pytest.fixture
def router(world, start_router, start_backend, service):
    slow, quick = start_backend(service), start_backend()
    return start_router(
        world.configuration([route(HOST, quick, mtls_allow_any=True), route(SLOW, slow, mtls_allow_any=True)])
    )


class SplitClient:
    """A client that decides which records travel in one segment."""

    def __init__(self, world, port, host):
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = world.context(world.frontend, ssl.TLSVersion.TLSv1_3, fresh=True)
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.raw.close()

    def shake_hands(self):
        """Goes on until the client has no more to say but its last flight, which is left in `outgoing`."""
        while True:
            try:
                return self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self.raw.sendall(self.outgoing.read())
                self.receive()

    def receive(self):
        """Takes what one read of the socket gives, and answers the types of its records."""
        data = self.raw.recv(65536)
        assert data, "the router has closed"
        self.incoming.write(data)
        types, position = [], 0
        while position + 5 <= len(data):
            types.append(data[position])
            position += 5 + int.from_bytes(data[position + 3 : position + 5])
        return types

    def send(self, *plaintext):
        """Sends what is left of the handshake, and records for each plaintext, at once."""
        for text in plaintext:
            self.tls.write(text.encode())
        self.raw.sendall(self.outgoing.read())

    def read(self):
        """The plaintext of what was received; nothing where it was for the library alone."""
        try:
            return self.tls.read(65536)
        except ssl.SSLWantReadError:
            return b""

    @property
    def is_silent(self):
        return not select.select([self.raw], [], [], 0)[0]

    @property
    def is_resumable(self):
        return self.tls.session is not None and self.tls.session.has_ticket


def test_tickets_come_at_once_for_a_client_that_says_nothing_yet(world, router):
    with SplitClient(world, router.port, HOST) as client:
        client.shake_hands()
        client.send()
        assert client.receive() == [APPLICATION_DATA]
        assert client.read() == b"" and client.is_resumable


def test_tickets_come_with_the_response_to_a_request_that_came_with_the_handshake(world, router, service):
    # On a machine that stands still for a second, they have come by themselves before the service is asked.
    assert any(come_together(world, router, service) for _ in range(3)), "the tickets have a segment of their own"


def come_together(world, router, service):
    """Whether tickets and response come in one segment, and nothing before the response."""
    with SplitClient(world, router.port, SLOW) as client:
        client.shake_hands()
        client.send(f"GET / HTTP/1.1\r\nHost: {SLOW}\r\n\r\n")
        assert service.asked.acquire(timeout=20)
        was_silent = client.is_silent
        service.gate.release()
        types = client.receive()
        content = client.read()
        while not content.endswith(b"late"):
            client.receive()
            content += client.read()
        assert client.is_resumable
        return was_silent and types == [APPLICATION_DATA] * 2


def test_tickets_do_not_wait_for_ever_for_a_service_that_does_not_answer(world, router, service):
    """Who gives up, and who opens more connections meanwhile, can resume all the same."""
    with SplitClient(world, router.port, SLOW) as client:
        client.shake_hands()
        client.send(f"GET / HTTP/1.1\r\nHost: {SLOW}\r\n\r\n")
        assert service.asked.acquire(timeout=20)
        assert client.receive() == [APPLICATION_DATA]
        assert client.read() == b"" and client.is_resumable
        service.gate.release()
        assert client.receive() == [APPLICATION_DATA], "the tickets are not sent twice"
        assert client.read().endswith(b"late")


def test_tickets_do_not_wait_for_a_request_that_is_not_complete(world, router, service):
    """A client whose segments are held until it hears something would wait for its own request."""
    with SplitClient(world, router.port, SLOW) as client:
        client.shake_hands()
        client.send(f"POST / HTTP/1.1\r\nHost: {SLOW}\r\nContent-Length: 5\r\n\r\n")
        assert client.receive() == [APPLICATION_DATA]
        assert client.read() == b"" and client.is_resumable
        client.send("12345")
        service.gate.release()
        client.receive()
        assert client.read().endswith(b"late")


def test_tickets_do_not_wait_for_a_head_that_is_not_complete(world, router):
    with SplitClient(world, router.port, HOST) as client:
        client.shake_hands()
        client.send("GET / HTT")
        assert client.receive() == [APPLICATION_DATA]
        assert client.read() == b"" and client.is_resumable


def test_refused_request_takes_the_tickets_along_too(world, router):
    with SplitClient(world, router.port, HOST) as client:
        client.shake_hands()
        client.send("GET / HTTP/1.1\r\nHost: nobody.example\r\n\r\n")
        assert client.receive() == [APPLICATION_DATA] * 2
        assert b" 421 " in client.read().split(b"\r\n", 1)[0] and client.is_resumable
