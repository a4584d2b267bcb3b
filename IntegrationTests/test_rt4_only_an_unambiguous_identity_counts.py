"""An identity that could be read in two ways is none, and without one a protected route is closed."""

import pytest

from harness.pki import subject
from harness.world import APP_FRONTEND, APP_OTHER, ORG_OTHER, ORG_SHOP, SPACE_OTHER, SPACE_SHOP, route

APP, ORG, ANY = "app.apps.mtls.internal", "org.apps.mtls.internal", "any.apps.mtls.internal"
SPACE = "space.apps.mtls.internal"
UNITS = [("OU", f"organization:{ORG_SHOP}"), ("OU", f"space:{SPACE_SHOP}"), ("OU", f"app:{APP_FRONTEND}")]
NO_APP = UNITS[:2]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(
        world.configuration(
            [
                route(APP, module_backend, mtls_allowed_apps=APP_FRONTEND),
                route(SPACE, module_backend, mtls_allowed_spaces=SPACE_SHOP),
                route(ORG, module_backend, mtls_allowed_orgs=ORG_SHOP),
                route(ANY, module_backend, mtls_allow_any=True),
            ]
        )
    )


def statuses(world, router, leaf):
    answers = {}
    for host in (APP, SPACE, ORG):
        with world.connect(router, host, leaf) as connection:
            answers[host] = connection.get(host).status
    return answers


def test_identity_of_the_three_units_is_recognized(world, router):
    leaf = world.platform.leaf(subject(("CN", "instance"), *UNITS))
    assert set(statuses(world, router, leaf).values()) == {200}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_order_of_the_units_does_not_matter(world, router, order):
    leaf = world.platform.leaf(subject(*(UNITS[index] for index in order), ("CN", "instance")))
    assert set(statuses(world, router, leaf).values()) == {200}


AMBIGUOUS = {
    "two apps": [*UNITS, ("OU", f"app:{APP_OTHER}")],
    "two apps, ours first": [("OU", f"app:{APP_FRONTEND}"), ("OU", f"app:{APP_OTHER}"), *NO_APP],
    "the same app twice": [*UNITS, ("OU", f"app:{APP_FRONTEND}")],
    "two spaces": [*UNITS, ("OU", f"space:{SPACE_OTHER}")],
    "two organizations": [*UNITS, ("OU", f"organization:{ORG_OTHER}")],
    "app in the common name alone": [("CN", f"app:{APP_FRONTEND}"), *NO_APP],
    "app written as a unit inside the common name": [("CN", f"x,OU=app:{APP_FRONTEND}"), *NO_APP],
    "app written as a unit inside the organization": [("O", f"x, OU=app:{APP_FRONTEND}"), *NO_APP],
    "app inside another unit": [("OU", f"x,OU=app:{APP_FRONTEND}"), *NO_APP],
    "app inside another unit after a plus": [("OU", f"x+OU=app:{APP_FRONTEND}"), *NO_APP],
    "app after a line end": [("OU", f"x\nOU=app:{APP_FRONTEND}"), *NO_APP],
    "app in the locality": [("L", f"app:{APP_FRONTEND}"), *NO_APP],
    "space before the word": [("OU", f" app:{APP_FRONTEND}"), *NO_APP],
    "space after the colon": [("OU", f"app: {APP_FRONTEND}"), *NO_APP],
    "space after the value": [("OU", f"app:{APP_FRONTEND} "), *NO_APP],
    "list of apps": [("OU", f"app:{APP_FRONTEND},{APP_OTHER}"), *NO_APP],
    "list of apps, ours last": [("OU", f"app:{APP_OTHER},{APP_FRONTEND}"), *NO_APP],
    "longer value": [("OU", f"app:{APP_FRONTEND}0"), *NO_APP],
    "empty app": [("OU", "app:"), *NO_APP],
    "value with NUL": [("OU", f"app:{APP_FRONTEND}\0"), *NO_APP],
    "another word": [("OU", f"application:{APP_FRONTEND}"), *NO_APP],
    "no units": [("CN", "nobody")],
    "no app": [("CN", "x"), *NO_APP],
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_ambiguous_or_imitated_identity_is_none(world, router, module_backend, name):
    module_backend.forget()
    leaf = world.platform.leaf(subject(*AMBIGUOUS[name]))
    assert statuses(world, router, leaf)[APP] == 403
    if name.startswith(("two", "the same", "list", "empty", "no ")):
        assert set(statuses(world, router, leaf).values()) == {403}
    assert not [message for message in module_backend.seen() if message.get("Host") == APP]


SPIFFE_IDS = {
    "two different": ["spiffe://cluster.local/ns/default/sa/a", "spiffe://cluster.local/ns/default/sa/b"],
    "spiffe and another URI": ["spiffe://cluster.local/ns/default/sa/a", "https://example.com/"],
    "malformed": ["spiffe://Cluster.Local/a//b"],
    "with a query": ["spiffe://cluster.local/a?b"],
}


@pytest.mark.parametrize("uris", SPIFFE_IDS.values(), ids=SPIFFE_IDS)
def test_ambiguous_spiffe_id_is_not_logged_as_an_identity(world, router, uris):
    leaf = world.platform.leaf(subject(("CN", "service")), uris=uris)
    with world.connect(router, APP, leaf) as connection:
        assert connection.get(APP, f"/{abs(hash(tuple(uris)))}").status == 403
    record = router.wait_for_access(lambda entry: str(abs(hash(tuple(uris)))) in str(entry.values()))
    assert not record.get("caller_spiffe_id")


def test_single_spiffe_id_is_logged(world, router):
    leaf = world.platform.leaf(subject(("CN", "service")), uris=["spiffe://cluster.local/ns/default/sa/shop"])
    with world.connect(router, ANY, leaf) as connection:
        connection.get(ANY, "/spiffe-marker")
    record = router.wait_for_access(lambda entry: "/spiffe-marker" in str(entry.values()))
    assert record["caller_spiffe_id"] == "spiffe://cluster.local/ns/default/sa/shop"
