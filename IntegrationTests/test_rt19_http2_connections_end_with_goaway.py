"""The end of an HTTP/2 connection is told by GOAWAY and loses no request; a revocation cuts it."""

import signal
import threading
import time

import pytest

from harness.pki import CLIENT_AUTH
from harness.world import route

HOST = "a.apps.mtls.internal"


@pytest.fixture
def held(backend):
    """A backend that answers once `proceed` is set."""
    backend.proceed = threading.Event()

    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target == "/held":
                assert backend.proceed.wait(20)
            exchange.answer(b"finished")

    backend.script = script
    yield backend
    backend.proceed.set()


@pytest.fixture
def start(world, start_router, held):
    def start_it(**router):
        domains = [world.platform_domain(authorization={"mode": "none"})]
        return start_router(world.configuration([route(HOST, held)], domains, **router))

    return start_it


def test_idle_connection_ends_with_its_certificate(world, start):
    router = start()
    leaf = world.platform.leaf("short-lived", purposes=[CLIENT_AUTH], lifetime=(-5, 4 / 60))
    end = leaf.certificate.not_valid_after_utc.timestamp() + 1
    with world.connect_http2(router, HOST, leaf) as client:
        assert client.get(HOST).status == 200
        assert client.read_to_the_end() == [0]
        assert end <= time.time() < end + 5
    assert router.metric("router_connections_retired_total", reason="certificate_ended") == 1


def test_streams_in_flight_are_finished_at_the_end_of_the_connection(world, start, held):
    router = start(max_connection_age="3s")
    with world.connect_http2(router, HOST, world.frontend) as client:
        stream = client.request(HOST, "/held")
        client.read(lambda: client.goaways)
        assert client.goaways[0] == (0x7FFFFFFF, 0)
        client.read(lambda: len(client.goaways) == 2)
        assert client.goaways[1] == (stream.number, 0)
        held.proceed.set()
        client.finish(stream)
        assert (stream.status, bytes(stream.body)) == (200, b"finished")
        client.read_to_the_end()


def test_drain_finishes_streams_and_takes_no_new_ones(world, start, held):
    router = start()
    with world.connect_http2(router, HOST, world.frontend) as client:
        with world.connect_http2(router, HOST, world.frontend) as idle:
            assert idle.get(HOST).status == 200
            stream = client.request(HOST, "/held")
            held.requests.wait_for(lambda message: message.target == "/held")
            router.signal(signal.SIGTERM)
            assert idle.read_to_the_end() == [0]
        client.read(lambda: len(client.goaways) == 2)
        held.proceed.set()
        assert client.finish(stream).status == 200
        client.read_to_the_end()
    assert router.wait_for_exit(10) == 0


def test_removed_policy_applies_to_the_next_stream(world, start_router, held):
    configuration = world.configuration([route(HOST, held, mtls_allow_any=True)])
    router = start_router(configuration)
    with world.connect_http2(router, HOST, world.frontend) as client:
        assert client.get(HOST).status == 200
        router.apply(world.configuration([route(HOST, held)]))
        assert client.get(HOST).status == 403


def test_removed_domain_ends_the_connection(world, start_router, held):
    router = start_router(world.configuration([route(HOST, held, mtls_allow_any=True)]))
    with world.connect_http2(router, HOST, world.frontend) as client:
        assert client.get(HOST).status == 200
        router.apply(world.configuration([route(HOST, held)], [world.partner_domain()]))
        assert client.get(HOST).status == 421
        assert client.read_to_the_end()[-1] == 0


def test_revocation_cuts_all_streams(world, start_router, held, tmp_path):
    path = tmp_path / "platform.crl"
    path.write_text(world.platform.revocation_list())
    domain = world.platform_domain(crls=str(path), authorization={"mode": "none"})
    router = start_router(world.configuration([route(HOST, held)], [domain]))
    with world.connect_http2(router, HOST, world.frontend) as client:
        assert client.get(HOST).status == 200
        waiting = [client.request(HOST, "/held") for _ in range(3)]
        held.requests.wait_for(lambda message: message.target == "/held")
        path.write_text(world.platform.revocation_list(world.frontend))
        assert client.read_to_the_end() == []
        assert not any(stream.is_over for stream in waiting)
    router.wait_for_access(lambda record: record.get("error") == "revoked")
