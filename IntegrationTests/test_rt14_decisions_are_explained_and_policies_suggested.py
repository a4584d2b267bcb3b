"""`explain` agrees with the router by request; audit lets through and reports; `suggest` writes what traffic needs."""

import json

import pytest
import yaml

from harness.control_plane import Gateway
from harness.waiting import until
from harness.world import APP_FRONTEND, APP_OTHER, ORG_OTHER, ORG_SHOP, SPACE_OTHER, SPACE_SHOP, route

DOMAIN = "apps.mtls.internal"
CALLERS = {
    "frontend": (APP_FRONTEND, SPACE_SHOP, ORG_SHOP),
    "other_app": (APP_OTHER, SPACE_OTHER, ORG_OTHER),
}


@pytest.fixture(scope="module")
def plane(module_plane):
    return module_plane


@pytest.fixture(scope="module")
def gateway(world, plane, start_module_router, module_backend, tmp_path_factory):
    """A router with routes of the control plane and of its file, each with another reason to decide."""
    domain = plane.domain(DOMAIN, scope="org")
    home = {"organization": {"guid": ORG_SHOP}, "space": {"guid": SPACE_SHOP}}
    near = plane.destination(module_backend, **home)
    plane.policy(plane.route(domain, "app", near), f"cf:app:{APP_FRONTEND}")
    plane.policy(plane.route(domain, "app", near, path="/admin"), "cf:app:somebody")
    plane.policy(plane.route(domain, "any", near), "cf:any")
    plane.route(domain, "nobody", near)
    names = {"org:shop": ORG_SHOP, "space:shop/prod": SPACE_SHOP, "app:shop/prod/frontend": APP_FRONTEND}
    for name, guid in names.items():
        plane.run("names", "put", name, guid)
    gateway = Gateway(world, start_module_router, plane.feed(tmp_path_factory.mktemp("feed")))
    gateway.wait_for(200, "app.apps.mtls.internal", world.frontend)
    gateway.wait_for(403, "nobody.apps.mtls.internal", world.frontend)
    return gateway


REQUESTS = [
    ("app.apps.mtls.internal", "/"),
    ("app.apps.mtls.internal", "/admin/x"),
    ("app.apps.mtls.internal", "/administrator"),
    ("any.apps.mtls.internal", "/x"),
    ("nobody.apps.mtls.internal", "/"),
    ("nowhere.apps.mtls.internal", "/"),
]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("host, path", REQUESTS)
def test_explanation_agrees_with_the_router(world, plane, gateway, host, path, caller):
    app, space, org = CALLERS[caller]
    status = gateway.status(host, getattr(world, caller), path)
    code = 0 if status == 200 else 1
    arguments = ("explain", "--to", host, "--space", space, "--org", org, "--json", "--from", app, "GET", path)
    for more in ((), ("--config", str(gateway.router.path))):
        answer = json.loads(plane.run(*arguments, *more, code=code))
        assert answer["allowed"] == (status == 200)
        if status == 404:
            assert "404" in answer["reason"] and "route" not in answer
            continue
        record = gateway.router.wait_for_access(
            lambda each: (
                (each["host"], each["target"], each["status"], each.get("caller_cf_app")) == (host, path, status, app)
            )
        )
        assert answer["rule"] == record["mtls_policy"]
        assert answer["route"] == record["route"]
        if status == 403:
            assert answer["reason"].startswith(record["mtls_denied_reason"])


def test_caller_is_named_by_certificate_guid_or_name(world, plane, gateway):
    chain, _ = world.paths(world.frontend)
    for caller in (chain, APP_FRONTEND, f"cf:app:{APP_FRONTEND}", "app:shop/prod/frontend"):
        output = plane.run("explain", "--from", caller, "--to", "app.apps.mtls.internal", "/")
        assert output.splitlines()[0].split() == ["decision", "allow"]
        assert f"app={APP_FRONTEND} space={SPACE_SHOP} organization={ORG_SHOP}" in output
    spiffe = "spiffe://cluster.local/ns/a/sa/b"
    assert "caller without org" in plane.run("explain", "--from", spiffe, "--to", "any.apps.mtls.internal", "/", code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "app:no/such/app", "--to", "a.internal", "/"),
        ("--from", "a b", "--to", "a.internal", "/"),
        ("--from", APP_FRONTEND, "--to", "a b", "/"),
        ("--from", APP_FRONTEND, "--to", "a.internal", "path"),
        ("--from", "spiffe://", "--to", "a.internal", "/"),
    ],
)
def test_question_that_means_nothing_is_refused(plane, gateway, arguments):
    done = plane.refused("explain", *arguments)
    assert done.returncode == 2 and done.stderr.startswith("error: ")


def audited_configuration(world, backend):
    domain = world.platform_domain(authorization={"mode": "cf_identity", "enforcement": "audit"})
    routes = [
        route("app.apps.mtls.internal", backend, mtls_allowed_apps=APP_FRONTEND),
        route("nobody.apps.mtls.internal", backend),
    ]
    return world.configuration(routes, [domain])


def test_audit_lets_through_and_reports(world, start_router, backend):
    router = start_router(audited_configuration(world, backend))
    for caller, outcome in ((world.frontend, "allowed"), (world.other_app, "would_deny")):
        with world.connect(router, "app.apps.mtls.internal", caller) as connection:
            assert connection.get("app.apps.mtls.internal").status == 200
        router.wait_for_access(lambda each, outcome=outcome: each["mtls_auth"] == outcome)
    assert router.metric("mtls_auth_would_deny_total", reason="app_not_allowed") == 1
    assert router.metric("mtls_auth_failure_total", reason="app_not_allowed") == 0


@pytest.mark.parametrize("mode", ["cf_identity", "none"])
@pytest.mark.parametrize("enforcement, status", [("audit", 200), ("enforce", 403)])
def test_audit_concerns_policies_of_the_control_plane_too(world, start_router, backend, mode, enforcement, status):
    domain = world.platform_domain(authorization={"mode": mode, "enforcement": enforcement})
    options = {"route_policy_scope": "space", "route_policy_sources": f"cf:app:{APP_OTHER}"}
    router = start_router(world.configuration([route("api.apps.mtls.internal", backend, **options)], [domain]))
    with world.connect(router, "api.apps.mtls.internal", world.frontend) as connection:
        assert connection.get("api.apps.mtls.internal").status == status
    outcome = "would_deny" if status == 200 else "denied"
    record = router.wait_for_access(lambda each: each["mtls_auth"] == outcome)
    assert record["mtls_policy"] == "domain:scope=space"


def test_what_audit_saw_is_suggested_applied_and_enough(world, start_router, start_backend, tmp_path, plane, gateway):
    router = start_router(audited_configuration(world, start_backend()))
    for host in ("app", "nobody"):
        for caller in (world.frontend, world.frontend, world.other_app):
            with world.connect(router, f"{host}.apps.mtls.internal", caller) as connection:
                assert connection.get(f"{host}.apps.mtls.internal").status == 200
    until(lambda: len(router.access_records()) == 6, 10, "the records")
    text = plane.run("policies", "suggest", "--access-log", str(router.access_log))
    both = sorted([f"cf:app:{APP_FRONTEND}", f"cf:app:{APP_OTHER}"])
    (application,) = yaml.safe_load(text)["applications"]
    assert application["routes"] == [
        {"route": "app.apps.mtls.internal", "policies": both},
        {"route": "nobody.apps.mtls.internal", "policies": both},
    ]
    assert '2 requests, "app:shop/prod/frontend"' in text
    manifest = tmp_path / "suggested.yml"
    manifest.write_text(text)
    assert "+ policy nobody.apps.mtls.internal app:shop/prod/frontend" in plane.run(
        "routes", "apply", "-f", str(manifest)
    )
    gateway.wait_for(200, "nobody.apps.mtls.internal", world.frontend)
    assert plane.run("routes", "diff", "-f", str(manifest)) == ""


def test_refused_requests_are_suggested_only_when_asked_for(world, plane, gateway):
    host = "app.apps.mtls.internal"
    assert gateway.status(host, world.frontend, "/admin") == 403
    gateway.router.wait_for_access(lambda each: each["host"] == host and each["target"] == "/admin")
    log = str(gateway.router.access_log)
    assert f"{host}/admin" not in plane.run("policies", "suggest", "--access-log", log)
    assert f"{host}/admin" in plane.run("policies", "suggest", "--access-log", log, "--refused")
    # Out of scope, no policy would help.
    outside = {"host": "any.apps.mtls.internal", "target": "/", "mtls_policy": "domain:scope=org"}
    assert gateway.status(outside["host"], world.other_app) == 403
    gateway.router.wait_for_access(lambda each: outside.items() <= each.items())
    text = plane.run("policies", "suggest", "--access-log", log, "--refused")
    assert '# "any.apps.mtls.internal": ' in text
