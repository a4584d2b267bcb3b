"""`policies suggest` writes for the place of a route: applied there, it lets in who was seen, and nobody else."""

import copy

import pytest
import yaml

from harness.control_plane import Gateway
from harness.waiting import until
from harness.world import APP_FRONTEND, route

FILED = "filed.apps.mtls.internal"
CONTROLLED = "inventory.apps.mtls.internal"
BUS = "free.plain.example.org"
BOUND = "busonly.apps.mtls.internal"
SOURCE = f"cf:app:{APP_FRONTEND}"
MODE = {"mode": "cf_identity"}


@pytest.fixture
def configuration(world, plane, bus, backend, tmp_path):
    names = ("*.apps.mtls.internal", "*.plain.example.org")
    domains = [world.platform_domain(name, authorization={**MODE, "enforcement": "audit"}) for name in names]
    made = world.configuration([route(FILED, backend)], domains=domains, control=plane.feed(tmp_path))
    made["nats"] = bus.section(droplet_stale_threshold="1h")
    return made


@pytest.fixture
def client(bus):
    with bus.client() as client:
        yield client


@pytest.fixture
def observed(world, plane, configuration, client, start_router, backend):
    """A router in audit mode that has seen one caller on a route of each place."""
    plane.route(plane.domain(), "inventory", backend)
    gateway = Gateway.__new__(Gateway)
    gateway.world, gateway.router = world, start_router(copy.deepcopy(configuration))
    until(lambda: gateway.router.metric("router_nats_connected") == 1, 10, "the bus")
    client.register(backend, BUS, BOUND)
    hosts = (FILED, CONTROLLED, BUS, BOUND)
    for host in hosts:
        gateway.wait_for(200, host, world.frontend)
        gateway.router.wait_for_access(lambda each, host=host: (each["host"], each["status"]) == (host, 200))
    return gateway


def suggest(plane, gateway, *more):
    return plane.run("policies", "suggest", "--access-log", str(gateway.router.access_log), *more)


def test_suggestion_is_applied_in_each_place_and_enough(
    world, plane, configuration, client, observed, backend, tmp_path
):
    router = observed.router
    live = ("--router", f"127.0.0.1:{router.admin_port}")
    file, manifest, registrations = yaml.safe_load_all(suggest(plane, observed, *live))
    options = {"route_policy_scope": "any", "route_policy_sources": SOURCE}
    assert file == {"router": {"routes": [{"route": FILED, "options": options}]}}
    assert registrations == {"registrations": [{"uris": [BUS], "options": options}]}
    assert {each["route"] for each in manifest["applications"][0]["routes"]} == {CONTROLLED, BOUND}

    path = tmp_path / "suggested.yml"
    path.write_text(suggest(plane, observed, *live, "--for", "control-plane"))
    plane.run("routes", "apply", "-f", str(path))
    (registration,) = registrations["registrations"]
    client.register(backend, *registration["uris"], options=registration["options"])
    enforced = copy.deepcopy(configuration)
    enforced["router"]["routes"][0]["options"] = file["router"]["routes"][0]["options"]
    for domain in enforced["router"]["domains"]:
        domain["authorization"] = dict(MODE)
    router.apply(enforced)

    for host in (FILED, CONTROLLED, BUS, BOUND):
        observed.wait_for(200, host, world.frontend)
        assert observed.status(host, world.other_app) == 403


def test_nothing_is_suggested_that_cannot_take_effect(plane, observed):
    text = suggest(plane, observed)
    (application,) = yaml.safe_load(text)["applications"]
    assert application["routes"] == [{"route": CONTROLLED, "policies": [SOURCE]}]
    for host in (FILED, BUS, BOUND):
        assert f'# "{host}": nothing is suggested: ' in text
    file, manifest = yaml.safe_load_all(suggest(plane, observed, "--config", str(observed.router.path)))
    assert [each["route"] for each in file["router"]["routes"]] == [FILED]
    assert [each["route"] for each in manifest["applications"][0]["routes"]] == [CONTROLLED]
    assert yaml.safe_load(suggest(plane, observed, "--for", "bus")) == {"registrations": []}
