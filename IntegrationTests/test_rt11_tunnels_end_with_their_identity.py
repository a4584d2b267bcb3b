"""A tunnel lives no longer than what let it be opened: certificate, policy, listener's mode, the connection's age."""

import time

import pytest
from websockets.exceptions import ConnectionClosed

from harness.revocations import closed, feed_age
from harness.waiting import until
from harness.websocket import WebSocketServer, echo, open_websocket
from harness.world import APP_FRONTEND, APP_OTHER, ORG_OTHER, ORG_SHOP, SPACE_SHOP, route

HOST = "db.apps.mtls.internal"
SHOP = "shop.apps.mtls.internal"


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


def open_tunnel(world, router, identity, host=HOST, **options):
    connection = world.connect(router, host, identity, **options)
    connection.send(f"CONNECT {host}:5432 HTTP/1.1\r\nHost: {host}:5432\r\n\r\n")
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
    configuration = world.configuration([route(HOST, database, mtls_allow_any=True, tunnel=True)])
    configuration["router"]["timeouts"] = {"drain": "1s"}
    router = start_router(configuration)
    # Only now, as the time that a router takes to start is not the certificate's.
    identity = world.platform.cloud_foundry(
        "3b1f6f4e-0000-4000-8000-000000000003", SPACE_SHOP, ORG_SHOP, lifetime=(-5, 8 / 60)
    )
    begun = time.monotonic()
    with open_tunnel(world, router, identity, within=20) as connection:
        assert connection.how_it_ends()[1] != "close_notify"
    # The drain time that is not configured would be half a minute longer.
    assert time.monotonic() - begun < 30
    assert router.wait_for_access(lambda record: record["method"] == "CONNECT")["error"] == "connection_ended"
    assert router.metric("router_connections_retired_total", reason="certificate_ended") == 1
    until(lambda: tunnels(router) == 0, 10, "the tunnel being counted out")


# What is decided about the caller


@pytest.fixture
def open_to(world, database):
    """The configuration of a router on which these apps may open tunnels."""

    def configuration(*apps, domains=None, **options):
        routes = [route(HOST, database, mtls_allowed_apps=",".join(apps), **{"tunnel": True, **options})]
        return world.configuration(routes, domains, workers=1)

    return configuration


def still_answers(connection):
    connection.send(b"still here\n")
    return connection.reader.until(b"\n") == b"still here\n"


def withdrawn(router):
    return router.metric("router_tunnels_withdrawn_total", kind="connect")


def test_tunnel_ends_soon_after_its_policy_and_others_stay(world, start_router, open_to, ends):
    router = start_router(open_to(APP_FRONTEND, APP_OTHER))
    with (
        open_tunnel(world, router, world.frontend) as denied,
        open_tunnel(world, router, world.other_app) as allowed,
    ):
        router.apply(open_to(APP_OTHER))
        begun = time.monotonic()
        assert denied.how_it_ends()[1] in ("cut", "reset")
        assert time.monotonic() - begun < 3
        until(lambda: ends, 10, "the database seeing the end")
        record = router.wait_for_access(lambda record: record.get("error") == "denied")
        assert (record["status"], record["mtls_auth"]) == (200, "denied")
        assert record["mtls_denied_reason"]
        assert withdrawn(router) == 1
        assert still_answers(allowed)
        with world.connect(router, HOST, world.frontend) as connection:
            assert connection.get(HOST).status == 403


@pytest.mark.parametrize("change", ["another source", "another route", "route is gone"])
def test_tunnel_survives_what_does_not_concern_its_caller(world, start_router, open_to, database, change):
    beside = "beside.apps.mtls.internal"

    def configuration(*apps, beside_apps, has_route=True):
        made = open_to(*apps)
        routes = made["router"]["routes"]
        routes.append(route(beside, database, mtls_allowed_apps=beside_apps, tunnel=True))
        made["router"]["routes"] = routes if has_route else routes[1:]
        return made

    router = start_router(configuration(APP_FRONTEND, beside_apps=APP_OTHER))
    with (
        open_tunnel(world, router, world.frontend) as kept,
        open_tunnel(world, router, world.other_app, beside) as denied,
    ):
        apps = [APP_FRONTEND, APP_OTHER] if change == "another source" else [APP_FRONTEND]
        router.apply(configuration(*apps, beside_apps=APP_FRONTEND, has_route=change != "route is gone"))
        # The end of the one shows that all have been measured.
        assert denied.how_it_ends()[1] in ("cut", "reset")
        until(lambda: withdrawn(router) == 1 and tunnels(router) == 1, 10, "the tunnel being counted out")
        assert still_answers(kept)


@pytest.mark.parametrize(
    "change, error",
    [("tunnel", "tunnel_not_allowed"), ("domain", "misdirected_request"), ("anchors", "certificate_no_longer_valid")],
)
def test_tunnel_ends_with_what_else_let_it_be_opened(world, start_router, open_to, change, error):
    router = start_router(open_to(APP_FRONTEND))
    next_configuration = {
        "tunnel": lambda: open_to(APP_FRONTEND, tunnel=False),
        "domain": lambda: open_to(APP_FRONTEND, domains=[world.partner_domain()]),
        "anchors": lambda: open_to(APP_FRONTEND, domains=[world.platform_domain(ca_certs=world.partner_roots)]),
    }[change]()
    with open_tunnel(world, router, world.frontend) as connection:
        router.apply(next_configuration)
        assert connection.how_it_ends()[1] in ("cut", "reset")
    assert router.wait_for_access(lambda record: record["method"] == "CONNECT")["error"] == error
    assert withdrawn(router) == 1


def test_removed_policy_ends_the_websockets_that_it_let_through(world, plane, gateway):
    with WebSocketServer(echo) as server:
        route = plane.route(plane.domain(), "shop", server)
        policy = plane.policy(route, f"cf:app:{APP_FRONTEND}")
        other = plane.policy(route, f"cf:org:{ORG_OTHER}")
        gateway.wait_for(426, SHOP, world.frontend)
        gateway.wait_for(426, SHOP, world.other_app)
        with (
            open_websocket(world, gateway.router, SHOP, "/a", world.frontend) as denied,
            open_websocket(world, gateway.router, SHOP, "/b", world.other_app) as allowed,
        ):
            plane.ok("DELETE", f"/v3/route_policies/{policy}")
            with pytest.raises(ConnectionClosed):
                denied.recv(5)
            allowed.send("still here")
            assert allowed.recv(5) == "still here"
            plane.ok("DELETE", f"/v3/route_policies/{other}")
            with pytest.raises(ConnectionClosed):
                allowed.recv(5)
    assert gateway.router.metric("router_tunnels_withdrawn_total", kind="upgrade") == 2
