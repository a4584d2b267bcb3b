"""Signing keys follow each other while tokens are verified; what is kept of them outlasts the authority's death."""

import os
import time

import jwt
import pytest

from harness.tokens import AUDIENCE, KEYS, SERVICES, TOKENS, issue, key_set, signing_key, verified
from harness.waiting import until

QUICK = {**TOKENS, "ttl": "60s", "max_ttl": "60s", "rotation": "1m", "publish_ahead": "2s"}


@pytest.fixture
def start(start_authority):
    return lambda **tokens: start_authority(services=SERVICES, tokens={**QUICK, **tokens}, sweep_interval="1s")


def states(authority):
    return {key["kid"]: key["state"] for key in authority.admin.get(KEYS).ok()["keys"]}


def rotate(authority):
    """Has the next key take over, and waits until it has."""
    before = signing_key(authority)
    authority.admin.post(f"{KEYS}/rotate").ok(202)
    return until(lambda: after if (after := signing_key(authority)) != before else None, 20, "another key signing")


def key_file(authority):
    return authority.directory / "run" / "token-keys.json"


def test_no_token_is_refused_for_a_rotation(start):
    """A verifier fetches the keys every second, well within what they are published ahead, and never in between."""
    authority = start(publish_ahead="6s")
    user = authority.issue("user-svc")
    first = issue(authority, user).ok(201)["token"]
    authority.admin.post(f"{KEYS}/rotate").ok(202)
    cached, fetched, seen, verifications = key_set(authority), time.monotonic(), set(), 0
    tokens = [first]
    deadline = time.monotonic() + 30
    while len(seen) < 2 and time.monotonic() < deadline:
        if time.monotonic() - fetched > 1:
            cached, fetched = key_set(authority), time.monotonic()
        tokens.append(issue(authority, user).ok(201)["token"])
        for token in (tokens[0], tokens[-1]):
            verified(token, cached)
            verifications += 1
        seen.add(jwt.get_unverified_header(tokens[-1])["kid"])
    assert len(seen) == 2 and verifications > 20
    published = key_set(authority)
    for token in tokens:
        verified(token, published)
    assert sorted(states(authority).values()) == ["current", "former"]
    assert authority.metric("mtls_token_keys", state="current") == 1
    assert authority.metric("mtls_token_keys", state="former") == 1
    assert {key["kid"] for key in key_set(authority)["keys"]} == set(states(authority))
    bundle = authority.public.get("/v1/spiffe-bundle").ok()["keys"]
    assert {key["kid"] for key in bundle if key["use"] == "jwt-svid"} == set(states(authority))


def test_key_is_published_before_it_signs(start):
    authority = start(publish_ahead="30s")
    first = signing_key(authority)
    authority.admin.post(f"{KEYS}/rotate").ok(202)
    names = set(states(authority))
    assert len(names) == 2 and states(authority)[first] == "current"
    assert {key["kid"] for key in key_set(authority)["keys"]} == names
    time.sleep(3)  # Several sweeps, none of which may make the waiting key sign.
    assert signing_key(authority) == first


def test_killed_authority_keeps_its_keys(start):
    authority = start()
    user = authority.issue("user-svc")
    token = issue(authority, user).ok(201)["token"]
    second = rotate(authority)
    known, content = states(authority), key_file(authority).read_bytes()
    authority.kill()
    assert key_file(authority).stat().st_mode & 0o777 == 0o600
    assert content.count(b"BEGIN PRIVATE KEY") == 2
    authority.start()
    assert states(authority) == known and signing_key(authority) == second
    verified(token, key_set(authority))
    verified(issue(authority, user).ok(201)["token"], key_set(authority))


def test_authority_that_is_killed_in_the_middle_of_rotations_always_starts_again(start):
    authority = start(publish_ahead="1s")
    user = authority.issue("user-svc")
    tokens = []
    for number in range(6):
        tokens.append(issue(authority, user).ok(201)["token"])
        authority.admin.post(f"{KEYS}/rotate")
        time.sleep(0.3 * number)  # Where in the rotation it dies is the point.
        authority.kill()
        authority.start()
        keys = key_set(authority)
        for token in tokens:
            verified(token, keys)
    assert not [name for name in os.listdir(authority.directory / "run") if ".new-" in name]


def test_compromised_key_is_dropped_at_once_and_for_good(start):
    authority = start()
    user = authority.issue("user-svc")
    token = issue(authority, user).ok(201)["token"]
    stolen = signing_key(authority)
    after = authority.admin.call("DELETE", f"{KEYS}/{stolen}").ok()["keys"]
    assert stolen not in {key["kid"] for key in after} and [key["state"] for key in after] == ["current"]
    with pytest.raises(KeyError):
        verified(token, key_set(authority))
    verified(issue(authority, user).ok(201)["token"], key_set(authority))
    authority.admin.call("DELETE", f"{KEYS}/{stolen}").problem(404, "unknown_token")
    authority.kill()
    assert stolen.encode() not in key_file(authority).read_bytes()
    authority.start()
    assert stolen not in states(authority)
    line = authority.audited(1, action="token-key.drop", outcome="done")[0]
    assert line["target"] == stolen


def test_only_administrators_change_keys(start):
    authority = start()
    for role, status in (("auditor", 403), ("operator", 403), ("admin", 202)):
        assert authority.bearer(role).post(f"{KEYS}/rotate").status == status
    assert authority.stranger.get(KEYS).status == 401
    shown = authority.bearer("auditor").get(KEYS)
    assert shown.status == 200 and b"PRIVATE" not in shown.body


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.chmod(0o644), "chmod 600"),
        (lambda path: path.write_text("{}"), "cannot be read"),
        (lambda path: path.write_text(path.read_text()[:-40]), "cannot be read"),
        (lambda path: path.write_text(path.read_text().replace('"kid": "', '"kid": "x')), "kid"),
    ],
)
def test_keys_that_cannot_be_used_keep_the_authority_from_starting(start, spoil, reason):
    authority = start()
    authority.stop()
    spoil(key_file(authority))
    code, said = authority.refusal()
    assert code != 0 and reason in said and "PRIVATE" not in said
    assert AUDIENCE not in said


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        ({"ttl": "10m", "max_ttl": "5m"}, "max_ttl"),
        ({"rotation": "1m", "publish_ahead": "31s"}, "half of rotation"),
        ({"rotation": "30s"}, "expected a duration"),
        ({"audiences": [" a"]}, "printable"),
        ({"key": "hs256"}, "expected one of"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_configuration_that_makes_no_sense_is_refused(start, tokens, reason):
    authority = start()
    authority.stop()
    authority.configuration["authority"]["tokens"] = {**TOKENS, **tokens}
    authority.write_configuration()
    code, said = authority.refusal()
    assert code != 0 and reason in said, said
