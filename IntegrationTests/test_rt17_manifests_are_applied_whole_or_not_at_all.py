"""A manifest is one transaction: refused or killed in the middle, nothing of it is there; others' changes are kept."""

import random
import subprocess
import threading

import pytest
import yaml

from harness.control_plane import DOMAIN, ControlPlane
from harness.world import APP_FRONTEND, APP_OTHER, ORG_SHOP


@pytest.fixture
def plane(tmp_path):
    plane = ControlPlane(tmp_path / "plane").start()
    yield plane
    plane.authority.stop()


def manifest(directory, *routes):
    path = directory / "manifest.yml"
    domain = {"name": DOMAIN, "enforce_route_policies": True}
    content = {"domains": [domain], "applications": [{"name": "app", "routes": list(routes)}]}
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return str(path)


def route(label, *sources, **options):
    return {"route": f"{label}.{DOMAIN}", "policies": [f"cf:app:{source}" for source in sources], **options}


def counts(plane):
    lists = ("domains", "routes", "route_policies", "control_audit_events")
    totals = [plane.list(f"/v3/{name}").get("pagination", {}).get("total_results") for name in lists[:3]]
    return totals + [len(plane.list("/v3/control_audit_events", limit="1000")["audit"])]


def test_manifest_is_one_version_with_a_line_for_each_change(plane, tmp_path):
    path = manifest(tmp_path, route("a", APP_FRONTEND), route("b", APP_FRONTEND, APP_OTHER))
    before = int(plane.list("/v3/info")["version"].rpartition(".")[2])
    plane.run("routes", "apply", "-f", path)
    assert int(plane.list("/v3/info")["version"].rpartition(".")[2]) == before + 1
    actions = [line["action"] for line in plane.list("/v3/control_audit_events")["audit"]]
    assert sorted(actions) == ["domain.create"] + ["route.create"] * 2 + ["route_policy.create"] * 3


def test_refusal_of_one_change_undoes_all(plane, tmp_path):
    wrong = route("b", options={"mtls_allowed_apps": APP_OTHER})
    done = plane.refused("routes", "apply", "-f", manifest(tmp_path, route("a", APP_FRONTEND), wrong))
    assert done.returncode == 1 and done.stdout == ""
    assert f"+ route b.{DOMAIN}" in done.stderr and "nothing was changed" in done.stderr
    assert counts(plane) == [0, 0, 0, 0]
    plane.run("routes", "apply", "-f", manifest(tmp_path, route("a", APP_FRONTEND), route("b")))
    assert counts(plane)[:3] == [1, 2, 1]


def test_policies_are_exchanged_in_one_step(plane, tmp_path):
    plane.run("routes", "apply", "-f", manifest(tmp_path, route("a", APP_FRONTEND)))
    version = plane.list("/v3/info")["version"]
    plane.run("routes", "apply", "-f", manifest(tmp_path, {"route": f"a.{DOMAIN}", "policies": ["cf:any"]}))
    (policy,) = plane.list("/v3/route_policies")["resources"]
    assert policy["source"] == "cf:any"
    epoch, _, number = plane.list("/v3/info")["version"].rpartition(".")
    assert f"{epoch}.{int(number) - 1}" == version


CHANGE = {"action": "route_policy.create", "url": f"a.{DOMAIN}", "source": f"cf:app:{APP_OTHER}"}


def test_changes_are_made_of_the_version_that_was_seen_or_not_at_all(plane):
    made = plane.route(plane.domain(), "a")
    seen = plane.list("/v3/info")["version"]
    plane.policy(made, f"cf:org:{ORG_SHOP}")
    document = {"version": seen, "changes": [CHANGE]}
    assert plane.error("POST", "/v3/control_changes", document)[:3:2] == (412, "CF-PreconditionFailed")
    assert len(plane.list("/v3/route_policies")["resources"]) == 1
    document["version"] = plane.list("/v3/info")["version"]
    assert plane.ok("POST", "/v3/control_changes", document, status=200)["changes"] == 1
    assert len(plane.list("/v3/route_policies")["resources"]) == 2


FOLLOWED_BY = {
    "nothing": ((), []),
    "any": (({**CHANGE, "source": "cf:any"},), ["cf:any"]),
    "the same again": ((CHANGE,), [CHANGE["source"]]),
}


@pytest.mark.parametrize("case", FOLLOWED_BY)
def test_policy_that_was_changed_before_in_the_same_step_is_deleted(plane, case):
    plane.policy(plane.route(plane.domain(), "a"), CHANGE["source"])
    (former,) = plane.list("/v3/route_policies")["resources"]
    update = {**CHANGE, "action": "route_policy.update", "metadata": {"labels": {"team": "shop"}}}
    further, sources = FOLLOWED_BY[case]
    document = {"changes": [update, {**CHANGE, "action": "route_policy.delete"}, *further]}
    assert plane.ok("POST", "/v3/control_changes", document, status=200)["changes"] == len(document["changes"])
    left = plane.list("/v3/route_policies")["resources"]
    assert [policy["source"] for policy in left] == sources
    assert former["guid"] not in [policy["guid"] for policy in left]
    actions = [line["action"] for line in plane.list("/v3/control_audit_events")["audit"]]
    assert "route_policy.delete" in actions


WRONG = {
    "no changes": {},
    "unknown action": {"changes": [{"action": "route.steal"}]},
    "unknown member": {"changes": [{**CHANGE, "force": True}]},
    "unknown route": {"changes": [{**CHANGE, "url": f"nowhere.{DOMAIN}"}]},
    "no source": {"changes": [{**CHANGE, "source": "everybody"}]},
    "not there": {"changes": [{**CHANGE, "action": "route_policy.delete"}]},
    "second is wrong": {"changes": [CHANGE, CHANGE]},
}


@pytest.mark.parametrize("case", WRONG)
def test_changes_that_cannot_all_be_made_are_refused(plane, case):
    plane.route(plane.domain(), "a")
    status, _, _, detail = plane.error("POST", "/v3/control_changes", WRONG[case])
    assert status == 422 and ("changes[" in detail) == (case != "no changes")
    assert plane.list("/v3/route_policies")["resources"] == []


def test_only_an_admin_changes_and_nobody_else_sends_much(plane):
    assert plane.authority.stranger.call("POST", "/v3/control_changes", {"changes": []}).status == 401
    large = {"version": "x" * 2_000_000, "changes": []}
    assert plane.authority.stranger.call("POST", "/v3/control_changes", large).status == 413
    assert plane.api.call("POST", "/v3/control_changes", large).status == 412
    assert plane.error("POST", "/v3/domains", {"name": "x" * 2_000_000})[:3:2] == (413, "CF-ContentTooLarge")


ROUTES = 250


@pytest.mark.timeout(300)
def test_nothing_or_all_of_a_manifest_is_there_after_a_kill(plane, tmp_path):
    path = manifest(tmp_path, *[route(f"r{number}", APP_FRONTEND, APP_OTHER) for number in range(ROUTES)])
    outcomes = set()
    chance = random.Random(7)
    for attempt in range(8):
        killer = threading.Timer(chance.uniform(0.02, 1.2) if attempt else 0.01, plane.authority.kill)
        killer.start()
        try:
            plane.refused("routes", "apply", "-f", path)
        except subprocess.TimeoutExpired:
            pass
        killer.join()
        plane.authority.start()
        found = counts(plane)
        assert found in ([0, 0, 0, 0], [1, ROUTES, 2 * ROUTES, 1 + 3 * ROUTES]), found
        outcomes.add(found[0])
        if found[0]:
            break
    if 1 not in outcomes:
        plane.run("routes", "apply", "-f", path)
    assert counts(plane) == [1, ROUTES, 2 * ROUTES, 1 + 3 * ROUTES]
