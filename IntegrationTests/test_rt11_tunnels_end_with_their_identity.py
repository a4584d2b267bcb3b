"""A tunnel lives no longer than what let it be opened: the certificate, the listener's mode, the connection's age."""

import time

import pytest

from harness.revocations import closed, feed_age
from harness.waiting import until
from harness.world import ORG_SHOP, SPACE_SHOP, route

HOST = "db.apps.mtls.internal"


@pytest.fixture
def ends():
    return []


@pytest.fixture
def database(start_backend, ends):
    """Answers each line with itself, and notes how its connection ended."""

    def script(exchange):
        try:
            while line := exchange.reader.until(b"\n"):
                exchange.send(line)
        except Exception as error:
            ends.append(type(error).__name__)
            raise

    return start_backend(script)


def open_tunnel(world, router, identity):
    connection = world.connect(router, HOST, identity)
    connection.send(f"CONNECT {HOST}:5432 HTTP/1.1\r\nHost: {HOST}:5432\r\n\r\n")
    assert connection.reader.head().status == 200
    connection.send(b"hello\n")
    assert connection.reader.until(b"\n") == b"hello\n"
    return connection


def tunnels(router):
    return router.metric("router_tunnels_open")


def test_revoked_certificate_cuts_its_tunnels_at_once_and_no_others(world, start_router, authority, database, ends):
    domains = [world.platform_domain(authorization={"mode": "none"})]
    routes = [route(HOST, database, tunnel=True)]
    router = start_router(world.configuration(routes, domains, revocation=authority.section()))
    until(lambda: feed_age(router) is not None, 10, "the feed being followed")
    revoked = world.platform.cloud_foundry("3b1f6f4e-0000-4000-8000-000000000001", SPACE_SHOP, ORG_SHOP)
    other = world.platform.cloud_foundry("3b1f6f4e-0000-4000-8000-000000000002", SPACE_SHOP, ORG_SHOP)
    with open_tunnel(world, router, revoked) as cut, open_tunnel(world, router, other) as kept:
        assert tunnels(router) == 2
        authority.revoke(revoked)
        assert cut.how_it_ends()[1] in ("cut", "reset")
        until(lambda: ends, 10, "the database seeing the end")
        assert ends[0] == "ConnectionResetError"
        assert closed(router) == 1
        kept.send(b"still here\n")
        assert kept.reader.until(b"\n") == b"still here\n"
        assert tunnels(router) == 1
    record = router.wait_for_access(lambda record: record.get("error") == "revoked")
    assert (record["method"], record["status"]) == ("CONNECT", 200)


def test_end_of_the_certificate_ends_the_tunnel_within_the_drain_time(world, start_router, database):
    lifetime = (-5, 4 / 60)
    identity = world.platform.cloud_foundry(
        "3b1f6f4e-0000-4000-8000-000000000003", SPACE_SHOP, ORG_SHOP, lifetime=lifetime
    )
    configuration = world.configuration([route(HOST, database, mtls_allow_any=True, tunnel=True)])
    configuration["router"]["timeouts"] = {"drain": "1s"}
    router = start_router(configuration)
    begun = time.monotonic()
    with open_tunnel(world, router, identity) as connection:
        assert connection.how_it_ends()[1] != "close_notify"
    assert time.monotonic() - begun < 10
    assert router.wait_for_access(lambda record: record["method"] == "CONNECT")["error"] == "connection_ended"
    assert router.metric("router_connections_retired_total", reason="certificate_ended") == 1
    until(lambda: tunnels(router) == 0, 10, "the tunnel being counted out")
