"""A reload keeps addresses that are known, and neither it nor a start or an end waits for names without an answer."""

import json
import signal
import time

import pytest

from harness.control_plane import ControlPlane
from harness.names import Names
from harness.waiting import until
from harness.world import APP_FRONTEND

HOST = "filed.apps.mtls.internal"
NAMED = "named.apps.mtls.internal"
DEAD = [f"n{number}.dead.test" for number in range(12)]
# A dead name's question ends after 12 s; whatever waits for none is done before.
HALF_A_QUESTION, AT_ONCE = 6, 10


@pytest.fixture
def names(tmp_path):
    with Names(tmp_path, HALF_A_QUESTION) as names:
        yield names


@pytest.fixture
def port(backend):
    return int(backend.address.rpartition(":")[2])


def route(port, host=HOST, name="be.test"):
    return {"route": host, "endpoints": [f"{name}:{port}"], "options": {"mtls_allow_any": True}}


def status(world, router, host=HOST):
    with world.connect(router, host, world.frontend) as client:
        return client.get(host, "/").status


def component(router, name):
    return json.loads(router.admin("/health")[2])["components"].get(name)


def reload(router):
    size = router.configuration["router"].get("max_route_options_size", 1000)
    router.configuration["router"]["max_route_options_size"] = size + 1
    router.apply(router.configuration)


def test_reload_keeps_the_addresses_of_a_name_without_an_answer(world, start_router, names, port):
    names.set(be_test="127.0.0.1")
    router = start_router(world.configuration([route(port)]), prefix=names.prefix)
    assert status(world, router) == 200
    names.set()
    reload(router)
    assert status(world, router) == 200
    until(lambda: component(router, "names"), 25, "the missing name being told")
    reload(router)
    assert status(world, router) == 200
    names.set(be_test="127.0.0.1")
    until(lambda: component(router, "names") is None, 40, "the name's return being told")
    assert status(world, router) == 200


def test_another_address_found_by_a_reload_reaches_routes_of_the_control_plane(
    world, start_router, names, backend, port, tmp_path
):
    names.set(be_test="127.0.0.2")
    with ControlPlane(tmp_path / "plane-0") as plane:
        control = plane.feed(tmp_path)
        router = start_router(world.configuration([route(port)], control=control), prefix=names.prefix)
        made = plane.route(plane.domain(), "named", {"host": "be.test", "port": port})
        plane.policy(made, f"cf:app:{APP_FRONTEND}")
        # Nobody listens there yet.
        until(lambda: status(world, router, NAMED) == 502, 10, "the route with the first address")
        names.set(be_test="127.0.0.1")
        reload(router)
        until(lambda: status(world, router) == 200, AT_ONCE, "the file's route at the other address")
        until(lambda: status(world, router, NAMED) == 200, AT_ONCE, "the control plane's route at the other address")


def test_end_waits_for_no_name_of_a_reload(world, start_router, names, port):
    names.set(be_test="127.0.0.1")
    router = start_router(world.configuration([route(port)]), prefix=names.prefix)
    router.configuration["router"]["routes"] += [route(9, f"d{i}.example", name) for i, name in enumerate(DEAD)]
    router.write_configuration()
    router.signal(signal.SIGHUP)
    begin = time.monotonic()
    router.signal(signal.SIGTERM)
    assert router.wait_for_exit(60) == 0
    assert time.monotonic() - begin < AT_ONCE


def test_start_serves_names_with_an_answer_beside_those_without(world, start_router, names, port):
    names.set(be_test="127.0.0.1")
    routes = [route(9, f"d{i}.example", name) for i, name in enumerate(DEAD)] + [route(port)]
    begin = time.monotonic()
    router = start_router(world.configuration(routes), prefix=names.prefix)
    assert status(world, router) == 200
    assert time.monotonic() - begin < AT_ONCE
    # The second time nothing is waited for either: a name that is new leads somewhere from the first request on.
    names.set(be_test="127.0.0.1", other_test="127.0.0.1")
    router.configuration["router"]["routes"].append(route(port, NAMED, "other.test"))
    router.apply(router.configuration)
    assert status(world, router, NAMED) == 200
    assert status(world, router, "d0.example") in (404, 421, 503)


def test_new_name_is_served_at_once_beside_many_without_an_answer(world, start_router, names, port, tmp_path):
    names.set(be_test="127.0.0.1")
    with ControlPlane(tmp_path / "plane-0") as plane:
        router = start_router(world.configuration([], control=plane.feed(tmp_path)), prefix=names.prefix)
        domain = plane.domain()
        plane.route(domain, "dead", *[{"host": name, "port": 9} for name in DEAD])
        made = plane.route(domain, "named", {"host": "be.test", "port": port})
        plane.policy(made, f"cf:app:{APP_FRONTEND}")
        until(lambda: status(world, router, NAMED) == 200, AT_ONCE, "the new name being served")
        # Once they have all failed, they wait for one another alone.
        until(lambda: router.metric("router_unresolved_names") == len(DEAD), 40, "the others having failed")
        other = plane.route(domain, "other", {"host": "localhost", "port": port})
        plane.policy(other, f"cf:app:{APP_FRONTEND}")
        until(lambda: status(world, router, "other.apps.mtls.internal") == 200, AT_ONCE, "another name being served")
