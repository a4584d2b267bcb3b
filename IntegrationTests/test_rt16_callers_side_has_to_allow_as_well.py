"""The bilateral option: a call needs a policy of the route's side and one of the caller's."""

import pytest

from harness.control_plane import ControlPlane, Gateway
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_OTHER, ORG_SHOP

HOST = "api.apps.mtls.internal"


@pytest.fixture
def start_plane(tmp_path):
    planes = []

    def start(**control):
        planes.append(ControlPlane(tmp_path / f"plane-{len(planes)}", **control).start())
        return planes[-1]

    yield start
    for plane in planes:
        plane.authority.stop()


def refusal_of_the_callers_side(gateway):
    """The access record of a call that the caller's side refused; asks again, as the route comes before its policy."""

    def refusal():
        gateway.status(HOST, gateway.world.frontend)
        records = gateway.router.access_records()
        return next((each for each in records if each.get("mtls_policy") == "caller:caller_policies"), None)

    return until(refusal, 15, "a refusal by the caller's side")


def test_both_sides_have_to_allow(world, start_plane, start_router, tmp_path, backend):
    plane = start_plane(bilateral=True)
    gateway = Gateway(world, start_router, plane.feed(tmp_path))
    route = plane.route(plane.domain(), "api", backend)
    plane.policy(route, "cf:any")
    record = refusal_of_the_callers_side(gateway)
    assert record["status"] == 403
    assert record["mtls_denied_reason"] == f"caller app {APP_FRONTEND} has no caller policy for this route"
    caller = plane.policy(route, f"cf:org:{ORG_SHOP}", side="caller")
    gateway.wait_for(200, HOST, world.frontend)
    assert gateway.status(HOST, world.other_app) == 403
    plane.policy(route, f"cf:org:{ORG_OTHER}", side="caller")
    gateway.wait_for(200, HOST, world.other_app)
    plane.ok("DELETE", f"/v3/caller_policies/{caller}")
    gateway.wait_for(403, HOST, world.frontend)
    assert gateway.status(HOST, world.other_app) == 200
    assert gateway.router.metric("mtls_auth_failure_total", reason="caller_not_allowed_out") > 0


def test_callers_side_alone_lets_nobody_in(world, start_plane, start_router, tmp_path, backend):
    plane = start_plane(bilateral=True)
    gateway = Gateway(world, start_router, plane.feed(tmp_path))
    route = plane.route(plane.domain(), "api", backend)
    plane.policy(route, f"cf:org:{ORG_SHOP}", side="caller")
    gateway.wait_for(403, HOST, world.frontend)
    plane.policy(route, f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, HOST, world.frontend)


def test_callers_side_is_not_asked_unless_configured(world, start_plane, start_router, tmp_path, backend):
    plane = start_plane()
    gateway = Gateway(world, start_router, plane.feed(tmp_path))
    route = plane.route(plane.domain(), "api", backend)
    plane.policy(route, "cf:any")
    answer = plane.api.post("/v3/caller_policies", plane.policy_document(route, f"cf:org:{ORG_OTHER}"))
    assert answer.status == 201 and "bilateral" in answer.headers["x-cf-warnings"]
    gateway.wait_for(200, HOST, world.frontend)
    # Switched on, what routers have counts no more as it is: they are told anew.
    plane.authority.stop()
    plane.authority.configuration["authority"]["control"]["bilateral"] = True
    plane.authority.write_configuration()
    plane.authority.start()
    gateway.wait_for(403, HOST, world.frontend)
    gateway.wait_for(200, HOST, world.other_app)


def test_sides_are_lists_of_their_own(start_plane):
    plane = start_plane(bilateral=True)
    route = plane.route(plane.domain(), "api")
    ours, theirs = plane.policy(route, "cf:app:a"), plane.policy(route, "cf:app:a", side="caller")
    assert [each["guid"] for each in plane.list("/v3/route_policies")["resources"]] == [ours]
    assert [each["guid"] for each in plane.list("/v3/caller_policies")["resources"]] == [theirs]
    assert plane.error("DELETE", f"/v3/route_policies/{theirs}")[0] == 404
    assert plane.error("GET", f"/v3/caller_policies/{ours}")[0] == 404
    # Each owner of callers speaks for their own, so that anybody beside somebody is no contradiction there.
    plane.policy(route, "cf:any", side="caller")
    assert plane.run("policies", "remove", "--callers", "api.apps.mtls.internal", "cf:any").startswith(
        "- caller policy"
    )
    assert "caller_policies" in plane.run("routes", "export")
