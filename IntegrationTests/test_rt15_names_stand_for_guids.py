"""Names of organizations, spaces and apps: kept by the API, used by commands, manifest and log in both directions."""

import json

import pytest

from harness.control_plane import ControlPlane, Gateway
from harness.world import APP_FRONTEND, APP_OTHER, ORG_SHOP, SPACE_SHOP


@pytest.fixture
def plane(tmp_path):
    plane = ControlPlane(tmp_path / "plane").start()
    for name, guid in (
        ("org:shop", ORG_SHOP),
        ("space:shop/prod", SPACE_SHOP),
        ("app:shop/prod/frontend", APP_FRONTEND),
    ):
        plane.run("names", "put", name, guid)
    yield plane
    plane.authority.stop()


def test_names_have_the_shapes_of_the_v3_api(plane):
    app = plane.ok("GET", f"/v3/apps/{APP_FRONTEND}")
    assert (app["name"], app["relationships"]) == ("frontend", {"space": {"data": {"guid": SPACE_SHOP}}})
    assert plane.list("/v3/apps", names="frontend", space_guids=SPACE_SHOP)["resources"] == [app]
    assert plane.list("/v3/apps", space_guids="elsewhere")["resources"] == []
    space = plane.ok("GET", f"/v3/spaces/{SPACE_SHOP}")
    assert space["relationships"] == {"organization": {"data": {"guid": ORG_SHOP}}}
    assert plane.list("/v3/organizations", names="shop")["pagination"]["total_results"] == 1


def test_putting_a_name_again_changes_it_and_nothing_else(plane):
    before = plane.ok("GET", f"/v3/apps/{APP_FRONTEND}")
    plane.run("names", "put", "app:shop/prod/web", APP_FRONTEND)
    after = plane.ok("GET", f"/v3/apps/{APP_FRONTEND}")
    assert (after["name"], after["created_at"]) == ("web", before["created_at"])
    assert plane.list("/v3/apps", names="frontend")["resources"] == []


REFUSED = {
    "taken": ("PUT", "/v3/organizations/another", {"name": "shop"}),
    "no name": ("PUT", "/v3/organizations/another", {}),
    "space without organization": ("PUT", "/v3/spaces/another", {"name": "x"}),
    "space of nobody": (
        "PUT",
        "/v3/spaces/another",
        {"name": "x", "relationships": {"organization": {"data": {"guid": "nowhere"}}}},
    ),
    "GUID that is none": ("PUT", "/v3/organizations/a%20b", {"name": "x"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_name_that_cannot_be_is_refused(plane, case):
    assert plane.error(*REFUSED[case])[0] == 422


def test_forgotten_name_takes_those_below_with_it(plane):
    plane.run("names", "put", "org:other", "o-2")
    plane.run("names", "put", "space:other/prod", "s-2")
    plane.run("names", "remove", "org:shop")
    assert plane.run("names", "list").split()[2:] == ["org:other", "o-2", "space:other/prod", "s-2"]


def test_policies_are_given_and_shown_by_name(plane):
    route = plane.route(plane.domain(), "api")
    url = "api.apps.mtls.internal"
    for name in ("app:shop/prod/frontend", "space:shop/prod", "org:shop"):
        assert plane.run("policies", "add", url, name) == f"+ policy {url} {name}\n"
    sources = [each["source"] for each in plane.list("/v3/route_policies", route_guids=route)["resources"]]
    assert sources == [f"cf:app:{APP_FRONTEND}", f"cf:space:{SPACE_SHOP}", f"cf:org:{ORG_SHOP}"]
    listed = [line.split()[1:3] for line in plane.run("policies", "list").splitlines()]
    assert [f"cf:app:{APP_FRONTEND}", "app:shop/prod/frontend"] in listed
    done = plane.refused("policies", "add", url, "app:shop/prod/nobody")
    assert done.returncode == 2 and "nothing is named" in done.stderr


def test_access_log_is_shown_with_names(world, plane, start_router, tmp_path, backend):
    gateway = Gateway(world, start_router, plane.feed(tmp_path))
    plane.policy(plane.route(plane.domain(), "api", backend), "cf:any")
    gateway.wait_for(200, "api.apps.mtls.internal", world.frontend)
    assert gateway.status("api.apps.mtls.internal", world.other_app) == 200
    gateway.router.wait_for_access(lambda record: record.get("caller_cf_app") == APP_OTHER)
    log = plane.run("names", "log", str(gateway.router.access_log)).splitlines()
    records = [json.loads(line) for line in log]
    known = [each for each in records if each["caller_cf_app"] == APP_FRONTEND]
    assert known[0]["caller_cf_app_name"] == "app:shop/prod/frontend"
    assert known[0]["caller_cf_org_name"] == "org:shop"
    (unknown,) = [each for each in records if each["caller_cf_app"] == APP_OTHER]
    assert "caller_cf_app_name" not in unknown
