"""A renewed certificate, a new bundle, a revocation and a certificate's end: and connections to backends."""

import ssl
import threading
import time

import pytest

from harness.http import Cut
from harness.mesh import HOST, ask, failures, handshakes, spiffe_id
from harness.pki import Authority
from harness.revocations import PROMISED, closed, entries
from harness.tls_client import TLS12, TLS13, request
from harness.waiting import until


def shown(backend):
    """The serial-bearing certificates that the router has shown, one a connection."""
    return [exchange.peer_certificate for exchange in backend.exchanges.snapshot() if exchange.peer_certificate]


def retired(router, reason):
    return router.metric("mtls_upstream_retired_total", reason=reason)


# Rotation


def test_renewed_certificate_is_used_at_once_and_idle_connections_are_retired(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service()))
    configuration = mesh.configuration(mesh.upstream(backend))
    router = start_router(configuration)
    assert [ask(world, router).status for _ in range(3)] == [200] * 3
    first = mesh.own.der
    assert shown(backend) == [first], "the connection is kept"
    second = mesh.renew().der
    router.apply(configuration)
    assert ask(world, router).status == 200
    assert shown(backend) == [first, second]
    until(lambda: retired(router, "identity_replaced") == 1 or len(backend.ended.snapshot()) >= 1, 10, "retirement")
    assert router.metric("mtls_cert_rotations_total", service="router", result="success") == 1
    status = router.admin("/health")[2]
    assert format(mesh.own.certificate.serial_number, "x") in status


def test_request_in_flight_finishes_on_the_old_certificate(world, mesh, start_router, start_backend):
    proceed = threading.Event()

    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/slow":
                exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nslow")
                assert proceed.wait(20)
                exchange.send(b"slow")
            else:
                exchange.answer(b"quick")

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    configuration = mesh.configuration(mesh.upstream(backend))
    router = start_router(configuration)
    with world.connect(router, HOST) as slow:
        slow.send(request("GET", "/slow", HOST))
        backend.requests.wait_for(lambda message: message.target == "/slow")
        first, second = mesh.own.der, mesh.renew().der
        router.apply(configuration)
        assert ask(world, router, path="/quick").body == b"quick"
        assert shown(backend) == [first, second]
        proceed.set()
        assert slow.response().body == b"slowslow"
    backend.ended.wait_for(lambda ended: ended[0].peer_certificate == first)
    assert ask(world, router, path="/quick").status == 200
    assert len(shown(backend)) == 2, "the connection under the new certificate is kept"


def test_bad_certificate_changes_nothing(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service()))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 200
    first, mark = mesh.own.der, len(router.log.entries)
    mesh.renew(uris=[spiffe_id("router", trust_domain="elsewhere.example")])
    router.reload_and_wait("configuration refused", mark)
    backend.drop_connections()
    assert until(lambda: ask(world, router).status == 200, 10, "the old certificate being used")
    assert set(shown(backend)) == {first}


def test_rotation_under_load_fails_no_request(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service()))
    configuration = mesh.configuration(mesh.upstream(backend), workers=2)
    router = start_router(configuration)
    over, outcomes, broken = threading.Event(), [], []

    def call():
        try:
            while not over.is_set():
                with world.connect(router, HOST) as connection:
                    for _ in range(20):
                        outcomes.append(connection.exchange(request("POST", "/", HOST, body=b"x" * 100)).status)
        except Exception as error:  # noqa: BLE001 - shown below
            broken.append(error)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    certificates = {mesh.own.der}
    for _ in range(6):
        before = len(outcomes)
        certificates.add(mesh.renew().der)
        router.apply(configuration)
        until(lambda before=before: len(outcomes) > before + 40 or broken, 20, "traffic after a rotation")
    over.set()
    for caller in callers:
        caller.join(20)
    assert not broken, broken
    assert set(outcomes) == {200}
    assert set(shown(backend)) == certificates
    assert len(backend.seen()) == len(outcomes), "a request came twice, or not at all"


def test_bundle_with_two_roots_and_then_the_new_one(world, mesh, start_router, start_backend):
    """A roll-over of the upstreams' root: both are trusted for a while, then the old one is not."""
    next_root = Authority.root("Mesh Root 2")
    old, new = mesh.service(), mesh.service(issuer=next_root.intermediate("Mesh Issuer 2"))
    backend = start_backend(tls=mesh.context(old))
    next_roots = str(next_root.save(mesh.directory, "next-root"))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 200
    router.apply(mesh.configuration(mesh.upstream(backend), mtls=mesh.section(ca_certs=[mesh.roots, next_roots])))
    assert ask(world, router).status == 200
    backend.tls = mesh.context(new)
    backend.drop_connections()
    until(lambda: ask(world, router).status == 200, 10, "the new root being trusted")
    router.apply(mesh.configuration(mesh.upstream(backend), mtls=mesh.section(ca_certs=next_roots)))
    assert ask(world, router).status == 200
    backend.tls = mesh.context(old)
    backend.drop_connections()
    until(lambda: ask(world, router).status == 526, 10, "the old root not being trusted")


# The end of certificates


def test_idle_connection_ends_with_the_backends_certificate(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service(lifetime=(-5, 10 / 60))))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 200
    backend.ended.wait_for(lambda _: True, 25)
    assert ask(world, router).status == 526
    assert failures(router, reason="expired") == 1


def test_long_response_is_cut_when_the_backends_certificate_has_ended(world, mesh, start_router, start_backend):
    over = threading.Event()

    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not over.wait(0.1):
            exchange.send(b"1\r\nx\r\n")

    backend = start_backend(script, tls=mesh.context(mesh.service(lifetime=(-5, 10 / 60))))
    router = start_router(mesh.configuration(mesh.upstream(backend), timeouts={"drain": "1s"}))
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        with pytest.raises((Cut, ssl.SSLError, ConnectionError)):
            connection.response()
    over.set()
    record = router.wait_for_access(lambda record: record.get("error") == "upstream_certificate_ended")
    assert record["upstream_tls_error"].startswith("expired: ")
    assert retired(router, "certificate_ended") == 1


def test_own_certificate_that_has_ended_opens_no_connection(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service()))
    mesh.renew(lifetime=(-5, 10 / 60))
    configuration = mesh.configuration(mesh.upstream(backend))
    router = start_router(configuration)
    assert ask(world, router).status == 200
    until(lambda: ask(world, router).status == 503, 25, "the end of the certificate")
    assert router.wait_for_access(lambda record: record.get("error") == "upstream_identity_missing")
    assert failures(router, reason="identity_missing") >= 1
    mesh.renew()
    router.apply(configuration)
    assert ask(world, router).status == 200


# Revocation


@pytest.fixture
def followed(world, mesh, start_router, start_backend, authority):
    """A router that follows an authority, and the certificate of the backend that it calls."""

    def start(script=None, **options):
        leaf = mesh.service()
        backend = start_backend(*([script] if script else []), tls=mesh.context(leaf, **options))
        router = start_router(mesh.configuration(mesh.upstream(backend), revocation=authority.section()))
        authority.wait_for_stream()
        return router, backend, leaf

    return start


@PROMISED
def test_revoked_backend_is_cut_off_and_refused(world, mesh, authority, followed, within):
    router, backend, leaf = followed()
    assert ask(world, router).status == 200
    before = time.monotonic()
    authority.revoke(leaf)
    backend.ended.wait_for(lambda _: True)
    assert time.monotonic() - before < within
    assert closed(router) == 1 and retired(router, "revoked") == 1
    response = ask(world, router)
    assert response.status == 526
    assert len(backend.seen()) == 1
    authority.release(leaf)
    until(lambda: entries(router) == 0, 10, "the release being known")
    until(lambda: ask(world, router).status == 200, 10, "the released backend being used")


def test_revocation_cuts_a_response_in_flight(world, mesh, authority, followed):
    over = threading.Event()

    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        over.wait(30)

    router, backend, leaf = followed(script)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        until(lambda: connection.reader.fill() and b"half" in connection.reader.buffer, 10, "half of the response")
        authority.revoke(leaf)
        assert connection.how_it_ends()[1] in ("cut", "reset")
    record = router.wait_for_access(lambda record: record.get("error") == "upstream_revoked")
    assert record["upstream_tls_error"].startswith("revoked: ")
    over.set()


def test_revocation_answers_a_request_that_waits_with_526(world, mesh, authority, followed):
    over = threading.Event()

    def script(exchange):
        exchange.request()
        over.wait(30)

    router, backend, leaf = followed(script)
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        backend.requests.wait_for(lambda _: True)
        authority.revoke(leaf)
        assert connection.response().status == 526
    over.set()


def test_revoked_authority_of_backends_cuts_them_off(world, mesh, authority, followed):
    router, backend, leaf = followed()
    assert ask(world, router).status == 200
    authority.revoke(type(leaf)(mesh.issuer.certificate, mesh.issuer.key, []))
    backend.ended.wait_for(lambda _: True)
    assert ask(world, router).status == 526


def test_another_revocation_leaves_the_backend_alone(world, mesh, authority, followed):
    router, backend, leaf = followed()
    assert ask(world, router).status == 200
    authority.revoke(mesh.service("orders"))
    until(lambda: entries(router) == 1, 10, "the revocation being known")
    assert ask(world, router).status == 200
    assert len(backend.exchanges.snapshot()) == 1, "the connection is kept"


def test_backend_is_refused_while_nothing_is_known_of_revocations(world, mesh, start_router, start_backend, authority):
    backend = start_backend(tls=mesh.context(mesh.service()))
    authority.stop()
    section = authority.section(on_stale="refuse")
    router = start_router(mesh.configuration(mesh.upstream(backend), revocation=section))
    assert ask(world, router).status == 503
    assert router.wait_for_access(lambda record: record.get("error") == "upstream_revocation_unknown")
    assert backend.seen() == []
    authority.start()
    until(lambda: ask(world, router).status == 200, 20, "the backend being used once revocations are known")


# Resumption


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_sessions_are_resumed_and_the_backend_verified_again(world, mesh, authority, followed, version):
    def script(exchange):
        exchange.request()
        exchange.answer(b"ok", "200 OK", "Connection: close")

    router, backend, leaf = followed(script, version=version)
    assert [ask(world, router).status for _ in range(3)] == [200] * 3
    assert [exchange.is_resumed for exchange in backend.exchanges.snapshot()] == [False, True, True]
    assert handshakes(router, result="resumed") == 2
    authority.revoke(leaf)
    until(lambda: entries(router) == 1, 10, "the revocation being known")
    assert ask(world, router).status == 526
    assert len(backend.seen()) == 3
    assert failures(router, reason="revoked") >= 1


def test_no_session_is_resumed_under_another_certificate(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.request()
        exchange.answer(b"ok", "200 OK", "Connection: close")

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    configuration = mesh.configuration(mesh.upstream(backend))
    router = start_router(configuration)
    assert [ask(world, router).status for _ in range(2)] == [200] * 2
    mesh.renew()
    router.apply(configuration)
    assert ask(world, router).status == 200
    assert [exchange.is_resumed for exchange in backend.exchanges.snapshot()] == [False, True, False]


def test_no_session_is_resumed_for_an_upstream_that_must_be_another(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.request()
        exchange.answer(b"ok", "200 OK", "Connection: close")

    backend = start_backend(script, tls=mesh.context(mesh.service()))
    router = start_router(
        mesh.configuration(mesh.upstream(backend), mesh.upstream(backend, name="orders", service_name="orders"))
    )
    assert [ask(world, router).status for _ in range(2)] == [200] * 2
    assert ask(world, router, "orders.example.com").status == 503
    assert len(backend.seen()) == 2
