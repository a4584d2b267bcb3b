"""The operator's level: `authorization.config` bounds who may call at all, and the route cannot widen it."""

import pytest

from harness.world import APP_FRONTEND, ORG_OTHER, ORG_SHOP, SPACE_OTHER, SPACE_SHOP, route

HOST, CLOSED = "open.apps.mtls.internal", "closed.apps.mtls.internal"

# authorization.config, then whether the frontend (ours) and the other app pass the domain level
LEVELS = [
    (None, True, True),
    ({}, True, True),
    ({"orgs": [ORG_SHOP]}, True, False),
    ({"orgs": [ORG_OTHER]}, False, True),
    ({"orgs": [ORG_SHOP, ORG_OTHER]}, True, True),
    ({"spaces": [SPACE_SHOP]}, True, False),
    ({"spaces": [SPACE_OTHER]}, False, True),
    ({"orgs": [SPACE_SHOP]}, False, False),
]


@pytest.mark.parametrize("config, frontend_passes, other_passes", LEVELS, ids=lambda value: str(value)[:30])
def test_both_levels_must_allow(world, start_router, backend, config, frontend_passes, other_passes):
    authorization = {"mode": "cf_identity"} | ({} if config is None else {"config": config})
    domains = [world.platform_domain(authorization=authorization)]
    routes = [route(HOST, backend, mtls_allow_any=True), route(CLOSED, backend)]
    router = start_router(world.configuration(routes, domains))
    for caller, passes in [(world.frontend, frontend_passes), (world.other_app, other_passes)]:
        with world.connect(router, HOST, caller) as connection:
            assert connection.get(HOST, "/level").status == (200 if passes else 403)
        with world.connect(router, CLOSED, caller) as connection:
            assert connection.get(CLOSED).status == 403


def test_reason_tells_the_domain_level_from_the_route_level(world, start_router, backend):
    domains = [world.platform_domain(authorization={"mode": "cf_identity", "config": {"orgs": [ORG_SHOP]}})]
    routes = [route(HOST, backend, mtls_allow_any=True), route(CLOSED, backend, mtls_allowed_apps=ORG_OTHER)]
    router = start_router(world.configuration(routes, domains))
    with world.connect(router, HOST, world.other_app) as connection:
        assert connection.get(HOST, "/by-domain").status == 403
    with world.connect(router, CLOSED, world.frontend) as connection:
        assert connection.get(CLOSED, "/by-route").status == 403
    by_domain = router.wait_for_access(lambda entry: "/by-domain" in str(entry.values()))
    by_route = router.wait_for_access(lambda entry: "/by-route" in str(entry.values()))
    assert by_domain["mtls_policy"] == "domain:orgs"
    assert by_domain["mtls_denied_reason"] == f"caller org {ORG_OTHER} not in domain authorization orgs"
    assert by_route["mtls_policy"] == "route:mtls_allowed_apps"
    assert by_route["caller_cf_app"] == APP_FRONTEND
