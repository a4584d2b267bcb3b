"""The Workload API: revocation lists and bundles of other trust domains, told when they change."""

import os

import grpc
import pytest
from cryptography import x509
from spiffe import TrustDomain
from spiffe._proto import workload_pb2

from harness.tokens import TOKENS
from harness.waiting import until
from harness.workload import HEADER, Calls, client, fetch, socket_of

PARTNER = "partner.example"
RULE = {"service": "user-svc", "uid": os.getuid()}
OWN, THEIRS = "spiffe://link.internal", f"spiffe://{PARTNER}"


@pytest.fixture
def authority(start_authority):
    return start_authority(tokens=TOKENS)


@pytest.fixture
def agent(authority, join_agent):
    agent = join_agent(authority, "user-svc", name="host-1", socket="unix:run/agent.sock", workloads=[RULE])
    agent.wait_until_ready()
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    return agent


@pytest.fixture
def partner(start_authority):
    return start_authority(trust_domain=PARTNER, tokens=TOKENS)


def federate(agent, partner, pinned=None):
    path = agent.directory / "partner.pem"
    path.write_text(pinned or partner.hierarchy.root.pem)
    section = {
        "trust_domain": PARTNER,
        "bundle_path": str(path),
        "refresh_interval": "1s",
        "url": f"https://127.0.0.1:{partner.port}/v1/spiffe-bundle",
        "profile": "https_spiffe",
        "spiffe_id": f"{THEIRS}/authority",
    }
    agent.beside = {"federation": [section]}
    take_up(agent)


def take_up(agent):
    mark = len(agent.log.entries)
    agent.write_configuration()
    agent.signal(1)
    agent.wait_for_line("configuration reloaded", mark)


def lists(message):
    return [x509.load_der_x509_crl(der) for der in message.crl]


def test_revocation_is_told_to_streams_with_the_next_list(agent, authority):
    victim = authority.issue("billing").certificate
    with Calls(socket_of(agent)) as calls:
        svids, bundles = calls.svids(), calls.bundles()
        before = next(svids)
        (found,) = lists(before)
        assert found.get_revoked_certificate_by_serial_number(victim.serial_number) is None
        assert lists(next(bundles)) == [found]
        assert found.is_signature_valid(authority.hierarchy.intermediate.certificate.public_key())
        authority.revoke("billing", serial=f"{victim.serial_number:x}", reason="keyCompromise").ok()
        after = next(svids)
        for message in (after, next(bundles)):
            assert lists(message)[0].get_revoked_certificate_by_serial_number(victim.serial_number)
        # All the rest is as it was.
        assert after.svids == before.svids and after.federated_bundles == before.federated_bundles == {}


def test_lists_outlast_the_agent_and_its_authority(agent, authority, partner):
    victim = authority.issue("billing").certificate
    authority.revoke("billing", serial=f"{victim.serial_number:x}", reason="keyCompromise").ok()

    def first():
        """What the first answer with an identity says."""
        with Calls(socket_of(agent)) as calls:
            try:
                return next(calls.svids())
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE
                return None

    def listed():
        found = lists(until(first, 15, "an identity"))
        return [each.get_revoked_certificate_by_serial_number(victim.serial_number) for each in found]

    until(lambda: all(listed()), 15, "the list with the revocation")
    authority.stop()
    agent.stop()
    agent.start().wait_until_ready()
    after = listed()
    assert len(after) == 1 and all(after)
    # What somebody else signed is not given out, wherever it stands.
    agent.stop()
    agent.file("crl.pem").write_text(partner.hierarchy.intermediate.revocation_list())
    agent.start().wait_until_ready()
    assert listed() == []


def test_what_the_lists_name_is_not_given_out_after_a_restart(authority, join_agent):
    rules = [RULE, RULE | {"service": "api-gateway"}]
    agent = join_agent(
        authority, "user-svc", "api-gateway", name="host-3", socket="unix:run/agent.sock", workloads=rules
    ).wait_until_ready()
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    serial = agent.serial()
    authority.revoke("user-svc", serial=f"{serial:x}", reason="certificateHold").ok()

    def is_listed():
        return x509.load_pem_x509_crl(agent.file("crl.pem").read_bytes()).get_revoked_certificate_by_serial_number(
            serial
        )

    until(is_listed, 15, "the list that names it")
    authority.stop()
    agent.stop()
    mark = len(agent.log.entries)
    agent.start()
    agent.wait_for_line("certificate is on hold", mark, service="user-svc", reason="certificateHold")

    def given():
        with Calls(socket_of(agent)) as calls:
            try:
                return [svid.spiffe_id for svid in next(calls.svids()).svids]
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAVAILABLE
                return None

    assert until(given, 15, "an identity") == [f"{OWN}/ns/edge/sa/api-gateway"]
    assert agent.health()[0] == 503


def test_bundles_of_partners_come_and_change_and_go(agent, partner):
    with Calls(socket_of(agent)) as calls:
        svids, bundles = calls.svids(), calls.bundles()
        assert THEIRS not in next(svids).federated_bundles and set(next(bundles).bundles) == {OWN}
        federate(agent, partner)
        root = partner.hierarchy.root.certificate
        for message in (next(svids).federated_bundles, next(bundles).bundles):
            assert x509.load_der_x509_certificate(message[THEIRS]) == root
        agent.beside = {}
        take_up(agent)
        assert next(svids).federated_bundles == {} and set(next(bundles).bundles) == {OWN}


def test_stock_client_has_both_trust_domains(agent, partner):
    federate(agent, partner)
    with client(agent) as stock:
        until(lambda: len(stock.fetch_x509_bundles().bundles) == 2, 10, "the partner's bundle")
        bundle = stock.fetch_x509_bundles().get_bundle_for_trust_domain(TrustDomain(PARTNER))
        assert bundle.x509_authorities == {partner.hierarchy.root.certificate}
    assert f"federated {THEIRS}" in fetch(agent).stdout


def svid_of(partner, audience):
    holder = partner.agent("user-svc")
    document = {"service": "user-svc", "audiences": [audience]}
    return partner.native(holder).post("/v1/jwt-svids", document).ok(201)["svid"]


def test_tokens_of_partners_are_validated_by_their_own_keys_alone(agent, authority, partner):
    theirs, ours = svid_of(partner, "billing"), svid_of(authority, "billing")

    def validated(token):
        request = workload_pb2.ValidateJWTSVIDRequest(audience="billing", svid=token)
        with Calls(socket_of(agent)) as calls:
            try:
                return calls.stub.ValidateJWTSVID(request, metadata=HEADER).spiffe_id
            except grpc.RpcError as error:
                return error.code()

    until(lambda: validated(ours) == f"{OWN}/ns/default/sa/user-svc", 15, "the keys of JWT-SVIDs")
    assert validated(theirs) == grpc.StatusCode.INVALID_ARGUMENT
    federate(agent, partner)
    until(lambda: validated(theirs) == f"{THEIRS}/ns/default/sa/user-svc", 15, "the partner's keys")
    assert validated(ours) == f"{OWN}/ns/default/sa/user-svc"
    with Calls(socket_of(agent)) as calls:
        stream = calls.stub.FetchJWTBundles(workload_pb2.JWTBundlesRequest(), metadata=HEADER)
        assert set(next(stream).bundles) == {OWN, THEIRS}
    # What came last is given out while the partner is away, after a start, too.
    partner.stop()
    agent.stop()
    agent.start().wait_until_ready()
    until(lambda: validated(theirs) == f"{THEIRS}/ns/default/sa/user-svc", 15, "the partner's keys from the file")


def test_impostor_of_a_partner_is_not_given_out(agent, partner, start_authority):
    impostor = start_authority(trust_domain=PARTNER)
    federate(agent, impostor, pinned=partner.hierarchy.root.pem)
    agent.wait_for_line("federated bundle is not fetched")
    with Calls(socket_of(agent)) as calls:
        bundle = next(calls.bundles()).bundles[THEIRS]
    assert x509.load_der_x509_certificate(bundle) == partner.hierarchy.root.certificate
    status, health = agent.health()
    assert status == 200 and health["status"] == "degraded"


def test_agent_that_keeps_no_lists_gives_none_out(authority, join_agent):
    options = {"socket": "unix:run/agent.sock", "workloads": [RULE], "revocation_lists": False}
    agent = join_agent(authority, "user-svc", name="host-2", **options).wait_until_ready()
    with Calls(socket_of(agent)) as calls:
        assert list(next(calls.svids()).crl) == []
    assert not agent.file("crl.pem").exists()
