"""The API of domains, routes and route policies: shapes, filters, pages, includes, and every refusal."""

import pytest

from harness.waiting import until
from harness.world import APP_FRONTEND, APP_OTHER, ORG_SHOP, SPACE_SHOP


@pytest.fixture(scope="module")
def plane(module_plane):
    return module_plane


@pytest.fixture(scope="module")
def domain(plane):
    return plane.domain("api.mtls.internal", scope="org")


COUNT = iter(range(1, 10_000))


@pytest.fixture
def route(plane, domain):
    return plane.route(domain, f"host-{next(COUNT)}")


def test_domain_has_the_shape_of_the_v3_api(plane):
    made = plane.ok(
        "POST",
        "/v3/domains",
        {"name": "Shape.MTLS.internal", "enforce_route_policies": True, "route_policies_scope": "space"},
    )
    assert made["name"] == "shape.mtls.internal"
    assert (made["enforce_route_policies"], made["route_policies_scope"], made["internal"]) == (True, "space", False)
    assert made["links"]["self"]["href"].endswith(f"/v3/domains/{made['guid']}")
    assert plane.ok("GET", f"/v3/domains/{made['guid']}") == made
    assert plane.list("/v3/domains", names="shape.mtls.internal")["resources"] == [made]
    assert plane.list("/v3/domains", names="another.internal")["resources"] == []


DOMAIN_REFUSALS = {
    "no name": ({}, 422, "CF-UnprocessableEntity"),
    "no domain": ({"name": "not a domain"}, 422, "CF-UnprocessableEntity"),
    "address": ({"name": "10.0.0.1"}, 422, "CF-UnprocessableEntity"),
    "unknown member": ({"name": "x.internal", "colour": 1}, 422, "CF-UnprocessableEntity"),
    "router group": ({"name": "x.internal", "router_group": {"guid": "g"}}, 422, "CF-UnprocessableEntity"),
    "scope without policies": ({"name": "x.internal", "route_policies_scope": "any"}, 422, "CF-UnprocessableEntity"),
    "unknown scope": (
        {"name": "x.internal", "enforce_route_policies": True, "route_policies_scope": "galaxy"},
        422,
        "CF-UnprocessableEntity",
    ),
    "internal with policies": (
        {"name": "x.internal", "internal": True, "enforce_route_policies": True},
        422,
        "CF-UnprocessableEntity",
    ),
    "taken": ({"name": "api.mtls.internal"}, 422, "CF-UniquenessError"),
}


@pytest.mark.parametrize("case", DOMAIN_REFUSALS)
def test_domain_that_cannot_be_is_refused(plane, domain, case):
    document, status, title = DOMAIN_REFUSALS[case]
    assert plane.error("POST", "/v3/domains", document)[:3:2] == (status, title)


@pytest.mark.parametrize("member", ["name", "enforce_route_policies", "route_policies_scope"])
def test_what_a_domain_enforces_never_changes(plane, domain, member):
    before = plane.ok("GET", f"/v3/domains/{domain}")
    assert plane.error("PATCH", f"/v3/domains/{domain}", {member: "any"})[0] == 422
    assert plane.ok("GET", f"/v3/domains/{domain}") == before


def test_route_has_the_shape_of_the_v3_api(plane, domain):
    document = {
        "host": "Shape",
        "path": "/v1",
        "relationships": {"domain": {"data": {"guid": domain}}, "space": {"data": {"guid": SPACE_SHOP}}},
        "options": {"loadbalancing": "round-robin", "weight": 1.5, "count": 2, "flag": True},
        "destinations": [{"host": "10.0.0.1", "port": 8080, "app": {"guid": APP_FRONTEND}}],
        "metadata": {"labels": {"a": "b"}},
    }
    made = plane.ok("POST", "/v3/routes", document)
    assert (made["host"], made["path"], made["url"]) == ("shape", "/v1", "shape.api.mtls.internal/v1")
    assert made["options"] == document["options"]
    assert made["relationships"] == document["relationships"]
    assert made["metadata"] == {"labels": {"a": "b"}, "annotations": {}}
    (destination,) = made["destinations"]
    assert (destination["host"], destination["port"], destination["app"]) == ("10.0.0.1", 8080, {"guid": APP_FRONTEND})
    assert plane.ok("GET", f"/v3/routes/{made['guid']}") == made
    for query in ({"hosts": "shape"}, {"paths": "/v1"}, {"app_guids": APP_FRONTEND}, {"space_guids": SPACE_SHOP}):
        assert plane.list("/v3/routes", **query)["resources"] == [made]
    assert plane.list("/v3/routes", hosts="shape", paths="/v2")["resources"] == []


ROUTE_REFUSALS = {
    "no domain": {"relationships": {}},
    "unknown domain": {"relationships": {"domain": {"data": {"guid": "nowhere"}}}},
    "path without slash": {"path": "v1"},
    "path of a slash": {"path": "/"},
    "path with a query": {"path": "/v1?x"},
    "path with dots": {"path": "/a/../b"},
    "host that is none": {"host": "a b"},
    "host with a star inside": {"host": "a*b"},
    "nested option": {"options": {"a": {"b": 1}}},
    "option with a list": {"options": {"a": [1]}},
    "misspelt option": {"options": {"mtls_allowed_app": APP_FRONTEND}},
    "option of policies": {"options": {"route_policy_sources": "cf:any"}},
    "flat options where policies are enforced": {"options": {"mtls_allowed_apps": APP_FRONTEND}},
    "options too large": {"options": {"note": "x" * 1024}},
    "destination without port": {"destinations": [{"host": "10.0.0.1"}]},
    "destination with a bad port": {"destinations": [{"host": "10.0.0.1", "port": 70000}]},
    "destination twice": {"destinations": [{"host": "10.0.0.1", "port": 1}] * 2},
    "destination with a bad certificate name": {
        "destinations": [{"host": "10.0.0.1", "port": 1, "certificate_name": "not a name!\n"}]
    },
    "destination of an app in upper case": {
        "destinations": [{"host": "10.0.0.1", "port": 1, "app": {"guid": APP_FRONTEND.upper()}}]
    },
    "unknown balancing": {"options": {"loadbalancing": "banana"}},
    "path of dots in disguise": {"path": "/%2e%2E"},
    "port of its own": {"port": 8080},
    "destination with a bad host": {"destinations": [{"host": "a b", "port": 1}]},
}


@pytest.mark.parametrize("case", ROUTE_REFUSALS)
def test_route_that_cannot_be_is_refused(plane, domain, case):
    document = {"host": "refused", "relationships": {"domain": {"data": {"guid": domain}}}, **ROUTE_REFUSALS[case]}
    assert plane.error("POST", "/v3/routes", document)[0] == 422
    assert plane.list("/v3/routes", hosts="refused")["resources"] == []


def test_route_is_there_once(plane, domain):
    plane.route(domain, "once", path="/v1")
    document = {"host": "ONCE", "path": "/v1/", "relationships": {"domain": {"data": {"guid": domain}}}}
    assert plane.error("POST", "/v3/routes", document)[2] == "CF-UniquenessError"
    plane.route(domain, "once", path="/V1")


def test_policy_has_the_shape_of_the_v3_api(plane, route):
    document = plane.policy_document(route, f"cf:app:{APP_FRONTEND}", metadata={"labels": {"why": "shop"}})
    made = plane.ok("POST", "/v3/route_policies", document)
    assert sorted(made) == ["created_at", "guid", "links", "metadata", "relationships", "source", "updated_at"]
    assert made["source"] == f"cf:app:{APP_FRONTEND}"
    assert made["relationships"] == {
        "route": {"data": {"guid": route}},
        "app": {"data": {"guid": APP_FRONTEND}},
        "space": {"data": None},
        "organization": {"data": None},
    }
    assert plane.ok("GET", f"/v3/route_policies/{made['guid']}") == made


SOURCES = [
    "cf:app:a-1",
    "cf:space:s-1",
    "cf:org:o-1",
    "spiffe://cluster.local/ns/default/sa/*",
    "spiffe://cluster.local/ns/default/sa/web",
]
REFUSED_SOURCES = [
    "",
    "cf:",
    "cf:user:1",
    "cf:app:",
    "cf:app:a b",
    "app:a",
    "oidc:issuer",
    "x509:subject",
    "spiffe:",
    "spiffe://",
    "*",
    "CF:ANY",
    "cf:any:",
]


@pytest.mark.parametrize("source", SOURCES)
def test_source_is_taken_once(plane, route, source):
    plane.policy(route, source)
    status, _, title, detail = plane.error("POST", "/v3/route_policies", plane.policy_document(route, source))
    assert (status, title) == (422, "CF-UniquenessError") and "already exists" in detail


@pytest.mark.parametrize("source", REFUSED_SOURCES)
def test_source_that_is_none_is_refused(plane, route, source):
    assert plane.error("POST", "/v3/route_policies", plane.policy_document(route, source))[0] == 422
    assert plane.list("/v3/route_policies", route_guids=route)["resources"] == []


def test_any_excludes_every_other_source_in_either_order(plane, domain):
    first, second = plane.route(domain, "any-first"), plane.route(domain, "any-second")
    anybody = plane.policy(first, "cf:any")
    assert plane.error("POST", "/v3/route_policies", plane.policy_document(first, "cf:app:a"))[0] == 422
    plane.policy(second, "cf:app:a")
    assert plane.error("POST", "/v3/route_policies", plane.policy_document(second, "cf:any"))[0] == 422
    plane.ok("DELETE", f"/v3/route_policies/{anybody}")
    plane.policy(first, "cf:app:a")


def test_policies_are_for_domains_that_enforce_them(plane):
    for name, options in (("open.example", {}), ("inside.example", {"internal": True})):
        route = plane.route(plane.domain(name, scope=None, **options), "host")
        status, _, title, detail = plane.error("POST", "/v3/route_policies", plane.policy_document(route, "cf:any"))
        assert (status, title) == (422, "CF-UnprocessableEntity")
        assert ("internal" in detail) == bool(options)
    assert plane.error("POST", "/v3/route_policies", plane.policy_document("nowhere", "cf:any"))[0] == 422


def test_policy_changes_its_notes_alone(plane, route):
    guid = plane.policy(route, "cf:app:a", metadata={"labels": {"a": "1", "b": "2"}})
    path = f"/v3/route_policies/{guid}"
    changed = plane.ok("PATCH", path, {"metadata": {"labels": {"a": None, "c": "3"}, "annotations": {"x": "y"}}})
    assert changed["metadata"] == {"labels": {"b": "2", "c": "3"}, "annotations": {"x": "y"}}
    for document in ({"source": "cf:any"}, {"relationships": {}}):
        assert plane.error("PATCH", path, document)[0] == 422
    assert plane.ok("GET", path) == changed


def test_policy_is_gone_when_it_was_deleted_or_its_route_was(plane, domain):
    route = plane.route(domain, "cascade")
    kept, deleted = plane.policy(route, "cf:app:a"), plane.policy(route, "cf:app:b")
    plane.ok("DELETE", f"/v3/route_policies/{deleted}")
    assert plane.error("DELETE", f"/v3/route_policies/{deleted}")[:3] == (404, 10010, "CF-ResourceNotFound")
    plane.ok("DELETE", f"/v3/routes/{route}")
    assert plane.error("GET", f"/v3/route_policies/{kept}")[0] == 404
    again = plane.route(domain, "cascade")
    assert plane.list("/v3/route_policies", route_guids=again)["resources"] == []


def test_deleted_domain_takes_routes_and_policies_with_it(plane):
    domain = plane.domain("short.internal")
    route = plane.route(domain, "host")
    policy = plane.policy(route, "cf:any")
    plane.ok("DELETE", f"/v3/domains/{domain}")
    for path in (f"/v3/domains/{domain}", f"/v3/routes/{route}", f"/v3/route_policies/{policy}"):
        assert plane.error("GET", path)[0] == 404


@pytest.fixture(scope="module")
def listed(plane):
    """Two routes with policies: the first with an app, a space and an organization, the second with two apps."""
    domain = plane.domain("listed.internal")
    first, second = plane.route(domain, "first"), plane.route(domain, "second")
    sources = [f"cf:app:{APP_FRONTEND}", f"cf:space:{SPACE_SHOP}", f"cf:org:{ORG_SHOP}"]
    guids = [plane.policy(first, source) for source in sources]
    guids += [plane.policy(second, f"cf:app:{app}") for app in (APP_FRONTEND, APP_OTHER)]
    return {"domain": domain, "first": first, "second": second, "guids": guids}


FILTERS = {
    "one route": (lambda at: {"route_guids": at["first"]}, [0, 1, 2]),
    "two routes": (lambda at: {"route_guids": f"{at['first']},{at['second']}"}, [0, 1, 2, 3, 4]),
    "unknown route": (lambda at: {"route_guids": "nowhere"}, []),
    "guids": (lambda at: {"guids": f"{at['guids'][1]},{at['guids'][4]}"}, [1, 4]),
    "source": (lambda at: {"sources": f"cf:app:{APP_OTHER}", "domain_guids": at["domain"]}, [4]),
    "two sources": (
        lambda at: {"sources": f"cf:app:{APP_OTHER},cf:org:{ORG_SHOP}", "domain_guids": at["domain"]},
        [2, 4],
    ),
    "source guid": (lambda at: {"source_guids": APP_FRONTEND, "domain_guids": at["domain"]}, [0, 3]),
    "both": (lambda at: {"source_guids": APP_FRONTEND, "route_guids": at["second"]}, [3]),
    "contradiction": (lambda at: {"source_guids": SPACE_SHOP, "route_guids": at["second"]}, []),
    "order down": (lambda at: {"route_guids": at["first"], "order_by": "-created_at"}, [2, 1, 0]),
    "order up": (lambda at: {"route_guids": at["first"], "order_by": "updated_at"}, [0, 1, 2]),
}


@pytest.mark.parametrize("case", FILTERS)
def test_list_shows_what_its_filters_match(plane, listed, case):
    make, wanted = FILTERS[case]
    found = plane.list("/v3/route_policies", **make(listed))
    assert [each["guid"] for each in found["resources"]] == [listed["guids"][index] for index in wanted]
    assert found["pagination"]["total_results"] == len(wanted)


def test_pages_lead_to_one_another(plane, listed):
    routes = f"{listed['first']},{listed['second']}"
    path, found, numbers = f"/v3/route_policies?route_guids={routes}&per_page=2", [], []
    while path:
        page = plane.ok("GET", path)
        found += [each["guid"] for each in page["resources"]]
        numbers.append(len(page["resources"]))
        pagination = page["pagination"]
        assert (pagination["total_results"], pagination["total_pages"]) == (5, 3)
        assert pagination["last"]["href"].endswith("page=3&per_page=2")
        path = pagination["next"] and pagination["next"]["href"].partition(str(plane.authority.admin_port))[2]
    assert found == listed["guids"] and numbers == [2, 2, 1]
    assert page["pagination"]["previous"]["href"].endswith("page=2&per_page=2")
    empty = plane.list("/v3/route_policies", route_guids=routes, page=9)
    assert empty["resources"] == [] and empty["pagination"]["total_results"] == 5


BAD_QUERIES = [
    "page=0",
    "page=x",
    "per_page=0",
    "per_page=5001",
    "order_by=source",
    "include=moon",
    "colour=red",
    "guids=a&guids=b",
    "sources=%ff",
]


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_query_that_means_nothing_is_refused(plane, query):
    assert plane.error("GET", f"/v3/route_policies?{query}")[:3] == (400, 10005, "CF-BadQueryParameter")


def test_page_of_five_thousand_is_allowed(plane):
    assert plane.list("/v3/route_policies", per_page=5000)["pagination"]["total_pages"] == 1


def test_related_records_are_included_once(plane, listed):
    plane.ok("PUT", f"/v3/organizations/{ORG_SHOP}", {"name": "shop"}, 201)
    space = {"name": "prod", "relationships": {"organization": {"data": {"guid": ORG_SHOP}}}}
    plane.ok("PUT", f"/v3/spaces/{SPACE_SHOP}", space, 201)
    app = {"name": "frontend", "relationships": {"space": {"data": {"guid": SPACE_SHOP}}}}
    plane.ok("PUT", f"/v3/apps/{APP_FRONTEND}", app, 201)
    found = plane.list(
        "/v3/route_policies", domain_guids=listed["domain"], include="route,app,space,organization,domain"
    )["included"]
    assert [each["host"] for each in found["routes"]] == ["first", "second"]
    assert [each["name"] for each in found["domains"]] == ["listed.internal"]
    # An app that nobody has named is left out.
    assert [each["name"] for each in found["apps"]] == ["frontend"]
    assert [each["name"] for each in found["spaces"]] == ["prod"]
    assert [each["name"] for each in found["organizations"]] == ["shop"]
    assert "included" not in plane.list("/v3/route_policies", domain_guids=listed["domain"])
    one = plane.ok("GET", f"/v3/route_policies/{listed['guids'][0]}?include=route")
    assert [each["host"] for each in one["included"]["routes"]] == ["first"]


CALLS = [
    ("GET", "/v3/domains"),
    ("POST", "/v3/domains"),
    ("GET", "/v3/routes"),
    ("POST", "/v3/routes"),
    ("PATCH", "/v3/routes/x"),
    ("DELETE", "/v3/routes/x"),
    ("GET", "/v3/route_policies"),
    ("POST", "/v3/route_policies"),
    ("PATCH", "/v3/route_policies/x"),
    ("DELETE", "/v3/route_policies/x"),
    ("GET", "/v3/caller_policies"),
    ("POST", "/v3/caller_policies"),
    ("PUT", "/v3/apps/x"),
    ("DELETE", "/v3/apps/x"),
    ("GET", "/v3/control_audit_events"),
]


@pytest.mark.parametrize("method, path", CALLS)
def test_call_needs_credentials_and_changes_need_an_administrator(plane, method, path):
    answer = plane.authority.stranger.call(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
    assert (answer.status, answer.document["errors"][0]["title"]) == (401, "CF-NotAuthenticated")
    for role in ("auditor", "operator"):
        answer = plane.authority.bearer(role).call(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
        if method == "GET":
            answer.ok()
        else:
            assert (answer.status, answer.document["errors"][0]["title"]) == (403, "CF-NotAuthorized")


def test_content_that_is_no_json_is_refused(plane):
    answer = plane.api.call("POST", "/v3/domains", body=b"{")
    assert (answer.status, answer.document["errors"][0]["title"]) == (400, "CF-MessageParseError")
    answer = plane.api.call("GET", "/v3/nothing")
    assert (answer.status, answer.document["errors"][0]["code"]) == (404, 10000)
    assert plane.api.call("PUT", "/v3/routes", {}).status == 405


def test_every_change_has_its_line_and_every_refusal_as_well(plane, domain):
    route = plane.route(domain, "audited")
    policy = plane.policy(route, "cf:app:audited")
    plane.ok("DELETE", f"/v3/route_policies/{policy}")
    lines = plane.list("/v3/control_audit_events", target="audited.api.mtls.internal")["audit"]
    assert [line["action"] for line in lines] == ["route_policy.delete", "route_policy.create", "route.create"]
    assert lines[1]["detail"] == "cf:app:audited"
    plane.error("POST", "/v3/route_policies", plane.policy_document(route, "oidc:nobody"))
    query = {"action": "api.call", "target": "POST /v3/route_policies", "outcome": "refused"}
    until(lambda: any("reserved" in line["detail"] for line in plane.authority.audit(**query)), 10, "the refusal")
    actors = {line["actor"] for line in plane.authority.audit(**query) if "reserved" in line["detail"]}
    assert actors == {lines[0]["actor"]}


def test_destinations_are_added_replaced_and_removed(plane, domain):
    path = f"/v3/routes/{plane.route(domain, 'destinations')}/destinations"
    one, two = {"host": "10.0.0.1", "port": 1}, {"host": "10.0.0.2", "port": 2, "tls": True}
    plane.ok("POST", path, {"destinations": [one]}, 200)
    added = plane.ok("POST", path, {"destinations": [two]}, 200)["destinations"]
    assert [(each["host"], each["tls"]) for each in added] == [("10.0.0.1", False), ("10.0.0.2", True)]
    plane.ok("DELETE", f"{path}/{added[0]['guid']}")
    assert plane.error("DELETE", f"{path}/{added[0]['guid']}")[0] == 422
    assert [each["host"] for each in plane.ok("GET", path)["destinations"]] == ["10.0.0.2"]
    assert [each["host"] for each in plane.ok("PATCH", path, {"destinations": [one]})["destinations"]] == ["10.0.0.1"]
