"""What the tests of a router that follows an authority have in common: its routes, and how its callers fare."""

import pytest

from harness.http import Cut
from harness.tls_client import TLS13, Refused
from harness.waiting import until
from harness.world import route

HOST, PLAIN = "a.apps.mtls.internal", "plain.example.com"
REVOKED, UNKNOWN = 44, 46
# A second is promised. Beside other tests the writes to disk and the processes' turns alone may take longer; the soak,
# which runs alone, holds to the promise itself.
PROMISED = pytest.mark.parametrize("within", [5, pytest.param(1, marks=pytest.mark.soak)])


class Following:
    """Starts routers that follow an authority, and asks them."""

    def __init__(self, world, start_router, backend, authority):
        self._world, self._start_router, self._backend, self._authority = world, start_router, backend, authority

    def start(self, waits=True, **section):
        """A router with these options of `router.revocation`, by default once it follows the authority."""
        domains = [self._world.platform_domain(authorization={"mode": "none"})]
        routes = [route(HOST, self._backend), route(PLAIN, self._backend)]
        section = self._authority.section(**section)
        router = self._start_router(self._world.configuration(routes, domains, revocation=section))
        if waits:
            until(lambda: feed_age(router) is not None, 10, "the feed being followed")
        return router

    def outcome(self, router, identity, version=TLS13):
        """The status of a request on a new connection, or the alert that refused it as a negative number."""
        try:
            with self._world.connect(router, HOST, identity, version) as connection:
                return connection.get(HOST).status
        except Refused as refused:
            return -refused.alert if refused.alert else 0
        except (Cut, OSError) as error:
            reason = getattr(error, "reason", "") or ""
            return {
                "SSLV3_ALERT_CERTIFICATE_REVOKED": -REVOKED,
                "SSLV3_ALERT_CERTIFICATE_UNKNOWN": -UNKNOWN,
            }.get(reason, 0)


def feed_age(router):
    """Seconds since the feed was complete; None before it was once."""
    ages = [value for name, _, value in router.metrics() if name == "mtls_revocation_feed_age_seconds"]
    return ages[0] if ages else None


def is_cut(connection):
    """Waits for the connection's end and answers whether it was one without close_notify and without an answer."""
    data, ending = connection.how_it_ends()
    assert data == b""
    return ending in ("cut", "reset")


def closed(router):
    return router.metric("mtls_revocation_connections_closed_total")


def entries(router):
    return router.metric("mtls_revocation_entries")
