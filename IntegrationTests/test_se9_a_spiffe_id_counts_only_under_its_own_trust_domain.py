"""An authority vouches for the SPIFFE IDs of its own trust domain; pooled with others, it speaks for no other."""

import copy

import pytest
import yaml

from harness.pki import Authority
from harness.tls_client import TLS12, TLS13, Refused
from harness.tools import countersign
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

HOST, OPEN = "a.apps.mtls.internal", "partner.example.com"
ADMIN = "spiffe://a.example/ns/default/sa/admin"
FOREIGN = "foreign_trust_domain"


@pytest.fixture(scope="module")
def cast(tmp_path_factory):
    """Two authorities in files, each of its own trust domain."""
    folder = tmp_path_factory.mktemp("trust-domains")
    one, two = Authority.root("A Root"), Authority.root("B Root")
    return one, two, str(one.save(folder, "a")), str(two.save(folder, "b"))


def configuration(world, backend, authorities, sources=ADMIN):
    domains = [
        {"name": HOST, **copy.deepcopy(authorities), "authorization": {"mode": "cf_identity"}},
        {"name": OPEN, **copy.deepcopy(authorities)},
    ]
    options = {"route_policy_scope": "any", "route_policy_sources": sources}
    return world.configuration([route(HOST, backend, **options), route(OPEN, backend)], domains)


def bound(cast):
    return {"trust_domains": [{"name": "a.example", "ca_certs": cast[2]}, {"name": "b.example", "ca_certs": cast[3]}]}


def outcome(world, router, host, leaf, version=TLS13):
    try:
        with world.connect(router, host, leaf, version) as connection:
            return connection.get(host).status
    except (Refused, OSError):
        return "refused"


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
def test_each_authority_speaks_for_its_own_trust_domain_alone(world, start_router, backend, cast, version):
    one, two, *_ = cast
    router = start_router(configuration(world, backend, bound(cast)))
    own = one.leaf("admin", uris=[ADMIN])
    assert outcome(world, router, HOST, own, version) == 200
    assert outcome(world, router, OPEN, two.leaf("b", uris=["spiffe://b.example/x"]), version) == 200
    backend.forget()
    impostor = two.leaf("admin", uris=[ADMIN])
    for host in (HOST, OPEN):
        assert outcome(world, router, host, impostor, version) == "refused"
    assert router.wait_for_line("handshake refused")["reason"] == FOREIGN
    until(lambda: router.metric("mtls_auth_failure_total", reason=FOREIGN) == 2, 10, "both refusals")
    assert backend.seen() == []


def test_foreign_id_beside_another_name_does_not_reach_a_backend(world, start_router, backend, cast):
    router = start_router(configuration(world, backend, bound(cast)))
    leaf = cast[1].leaf("x", uris=["https://b.example/", ADMIN])
    assert outcome(world, router, OPEN, leaf) == "refused"
    assert backend.seen() == []


def test_intermediate_of_one_trust_domain_speaks_for_it_and_no_other(world, start_router, backend, cast):
    router = start_router(configuration(world, backend, bound(cast)))
    below = cast[1].intermediate("B Issuer")
    assert outcome(world, router, OPEN, below.leaf("x", uris=["spiffe://b.example/x"])) == 200
    assert outcome(world, router, OPEN, below.leaf("x", uris=[ADMIN])) == "refused"


def test_several_unbound_authorities_vouch_for_no_spiffe_id_and_for_apps_as_ever(world, start_router, backend, cast):
    one, two, *paths = cast
    router = start_router(configuration(world, backend, {"ca_certs": paths}, f"cf:app:{APP_FRONTEND}"))
    for authority in (one, two):
        assert outcome(world, router, HOST, authority.cloud_foundry(APP_FRONTEND, SPACE_SHOP, ORG_SHOP)) == 200
        assert outcome(world, router, OPEN, authority.leaf("x", uris=[ADMIN])) == "refused"
    assert any("trust_domains" in line.get("problem", "") for line in router.log.snapshot())


def test_unbound_authorities_beside_bound_ones_vouch_for_no_spiffe_id(world, start_router, backend, cast):
    one, two, *paths = cast
    authorities = {"trust_domains": [{"name": "a.example", "ca_certs": paths[0]}], "ca_certs": paths[1]}
    router = start_router(configuration(world, backend, authorities))
    assert outcome(world, router, HOST, one.leaf("admin", uris=[ADMIN])) == 200
    assert outcome(world, router, OPEN, two.leaf("device")) == 200
    assert outcome(world, router, OPEN, two.leaf("x", uris=[ADMIN])) == "refused"


def test_single_authority_needs_no_binding_and_its_intermediate_may_stand_beside_it(
    world, start_router, backend, cast, tmp_path
):
    one = cast[0]
    pool = tmp_path / "pool.pem"
    pool.write_text(one.intermediate("A Issuer").pem + one.pem)
    router = start_router(configuration(world, backend, {"ca_certs": str(pool)}))
    assert outcome(world, router, HOST, one.leaf("admin", uris=[ADMIN])) == 200
    assert outcome(world, router, HOST, one.leaf("x", uris=["spiffe://a.example/x"])) == 403


def checked(world, tmp_path, authorities, sources=ADMIN):
    file = tmp_path / "router.yaml"
    made = configuration(world, "127.0.0.1:9", authorities, sources)
    made["router"]["listen"] = ["127.0.0.1:1"]
    file.write_text(yaml.safe_dump(made))
    done = countersign("config", "check", "--config", file)
    return done.returncode, done.stdout


def test_route_by_spiffe_id_with_several_unbound_authorities_is_refused(world, tmp_path, cast):
    code, text = checked(world, tmp_path, {"ca_certs": list(cast[2:])})
    assert code == 1 and "trust_domains" in text and "routes[0]" in text
    code, text = checked(world, tmp_path, bound(cast))
    assert code == 0 and "warning" not in text


def test_route_by_an_id_of_no_trust_domain_is_warned_about(world, tmp_path, cast):
    code, text = checked(world, tmp_path, bound(cast), "spiffe://c.example/x")
    assert code == 0 and "c.example" in text and "warning" in text


def test_authority_under_two_trust_domains_is_refused(world, tmp_path, cast):
    pair = [{"name": name, "ca_certs": cast[2]} for name in ("a.example", "b.example")]
    code, text = checked(world, tmp_path, {"trust_domains": pair})
    assert code == 1 and "a.example" in text and "b.example" in text
