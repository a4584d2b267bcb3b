"""Plain text in place of TLS: only where it is allowed, counted and told each time, and never for a wrong identity."""

import threading

import pytest

from harness.backend import echo
from harness.mesh import HOST, ask, failures, handshakes
from harness.tls_client import request


def plain_answers(exchange):
    """A backend without TLS: it answers what is no HTTP with 400 and closes."""
    first = exchange.sock.recv(1)
    if first == b"\x16":
        exchange.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    exchange.reader.buffer += first
    echo(exchange)


def closes_on_tls(exchange):
    first = exchange.sock.recv(1)
    if first != b"\x16":
        exchange.reader.buffer += first
        echo(exchange)


@pytest.mark.parametrize("script", [plain_answers, closes_on_tls])
def test_fallback_happens_only_where_it_is_allowed_and_is_counted(world, mesh, start_router, start_backend, script):
    backend = start_backend(script)
    allowed = mesh.upstream(backend, name="allowed", allow_fallback=True)
    router = start_router(mesh.configuration(mesh.upstream(backend), allowed))
    assert ask(world, router).status == 525
    assert backend.seen() == []
    assert [ask(world, router, "allowed.example.com").status for _ in range(3)] == [200] * 3
    assert len(backend.seen()) == 3
    assert router.metric("mtls_upstream_fallback_total", upstream="allowed") == 3
    assert router.metric("mtls_upstream_fallback_total", upstream="users") == 0
    assert failures(router, "allowed", reason="not_tls" if script is plain_answers else "closed") == 1
    line = router.log.wait_for(lambda line: "allow_fallback" in (line.get("message") or ""), 10, "the warning")
    assert (line["level"], line["upstream"]) == ("warning", "allowed")


def test_request_with_a_body_falls_back_whole(world, mesh, start_router, start_backend):
    backend = start_backend(plain_answers)
    router = start_router(mesh.configuration(mesh.upstream(backend, allow_fallback=True)))
    with world.connect(router, HOST) as connection:
        body = b"b" * 100_000
        assert connection.exchange(request("POST", "/", HOST, body=body)).status == 200
    assert [message.body for message in backend.seen()] == [body]


def test_backend_that_hangs_on_tls_falls_back_after_the_connect_timeout(world, mesh, start_router, start_backend):
    over = threading.Event()

    def script(exchange):
        first = exchange.sock.recv(1)
        if first == b"\x16":
            over.wait(30)
            return
        exchange.reader.buffer += first
        echo(exchange)

    backend = start_backend(script)
    upstream = mesh.upstream(backend, allow_fallback=True)
    router = start_router(mesh.configuration(upstream, timeouts={"connect": "300ms"}))
    assert ask(world, router).status == 200
    over.set()


def test_wrong_identity_is_never_fallen_back_from(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service("orders")))
    router = start_router(mesh.configuration(mesh.upstream(backend, allow_fallback=True)))
    assert ask(world, router).status == 503
    assert router.metric("mtls_upstream_fallback_total") == 0
    assert backend.seen() == []


def test_tls_is_used_where_it_is_spoken_though_fallback_is_allowed(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend, allow_fallback=True)))
    assert ask(world, router).status == 200
    assert handshakes(router, result="full") == 1
    assert router.metric("mtls_upstream_fallback_total") == 0
