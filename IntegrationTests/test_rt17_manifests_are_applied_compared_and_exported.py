"""Manifests: applied once they make no difference, nor does what is exported; those of apps are read as they are."""

import pytest
import yaml

from harness.control_plane import ControlPlane, Gateway
from harness.world import APP_FRONTEND, APP_OTHER, ORG_SHOP, SPACE_SHOP

MANIFEST = {
    "domains": [{"name": "apps.mtls.internal", "enforce_route_policies": True, "route_policies_scope": "any"}],
    "applications": [
        {
            "name": "api",
            "memory": "256M",
            "buildpacks": ["go_buildpack"],
            "routes": [
                {
                    "route": "api.apps.mtls.internal",
                    "endpoints": ["10.0.0.1:8080", "10.0.0.2:8080"],
                    "options": {"loadbalancing": "round-robin"},
                    "policies": [f"cf:app:{APP_FRONTEND}"],
                },
                {"route": "api.apps.mtls.internal/admin", "policies": [f"cf:org:{ORG_SHOP}", "spiffe://c.local/ops/*"]},
            ],
        }
    ],
}


@pytest.fixture
def manifest(tmp_path):
    path = tmp_path / "manifest.yml"

    def write(content=MANIFEST):
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return str(path)

    return write


def changed(**route):
    """The manifest with another first route."""
    application = MANIFEST["applications"][0]
    first, second = application["routes"]
    return {**MANIFEST, "applications": [{**application, "routes": [{**first, **route}, second]}]}


def test_manifest_is_applied_once(plane, manifest):
    wanted = [
        "+ domain apps.mtls.internal with the scope any",
        '+ route api.apps.mtls.internal 10.0.0.1:8080 10.0.0.2:8080 {"loadbalancing":"round-robin"}',
        f"+ policy api.apps.mtls.internal cf:app:{APP_FRONTEND}",
        "+ route api.apps.mtls.internal/admin",
        f"+ policy api.apps.mtls.internal/admin cf:org:{ORG_SHOP}",
        "+ policy api.apps.mtls.internal/admin spiffe://c.local/ops/*",
    ]
    assert plane.run("routes", "diff", "-f", manifest(), code=1).splitlines() == wanted
    assert plane.list("/v3/domains")["resources"] == []
    assert plane.run("routes", "apply", "-f", manifest()).splitlines() == wanted
    assert plane.run("routes", "diff", "-f", manifest()) == ""
    assert plane.run("routes", "apply", "-f", manifest()) == "nothing to change\n"
    assert len(plane.list("/v3/route_policies")["resources"]) == 3


CHANGES = {
    "option": ({"options": {"loadbalancing": "least-connection"}}, ["~"], "least-connection"),
    "no options": ({"options": {}}, ["~"], "null"),
    "endpoint": ({"endpoints": ["10.0.0.1:8080", "10.0.0.3:1"]}, ["~"], "+10.0.0.3:1 -10.0.0.2:8080"),
    "policy more": ({"policies": [f"cf:app:{APP_FRONTEND}", f"cf:app:{APP_OTHER}"]}, ["+"], APP_OTHER),
    "policy less": ({"policies": []}, ["-"], APP_FRONTEND),
    "policy for another": ({"policies": [f"cf:app:{APP_OTHER}"]}, ["+", "-"], APP_OTHER),
    "anybody": ({"policies": ["cf:any"]}, ["-", "+"], "cf:any"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_change_is_shown_and_made(plane, manifest, case):
    route, signs, text = CHANGES[case]
    plane.run("routes", "apply", "-f", manifest())
    path = manifest(changed(**route))
    lines = plane.run("routes", "diff", "-f", path, code=1).splitlines()
    assert [line[0] for line in lines] == signs and any(text in line for line in lines)
    assert plane.run("routes", "apply", "-f", path).splitlines() == lines
    assert plane.run("routes", "diff", "-f", path) == ""


def test_what_a_manifest_does_not_say_stays(plane, manifest):
    plane.run("routes", "apply", "-f", manifest())
    bare = {"applications": [{"name": "api", "routes": [{"route": "api.apps.mtls.internal"}]}]}
    assert plane.run("routes", "apply", "-f", manifest(bare)) == "nothing to change\n"
    assert len(plane.list("/v3/routes")["resources"]) == 2


def test_export_makes_no_difference_where_it_came_from_and_the_same_elsewhere(plane, manifest, tmp_path):
    plane.run("routes", "apply", "-f", manifest())
    domain = plane.domain("second.internal", scope="space")
    tagged = {"app": {"guid": APP_FRONTEND}, "space": {"guid": SPACE_SHOP}, "organization": {"guid": ORG_SHOP}}
    mixed = [
        {"host": "::1", "port": 1, "tls": True, "certificate_name": "x.internal", **tagged},
        {"host": "backend.internal", "port": 2, "protocol": "http2"},
    ]
    plane.route(
        domain,
        "*",
        *mixed,
        path="/a",
        options={"tunnel": True, "loadbalancing": "hash", "hash_header": "X-Id", "hash_balance": 1.5},
    )
    plane.policy(plane.route(domain, ""), "cf:any")
    plane.domain("open.internal", scope=None, metadata={"labels": {"team": "a"}, "annotations": {"note": "x: #y"}})
    noted = plane.route(
        domain,
        "noted",
        metadata={"labels": {"tier": "one"}},
        relationships={"domain": {"data": {"guid": domain}}, "space": {"data": {"guid": SPACE_SHOP}}},
    )
    plane.policy(noted, f"cf:app:{APP_OTHER}", metadata={"annotations": {"why": "because"}})
    plane.run("names", "put", "org:shop", ORG_SHOP)
    plane.run("names", "put", "space:shop/pro%2Fd", SPACE_SHOP)
    plane.run("names", "put", "app:shop/pro%2Fd/front", APP_FRONTEND)
    for arguments in (["--names"], []):
        text = plane.run("routes", "export", *arguments)
        assert plane.run("routes", "diff", "-f", manifest(text)) == ""
        assert ('- "app:shop/pro%2Fd/front"' in text) == bool(arguments)
        assert (f'- "cf:app:{APP_FRONTEND}"  # app:shop/pro%2Fd/front' in text) == (not arguments)
    other = ControlPlane(tmp_path / "other").start()
    try:
        other.run("routes", "apply", "-f", manifest(text))
        assert other.run("routes", "export") == text
        assert other.run("routes", "diff", "-f", manifest(text)) == ""
    finally:
        other.authority.stop()


WRONG = {
    "no mapping": ("- 1\n", "1:1"),
    "nothing": ("version: 1\n", "neither applications nor domains"),
    "unknown key of a route": ("applications:\n- routes:\n  - route: a.b\n    color: red\n", "4:12"),
    "route that is none": ("applications:\n- routes:\n  - route: 'a b'\n", "3:12"),
    "nested option": ("applications:\n- routes:\n  - route: a.b\n    options: {a: [1]}\n", "4:18"),
    "source that is none": ("applications:\n- routes:\n  - route: a.b\n    policies: [everybody]\n", "4:16"),
    "source twice": ("applications:\n- routes:\n  - route: a.b\n    policies: ['cf:app:a', 'cf:app:a']\n", "twice"),
    "unknown name": ("applications:\n- routes:\n  - route: a.b\n    policies: ['app:x/y/z']\n", "app:x/y/z"),
    "route twice": ("applications:\n- routes:\n  - route: a.b\n  - route: A.b\n", "twice"),
    "endpoint that is none": ("applications:\n- routes:\n  - route: a.b\n    endpoints: ['a']\n", "4:17"),
    "unknown organization": ("applications:\n- organization: nowhere\n  routes: []\n", "nowhere"),
    "route on no domain": ("applications:\n- routes:\n  - route: a.nowhere\n", "on no domain"),
    "any beside another": (
        "applications:\n- routes:\n  - route: a.b\n    policies: ['cf:any', 'cf:app:x']\n",
        "4:15: cf:any excludes",
    ),
    "list without a value": ("applications:\n- routes:\n  - route: a.b\n    policies:\n", "write []"),
    "caller policies without a value": (
        "applications:\n- routes:\n  - route: a.b\n    caller_policies: ~\n",
        "4:22: there is no list",
    ),
    "protocol of a route": (
        "applications:\n- routes:\n  - route: a.b\n    protocol: htp2\n",
        "4:15: protocol has to be http1 or http2",
    ),
    "protocol of an endpoint": (
        "applications:\n- routes:\n  - route: a.b\n    endpoints: [{address: 'a:1', protocol: banana}]\n",
        "4:44: protocol has to be http1 or http2",
    ),
    "endpoint twice": ("applications:\n- routes:\n  - route: a.b\n    endpoints: ['a:1', 'A:1']\n", "4:24"),
    "domain twice": ("domains: [{name: a.b}, {name: A.b}]\n", "twice"),
    "name that is none": ("domains: []\nnames: [{name: 'app:x', guid: g}]\n", "2:16: a name is"),
    "not YAML": ("applications: [\n", "YAML"),
}


@pytest.mark.parametrize("case", WRONG)
def test_manifest_that_is_wrong_is_refused_with_its_place(plane, manifest, case):
    text, expected = WRONG[case]
    path = manifest(text)
    done = plane.refused("routes", "apply", "-f", path)
    assert done.returncode == 2 and expected in done.stderr, done.stderr
    assert plane.list("/v3/routes")["resources"] == []


def test_settings_of_a_domain_are_not_changed_by_a_manifest(plane, manifest):
    plane.domain(scope="org")
    done = plane.refused("routes", "apply", "-f", manifest())
    assert done.returncode == 2 and "never change" in done.stderr


def test_applied_manifest_lets_callers_in_and_nobody_else(world, plane, manifest, start_router, tmp_path, backend):
    plane.run("routes", "apply", "-f", manifest(changed(endpoints=[backend.address])))
    gateway = Gateway(world, start_router, plane.feed(tmp_path))
    gateway.wait_for(200, "api.apps.mtls.internal", world.frontend)
    assert gateway.status("api.apps.mtls.internal", world.other_app) == 403
    plane.run("routes", "delete", "api.apps.mtls.internal")
    gateway.wait_for(404, "api.apps.mtls.internal", world.frontend)


def test_routes_and_policies_are_listed_added_and_removed_one_by_one(plane, manifest):
    plane.run("routes", "apply", "-f", manifest())
    assert "api.apps.mtls.internal/admin" in plane.run("routes", "list")
    assert '"host": "api"' in plane.run("routes", "get", "api.apps.mtls.internal")
    route, source = "api.apps.mtls.internal", f"cf:app:{APP_OTHER}"
    assert plane.run("policies", "add", route, source) == f"+ policy {route} {source}\n"
    assert plane.run("policies", "add", route, source) == "nothing to change\n"
    assert source in plane.run("policies", "list", "--route", route)
    assert source not in plane.run("policies", "list", "--route", f"{route}/admin")
    assert plane.run("policies", "remove", route, source) == f"- policy {route} {source}\n"
    assert plane.refused("policies", "remove", route, source).returncode == 1
    assert plane.refused("policies", "add", "nowhere.internal", source).returncode == 1
