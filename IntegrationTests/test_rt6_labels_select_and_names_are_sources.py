"""Records are selected by their labels, which have the shapes of Cloud Foundry's API; names stand for sources."""

import pytest

from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP

NAMED = {
    "app:shop/prod/frontend": f"cf:app:{APP_FRONTEND}",
    "cf:app:shop/prod/frontend": f"cf:app:{APP_FRONTEND}",
    "space:shop/prod": f"cf:space:{SPACE_SHOP}",
    "cf:space:shop/prod": f"cf:space:{SPACE_SHOP}",
    "org:shop": f"cf:org:{ORG_SHOP}",
}


@pytest.fixture(scope="module")
def plane(module_plane):
    names = {"org:shop": ORG_SHOP, "space:shop/prod": SPACE_SHOP, "app:shop/prod/frontend": APP_FRONTEND}
    for name, guid in names.items():
        module_plane.run("names", "put", name, guid)
    return module_plane


@pytest.fixture(scope="module")
def domain(plane):
    return plane.domain()


@pytest.mark.parametrize("name, source", NAMED.items())
def test_name_is_resolved_when_the_policy_is_made(plane, domain, name, source):
    route = plane.route(domain, f"named-{list(NAMED).index(name)}")
    made = plane.ok("POST", "/v3/route_policies", plane.policy_document(route, name))
    assert made["source"] == source
    listed = plane.list("/v3/route_policies", sources=name, route_guids=route)["resources"]
    assert [each["guid"] for each in listed] == [made["guid"]]
    assert plane.list("/v3/route_policies", sources="app:shop/prod/nobody", route_guids=route)["resources"] == []


@pytest.mark.parametrize(
    "name, word",
    [
        ("app:shop/prod/nobody", "nothing is named"),
        ("cf:app:shop/elsewhere/frontend", "nothing is named"),
        ("app:frontend", "nothing is named"),
        ("org:nobody", "nothing is named"),
        ("cf:org:shop", "ambiguous"),
    ],
)
def test_name_that_leads_nowhere_or_to_two_is_refused(plane, domain, name, word):
    route = plane.ok("GET", "/v3/routes?hosts=refused")["resources"]
    route = route[0]["guid"] if route else plane.route(domain, "refused")
    status, _, title, detail = plane.error("POST", "/v3/route_policies", plane.policy_document(route, name))
    assert (status, title) == (422, "CF-UnprocessableEntity") and word in detail
    assert plane.list("/v3/route_policies", route_guids=route)["resources"] == []


LABELS = {
    "one": {"team": "shop", "example.com/tier": "front"},
    "two": {"team": "pay"},
    "three": {"empty": ""},
}
SELECTORS = [
    ("team", {"one", "two"}),
    ("!team", {"three"}),
    ("team=shop", {"one"}),
    ("team==shop", {"one"}),
    ("team!=shop", {"two", "three"}),
    ("team in (shop, pay)", {"one", "two"}),
    ("team in (pay)", {"two"}),
    ("team notin (shop,other)", {"two", "three"}),
    ("team,example.com/tier=front", {"one"}),
    ("team in (shop,pay),!example.com/tier", {"two"}),
    ("empty=", {"three"}),
    ("team=nobody", set()),
]


@pytest.fixture(scope="module")
def labelled(plane):
    """A domain, a route and a policy with each set of labels, by the path of their kind."""
    found = {"/v3/domains": {}, "/v3/routes": {}, "/v3/route_policies": {}}
    for name, labels in LABELS.items():
        metadata = {"labels": labels}
        domain = plane.domain(f"{name}.labels.internal", metadata=metadata)
        route = plane.route(domain, "host", metadata=metadata)
        guids = (domain, route, plane.policy(route, "cf:any", metadata=metadata))
        for path, guid in zip(found, guids, strict=True):
            found[path][guid] = name
    return found


@pytest.mark.parametrize("selector, names", SELECTORS)
def test_selector_finds_what_has_the_labels(plane, labelled, selector, names):
    for path, guids in labelled.items():
        listed = plane.list(path, label_selector=selector, guids=",".join(guids))["resources"]
        assert {guids[each["guid"]] for each in listed} == names


NO_SELECTORS = ["", ",", "team in shop", "team between (a)", "bad key", "a=b c", "a in (b", "/a=b"]


@pytest.mark.parametrize("selector", NO_SELECTORS)
def test_selector_that_is_none_is_refused(plane, labelled, selector):
    for path in labelled:
        answer = plane.api.get(path, label_selector=selector)
        assert answer.status == 400
        assert "label_selector" in answer.document["errors"][0]["detail"]


@pytest.mark.parametrize(
    "key, value, is_sound",
    [
        ("team", "shop-1_a.b", True),
        ("a" * 63, "b" * 63, True),
        ("example.com/team", "", True),
        ("bad key!", "a", False),
        ("-team", "a", False),
        ("a" * 64, "a", False),
        ("a/b/c", "a", False),
        ("..x/a", "a", False),
        ("cloudfoundry.org/a", "a", False),
        ("team", "a\n", False),
        ("team", "b" * 64, False),
        ("team", ".a", False),
    ],
)
def test_labels_have_the_shapes_of_the_api(plane, domain, key, value, is_sound):
    document = {"metadata": {"labels": {key: value}}}
    if is_sound:
        assert plane.ok("PATCH", f"/v3/domains/{domain}", document)["metadata"]["labels"][key] == value
        plane.ok("PATCH", f"/v3/domains/{domain}", {"metadata": {"labels": {key: None}}})
    else:
        status, _, _, detail = plane.error("PATCH", f"/v3/domains/{domain}", document)
        assert status == 422 and "label" in detail
