"""A domain that wants bound tokens (RFC 8705): neither a certificate nor a token is enough alone."""

import hashlib
import hmac
import json
import os
import socket
import time

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from harness.http import Reader
from harness.pki import ec_key
from harness.ports import free_port
from harness.tls_client import Connection, context, request
from harness.tokens import SERVICES, TOKENS, encoded, issue, key_set
from harness.waiting import until
from harness.world import route

HOST, OPEN = "a.apps.mtls.internal", "partner.example.com"
ISSUER, AUDIENCE = "https://issuer.test", "orders"
INVALID = 'Bearer error="invalid_token"'


class Issuer:
    """An issuer of tokens that is not of this project: PyJWT and a key."""

    def __init__(self, path):
        self.path = path
        self.key = ec_key()
        self.publish("first")

    def publish(self, name):
        self.name = name
        public = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps({"keys": [{**public, "kid": name, "use": "sig", "alg": "ES256"}]}))
        os.replace(beside, self.path)

    def token(self, leaf=None, header=None, key=None, **claims):
        now = int(time.time())
        content = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "iat": now, "exp": now + 300}
        if leaf:
            digest = hashlib.sha256(leaf.certificate.public_bytes(Encoding.DER)).digest()
            content["cnf"] = {"x5t#S256": encoded(digest)}
        content = {name: value for name, value in {**content, **claims}.items() if value is not None}
        return jwt.encode(content, key or self.key, algorithm="ES256", headers={"kid": self.name, **(header or {})})


@pytest.fixture
def issuer(tmp_path):
    return Issuer(tmp_path / "keys.json")


@pytest.fixture
def start(world, start_router, backend, issuer):
    def start_it(domain=None, **router):
        binding = {"keys": str(issuer.path), "issuer": ISSUER, "audiences": AUDIENCE, "kind": "bearer"}
        options = {"authorization": {"mode": "none"}, "token_binding": binding, **(domain or {})}
        domains = [world.platform_domain(**options), world.partner_domain()]
        return start_router(world.configuration([route(HOST, backend), route(OPEN, backend)], domains, **router))

    return start_it


def ask(world, router, token=None, leaf=None, host=HOST, fields=()):
    if token:
        fields = (f"Authorization: Bearer {token}", *fields)
    with world.connect(router, host, leaf or world.frontend) as connection:
        return connection.get(host, "/", *fields)


def challenge(answer):
    return answer.get("www-authenticate")


def test_token_passes_with_the_certificate_that_it_is_bound_to(world, start, backend, issuer):
    router = start()
    token = issuer.token(world.frontend)
    for _ in range(3):
        assert ask(world, router, token).status == 200
    assert [seen.get("authorization") for seen in backend.seen()] == [f"Bearer {token}"] * 3
    assert router.metric("mtls_pop_mismatch_total") == 0
    with world.connect_http2(router, HOST, world.frontend) as connection:
        assert connection.get(HOST, "/", ("authorization", f"bearer {token}")).status == 200


def test_token_of_another_certificate_is_refused_counted_and_logged(world, start, backend, issuer):
    router = start()
    token = issuer.token(world.other_app)
    assert ask(world, router, token, world.other_app).status == 200  # It is known now, and still bound.
    backend.forget()
    answer = ask(world, router, token)
    assert answer.status == 401 and challenge(answer) == INVALID
    with world.connect_http2(router, HOST, world.frontend) as connection:
        answer = connection.get(HOST, "/", ("authorization", f"Bearer {token}"))
        assert answer.status == 401 and challenge(answer) == INVALID
    assert backend.seen() == []
    assert router.metric("mtls_pop_mismatch_total") == 2
    assert router.metric("mtls_auth_failure_total", reason="sender_binding_mismatch") == 2
    record = router.wait_for_access(lambda record: record["status"] == 401)
    assert "sender_binding_mismatch" in record["mtls_denied_reason"] and record["mtls_auth"] == "denied"
    assert token not in router.access_log.read_text() and token not in "\n".join(router.raw_log)


def test_certificate_alone_is_not_enough(world, start, backend):
    router = start()
    for fields in ((), ("Authorization: Basic YTpi",), ("Authorization: Bearer",), ("Authorization: Bearertoken",)):
        answer = ask(world, router, fields=fields)
        assert answer.status == 401 and challenge(answer) == "Bearer", fields
    assert backend.seen() == []
    assert router.metric("mtls_auth_failure_total", reason="token_missing") == 4
    # Another domain wants none.
    assert ask(world, router, leaf=world.partner_device, host=OPEN).status == 200


def test_token_that_is_bound_to_nothing_is_no_plain_bearer_token(world, start, backend, issuer):
    router = start()
    answer = ask(world, router, issuer.token())
    assert answer.status == 401 and challenge(answer) == INVALID and backend.seen() == []
    assert router.metric("mtls_auth_failure_total", reason="token_unbound") == 1


def test_token_without_a_certificate_is_refused_on_a_permissive_listener(world, start, backend, issuer):
    port = free_port()
    listeners = [f"127.0.0.1:{port}"]
    listen = [f"127.0.0.1:{free_port()}", *listeners]
    router = start({"plaintext": "allow"}, listen=listen, permissive_listeners=listeners)
    with socket.create_connection(("127.0.0.1", port), 10) as sock:
        sock.sendall(request("GET", "/", HOST, f"Authorization: Bearer {issuer.token(world.frontend)}"))
        answer = Reader(sock.recv).response("GET")
    assert answer.status == 401 and challenge(answer) == INVALID and backend.seen() == []
    assert router.metric("mtls_auth_failure_total", reason="certificate_missing") == 1


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("token_expired", {"exp": 1_000_000_000, "iat": 999_999_000}),
        ("token_not_yet_valid", {"nbf": 4_000_000_000}),
        ("token_issuer", {"iss": "https://other.test"}),
        ("token_audience", {"aud": "billing"}),
        ("token_lifetime", {"exp": 4_000_000_000}),
        ("token_claims", {"cnf": {"jkt": "x"}}),
        ("token_claims", {"cnf": {"x5t#S256": "00" * 32}}),
        ("token_key_unknown", {"header": {"kid": "other"}}),
        ("token_embedded_key", {"header": {"jku": "https://x.test"}}),
        ("token_critical", {"header": {"crit": ["exp"]}}),
        ("token_type", {"header": {"typ": "dpop+jwt"}}),
        ("token_signature", {"key": ec_key()}),
    ],
)
def test_token_that_is_not_accepted_says_why_in_the_log_alone(world, start, backend, issuer, reason, change):
    router = start()
    answer = ask(world, router, issuer.token(world.frontend, **change))
    assert answer.status == 401 and challenge(answer) == INVALID and backend.seen() == []
    assert reason.encode() not in answer.body
    assert router.metric("mtls_auth_failure_total", reason=reason) == 1
    assert router.wait_for_access(lambda record: reason in record.get("mtls_denied_reason", ""))


def test_unsigned_and_symmetric_tokens_are_refused(world, start, backend, issuer):
    router = start()
    claims = jwt.decode(issuer.token(world.frontend), options={"verify_signature": False})
    assert ask(world, router, jwt.encode(claims, None, algorithm="none")).status == 401
    # PyJWT itself makes none with a public key for its secret.
    header = encoded(b'{"alg":"HS256","kid":"first"}')
    content = f"{header}.{encoded(json.dumps(claims).encode())}"
    for form in (PublicFormat.SubjectPublicKeyInfo, PublicFormat.UncompressedPoint):
        encoding = Encoding.X962 if form == PublicFormat.UncompressedPoint else Encoding.PEM
        secret = issuer.key.public_key().public_bytes(encoding, form)
        token = f"{content}.{encoded(hmac.digest(secret, content.encode(), 'sha256'))}"
        assert ask(world, router, token).status == 401
    assert router.metric("mtls_auth_failure_total", reason="token_unsigned") == 1
    assert router.metric("mtls_auth_failure_total", reason="token_algorithm") == 2
    assert backend.seen() == []


def test_two_authorization_fields_are_ambiguous(world, start, backend, issuer):
    router = start()
    token = issuer.token(world.frontend)
    answer = ask(world, router, token, fields=(f"Authorization: Bearer {token}",))
    assert answer.status == 400 and backend.seen() == []


def test_policy_comes_before_the_token(world, start, issuer):
    router = start({"authorization": {"mode": "cf_identity"}})
    assert ask(world, router, issuer.token(world.frontend)).status == 403


def test_new_keys_are_taken_up_and_old_ones_forgotten(world, start, issuer):
    router = start()
    old = issuer.token(world.frontend)
    assert ask(world, router, old).status == 200
    issuer.key = ec_key()
    issuer.publish("second")
    new = issuer.token(world.frontend)
    until(lambda: ask(world, router, new).status == 200, 15, "the new key taken up")
    assert ask(world, router, old).status == 401


def test_tokens_of_the_authority_pass(world, start_router, backend, start_authority, tmp_path):
    authority = start_authority(services=SERVICES, tokens=TOKENS)
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(key_set(authority)))
    binding = {"keys": str(keys), "issuer": TOKENS["issuer"], "audiences": ["everyone"]}
    domain = world.platform_domain(
        ca_certs=str(authority.root_path), authorization={"mode": "none"}, token_binding=binding
    )
    router = start_router(world.configuration([route(HOST, backend)], [domain]))
    user, other = authority.issue("user-svc"), authority.issue("billing")
    token = issue(authority, user, ["everyone"]).ok(201)["token"]

    def status(holder):
        with Connection(router.port, HOST, context(world.server_roots, holder.paths)) as connection:
            return connection.get(HOST, "/", f"Authorization: Bearer {token}").status

    assert status(user) == 200
    assert status(other) == 401
    svid = authority.native(user).post("/v1/jwt-svids", {"audiences": ["everyone"]}).ok(201)["svid"]
    token = svid
    assert status(user) == 401


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"audiences": None}, "audiences"),
        ({"issuer": None}, "issuer"),
        ({"keys": "absent.json"}, "absent.json"),
        ({"kind": "any"}, "service, bearer"),
        ({"skew": "10m"}, "duration"),
    ],
)
def test_configuration_that_would_not_verify_is_refused(world, start, issuer, tmp_path, change, reason):
    binding = {"keys": str(issuer.path), "issuer": ISSUER, "audiences": AUDIENCE, **change}
    refused(world, start, {name: value for name, value in binding.items() if value is not None}, reason)


@pytest.mark.parametrize("content", ["", "{}", '{"keys":[]}', '{"keys":[{"kty":"oct","k":"AAAA"}]}', "-----BEGIN"])
def test_key_set_that_verifies_nothing_is_refused(world, start, tmp_path, content):
    path = tmp_path / "bad.json"
    path.write_text(content)
    refused(world, start, {"keys": str(path), "issuer": ISSUER, "audiences": AUDIENCE}, "bad.json")


def refused(world, start, binding, reason):
    with pytest.raises(AssertionError) as failure:
        start({"token_binding": binding})
    assert reason in str(failure.value) and "AAAA" not in str(failure.value)
