"""Revoked callers of the authority: no new handshake, no resumed one, and no further call where they are connected."""

import json
import ssl
import time
from contextlib import contextmanager

import pytest

from harness.authority_api import ADMIN
from harness.authority_process import TRUST_DOMAIN
from harness.ports import free_port
from harness.revocations import REVOKED
from harness.tls_client import TLS12, TLS13, Connection, Refused, context, request
from harness.vault import PROFILES
from harness.waiting import until

HOST = "127.0.0.1"
VERSIONS = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


@pytest.fixture(scope="module")
def agent(authority):
    return authority.agent("user-svc", "billing")


def made_context(authority, holder, version=TLS13):
    return context(str(authority.root_path), holder.paths, version=version)


def connect(authority, made, port=None, session=None):
    return Connection(port or authority.port, None, made, session=session)


def alert(authority, made, port=None, session=None):
    """The alert that refuses a new connection, or None and the status of a call on it."""
    try:
        with connect(authority, made, port, session) as connection:
            connection.send(request("GET", "/v1/bundle", HOST))
            return None, connection.response().status
    except Refused as refused:
        return refused.alert, None
    except ssl.SSLError as error:
        assert "CERTIFICATE_REVOKED" in str(error), error
        return REVOKED, None


@VERSIONS
def test_handshake_of_a_revoked_certificate_is_refused(authority, agent, version):
    revoked, other = authority.issue("user-svc", agent), authority.issue("user-svc", agent)
    contexts = [made_context(authority, holder, version) for holder in (revoked, other)]
    assert [alert(authority, made) for made in contexts] == [(None, 200)] * 2
    authority.revoke("user-svc", serial=revoked.serial, reason="keyCompromise").ok()
    assert [alert(authority, made) for made in contexts] == [(REVOKED, None), (None, 200)]
    line = authority.log.wait_for(
        lambda line: line.get("message") == "handshake refused" and revoked.serial in line["reason"], 5, "a line"
    )
    assert "was revoked at" in line["reason"] and line["reason"].endswith(": keyCompromise")


@VERSIONS
def test_session_of_a_revoked_certificate_is_not_resumed(authority, agent, version):
    revoked, other = authority.issue("user-svc", agent), authority.issue("user-svc", agent)
    kept = []
    for holder in (revoked, other):
        made, session = made_context(authority, holder, version), None
        for resumed in (False, True):
            with connect(authority, made, session=session) as connection:
                assert connection.get(HOST, "/v1/services").status == 200 and connection.resumed == resumed
                session = connection.session
        kept.append((made, session))
    authority.revoke("user-svc", serial=revoked.serial, reason="keyCompromise").ok()
    assert alert(authority, kept[0][0], session=kept[0][1]) == (REVOKED, None)
    with connect(authority, kept[1][0], session=kept[1][1]) as connection:
        assert connection.get(HOST, "/v1/services").status == 200 and connection.resumed


def test_suspended_caller_is_refused_and_let_in_again_once_it_is_released(authority, agent):
    holder = authority.issue("user-svc", agent)
    made = made_context(authority, holder)
    authority.revoke("user-svc", serial=holder.serial, reason="certificateHold").ok()
    assert alert(authority, made) == (REVOKED, None)
    authority.revoke("user-svc", serial=holder.serial, reason="removeFromCRL").ok()
    assert alert(authority, made) == (None, 200)


def test_refusal_outlives_a_kill(start_authority):
    authority = start_authority()
    revoked, other = authority.issue("user-svc"), authority.issue("user-svc")
    authority.revoke("user-svc", serial=revoked.serial).ok()
    authority.kill()
    authority.start()
    assert alert(authority, made_context(authority, revoked)) == (REVOKED, None)
    assert alert(authority, made_context(authority, other)) == (None, 200)


def test_connection_that_was_open_gets_one_more_answer_and_ends(authority, agent):
    holder, other = authority.issue("user-svc", agent), authority.issue("user-svc", agent)
    with opened(authority, holder) as caller, opened(authority, other) as bystander:
        authority.revoke("user-svc", serial=holder.serial).ok()
        document = refused(caller, 401)
        assert (document["code"], document["detail"]) == ("unauthenticated", "the certificate is revoked")
        assert [bystander.get(HOST, "/v1/services").status for _ in range(2)] == [200, 200]


def test_agent_with_a_revoked_certificate_joins_again_by_a_new_token(authority):
    first = authority.agent("user-svc", name="comes-back")
    authority.admin.call("DELETE", f"{ADMIN}/agents/comes-back").ok(204)
    assert authority.state(first.serial) == "revoked"
    assert alert(authority, made_context(authority, first)) == (REVOKED, None)
    second = authority.agent("user-svc", name="comes-back")
    assert alert(authority, made_context(authority, second)) == (None, 200)
    assert alert(authority, made_context(authority, first)) == (REVOKED, None)


def test_public_listener_serves_whoever_asks(authority, agent):
    holder = authority.issue("user-svc", agent)
    authority.revoke("user-svc", serial=holder.serial).ok()
    serial = int(holder.serial, 16)
    until(lambda: authority.crl().get_revoked_certificate_by_serial_number(serial), 10, "the list that names it")
    assert authority.public.get("/v1/bundle").status == 200


def test_compatible_apis_over_tls_refuse_as_well(start_authority):
    vault_port, cfssl_port = free_port(), free_port()
    authority = start_authority(
        profiles=PROFILES,
        vault={"listen": f"127.0.0.1:{vault_port}", "tls": True},
        cfssl={"listen": f"127.0.0.1:{cfssl_port}", "tls": True},
    )
    holder, other = authority.issue("user-svc"), authority.issue("user-svc")
    made = made_context(authority, holder)
    assert [alert(authority, made, port)[0] for port in (vault_port, cfssl_port)] == [None, None]
    open_ones = [connect(authority, made, port) for port in (cfssl_port, vault_port)]
    assert open_ones[0].get(HOST, "/api/v1/cfssl/health").status == 200
    assert open_ones[1].get(HOST, "/v1/sys/health").status == 200
    authority.revoke("user-svc", serial=holder.serial).ok()
    assert [alert(authority, made, port)[0] for port in (vault_port, cfssl_port)] == [REVOKED, REVOKED]
    cfssl = refused(open_ones[0], 400, "/api/v1/cfssl/health", "text/plain; charset=utf-8")
    assert not cfssl["success"] and "revoked" in cfssl["errors"][0]["message"]
    assert refused(open_ones[1], 403, "/v1/sys/health", "application/json") == {"errors": ["permission denied"]}
    made = made_context(authority, other)
    assert [alert(authority, made, port)[0] for port in (vault_port, cfssl_port)] == [None, None]


def test_certificate_that_ends_while_connected_is_refused_with_a_problem_document(authority, agent):
    """Made with the intermediate's key, as the authority itself makes none that is over so soon."""
    identity = f"spiffe://{TRUST_DOMAIN}/ns/default/sa/user-svc"
    leaf = authority.hierarchy.intermediate.leaf("user-svc", uris=[identity], lifetime=(-5, 10 / 60))
    chain, key = leaf.save(authority.directory, "short")
    made = context(str(authority.root_path), (str(chain), str(key)))
    with connect(authority, made) as caller, opened(authority, authority.issue("user-svc", agent)) as bystander:
        assert caller.get(HOST, "/v1/services").status == 200
        ends = leaf.certificate.not_valid_after_utc.timestamp()
        until(lambda: time.time() > ends + 1.1, 20, "the end of the certificate")
        document = refused(caller, 421)
        assert document["code"] == "certificate_no_longer_valid" and "expired" in document["detail"]
        assert bystander.get(HOST, "/v1/services").status == 200


@contextmanager
def opened(authority, holder):
    with connect(authority, made_context(authority, holder)) as connection:
        assert connection.get(HOST, "/v1/services").status == 200
        yield connection


def refused(connection, status, path="/v1/services", kind="application/problem+json"):
    """The document that refuses a call on an open connection, which ends with it."""
    answer = connection.get(HOST, path)
    assert (answer.status, answer.get("Content-Type"), answer.get("Connection")) == (status, kind, "close"), answer
    assert connection.is_closed_by_peer()
    return json.loads(answer.body)
