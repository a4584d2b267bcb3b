"""A workload gets tokens by its certificate and bound to it; PyJWT verifies them with the published keys."""

import time

import jwt
import pytest

from harness.authority_api import ADMIN
from harness.authority_process import AuthorityProcess
from harness.tokens import (
    AUDIENCE,
    ISSUER,
    KEYS,
    SERVICES,
    TOKENS,
    issue,
    key_set,
    payload,
    signing_key,
    thumbprint,
    verified,
)
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    process = AuthorityProcess(tmp_path_factory.mktemp("tokens"), services=SERVICES, tokens=TOKENS).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def user(authority):
    return authority.issue("user-svc")


def test_token_says_who_may_what_and_until_when(authority, user):
    before = int(time.time())
    answer = issue(authority, user).ok(201)
    claims = verified(answer["token"], key_set(authority))
    assert set(claims) == {
        "iss", "sub", "client_id", "service_id", "aud", "roles", "scope", "iat", "nbf", "exp", "jti", "cnf",
    }  # fmt: skip
    assert (claims["iss"], claims["sub"]) == (ISSUER, "spiffe://link.internal/ns/default/sa/user-svc")
    assert claims["service_id"] == claims["client_id"] == "user-svc"
    assert (claims["aud"], claims["roles"]) == (AUDIENCE, ["reader", "lister"])
    assert claims["scope"] == "orders:read orders:list"
    assert claims["cnf"] == {"x5t#S256": thumbprint(user)} and len(thumbprint(user)) == 43
    assert before <= claims["iat"] == claims["nbf"] <= time.time()
    assert claims["exp"] - claims["iat"] == answer["expires_in"] == 300
    assert jwt.get_unverified_header(answer["token"]) == {
        "alg": "ES256",
        "kid": signing_key(authority),
        "typ": "at+jwt",
    }
    assert (answer["token_type"], answer["service"], answer["audiences"]) == ("Bearer", "user-svc", [AUDIENCE])
    assert answer["expires_at"].endswith("Z")


def test_two_tokens_are_never_the_same(authority, user):
    names = {payload(issue(authority, user).ok(201)["token"])["jti"] for _ in range(20)}
    assert len(names) == 20


def test_token_may_be_asked_to_say_less_and_never_more(authority, user):
    order = {"audiences": ["billing", "everyone"], "roles": ["lister"], "scopes": [], "ttl_seconds": 900}
    claims = payload(issue(authority, user, **order).ok(201)["token"])
    assert (claims["aud"], claims["roles"], claims["scope"]) == (["billing", "everyone"], ["lister"], "")
    assert claims["exp"] - claims["iat"] == 900
    for name, value in (("audiences", ["payroll"]), ("roles", ["admin"]), ("scopes", ["orders:write"])):
        detail = issue(authority, user, **{"audiences": [AUDIENCE], name: value}).problem(403, "forbidden")
        assert value[0] in detail and "user-svc" in detail
    assert authority.metric("mtls_tokens_total", kind="service", result="refused") >= 3


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "$.audiences"),
        ({"audiences": []}, "$.audiences"),
        ({"audiences": AUDIENCE}, "$.audiences"),
        ({"audiences": [""]}, "$.audiences"),
        ({"audiences": ["everyone", "everyone"]}, "$.audiences"),
        ({"audiences": ["x" * 257]}, "$.audiences"),
        ({"audiences": ["everyone"] * 17}, "$.audiences"),
        ({"audiences": ["everyone"], "ttl_seconds": 0}, "$.ttl_seconds"),
        ({"audiences": ["everyone"], "ttl_seconds": 901}, "$.ttl_seconds"),
        ({"audiences": ["everyone"], "ttl_seconds": "5m"}, "$.ttl_seconds"),
        ({"audiences": ["everyone"], "service": "billing"}, "$.service"),
        ({"audiences": ["everyone"], "scope": "a"}, "$.scope"),
        ({"audiences": None}, "$.audiences"),
    ],
)
def test_order_that_is_not_one_is_refused_with_its_place(authority, user, document, place):
    answer = authority.native(user).post("/v1/tokens", document)
    assert place in answer.problem(400, "malformed_request")


def test_nobody_but_a_registered_service_has_service_tokens(authority):
    document = {"audiences": ["everyone"]}
    authority.native().post("/v1/tokens", document).problem(401, "unauthenticated")
    agent = authority.agent("user-svc")
    assert "no registered service" in issue(authority, agent, ["everyone"]).problem(403, "forbidden")
    # A bearer token of the admin API is no certificate.
    admin = authority.native()
    admin.token = authority.token_file.read_text().strip()
    admin.post("/v1/tokens", document).problem(401, "unauthenticated")
    assert authority.public.post("/v1/tokens", document).status == 404
    billing = authority.issue("billing")
    assert payload(issue(authority, billing, ["everyone"]).ok(201)["token"])["roles"] == []
    issue(authority, billing).problem(403, "forbidden")


def test_revoked_certificate_and_removed_service_have_no_tokens(authority):
    registration = {"name": "short", "audiences": ["a"], "roles": ["r"], "scopes": ["s"]}
    shown = authority.admin.post(f"{ADMIN}/services", registration).ok(201)
    assert (shown["audiences"], shown["roles"], shown["scopes"]) == (["a"], ["r"], ["s"])
    first = authority.issue("short")
    assert payload(issue(authority, first, ["a"]).ok(201)["token"])["scope"] == "s"
    authority.revoke("short", reason="keyCompromise").ok()
    assert authority.native(first).is_revoked("POST", "/v1/tokens", {"audiences": ["a"]})
    second = authority.issue("short")
    issue(authority, second, ["a"]).ok(201)
    assert authority.admin.call("DELETE", f"{ADMIN}/services/short").status == 204
    issue(authority, second, ["a"]).problem(403, "forbidden")


def test_token_ends_with_its_certificate(authority):
    holder = authority.issue("user-svc", ttl_seconds=60)
    claims = payload(issue(authority, holder, ttl_seconds=900).ok(201)["token"])
    assert claims["exp"] == int(holder.certificate.not_valid_after_utc.timestamp())


def test_every_token_is_in_the_audit_trail_and_no_token_is_anywhere(authority, user):
    answer = issue(authority, user, ["billing"]).ok(201)
    lines = authority.audited(1, action="service-token.issue", target="user-svc", outcome="done")
    name = payload(answer["token"])["jti"]
    line = next(line for line in lines if name in line["detail"])
    assert line["actor"] == "service/user-svc" and "billing" in line["detail"] and "ttl=300s" in line["detail"]
    issue(authority, user, ["elsewhere"]).problem(403, "forbidden")

    def refused():
        lines = authority.audit(action="service-token.issue", outcome="refused")
        return any("'elsewhere'" in line["detail"] for line in lines)

    until(refused, 10, "the refusal in the audit trail")
    signature = answer["token"].split(".")[2]
    assert not any(signature in text for text in authority.raw_log)
    assert not any(signature in line["detail"] for line in authority.audit())


def test_jwt_svids_are_for_services_and_their_agents(authority, user):
    def svid(holder, **document):
        return authority.native(holder).post("/v1/jwt-svids", {"audiences": ["anybody"], **document})

    answer = svid(user).ok(201)
    header = jwt.get_unverified_header(answer["svid"])
    assert set(header) == {"alg", "kid", "typ"} and header["typ"] == "JWT"
    claims = verified(answer["svid"], key_set(authority), audience="anybody", issuer=None)
    assert set(claims) == {"sub", "aud", "exp", "iat"} and claims["sub"] == answer["spiffe_id"]
    agent = authority.agent("user-svc")
    assert svid(agent, service="user-svc").ok(201)["spiffe_id"] == claims["sub"]
    assert "service" in svid(agent).problem(400, "malformed_request")
    svid(agent, service="billing").problem(403, "forbidden")
    svid(user, service="billing").problem(403, "forbidden")
    authority.native().post("/v1/jwt-svids", {"audiences": ["a"]}).problem(401, "unauthenticated")


def test_keys_are_published_for_every_reader(authority, user):
    answer = authority.public.get("/.well-known/jwks.json")
    assert answer.headers["content-type"] == "application/json"
    assert "max-age=60" in answer.headers["cache-control"] and answer.headers["etag"]
    again = authority.public.call("GET", "/.well-known/jwks.json", If_None_Match=answer.headers["etag"])
    assert again.status == 304 and not again.body
    (key,) = answer.ok()["keys"]
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
    assert "d" not in key and key["kid"] == signing_key(authority)
    assert authority.native().get("/.well-known/jwks.json").ok() == answer.ok()

    bundle = authority.public.get("/v1/spiffe-bundle").ok()
    (published,) = [entry for entry in bundle["keys"] if entry["use"] == "jwt-svid"]
    assert {**published, "use": "sig"} == key
    metadata = authority.public.get("/.well-known/oauth-authorization-server").ok()
    assert metadata["issuer"] == ISSUER and metadata["tls_client_certificate_bound_access_tokens"] is True
    assert metadata["jwks_uri"] == f"http://127.0.0.1:{authority.public_port}/.well-known/jwks.json"


def test_authority_without_the_section_issues_none(start_authority):
    authority = start_authority()
    holder = authority.issue("user-svc")
    authority.native(holder).post("/v1/tokens", {"audiences": ["a"]}).problem(404, "not_found")
    assert authority.public.get("/.well-known/jwks.json").status == 404
    assert authority.admin.get(KEYS).status == 404
    assert not (authority.directory / "run" / "token-keys.json").exists()
