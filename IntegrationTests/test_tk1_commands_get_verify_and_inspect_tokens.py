"""`countersign token`: getting, judging and reading tokens, and the keys that sign them."""

import json

import pytest

from harness.authority_process import AuthorityProcess
from harness.tokens import AUDIENCE, ISSUER, SERVICES, TOKENS, issue, payload, signing_key, verified
from harness.tools import countersign

VALID, INVALID, UNUSABLE = 0, 1, 2


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    process = AuthorityProcess(tmp_path_factory.mktemp("tokens"), services=SERVICES, tokens=TOKENS).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def user(authority):
    return authority.issue("user-svc")


@pytest.fixture
def files(authority, user, tmp_path):
    (tmp_path / "token").write_text(issue(authority, user).ok(201)["token"] + "\n")
    (tmp_path / "keys.json").write_bytes(authority.public.get("/.well-known/jwks.json").body)
    (tmp_path / "bundle.json").write_bytes(authority.public.get("/v1/spiffe-bundle").body)
    return tmp_path


def by_certificate(authority, holder, *arguments):
    chain, key = holder.paths
    options = ("--url", authority.url, "--ca", authority.root_path, "--cert", chain, "--key", key)
    return countersign("token", "issue", *arguments, *options)


def verify(files, *arguments, audience=AUDIENCE, token="token", keys="keys.json"):
    return countersign("token", "verify", files / token, "--keys", files / keys, "--audience", audience, *arguments)


def test_token_is_printed_alone(authority, user):
    done = by_certificate(authority, user, "--audience", AUDIENCE, "--scope", "orders:read", "--ttl", "1m")
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    keys = authority.public.get("/.well-known/jwks.json").ok()
    claims = verified(token, keys)
    assert claims["scope"] == "orders:read" and claims["exp"] - claims["iat"] == 60 and not done.stderr
    svid = by_certificate(authority, user, "--audience", "anybody", "--svid").stdout.strip()
    assert set(payload(svid)) == {"sub", "aud", "iat", "exp"}
    shown = json.loads(by_certificate(authority, user, "--audience", "billing", "--json").stdout)
    assert shown["audiences"] == ["billing"] and shown["token"].count(".") == 2


def test_refusals_name_the_option(authority, user):
    done = by_certificate(authority, user, "--audience", "payroll")
    assert done.returncode == INVALID and "payroll" in done.stderr and not done.stdout
    done = by_certificate(authority, user, "--audience", AUDIENCE, "--ttl", "2h")
    assert done.returncode == INVALID and "--ttl" in done.stderr
    assert "--service" in by_certificate(authority, user, "--audience", "a", "--service", "b").stderr


def test_good_token_is_valid_with_its_certificate(user, authority, files):
    done = verify(files, "--issuer", ISSUER, "--certificate", user.chain_path, "--trust-domain", "link.internal")
    assert done.returncode == VALID and done.stdout.startswith("valid\n"), done.stdout + done.stderr
    verdict = json.loads(verify(files, "--json", "--ignore-binding", keys="bundle.json").stdout)
    assert verdict["valid"] is True and verdict["claims"]["service_id"] == "user-svc"
    token = (files / "token").read_text()
    piped = countersign(
        "token",
        "verify",
        "-",
        "--keys",
        files / "keys.json",
        "--audience",
        AUDIENCE,
        "--ignore-binding",
        input=token,
    )
    assert piped.returncode == VALID, piped.stderr


def test_token_that_is_not_good_has_one_reason(authority, user, files):
    other = authority.issue("billing")
    cases = {
        "token_audience": verify(files, audience="elsewhere"),
        "token_issuer": verify(files, "--issuer", "https://other.test"),
        "token_subject": verify(files, "--trust-domain", "other.internal"),
        "token_type": verify(files, "--kind", "svid", "--trust-domain", "link.internal"),
        "sender_binding_mismatch": verify(files, "--certificate", other.chain_path),
        "certificate_missing": verify(files),
    }
    for code, done in cases.items():
        assert done.returncode == INVALID and f"not valid: {code}: " in done.stdout, (code, done.stdout, done.stderr)
    (files / "spoiled").write_text((files / "token").read_text().strip()[:-4] + "AAAA")
    verdict = json.loads(verify(files, "--json", token="spoiled").stdout)
    assert verdict["valid"] is False and verdict["code"] == "token_signature"


def test_arguments_that_cannot_be_used(files):
    token = (files / "token").read_text().strip()
    on_the_line = countersign("token", "verify", token, "--keys", files / "keys.json", "--audience", "a")
    assert on_the_line.returncode == UNUSABLE and token not in on_the_line.stderr
    assert verify(files, "--kind", "any").returncode == UNUSABLE
    assert verify(files, "--kind", "svid").returncode == UNUSABLE
    assert verify(files, keys="token").returncode == UNUSABLE
    assert verify(files, token="keys.json").returncode in (INVALID, UNUSABLE)
    assert verify(files, "--skew", "301").returncode != VALID


def test_inspection_says_that_nothing_is_verified(files):
    done = countersign("token", "inspect", files / "token")
    assert done.returncode == 0 and done.stdout.startswith("NOT VERIFIED"), done.stderr
    assert '"service_id": "user-svc"' in done.stdout and '"typ": "at+jwt"' in done.stdout
    shown = json.loads(countersign("token", "inspect", files / "token", "--json").stdout)
    assert shown["verified"] is False and shown["claims"]["aud"] == AUDIENCE
    assert (files / "token").read_text().split(".")[2].strip() not in done.stdout
    assert countersign("token", "inspect", files / "keys.json").returncode == UNUSABLE


def test_keys_are_listed_rotated_and_dropped(authority):
    options = ("--url", f"http://127.0.0.1:{authority.admin_port}", "--token-file", authority.token_file)
    first = signing_key(authority)
    listed = countersign("token", "keys", *options)
    assert listed.returncode == 0 and first in listed.stdout and "current" in listed.stdout, listed.stderr
    assert countersign("token", "keys", "rotate", *options).returncode == 0
    shown = json.loads(countersign("token", "keys", "list", *options, "--json").stdout)
    assert [key["state"] for key in shown] == ["current", "next"]
    dropped = countersign("token", "keys", "drop", first, *options)
    assert dropped.returncode == 0 and signing_key(authority) == shown[1]["kid"], dropped.stderr
    assert countersign("token", "keys", "drop", first, *options).returncode == 1
