"""A service in Swift takes tokens of an authority whose signing key rotates: its keys are exchanged while it runs."""

import http.client
import json
import ssl

import jwt
import pytest

from harness.authz import Issuer
from harness.swift_services import SwiftProgram
from harness.tokens import AUDIENCE, ISSUER, KEYS, SERVICES, TOKENS, issue, key_set, signing_key
from harness.waiting import until

CALLER = "hello spiffe://link.internal/ns/default/sa/user-svc"
REFUSED = (401, "token_invalid")


@pytest.fixture
def authority(start_authority):
    return start_authority(services=SERVICES, tokens={**TOKENS, "publish_ahead": "1s"}, sweep_interval="1s")


@pytest.fixture
def start(authority):
    """Starts a service with an identity of the authority and its keys from somewhere."""
    started = []

    def make(keys, *options):
        own = authority.issue("billing")
        arguments = [f"--chain={own.chain_path}", f"--key={own.key_path}", f"--bundle={authority.root_path}"]
        arguments += [f"--jwks={keys}", f"--issuer={ISSUER}", f"--audience={AUDIENCE}", "--token-kind=service"]
        environment = {"INBOUND_AUTH_MODE": "bearer_plus_mtls_required"}
        started.append(SwiftProgram("hummingbird-service", *arguments, *options, environment=environment))
        return started[-1]

    yield make
    for service in started:
        service.__exit__()


def ask(service, holder, token):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(*holder.paths)
    connection = http.client.HTTPSConnection("127.0.0.1", service.port, timeout=20, context=context)
    connection.request("GET", "/hello", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return content.strip() if answer.status == 200 else (answer.status, json.loads(content)["code"])


def rotate(authority):
    before = signing_key(authority)
    authority.admin.post(f"{KEYS}/rotate").ok(202)
    return until(lambda: after if (after := signing_key(authority)) != before else None, 20, "another key signing")


def test_a_token_of_the_next_key_is_good_soon_after_it_was_seen(authority, start):
    """The service asks its authority over mutual TLS, hours before it would anyway."""
    service = start(f"https://127.0.0.1:{authority.port}/.well-known/jwks.json", "--jwks-interval=86400")
    service.wait_for("token keys ")
    user = authority.issue("user-svc")
    first = issue(authority, user).ok(201)["token"]
    assert ask(service, user, first) == CALLER
    key = rotate(authority)
    second = issue(authority, user).ok(201)["token"]
    assert jwt.get_unverified_header(second)["kid"] == key != jwt.get_unverified_header(first)["kid"]
    until(lambda: ask(service, user, second) == CALLER, 30, "the new key")
    assert ask(service, user, first) == CALLER
    # Who signs with a key of his own gets nothing by it, however often the keys are fetched.
    assert ask(service, user, Issuer().token(iss=ISSUER, aud=AUDIENCE, typ="at+jwt")) == REFUSED


def test_keys_of_a_file_are_those_that_it_has(authority, start, tmp_path):
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(key_set(authority)))
    service = start(file, "--jwks-interval=1")
    user = authority.issue("user-svc")
    first = issue(authority, user).ok(201)["token"]
    assert ask(service, user, first) == CALLER
    rotate(authority)
    second = issue(authority, user).ok(201)["token"]
    assert ask(service, user, second) == REFUSED
    file.write_text("nonsense")
    service.wait_for("token keys are not fetched")
    assert (ask(service, user, first), ask(service, user, second)) == (CALLER, REFUSED)
    file.write_text(json.dumps(key_set(authority)))
    until(lambda: ask(service, user, second) == CALLER, 20, "the keys of the file")


def test_an_issuer_that_is_somebody_else_gives_no_keys(authority, start):
    url = f"https://127.0.0.1:{authority.port}/.well-known/jwks.json"
    service = start(url, "--jwks-server=spiffe://link.internal/ns/default/sa/another")
    service.wait_for("token keys are not fetched")
    user = authority.issue("user-svc")
    assert ask(service, user, issue(authority, user).ok(201)["token"]) == REFUSED
