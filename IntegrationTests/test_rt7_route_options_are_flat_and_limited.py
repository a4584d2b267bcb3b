"""Route options: flat, of three types, limited in the API by bytes; policies are none of them."""

import json

import pytest

from harness.control_plane import ControlPlane
from harness.world import APP_FRONTEND


@pytest.fixture(scope="module")
def plane(module_plane):
    return module_plane


@pytest.fixture(scope="module")
def domain(plane):
    return plane.domain("options.internal")


def test_options_change_one_by_one_within_the_limit(plane, domain):
    guid = plane.route(domain, "options", options={"a": 1, "b": "x"})
    path = f"/v3/routes/{guid}"
    assert plane.ok("PATCH", path, {"options": {"a": None, "c": True}})["options"] == {"b": "x", "c": True}
    assert plane.error("PATCH", path, {"options": {"d": "x" * 1100}})[0] == 422
    assert plane.ok("GET", path)["options"] == {"b": "x", "c": True}
    # The limit counts the bytes of compact JSON: {"b":"x","c":true,"d":"…"} has 26 around the text.
    fits = 1024 - len(json.dumps({"b": "x", "c": True, "d": ""}, separators=(",", ":")))
    assert plane.error("PATCH", path, {"options": {"d": "x" * (fits + 1)}})[0] == 422
    plane.ok("PATCH", path, {"options": {"d": "x" * fits}})


def test_limit_is_configurable(tmp_path):
    plane = ControlPlane(tmp_path / "plane", max_route_options_size=20).start()
    try:
        domain = plane.domain()
        plane.route(domain, "fits", options={"note": "x" * 9})
        document = {"host": "more", "relationships": {"domain": {"data": {"guid": domain}}}}
        status, _, _, detail = plane.error("POST", "/v3/routes", document | {"options": {"note": "x" * 10}})
        assert status == 422 and "21 bytes" in detail and "at most 20" in detail
    finally:
        plane.authority.stop()


def test_policies_are_no_options_and_do_not_count(plane, domain):
    guid = plane.route(domain, "many")
    for index in range(40):
        plane.policy(guid, f"cf:app:{APP_FRONTEND[:-2]}{index:02}")
    assert plane.ok("GET", f"/v3/routes/{guid}")["options"] == {}


@pytest.mark.parametrize("value", [{}, [], ["a"], [{}]])
def test_nested_options_are_refused(plane, domain, value):
    document = {"host": "nested", "relationships": {"domain": {"data": {"guid": domain}}}}
    assert plane.error("POST", "/v3/routes", document | {"options": {"a": value}})[0] == 422
    assert plane.error("POST", "/v3/routes", document | {"options": [value]})[0] == 422
    assert plane.list("/v3/routes", hosts="nested")["resources"] == []


@pytest.mark.parametrize("value", ["text", "", 0, -1, 1.5, True, False, "ü\n\"'"])
def test_flat_options_are_kept_as_they_are(plane, domain, value):
    document = {
        "host": f"flat-{abs(hash(repr(value)))}",
        "relationships": {"domain": {"data": {"guid": domain}}},
        "options": {"a": value},
    }
    guid = plane.ok("POST", "/v3/routes", document)["guid"]
    found = plane.ok("GET", f"/v3/routes/{guid}")["options"]
    assert found == {"a": value} and type(found["a"]) is type(value)


def test_too_large_options_of_a_manifest_say_so(plane, domain, tmp_path):
    path = tmp_path / "manifest.yml"
    options = json.dumps({"note": "x" * 1024})
    path.write_text(f"applications:\n- routes:\n  - route: large.options.internal\n    options: {options}\n")
    done = plane.refused("routes", "apply", "-f", str(path))
    assert done.returncode == 1 and "max_route_options_size" in done.stderr
