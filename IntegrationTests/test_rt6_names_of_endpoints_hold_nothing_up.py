"""Names of endpoints are resolved apart from policies: one that does not resolve delays no change and is told."""

import json

import pytest

from harness.control_plane import ControlPlane, Gateway
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_OTHER

HOST = "api.apps.mtls.internal"
NAMED = "named.apps.mtls.internal"
MISSING = "no-such.invalid"


@pytest.fixture
def plane(tmp_path):
    plane = ControlPlane(tmp_path / "plane-0").start()
    yield plane
    plane.authority.stop()


@pytest.fixture
def gateway(world, start_router, plane, tmp_path):
    return Gateway(world, start_router, plane.feed(tmp_path))


def component(router, name):
    return json.loads(router.admin("/health")[2])["components"].get(name)


def test_name_that_does_not_resolve_is_told_and_holds_no_policy_up(world, plane, gateway, backend):
    domain = plane.domain()
    route = plane.route(domain, "api", backend)
    plane.policy(route, f"cf:app:{APP_FRONTEND}")
    removed = plane.policy(route, f"cf:org:{ORG_OTHER}")
    gateway.wait_for(200, HOST, world.other_app)
    named = plane.route(domain, "named", {"host": MISSING, "port": 9000})
    plane.policy(named, f"cf:app:{APP_FRONTEND}")
    plane.ok("DELETE", f"/v3/route_policies/{removed}")
    gateway.wait_for(403, HOST, world.other_app)
    assert gateway.status(HOST, world.frontend) == 200
    line = gateway.router.wait_for_line("the name of endpoints does not resolve")
    assert line["name"] == MISSING
    until(lambda: MISSING in (component(gateway.router, "names") or {}).get("reason", ""), 5, "the name in health")
    until(lambda: gateway.router.metric("router_unresolved_names") == 1, 5, "the name in the metrics")
    # A name that is not needed any more is no trouble; the policy of its route was in force all the time.
    assert gateway.status(NAMED, world.other_app) == 403
    assert gateway.status(NAMED, world.frontend) == 503
    plane.ok("DELETE", f"/v3/routes/{named}")
    until(lambda: component(gateway.router, "names") is None, 5, "the name being forgotten")
    until(lambda: gateway.router.metric("router_unresolved_names") == 0, 5, "the name being counted no more")


def test_name_that_resolves_leads_requests_beside_one_that_does_not(world, plane, gateway, backend):
    port = int(backend.address.rpartition(":")[2])
    destinations = [{"host": "localhost", "port": port}, {"host": MISSING, "port": 9000}]
    plane.policy(plane.route(plane.domain(), "named", *destinations), f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, NAMED, world.frontend)
    assert gateway.status(NAMED, world.other_app) == 403


def test_name_of_the_file_that_does_not_resolve_is_told(world, start_router, backend):
    routes = [
        {"route": HOST, "endpoints": [backend.address]},
        {"route": NAMED, "endpoints": [f"{MISSING}:9000"]},
    ]
    router = start_router(world.configuration(routes))
    until(lambda: component(router, "names") is not None, 5, "the name in health")
    assert MISSING in component(router, "names")["reason"]
    assert router.admin("/health/ready")[0] == 200
    del router.configuration["router"]["routes"][1]
    router.apply(router.configuration)
    until(lambda: component(router, "names") is None, 5, "the name being forgotten")
