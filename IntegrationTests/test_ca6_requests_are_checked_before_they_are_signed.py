"""Issuing and signing: possession and strength of keys, what the certificate says, and what a request may ask for."""

import base64
import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from harness import tools
from harness.authority_holdings import csr
from harness.pki import ec_key, rsa_key
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


@pytest.fixture(scope="module")
def agent(authority):
    return authority.native(authority.agent("user-svc", "billing"))


def sign(agent, request, **options):
    return agent.post("/v1/sign", {"service": "user-svc", "csr": request, **options})


def issued(answer):
    issuance = answer.ok(201)
    return issuance, x509.load_pem_x509_certificate(issuance["certificate"].encode())


def without_possession(request):
    """The request with another key in place of its own; the signature stays."""
    der = x509.load_pem_x509_csr(request.encode()).public_bytes(serialization.Encoding.DER)
    numbers = [_point(key) for key in (x509.load_pem_x509_csr(request.encode()).public_key(), ec_key().public_key())]
    changed = der.replace(*numbers)
    assert changed != der
    return x509.load_der_x509_csr(changed).public_bytes(serialization.Encoding.PEM).decode()


def _point(key):
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def test_certificate_says_what_profile_and_registration_say(authority, agent):
    key = ec_key()
    issuance, certificate = issued(sign(agent, csr(key, "user-svc")))
    assert _point(certificate.public_key()) == _point(key.public_key())
    extensions = certificate.extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [
        "spiffe://link.internal/ns/default/sa/user-svc"
    ]
    assert names.get_values_for_type(x509.DNSName) == ["user-svc", "user-svc.link.internal"]
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(purposes) == {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical and usage.value.digital_signature and not usage.value.key_cert_sign
    point = extensions.get_extension_for_class(x509.CRLDistributionPoints).value[0].full_name[0].value
    assert point == f"http://127.0.0.1:{authority.public_port}/crl/{authority.key_id}.crl"
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert f"http://127.0.0.1:{authority.public_port}/ocsp" in [a.access_location.value for a in access]
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert datetime.timedelta(seconds=3629) <= lifetime <= datetime.timedelta(seconds=3631)
    assert issuance["renew"] == {"at_fraction": 0.5}
    assert issuance["trust_bundle"] == authority.hierarchy.root.pem


def test_openssl_builds_the_chain_to_the_root(authority):
    holder = authority.issue("billing")
    chain = authority.directory / "chain-above.pem"
    chain.write_text(holder.issuance["chain"])
    done = tools.run(
        "openssl", "verify", "-x509_strict", "-CAfile", authority.root_path, "-untrusted", chain, holder.chain_path
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048", "rsa3072"])
def test_generated_key_comes_with_its_certificate(agent, kind):
    issuance, certificate = issued(agent.post("/v1/issue", {"service": "user-svc", "key_type": kind}))
    key = serialization.load_pem_private_key(issuance["private_key"].encode(), None)
    assert key.public_key() == certificate.public_key()
    assert kind in (f"rsa{key.key_size}", f"p{key.key_size}")
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_encipherment == kind.startswith("rsa")


def test_no_key_is_in_the_answer_to_a_request_of_ones_own(agent):
    issuance, _ = issued(sign(agent, csr(ec_key())))
    assert "private_key" not in issuance and "PRIVATE" not in str(issuance)


STRONG = {
    "p256": lambda: ec_key(),
    "p384": lambda: ec_key(ec.SECP384R1()),
    "p521": lambda: ec_key(ec.SECP521R1()),
    "rsa2048": lambda: rsa_key(),
}


@pytest.mark.parametrize("kind", STRONG)
def test_strong_key_is_certified(agent, kind):
    issued(sign(agent, csr(STRONG[kind](), "user-svc")))


WEAK = {
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
    "p224": lambda: ec_key(ec.SECP224R1()),
    "p192": lambda: ec_key(ec.SECP192R1()),
    "secp256k1": lambda: ec_key(ec.SECP256K1()),
}


@pytest.mark.parametrize("kind", WEAK)
def test_weak_or_unknown_key_is_refused(authority, agent, kind):
    answer = sign(agent, csr(WEAK[kind](), "user-svc"))
    assert answer.status in (400, 422), answer.body
    answer.problem(answer.status, answer.document["code"])
    assert answer.document["code"] in ("weak_key", "malformed_request")


@pytest.mark.parametrize("whose", ["intermediate", "root"])
def test_key_of_an_authority_is_certified_for_nobody(authority, agent, whose):
    key = getattr(authority.hierarchy, whose).key
    assert "which signs certificates" in sign(agent, csr(key, "user-svc")).problem(422, "weak_key")
    token = authority.join_token("taker", "user-svc")
    join = authority.native().post
    join("/v1/join", {"token": token, "csr": csr(key, "taker")}).problem(422, "weak_key")
    told = {"action": "certificate.issue", "target": "service/user-svc", "outcome": "refused"}
    until(lambda: any("Link" in line["detail"] for line in authority.audit(**told)), 10, "its line")
    join("/v1/join", {"token": token, "csr": csr(ec_key(), "taker")}).ok(201)
    issued(sign(agent, csr(ec_key(), "user-svc")))


def test_request_for_somebody_elses_key_is_refused_and_audited(authority, agent):
    sign(agent, without_possession(csr(ec_key(), "user-svc"))).problem(422, "proof_of_possession_failed")
    told = {"action": "certificate.issue", "target": "service/user-svc", "outcome": "refused"}
    until(lambda: any("not signed by the key" in line["detail"] for line in authority.audit(**told)), 10, "its line")


def test_request_to_be_an_authority_is_refused(agent):
    request = csr(ec_key(), "user-svc", extensions=[x509.BasicConstraints(True, None)])
    assert "authority" in sign(agent, request).problem(422, "name_not_allowed")


@pytest.mark.parametrize("request_text", ["", "garbage", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", "{}"], ids=repr)
def test_text_that_is_no_request_is_refused(agent, request_text):
    sign(agent, request_text).problem(400, "malformed_request")


def test_certificate_in_place_of_a_request_is_refused(authority, agent):
    sign(agent, authority.hierarchy.root.pem).problem(400, "malformed_request")


def test_truncated_request_is_refused(agent):
    whole = x509.load_pem_x509_csr(csr(ec_key(), "user-svc").encode()).public_bytes(serialization.Encoding.DER)
    for end in range(0, len(whole), 7):
        text = (
            "-----BEGIN CERTIFICATE REQUEST-----\n"
            + base64.encodebytes(whole[:end]).decode().strip()
            + "\n-----END CERTIFICATE REQUEST-----\n"
        )
        sign(agent, text).problem(400, "malformed_request")


def test_shorter_life_may_be_asked_for_and_a_longer_one_may_not(agent):
    _, certificate = issued(sign(agent, csr(ec_key()), ttl_seconds=60))
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lifetime <= datetime.timedelta(seconds=91)
    for wrong in (3601, 0, -5):
        sign(agent, csr(ec_key()), ttl_seconds=wrong).problem(400, "malformed_request")


def test_profile_that_nobody_defined_is_refused(agent):
    assert "default, long" in sign(agent, csr(ec_key()), profile="eternal").problem(422, "unknown_profile")


@pytest.mark.parametrize(
    "document",
    [
        {"csr": "x"},
        {"service": 7, "csr": "x"},
        {"service": "user-svc"},
        {"service": "user-svc", "csr": ["x"]},
        {"service": "user-svc", "csr": "x", "serial": "1"},
        {"service": "user-svc", "csr": "x", "dns_names": "user-svc"},
        [],
        "text",
    ],
    ids=str,
)
def test_content_of_the_wrong_form_is_refused(agent, document):
    agent.post("/v1/sign", document).problem(400, "malformed_request")


def test_content_that_is_no_json_is_refused(agent):
    for body in (b"", b"{", b'{"service":"a","service":"b"}', b"\xff\xfe", b"[" * 10_000):
        agent.call("POST", "/v1/sign", body=body).problem(400, "malformed_request")


def test_renewal_is_for_the_caller_itself(authority):
    holder = authority.issue("user-svc")
    key = ec_key()
    issuance = authority.native(holder).post("/v1/renew", {"csr": csr(key, "user-svc")}).ok(201)
    assert issuance["service"] == "user-svc" and issuance["serial"] != holder.serial
    # Both stay good, so that no connection drops.
    for one in (holder, authority.holder(issuance, key)):
        assert [s["name"] for s in authority.native(one).get("/v1/services").ok()["services"]] == ["user-svc"]
    foreign = authority.native(holder).post("/v1/renew", {"csr": csr(ec_key(), "billing")})
    foreign.problem(422, "name_not_allowed")
    authority.native(holder).post("/v1/sign", {"service": "billing", "csr": csr(ec_key())}).problem(403, "forbidden")


def test_caller_without_a_certificate_gets_the_bundle_and_nothing_else(authority):
    nobody = authority.native()
    for path, document in (
        ("sign", {"service": "user-svc", "csr": "x"}),
        ("issue", {"service": "user-svc"}),
        ("renew", {}),
    ):
        nobody.post(f"/v1/{path}", document).problem(401, "unauthenticated")
    for path in ("services", "services/user-svc", "revocations", "revocations/stream"):
        nobody.get(f"/v1/{path}").problem(401, "unauthenticated")
    bundle = nobody.get("/v1/bundle")
    assert bundle.status == 200 and bundle.body.decode() == authority.hierarchy.root.pem
    again = nobody.call("GET", "/v1/bundle", If_None_Match=bundle.headers["etag"])
    assert again.status == 304 and not again.body


def test_metrics_count_what_was_issued_and_what_was_refused(authority, agent):
    name, results = "mtls_cert_issuances_total", ("success", "refused", "failure")
    before = [authority.metric(name, result=result) for result in results]
    sign(agent, csr(ec_key())).ok(201)
    sign(agent, csr(ec_key(), "billing")).problem(422, "name_not_allowed")
    after = [authority.metric(name, result=result) for result in results]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 0]


def test_ed25519_is_certified_as_a_request_says(agent):
    key = ed25519.Ed25519PrivateKey.generate()
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    text = builder.sign(key, None).public_bytes(serialization.Encoding.PEM).decode()
    answer = sign(agent, text)
    assert answer.status in (201, 422), answer.body
