"""Behind a proxy, too, an authority vouches for the SPIFFE IDs of its own trust domain and of no other."""

import base64
import json

import pytest

from harness.authz import Authz
from harness.pki import Authority
from harness.tools import countersign

HEADER = "X-Forwarded-Tls-Client-Cert"
ORDERS = "spiffe://prod.example/ns/default/sa/orders"
UNTRUSTED = (401, "certificate_untrusted")


@pytest.fixture(scope="module")
def cast(tmp_path_factory):
    """Two authorities in files, each of its own trust domain."""
    folder = tmp_path_factory.mktemp("trust-domains")
    one, two = Authority.root("Platform Root"), Authority.root("Partner Root")
    return one, two, str(one.save(folder, "platform")), str(two.save(folder, "partner"))


def bound(cast):
    names = ("prod.example", cast[2]), ("partner.example", cast[3])
    return {"trust_domains": [{"name": name, "ca_certs": path} for name, path in names]}


def made(directory, **section):
    options = {"forwarded_client_cert_header": HEADER, "inbound_auth_mode": "mtls_only", "tokens": None}
    return Authz(directory, **{**options, **section})


def outcome(authz, leaf):
    header = HEADER, base64.b64encode(leaf.der).decode()
    status, headers, content = authz.ask("/auth/traefik", header)
    return headers.get("X-Countersign-Identity") if status == 200 else (status, json.loads(content)["code"])


def test_each_authority_speaks_for_its_own_trust_domain_alone(cast, tmp_path):
    one, two, *_ = cast
    listed = [{"from": "spiffe://prod.example/ns/default/sa/orders"}, {"from": "spiffe://partner.example/*"}]
    with made(tmp_path, **bound(cast), service_allow_list=listed) as authz:
        assert outcome(authz, one.leaf("a", uris=[ORDERS])) == ORDERS
        assert outcome(authz, two.leaf("b", uris=["spiffe://partner.example/x"])) == "spiffe://partner.example/x"
        assert outcome(authz, two.leaf("b", uris=[ORDERS])) == UNTRUSTED
        below = two.intermediate("Partner Issuer")
        assert outcome(authz, below.leaf("b", uris=[ORDERS]).without_intermediates()) == UNTRUSTED


def test_no_rule_is_met_by_an_id_of_another_authority(cast, tmp_path):
    one, two, *_ = cast
    rules = [{"spiffe_id": "spiffe://prod.example/ns/{ns}/sa/{sa}", "arn": "arn:crud:iam::{ns}:service/{sa}"}]
    with made(tmp_path, **bound(cast), rules=rules) as authz:
        assert outcome(authz, one.leaf("a", uris=[ORDERS])) == "arn:crud:iam::default:service/orders"
        assert outcome(authz, two.leaf("b", uris=[ORDERS])) == UNTRUSTED


def test_several_unbound_authorities_vouch_for_no_spiffe_id_and_for_devices_as_ever(cast, tmp_path):
    one, two, *paths = cast
    rules = [
        {"subject": {"CN": "{name}"}, "issuer": {"CN": "Partner Root"}, "arn": "arn:crud:iam::partner:device/{name}"}
    ]
    with made(tmp_path, client_ca=paths, rules=rules) as authz:
        assert outcome(authz, two.leaf("device-7")) == "arn:crud:iam::partner:device/device-7"
        for authority in (one, two):
            assert outcome(authz, authority.leaf("a", uris=[ORDERS])) == UNTRUSTED
        warned = [line for line in authz.log.snapshot() if line.get("message") == "configuration warning"]
        assert any("client_ca has several authorities" in line["problem"] for line in warned)


def test_one_authority_alone_may_name_any_trust_domain(cast, tmp_path):
    one, two, path, _ = cast
    with made(tmp_path, client_ca=path) as authz:
        assert outcome(authz, one.leaf("a", uris=[ORDERS])) == ORDERS
        assert outcome(authz, two.leaf("a", uris=[ORDERS])) == UNTRUSTED


def test_authorities_beside_the_listed_ones_vouch_for_no_spiffe_id(cast, tmp_path):
    one, two, platform, partner = cast
    listed = [{"name": "prod.example", "ca_certs": platform}]
    with made(tmp_path, client_ca=partner, trust_domains=listed) as authz:
        assert outcome(authz, one.leaf("a", uris=[ORDERS])) == ORDERS
        assert outcome(authz, two.leaf("a", uris=[ORDERS])) == UNTRUSTED
        assert outcome(authz, two.leaf("device-7")) is None


@pytest.mark.parametrize(
    ("section", "code", "found"),
    [
        ("unbound", 1, "may vouch for spiffe://prod.example/ns/ops/*; list them under trust_domains"),
        ("elsewhere", 0, "no authority is bound to the trust domain prod.example"),
        ("twice", 1, "an authority speaks for one trust domain"),
        ("terminator", 1, "client_ca and trust_domains verify certificates"),
    ],
)
def test_what_cannot_be_meant_is_said(cast, tmp_path, section, code, found):
    _, _, platform, partner = cast
    sections = {
        "unbound": {"client_ca": [platform, partner]},
        "elsewhere": {"trust_domains": [{"name": "partner.example", "ca_certs": partner}]},
        "twice": {"trust_domains": [{"name": name, "ca_certs": platform} for name in ("a.example", "b.example")]},
        "terminator": {
            "trust_domains": [{"name": "a.example", "ca_certs": platform}],
            "forwarded_client_cert_header": "X-Client-Cert-Subject",
        },
    }
    authz = made(tmp_path, service_allow_list=[{"from": "spiffe://prod.example/ns/ops/*"}], **sections[section])
    check = countersign("config", "check", "--config", authz.path, "--role", "authz")
    assert check.returncode == code and found in check.stdout + check.stderr, check.stdout
