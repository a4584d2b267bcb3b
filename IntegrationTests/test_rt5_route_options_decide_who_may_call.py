"""Route options: every single one and their combinations, allow beside deny, and the words of the access log."""

import itertools

import pytest

from harness.world import APP_FRONTEND, APP_OTHER, ORG_OTHER, ORG_SHOP, SPACE_OTHER, SPACE_SHOP, route

FRONTEND = dict(app=APP_FRONTEND, space=SPACE_SHOP, org=ORG_SHOP)
OTHER = dict(app=APP_OTHER, space=SPACE_OTHER, org=ORG_OTHER)
CALLERS = {
    "frontend": FRONTEND,
    "same space": dict(FRONTEND, app=APP_OTHER),
    "same organization": dict(FRONTEND, app=APP_OTHER, space=SPACE_OTHER),
    "other": OTHER,
}
KEYS = {"mtls_allowed_apps": "app", "mtls_allowed_spaces": "space", "mtls_allowed_orgs": "org"}

# What is set on the route, and who of the callers passes.
OPTIONS = {
    "nothing": {},
    "app": {"mtls_allowed_apps": APP_FRONTEND},
    "other app": {"mtls_allowed_apps": APP_OTHER},
    "apps": {"mtls_allowed_apps": f"{APP_OTHER},{APP_FRONTEND}"},
    "apps with spaces": {"mtls_allowed_apps": f" {APP_OTHER} , {APP_FRONTEND} "},
    "space": {"mtls_allowed_spaces": SPACE_SHOP},
    "org": {"mtls_allowed_orgs": ORG_SHOP},
    "orgs": {"mtls_allowed_orgs": f"{ORG_OTHER},{ORG_SHOP}"},
    "app or space": {"mtls_allowed_apps": APP_OTHER, "mtls_allowed_spaces": SPACE_SHOP},
    "app or org": {"mtls_allowed_apps": APP_FRONTEND, "mtls_allowed_orgs": ORG_OTHER},
    "space or org": {"mtls_allowed_spaces": SPACE_OTHER, "mtls_allowed_orgs": ORG_SHOP},
    "all three": {"mtls_allowed_apps": APP_OTHER, "mtls_allowed_spaces": SPACE_OTHER, "mtls_allowed_orgs": ORG_OTHER},
    "any": {"mtls_allow_any": True},
    "not any": {"mtls_allow_any": False},
    "not any but app": {"mtls_allow_any": False, "mtls_allowed_apps": APP_FRONTEND},
    "an org as an app": {"mtls_allowed_apps": ORG_SHOP},
    "an app as an org": {"mtls_allowed_orgs": APP_FRONTEND},
    "unrelated option": {"loadbalancing": "round-robin"},
}
# What the access log says of a call of the frontend's: the rule that decided, and the reason of a denial.
WORDS = {
    "app": ("route:mtls_allowed_apps", None),
    "space": ("route:mtls_allowed_spaces", None),
    "org": ("route:mtls_allowed_orgs", None),
    "any": ("route:mtls_allow_any", None),
    "app or org": ("route:mtls_allowed_apps", None),
    "app or space": ("route:mtls_allowed_spaces", None),
    "nothing": ("route:no_mtls_allowed_options", "route has no mtls_allowed_* options configured"),
    "other app": ("route:mtls_allowed_apps", f"caller app {APP_FRONTEND} not in mtls_allowed_apps"),
}
HOSTS = {name: f"{name.replace(' ', '-')}.apps.mtls.internal" for name in OPTIONS}


def passes(options, caller):
    if options.get("mtls_allow_any"):
        return True
    return any(
        caller[kind] in [guid.strip() for guid in str(options.get(key, "")).split(",")] for key, kind in KEYS.items()
    )


@pytest.fixture(scope="module")
def callers(world):
    return {name: world.platform.cloud_foundry(**guids, name=name) for name, guids in CALLERS.items()}


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [route(HOSTS[name], module_backend, **options) for name, options in OPTIONS.items()]
    routes += [route("partner.example.com", module_backend, mtls_allowed_apps=APP_OTHER)]
    return start_module_router(world.configuration(routes))


@pytest.mark.parametrize("caller, option", list(itertools.product(CALLERS, OPTIONS)))
def test_caller_passes_exactly_where_an_option_names_it(world, router, module_backend, callers, caller, option):
    host, expected = HOSTS[option], passes(OPTIONS[option], CALLERS[caller])
    module_backend.forget()
    with world.connect(router, host, callers[caller]) as connection:
        response = connection.get(host)
        assert response.status == (200 if expected else 403)
        assert len(module_backend.seen()) == expected
        if not expected:
            assert response.get("Content-Type").startswith("text/plain")
            assert response.body.startswith(b"403 Forbidden: ")
            assert connection.get(host).status == 403, "a denial by policy keeps the connection"


@pytest.mark.parametrize("option", OPTIONS)
def test_access_log_says_who_called_what_was_decided_and_why(world, router, callers, option):
    host, marker = HOSTS[option], f"/log-{option.replace(' ', '-')}"
    with world.connect(router, host, callers["frontend"]) as connection:
        status = connection.get(host, marker).status
    record = router.wait_for_access(lambda entry: marker in str(entry.values()))
    assert record["status"] == status
    assert record["host"] == host
    assert record["caller_cf_app"] == APP_FRONTEND
    assert record["caller_cf_space"] == SPACE_SHOP
    assert record["caller_cf_org"] == ORG_SHOP
    if status == 200:
        assert record["mtls_auth"] == "allowed"
        assert "mtls_denied_reason" not in record
    else:
        assert record["mtls_auth"] == "denied"
    if option in WORDS:
        assert (record["mtls_policy"], record.get("mtls_denied_reason")) == WORDS[option]


def test_denials_are_counted_by_reason(world, router, callers):
    before = router.metric("mtls_auth_failure_total", reason="route_default_deny")
    with world.connect(router, HOSTS["nothing"], callers["frontend"]) as connection:
        assert connection.get(HOSTS["nothing"]).status == 403
    assert router.metric("mtls_auth_failure_total", reason="route_default_deny") == before + 1
    allowed = router.metric("mtls_auth_success_total")
    with world.connect(router, HOSTS["app"], callers["frontend"]) as connection:
        assert connection.get(HOSTS["app"]).status == 200
    assert router.metric("mtls_auth_success_total") > allowed


def test_domain_that_only_audits_lets_through_and_reports(world, start_router, backend, callers):
    denied, allowed = "nobody.apps.mtls.internal", "everybody.apps.mtls.internal"
    domain = world.platform_domain(authorization={"mode": "cf_identity", "enforcement": "audit"})
    router = start_router(
        world.configuration([route(denied, backend), route(allowed, backend, mtls_allow_any=True)], [domain])
    )
    for host in (denied, allowed, denied):
        with world.connect(router, host, callers["frontend"]) as connection:
            assert connection.get(host).status == 200
    record = router.wait_for_access(lambda record: record["host"] == denied)
    assert (record["mtls_auth"], record["mtls_policy"]) == ("would_deny", "route:no_mtls_allowed_options")
    assert record["mtls_denied_reason"] == "route has no mtls_allowed_* options configured"
    record = router.wait_for_access(lambda record: record["host"] == allowed)
    assert record["mtls_auth"] == "allowed" and "mtls_denied_reason" not in record
    assert router.metric("mtls_auth_would_deny_total", reason="route_default_deny") == 2
    assert router.metric("mtls_auth_success_total") == 1
    assert router.metric("mtls_auth_failure_total") == 0


def test_options_on_a_domain_without_authorization_are_warned_about_and_not_enforced(world, router):
    router.log.wait_for(
        lambda line: line.get("level") == "warning" and "mtls_allowed_apps" in str(line), 5, "the warning"
    )
    with world.connect(router, "partner.example.com", world.partner_device) as connection:
        assert connection.get("partner.example.com").status == 200
