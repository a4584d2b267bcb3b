"""Bundles of other trust domains: fetched from whom they have to come, trusted for their own SPIFFE IDs alone."""

import base64
import json

import pytest
from cryptography import x509

from harness.authority_process import AuthorityProcess, Hierarchy
from harness.bundle_endpoint import BundleEndpoint, jwks
from harness.pki import SERVER_AUTH, Authority
from harness.revocations import HOST
from harness.tls_client import Connection, Refused, context
from harness.tools import countersign
from harness.waiting import until
from harness.world import route

PARTNER = "partner.example"
ENDPOINT_ID = f"spiffe://{PARTNER}/authority"
BUNDLE = "/v1/spiffe-bundle"


def roots_of(path):
    return {cert.serial_number for cert in x509.load_pem_x509_certificates(path.read_bytes())}


def serials(*authorities):
    return {authority.certificate.serial_number for authority in authorities}


class Pair:
    """A router of its own trust domain that federates with the partner's."""

    def __init__(self, world, start_router, backend, directory, pinned, federation):
        self._world = world
        self.home = Authority.root("Home Root")
        self.bundle = directory / "partner.pem"
        self.bundle.write_text(pinned)
        listed = [
            {"name": "home.example", "ca_certs": str(self.home.save(directory, "home"))},
            {"name": PARTNER, "ca_certs": str(self.bundle)},
        ]
        domain = world.platform_domain(trust_domains=listed, authorization={"mode": "none"})
        del domain["ca_certs"]
        configuration = world.configuration([route(HOST, backend)], [domain])
        section = {"trust_domain": PARTNER, "bundle_path": str(self.bundle), "refresh_interval": "1s", **federation}
        configuration["federation"] = [section]
        self.router = start_router(configuration)

    def is_served(self, holder):
        paths = holder.paths if hasattr(holder, "paths") else self._world.paths(holder)
        try:
            with Connection(self.router.port, HOST, context(self._world.server_roots, paths)) as connection:
                return connection.get(HOST).status == 200
        except (Refused, OSError):
            return False


@pytest.fixture
def partner(start_authority):
    return start_authority(trust_domain=PARTNER)


def by_spiffe(authority):
    return {
        "url": f"https://127.0.0.1:{authority.port}{BUNDLE}",
        "profile": "https_spiffe",
        "spiffe_id": ENDPOINT_ID,
    }


def test_partners_callers_are_let_in_by_their_own_ids_and_no_others(world, start_router, backend, partner, tmp_path):
    pair = Pair(world, start_router, backend, tmp_path, partner.hierarchy.root.pem, by_spiffe(partner))
    assert pair.is_served(partner.issue("user-svc"))
    assert pair.is_served(pair.home.leaf("x", uris=["spiffe://home.example/x"]))
    backend.forget()
    root = partner.hierarchy.root
    for issuer, uri in (
        (root, "spiffe://home.example/x"),
        (partner.hierarchy.intermediate, "spiffe://home.example/x"),
        (root, "spiffe://third.example/x"),
        (pair.home, f"spiffe://{PARTNER}/ns/default/sa/user-svc"),
    ):
        assert not pair.is_served(issuer.leaf("impostor", uris=[uri]))
    assert backend.seen() == []
    assert pair.router.metric("mtls_auth_failure_total", reason="foreign_trust_domain") == 4


def test_partner_rolls_its_root_over_and_nobody_has_to_be_told(world, start_router, backend, partner, tmp_path):
    old, new = partner.hierarchy, Hierarchy()
    pair = Pair(world, start_router, backend, tmp_path, old.root.pem, by_spiffe(partner))
    caller = new.intermediate.leaf("x", uris=[f"spiffe://{PARTNER}/x"])
    former = old.intermediate.leaf("x", uris=[f"spiffe://{PARTNER}/x"])
    assert pair.is_served(former) and not pair.is_served(caller)

    def publish(hierarchy, *roots):
        partner.stop()
        partner.hierarchy = hierarchy
        section = partner.configuration["authority"]
        section["intermediate"] = hierarchy.save(partner.directory)
        section["trust_bundle"] = "".join(root.pem for root in roots)
        partner.write_configuration()
        partner.start()
        until(lambda: roots_of(pair.bundle) == serials(*roots), 15, "the bundle being fetched")

    publish(old, old.root, new.root)
    until(lambda: pair.is_served(caller), 10, "the new root being trusted")
    assert pair.is_served(former)
    publish(new, old.root, new.root)
    publish(new, new.root)
    until(lambda: not pair.is_served(former), 10, "the old root being trusted no more")
    assert pair.is_served(caller)


def test_endpoint_that_is_not_the_partner_changes_nothing(world, start_router, backend, start_authority, tmp_path):
    partner, impostor = start_authority(trust_domain=PARTNER), start_authority(trust_domain=PARTNER)
    pair = Pair(world, start_router, backend, tmp_path, partner.hierarchy.root.pem, by_spiffe(impostor))
    assert pair.router.wait_for_line("federated bundle is not fetched")["trust_domain"] == PARTNER
    assert roots_of(pair.bundle) == serials(partner.hierarchy.root)
    assert pair.is_served(partner.issue("user-svc")) and not pair.is_served(impostor.issue("user-svc"))
    status, _, text = pair.router.admin("/health/ready")
    assert status == 200 and f"federation:{PARTNER}" in text and "degraded" in text


def test_partner_that_is_away_is_trusted_on_and_asked_again(world, start_router, backend, partner, tmp_path):
    holder = partner.issue("user-svc")
    partner.stop()
    pair = Pair(world, start_router, backend, tmp_path, partner.hierarchy.root.pem, by_spiffe(partner))
    pair.router.wait_for_line("federated bundle is not fetched")
    assert pair.is_served(holder)
    partner.start()
    pair.router.wait_for_line("federated bundle is fetched again")
    assert pair.is_served(holder)


# The command, which asks once, by either profile


@pytest.fixture(scope="module")
def endpoint(world, tmp_path_factory):
    leaf = world.server_root.leaf("bundles", ips=["127.0.0.1"], purposes=[SERVER_AUTH])
    with BundleEndpoint(leaf, tmp_path_factory.mktemp("endpoint")) as made:
        yield made


def fetch(out, url, *options, trust_domain=PARTNER):
    return countersign("bundle", "fetch", "--trust-domain", trust_domain, "--url", url, "--out", out, *options)


def test_bundle_is_taken_from_an_endpoint_of_the_web(world, endpoint, tmp_path):
    root, other = Authority.root("One"), Authority.root("Two")
    endpoint.status, endpoint.content = 200, jwks(root, other, spiffe_sequence=1)
    out = tmp_path / "bundle.pem"
    done = fetch(out, endpoint.url, "--web-ca", world.server_roots)
    assert done.returncode == 0 and done.stdout.startswith("wrote "), done.stderr
    assert roots_of(out) == serials(root, other) and done.stdout.count("SHA-256") == 2
    assert fetch(out, endpoint.url, "--web-ca", world.server_roots).stdout.startswith("unchanged ")


def test_endpoint_with_a_certificate_for_another_host_or_of_somebody_else_is_refused(world, endpoint, tmp_path):
    endpoint.status, endpoint.content = 200, jwks(Authority.root("One"))
    out = tmp_path / "bundle.pem"
    stranger = world.stranger_root.save(tmp_path, "stranger")
    assert fetch(out, endpoint.url, "--web-ca", stranger).returncode == 1
    elsewhere = endpoint.url.replace("127.0.0.1", "localhost")
    assert fetch(out, elsewhere, "--web-ca", world.server_roots).returncode == 1
    assert not out.exists()


GOOD = Authority.root("Good")
UNUSABLE = {
    "nobody": (200, jwks()),
    "no JSON": (200, b"hello"),
    "no keys": (200, b"{}"),
    "a page": (404, jwks(GOOD)),
    "a redirect": (302, jwks(GOOD)),
    "a leaf": (200, jwks(GOOD.leaf("x"))),
    "only an expired authority": (200, jwks(Authority.root("Old", lifetime=(-120, -60)))),
    "a certificate cut short": (200, jwks(GOOD).replace(b'"x5c": ["MII', b'"x5c": ["MIJ')),
    "too much": (200, b" " * (5 * 1024 * 1024)),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_bundle_that_cannot_be_used_leaves_the_former_one(world, endpoint, tmp_path, case):
    endpoint.status, endpoint.content = UNUSABLE[case]
    out = tmp_path / "bundle.pem"
    out.write_text(GOOD.pem)
    done = fetch(out, endpoint.url, "--web-ca", world.server_roots)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    assert out.read_text() == GOOD.pem
    endpoint.status, endpoint.content = 200, jwks(GOOD)
    assert fetch(out, endpoint.url, "--web-ca", world.server_roots).returncode == 0


def test_authority_that_has_expired_is_left_out_of_a_bundle(world, endpoint, tmp_path):
    endpoint.status, endpoint.content = 200, jwks(Authority.root("Old", lifetime=(-120, -60)), GOOD)
    out = tmp_path / "bundle.pem"
    assert fetch(out, endpoint.url, "--web-ca", world.server_roots).returncode == 0
    assert roots_of(out) == serials(GOOD)


@pytest.fixture(scope="module")
def publisher(tmp_path_factory):
    process = AuthorityProcess(tmp_path_factory.mktemp("authority"), trust_domain=PARTNER).start()
    yield process
    process.stop()


def test_bundle_is_taken_from_an_endpoint_with_the_right_spiffe_id_alone(publisher, tmp_path):
    url = f"https://127.0.0.1:{publisher.port}{BUNDLE}"
    out = tmp_path / "bundle.pem"
    known = ["--bundle", publisher.root_path]
    assert fetch(out, url, "--spiffe-id", ENDPOINT_ID, *known).returncode == 0
    assert roots_of(out) == serials(publisher.hierarchy.root)
    out.unlink()
    other = Authority.root("Another Root").save(tmp_path, "other")
    for options in (
        ["--spiffe-id", f"spiffe://{PARTNER}/somebody", *known],
        ["--spiffe-id", ENDPOINT_ID, "--bundle", other],
        ["--spiffe-id", ENDPOINT_ID],
    ):
        assert fetch(out, url, *options).returncode == 1
        assert not out.exists()


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--spiffe-id", "spiffe://other.example/authority"],
        ["--spiffe-id", ENDPOINT_ID, "--web-ca", "x.pem"],
        ["--web-ca", "absent.pem"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_say_who_the_endpoint_is_are_refused(publisher, tmp_path, options):
    done = fetch(tmp_path / "bundle.pem", f"https://127.0.0.1:{publisher.port}{BUNDLE}", *options)
    assert done.returncode == 2 and done.stderr
    assert fetch(tmp_path / "bundle.pem", "http://127.0.0.1/", "--web-ca", publisher.root_path).returncode == 2


# What the authority publishes and exports of its own


def test_bundle_is_published_as_pem_and_as_a_spiffe_bundle(publisher):
    root = publisher.hierarchy.root
    for api in (publisher.public, publisher.native()):
        assert api.get("/v1/bundle").body.decode() == root.pem
        answer = api.get(BUNDLE)
        assert answer.headers["content-type"].startswith("application/json")
        assert "max-age=" in answer.headers["cache-control"] and answer.headers["expires"]
        document = answer.ok()
        assert document["spiffe_refresh_hint"] == 300
        (key,) = document["keys"]
        assert (key["kty"], key["crv"], key["use"]) == ("EC", "P-256", "x509-svid") and "kid" not in key
        certificate = x509.load_der_x509_certificate(base64.b64decode(key["x5c"][0]))
        assert certificate == root.certificate
        unchanged = api.call("GET", BUNDLE, If_None_Match=answer.headers["etag"])
        assert unchanged.status == 304 and not unchanged.body


def test_bundle_is_exported_to_a_file_without_the_authority_running(tmp_path):
    process = AuthorityProcess(tmp_path)
    out = tmp_path / "exported.pem"
    done = countersign("bundle", "export", "--config", process.path, "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.read_text() == process.hierarchy.root.pem
    done = countersign("bundle", "export", "--config", process.path, "--format", "spiffe")
    assert done.returncode == 0 and len(json.loads(done.stdout)["keys"]) == 1
    assert not process.database.exists()
    assert countersign("bundle", "export", "--config", tmp_path / "absent.yaml").returncode == 2
