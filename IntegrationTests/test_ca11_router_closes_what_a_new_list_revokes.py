"""A revocation list that a reload brings closes the open connections that it names, and no other."""

import time

import pytest

from harness.pki import CLIENT_AUTH
from harness.revocations import PROMISED
from harness.tls_client import request
from harness.waiting import until
from harness.world import route

HOST = "a.apps.mtls.internal"


@pytest.fixture
def start(world, start_router, backend, tmp_path):
    """Starts a router whose platform domain has a revocation list with this content, and answers router and file."""

    def start_it(text):
        path = tmp_path / "platform.crl"
        path.write_text(text)
        domain = world.platform_domain(crls=str(path), authorization={"mode": "none"})
        return start_router(world.configuration([route(HOST, backend)], [domain])), path

    return start_it


def replace(path, text):
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


def closed(router):
    return router.metric("mtls_revocation_connections_closed_total")


@PROMISED
def test_idle_connections_are_cut_within_a_second_and_others_stay(world, start, within):
    router, path = start(world.platform.revocation_list(world.other_app))
    revoked = [world.connect(router, HOST, world.frontend) for _ in range(10)]
    staying = [world.connect(router, HOST, leaf) for leaf in others(world, 20)]
    for connection in revoked + staying:
        assert connection.get(HOST).status == 200
    mark = len(router.log.entries)
    replace(path, world.platform.revocation_list(world.other_app, world.frontend))
    router.log.wait_for(lambda line: line.get("message") == "configuration reloaded", start=mark)
    reloaded = time.monotonic()
    for connection in revoked:
        data, ending = connection.how_it_ends()
        assert data == b"" and ending in ("cut", "reset")
    assert time.monotonic() - reloaded < within
    for connection in staying:
        assert connection.get(HOST).status == 200
        connection.close()
    assert closed(router) == 10
    assert router.metric("mtls_revocation_cut_seconds_count") == 1
    assert router.metric("mtls_auth_failure_total", reason="revoked") == 10


def test_exchange_in_flight_is_aborted_on_both_sides_and_logged(world, start, backend):
    router, path = start(world.platform.revocation_list())

    def never_answer(exchange):
        exchange.request()
        return exchange.wait_until_peer_closes()

    backend.script = never_answer
    with world.connect(router, HOST, world.frontend) as connection:
        connection.send(request("GET", "/in-flight", HOST))
        until(backend.seen, 10, "the request reaching the backend")
        replace(path, world.platform.revocation_list(world.frontend))
        data, ending = connection.how_it_ends()
        assert data == b"" and ending in ("cut", "reset")
    assert backend.ended.wait_for(lambda entry: entry[1] in ("closed", "reset"))
    record = router.wait_for_access(lambda record: record.get("error") == "revoked")
    assert record["target"] == "/in-flight" and record["status"] == 0
    assert closed(router) == 1


def test_list_without_news_closes_nothing(world, start):
    router, path = start(world.platform.revocation_list(world.other_app))
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
        replace(path, world.platform.revocation_list(world.other_app, lifetime=(-1, 30)))
        router.apply(router.configuration)
        assert connection.get(HOST).status == 200
    assert closed(router) == 0


def others(world, count):
    return [world.platform.leaf(f"caller-{number}", purposes=[CLIENT_AUTH]) for number in range(count)]
