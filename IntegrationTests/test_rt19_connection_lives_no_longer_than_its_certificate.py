"""A connection ends with the certificate that opened it, or at a configured age: in order, and losing no request."""

import threading
import time
from datetime import datetime

import pytest

from harness.pki import CLIENT_AUTH
from harness.tls_client import TLS12, TLS13, request
from harness.waiting import until
from harness.world import route

HOST, PLAIN = "a.apps.mtls.internal", "plain.example.com"
VERSIONS = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
SECONDS = 1 / 60


@pytest.fixture
def start(world, start_router, backend):
    def start_it(**router):
        domains = [world.platform_domain(authorization={"mode": "none"})]
        routes = [route(HOST, backend), route(PLAIN, backend)]
        return start_router(world.configuration(routes, domains, **router))

    return start_it


def caller(authority, seconds):
    """A client certificate that ends in so many seconds, and the second at which it does."""
    leaf = authority.leaf("short-lived", purposes=[CLIENT_AUTH], lifetime=(-5, seconds * SECONDS))
    return leaf, end_of(leaf.certificate)


def end_of(certificate):
    """The first moment at which a certificate is not valid any more: its last second is a whole one."""
    return certificate.not_valid_after_utc.timestamp() + 1


def retired(router, reason):
    return router.metric("router_connections_retired_total", reason=reason)


@VERSIONS
def test_idle_connection_is_closed_in_order_at_the_end_of_its_certificate(world, start, version):
    router = start()
    leaf, end = caller(world.platform, 4)
    with world.connect(router, HOST, leaf, version) as connection:
        assert connection.get(HOST).status == 200
        assert connection.how_it_ends() == (b"", "close_notify")
        assert end <= time.time() < end + 5
    assert retired(router, "certificate_ended") == 1


def test_connection_that_never_asked_anything_is_closed_as_well(world, start):
    router = start()
    leaf, end = caller(world.platform, 4)
    with world.connect(router, HOST, leaf) as connection:
        assert connection.how_it_ends() == (b"", "close_notify")
        assert end <= time.time() < end + 5


def test_end_of_an_intermediate_counts(world, start):
    router = start()
    issuer = world.platform_root.intermediate("Short-lived Issuer", lifetime=(-5, 4 * SECONDS))
    end = end_of(issuer.certificate)
    with world.connect(router, HOST, issuer.leaf("long-lived")) as connection:
        assert connection.get(HOST).status == 200
        assert connection.how_it_ends() == (b"", "close_notify")
        assert end <= time.time() < end + 5


def test_connection_of_a_certificate_that_lives_stays(world, start):
    router = start()
    leaf, end = caller(world.platform, 4)
    with world.connect(router, HOST, leaf) as ending, world.connect(router, HOST, world.frontend) as staying:
        assert staying.get(HOST).status == 200
        assert ending.is_closed_by_peer()
        assert time.time() >= end
        assert staying.get(HOST).status == 200
    assert retired(router, "certificate_ended") == 1


def test_request_in_flight_is_finished_and_answered_as_the_last_one(world, start, backend):
    router = start()
    leaf, end = caller(world.platform, 4)
    answer = threading.Event()

    def wait_and_answer(exchange):
        exchange.request()
        answer.wait(20)
        exchange.answer(b"late but whole")

    backend.script = wait_and_answer
    with world.connect(router, HOST, leaf) as connection:
        connection.send(request("GET", "/", HOST))
        until(lambda: retired(router, "certificate_ended") == 1, 10, "the connection retiring")
        assert time.time() >= end
        answer.set()
        response = connection.response()
        assert (response.status, response.body, response.get("connection")) == (200, b"late but whole", "close")
        assert connection.how_it_ends() == (b"", "close_notify")


def test_response_that_outlasts_the_drain_time_is_cut(world, start, backend):
    router = start(timeouts={"drain": "500ms"})
    leaf, end = caller(world.platform, 4)

    def send_half(exchange):
        exchange.request()
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return exchange.wait_until_peer_closes()

    backend.script = send_half
    with world.connect(router, HOST, leaf) as connection:
        connection.send(request("GET", "/", HOST))
        data, ending = connection.how_it_ends()
        assert data.endswith(b"half") and ending in ("cut", "reset")
        assert end + 0.5 <= time.time() < end + 5
    assert router.wait_for_access(lambda record: record.get("error") == "connection_ended")
    assert backend.ended.wait_for(lambda entry: entry[1] in ("closed", "reset"))


def test_busy_connection_is_told_ahead_and_loses_no_request(world, start):
    router = start()
    # A tenth of it is how long the end is told ahead, and how long neither side may be held up.
    leaf, end = caller(world.platform, 9)
    asked = 0
    with world.connect(router, HOST, leaf) as connection:
        while True:
            asked += 1
            response = connection.get(HOST, f"/{asked}")
            assert response.status == 200
            if response.get("connection") == "close":
                break
        assert time.time() > end - 1
        assert connection.how_it_ends() == (b"", "close_notify")
    # By the clock of the router: the client may have read it later.
    last = router.wait_for_access(lambda record: record["target"] == f"/{asked}")
    assert datetime.fromisoformat(last["time"]).timestamp() + last["duration_us"] / 1e6 < end


@pytest.mark.parametrize("host", [HOST, PLAIN])
def test_configured_age_ends_connections(world, start, host):
    router = start(max_connection_age="2s")
    identity = world.frontend if host == HOST else None
    begun = time.monotonic()
    with world.connect(router, host, identity) as connection:
        assert connection.get(host).status == 200
        assert connection.how_it_ends() == (b"", "close_notify")
        assert 1.9 < time.monotonic() - begun < 8
    assert retired(router, "max_age") == 1 and retired(router, "certificate_ended") == 0


def test_age_is_counted_from_the_beginning_however_busy_the_connection_is(world, start):
    router = start(max_connection_age="6s")
    begun = time.monotonic()
    with world.connect(router, PLAIN) as connection:
        while (response := connection.get(PLAIN)).get("connection") != "close":
            assert response.status == 200
            assert time.monotonic() - begun < 8
        assert response.status == 200
        assert time.monotonic() - begun > 5


def test_certificate_that_ends_before_the_age_decides(world, start):
    router = start(max_connection_age="1h")
    leaf, end = caller(world.platform, 4)
    with world.connect(router, HOST, leaf) as connection:
        assert connection.is_closed_by_peer()
        assert end <= time.time() < end + 5
