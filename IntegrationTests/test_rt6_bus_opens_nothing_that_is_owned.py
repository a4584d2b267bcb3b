"""Who may publish on the bus opens no part of what the file or the control plane owns."""

import pytest

from harness.backend import Backend
from harness.control_plane import ControlPlane, Gateway
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_OTHER

HOST = "inventory.apps.mtls.internal"
FILED = "filed.apps.mtls.internal"
FREE = "free.plain.example.org"
OPEN = {"mtls_allow_any": True}


@pytest.fixture
def plane(tmp_path):
    plane = ControlPlane(tmp_path / "plane-0").start()
    yield plane
    plane.authority.stop()


@pytest.fixture
def intruder():
    with Backend() as backend:
        yield backend


@pytest.fixture
def gateway(world, start_router, plane, bus, tmp_path, backend):
    routes = [{"route": FILED, "endpoints": [backend.address], "options": {"mtls_allowed_apps": APP_FRONTEND}}]
    domains = [world.platform_domain(), world.platform_domain("*.plain.example.org")]
    configuration = world.configuration(routes, domains=domains, control=plane.feed(tmp_path))
    configuration["nats"] = bus.section()
    gateway = Gateway.__new__(Gateway)
    gateway.world, gateway.router = world, start_router(configuration)
    until(lambda: gateway.router.metric("router_nats_connected") == 1, 10, "the bus")
    return gateway


@pytest.fixture
def client(bus):
    with bus.client() as client:
        yield client


def rejected(gateway, reason):
    return gateway.router.metric("router_nats_rejected_total", reason=reason)


def test_path_below_a_route_of_the_control_plane_has_its_policy(world, plane, gateway, client, backend, intruder):
    route = plane.route(plane.domain(), "inventory", backend)
    plane.policy(route, f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, HOST, world.frontend)
    client.register(intruder, f"{HOST}/orders", FREE, options=OPEN)
    gateway.wait_for(200, FREE, world.other_app)
    assert gateway.status(HOST, world.other_app, "/orders") == 403
    assert gateway.status(HOST, world.frontend, "/orders") == 200
    assert rejected(gateway, "bound_policy") == 1
    # What the owner says counts at once, there as well.
    plane.policy(route, f"cf:org:{ORG_OTHER}")
    gateway.wait_for(200, HOST, world.other_app, "/orders")


def test_path_below_a_route_of_the_file_is_refused(world, gateway, client, backend, intruder):
    client.register(intruder, f"{FILED}/x", FREE, options=OPEN)
    until(lambda: rejected(gateway, "owned_host") == 1, 10, "the refusal")
    line = gateway.router.wait_for_line("message of the bus ignored")
    assert f"{FILED}/x at {intruder.address}" in line["explanation"]
    assert gateway.status(FILED, world.other_app, "/x") == 403
    backend.forget()
    assert gateway.status(FILED, world.frontend, "/x") == 200
    assert len(backend.seen()) == 1 and len(intruder.seen()) == 0


def test_new_host_on_a_domain_that_enforces_policies_is_for_nobody(world, plane, gateway, client, intruder):
    domain = plane.domain()
    marker = plane.route(domain, "marker")
    gateway.wait_for(403, "marker.apps.mtls.internal", world.frontend)
    client.register(intruder, "busonly.apps.mtls.internal", FREE, options=OPEN)
    gateway.wait_for(200, FREE, world.other_app)
    assert gateway.status("busonly.apps.mtls.internal", world.other_app) == 403
    assert gateway.status("busonly.apps.mtls.internal", world.frontend) == 403
    # With a route of the control plane, the same instances serve whom its policies name.
    plane.policy(plane.route(domain, "busonly"), f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, "busonly.apps.mtls.internal", world.frontend)
    assert gateway.status("busonly.apps.mtls.internal", world.other_app) == 403
    plane.ok("DELETE", f"/v3/routes/{marker}")


def test_exact_host_below_a_wildcard_has_the_wildcards_policy(world, plane, gateway, client, backend, intruder):
    plane.policy(plane.route(plane.domain(), "*", backend), f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, "any.apps.mtls.internal", world.frontend)
    client.register(intruder, "any.apps.mtls.internal", FREE, options=OPEN)
    gateway.wait_for(200, FREE, world.other_app)
    assert gateway.status("any.apps.mtls.internal", world.other_app) == 403
    intruder.forget()
    assert gateway.status("any.apps.mtls.internal", world.frontend) == 200
    assert len(intruder.seen()) == 1
