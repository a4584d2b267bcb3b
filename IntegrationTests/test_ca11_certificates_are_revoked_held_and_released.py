"""Revoking by serial and by service, every reason, hold and release, and a replacement with it or not at all."""

import pytest
from cryptography import x509

from harness.authority_api import ADMIN, CERTIFICATES
from harness.authority_holdings import csr
from harness.authority_process import SERVICES
from harness.pki import ec_key
from harness.waiting import until

FOR_GOOD = [
    "unspecified",
    "keyCompromise",
    "cACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "privilegeWithdrawn",
    "aACompromise",
]


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


@pytest.fixture(scope="module")
def agent(authority):
    return authority.agent("user-svc", "api-gateway", "billing")


@pytest.mark.parametrize("reason", FOR_GOOD)
def test_certificate_is_revoked_for_good_for_each_reason(authority, agent, reason):
    holder, other = authority.issue("user-svc", agent), authority.issue("user-svc", agent)
    answer = authority.revoke("user-svc", serial=holder.serial, reason=reason).ok()
    (event,) = answer["revoked"]
    assert (event["serial"], event["reason"]) == (holder.serial, reason)
    assert event["issuer_key_id"] == authority.key_id and answer["replacement"] is None
    record = authority.admin.get(f"{ADMIN}/security/serials/{holder.serial}").ok()
    assert record["state"] == "revoked" and record["revocation"]["reason"] == reason
    assert record["revocation"]["actor"] == "token/file"
    assert authority.state(other.serial) == "active"
    authority.revoke("user-svc", serial=holder.serial, reason=reason).problem(409, "already_revoked")
    authority.revoke("user-svc", serial=holder.serial, reason="removeFromCRL").problem(409, "not_held")
    authority.revoke("user-svc", serial=holder.serial, reason="certificateHold").problem(409, "already_revoked")
    assert authority.state(holder.serial) == "revoked"


def test_hold_is_released_or_becomes_a_revocation(authority, agent):
    holder = authority.issue("user-svc", agent)
    caller = authority.native(holder)
    authority.revoke("user-svc", serial=holder.serial, reason="certificateHold").ok()
    assert authority.state(holder.serial) == "held"
    assert caller.is_revoked()
    authority.revoke("user-svc", serial=holder.serial, reason="certificateHold").problem(409, "already_revoked")
    authority.revoke("user-svc", serial=holder.serial, reason="removeFromCRL").ok()
    assert authority.state(holder.serial) == "active"
    caller.get("/v1/services").ok()
    authority.revoke("user-svc", serial=holder.serial, reason="certificateHold").ok()
    authority.revoke("user-svc", serial=holder.serial, reason="keyCompromise").ok()
    assert authority.state(holder.serial) == "revoked"
    authority.revoke("user-svc", serial=holder.serial, reason="removeFromCRL").problem(409, "not_held")


def test_revocation_refuses_the_caller_at_once(authority, agent):
    holder = authority.issue("billing", agent)
    caller = authority.native(holder)
    caller.get("/v1/services").ok()
    authority.revoke("billing", serial=holder.serial).ok()
    for method, path, document in (
        ("GET", "/v1/services", None),
        ("POST", "/v1/renew", {"csr": csr(ec_key(), "billing")}),
        ("POST", "/v1/issue", {"service": "billing"}),
        ("GET", "/v1/revocations", None),
        ("GET", f"{ADMIN}/services", None),
    ):
        assert caller.is_revoked(method, path, document)


def test_all_certificates_of_a_service_are_revoked_together(authority, agent):
    holders = [authority.issue("api-gateway", agent) for _ in range(5)]
    bystander = authority.issue("billing", agent)
    answer = authority.revoke("api-gateway", reason="superseded").ok()
    revoked = {event["serial"] for event in answer["revoked"]}
    assert revoked == {holder.serial for holder in holders}
    sequences = [event["sequence"] for event in answer["revoked"]]
    assert sequences == list(range(sequences[0], sequences[0] + 5))
    assert authority.state(bystander.serial) == "active"
    authority.revoke("api-gateway").problem(404, "unknown_certificate")


def test_held_certificates_of_a_service_are_released_together(authority, agent):
    holders = [authority.issue("api-gateway", agent) for _ in range(3)]
    lost = authority.issue("api-gateway", agent)
    authority.revoke("api-gateway", serial=lost.serial, reason="keyCompromise").ok()
    authority.revoke("api-gateway", reason="certificateHold").ok()
    assert [authority.state(holder.serial) for holder in holders] == ["held"] * 3
    answer = authority.revoke("api-gateway", reason="removeFromCRL").ok()
    assert len(answer["revoked"]) == 3
    assert [authority.state(holder.serial) for holder in holders] == ["active"] * 3
    assert authority.state(lost.serial) == "revoked"
    authority.revoke("api-gateway", reason="superseded").ok()


def test_replacement_comes_with_the_revocation(authority, agent):
    holder = authority.issue("api-gateway", agent)
    answer = authority.revoke("api-gateway", reason="keyCompromise", replace=True).ok()
    replacement = answer["replacement"]
    assert [event["serial"] for event in answer["revoked"]] == [holder.serial]
    assert replacement["serial"] != holder.serial and replacement["service"] == "api-gateway"
    assert "BEGIN PRIVATE KEY" in replacement["private_key"]
    certificate = x509.load_pem_x509_certificate(replacement["certificate"].encode())
    assert certificate.issuer == authority.hierarchy.intermediate.certificate.subject
    assert (authority.state(holder.serial), authority.state(replacement["serial"])) == ("revoked", "active")


def test_no_replacement_is_made_when_nothing_is_revoked(authority, agent):
    holder = authority.issue("api-gateway", agent)
    authority.revoke("api-gateway", serial=holder.serial).ok()
    before = len(authority.admin.pages(f"{CERTIFICATES}/api-gateway", "certificates"))
    answer = authority.revoke("api-gateway", serial=holder.serial, replace=True)
    answer.problem(409, "already_revoked")
    assert "PRIVATE" not in answer.body.decode()
    assert len(authority.admin.pages(f"{CERTIFICATES}/api-gateway", "certificates")) == before


def test_nothing_is_revoked_when_no_replacement_can_be_made(start_authority):
    authority = start_authority()
    authority.admin.post(f"{ADMIN}/services", {"name": "fleeting", "dns_names": ["fleeting.example.com"]}).ok(201)
    holder = authority.issue("fleeting")
    authority.stop()
    # The names of the registration clash with an issuer's constraint only from now on.
    authority.configuration["authority"]["services"] = []
    authority.write_configuration()
    authority.start()
    authority.admin.call("DELETE", f"{ADMIN}/services/fleeting").ok(204)
    authority.revoke("fleeting", replace=True).problem(404, "unknown_service")
    assert authority.state(holder.serial) == "active"


def test_serial_of_another_service_is_refused(authority, agent):
    holder = authority.issue("billing", agent)
    authority.revoke("user-svc", serial=holder.serial).problem(404, "unknown_certificate")
    assert authority.state(holder.serial) == "active"


def test_serial_is_read_in_the_spellings_that_tools_print(authority, agent):
    for spell in (str.upper, lambda text: ":".join(text[at : at + 2] for at in range(0, len(text), 2))):
        holder = authority.issue("billing", agent)
        authority.native(holder).post("/v1/revoke", {"serial": spell(holder.serial)}).ok()
        assert authority.state(holder.serial) == "revoked"


@pytest.mark.parametrize(
    "document",
    [
        {"reason": "bored"},
        {"reason": 1},
        {"reason": None},
        {"serial": "xyz"},
        {"serial": ""},
        {"serial": "0" * 66},
        {"replace": "yes"},
        {"serials": ["01"]},
    ],
    ids=str,
)
def test_order_of_the_wrong_form_is_refused_and_audited(authority, agent, document):
    holder = authority.issue("billing", agent)
    before = len(authority.audit(action="api.call"))
    authority.revoke("billing", **document).problem(400, "malformed_request")
    assert authority.state(holder.serial) == "active"
    line = authority.audited(before + 1, action="api.call")[0]
    assert (line["outcome"], line["actor"]) == ("refused", "token/file")
    assert line["target"] == f"POST {CERTIFICATES}/billing/revoke"


def test_unknown_serial_and_unknown_service_are_told(authority):
    authority.revoke("billing", serial="00ff").problem(404, "unknown_certificate")
    authority.revoke("nobody").problem(404, "unknown_service")


def test_service_revokes_its_own_certificates_and_nobody_elses(authority, agent):
    own, sibling = authority.issue("user-svc", agent), authority.issue("user-svc", agent)
    foreign = authority.issue("billing", agent)
    caller = authority.native(own)
    caller.post("/v1/revoke", {"serial": foreign.serial}).problem(403, "forbidden")
    caller.post("/v1/revoke", {"service": "billing"}).problem(403, "forbidden")
    caller.post("/v1/revoke", {"serial": sibling.serial, "reason": "superseded"}).ok()
    caller.post("/v1/revoke", {"serial": own.serial}).ok()
    assert [authority.state(h.serial) for h in (own, sibling, foreign)] == ["revoked", "revoked", "active"]
    for document in ({}, {"serial": "01", "service": "billing"}):
        authority.native(foreign).post("/v1/revoke", document).problem(400, "malformed_request")


def test_agent_may_not_revoke(authority, agent):
    holder = authority.issue("user-svc", agent)
    authority.native(agent).post("/v1/revoke", {"serial": holder.serial}).problem(403, "forbidden")


def test_revocations_outlive_restart_and_kill(start_authority):
    authority = start_authority()
    revoked, held, released = (authority.issue("user-svc") for _ in range(3))
    authority.revoke("user-svc", serial=revoked.serial, reason="keyCompromise").ok()
    authority.revoke("user-svc", serial=held.serial, reason="certificateHold").ok()
    authority.revoke("user-svc", serial=released.serial, reason="certificateHold").ok()
    authority.revoke("user-svc", serial=released.serial, reason="removeFromCRL").ok()
    for end in (authority.stop, authority.kill):
        end()
        authority.start()
        states = [authority.state(holder.serial) for holder in (revoked, held, released)]
        assert states == ["revoked", "held", "active"]
        assert authority.native(revoked).is_revoked()
        authority.native(released).get("/v1/services").ok()


COMPROMISED = ["keyCompromise", "cACompromise", "aACompromise"]


def sign(api, key, service="user-svc"):
    return api.post("/v1/sign", {"service": service, "csr": csr(key, service)})


@pytest.mark.parametrize("reason", COMPROMISED)
def test_key_that_was_reported_compromised_is_never_certified_again(start_authority, reason):
    authority = start_authority()
    agent = authority.native(authority.agent("user-svc", "api-gateway"))
    lost, replaced = ec_key(), ec_key()
    authority.revoke("user-svc", serial=sign(agent, lost).ok(201)["serial"], reason=reason).ok()
    authority.revoke("user-svc", serial=sign(agent, replaced).ok(201)["serial"], reason="superseded").ok()
    for _ in range(2):
        for service in ("user-svc", "api-gateway"):
            assert "reported compromised" in sign(agent, lost, service).problem(422, "weak_key")
        sign(agent, replaced).ok(201)
        authority.stop()
        authority.start()
        agent = authority.native(authority.agent("user-svc", "api-gateway"))
    told = {"action": "certificate.issue", "target": "service/user-svc", "outcome": "refused"}
    assert any("reported compromised" in line["detail"] for line in authority.audited(2, **told))


def test_certificates_that_share_a_compromised_key_are_revoked_with_it(authority, agent):
    caller, lost = authority.native(agent), ec_key()
    first, second, third = (sign(caller, lost).ok(201)["serial"] for _ in range(3))
    bystander = authority.issue("user-svc", agent).serial
    authority.revoke("user-svc", serial=third, reason="certificateHold").ok()
    answer = authority.revoke("user-svc", serial=first, reason="keyCompromise").ok()
    assert {event["serial"] for event in answer["revoked"]} == {first, second, third}
    states = [authority.state(serial) for serial in (first, second, third, bystander)]
    assert states == ["revoked", "revoked", "revoked", "active"]


def test_agent_that_keeps_a_compromised_key_may_not_join_with_it(start_authority):
    operator = {"spiffe_id": "spiffe://link.internal/ns/default/sa/operations", "role": "operator"}
    authority = start_authority(services=[*SERVICES, {"name": "operations"}], administrators=[operator])
    operations = authority.native(authority.issue("operations"))
    key = ec_key()
    document = {"token": authority.join_token("lost-host", "user-svc"), "csr": csr(key, "lost-host")}
    joined = authority.native().post("/v1/join", document).ok(201)
    operations.post("/v1/revoke", {"serial": joined["serial"], "reason": "keyCompromise"}).ok()
    document["token"] = authority.join_token("lost-host", "user-svc")
    authority.native().post("/v1/join", document).problem(422, "weak_key")
    document["csr"] = csr(ec_key(), "lost-host")
    authority.native().post("/v1/join", document).ok(201)


def test_end_of_a_services_certificate_is_shown_as_long_as_one_is_in_force(start_authority):
    authority = start_authority()
    long, short, other = authority.issue("user-svc"), authority.issue("user-svc"), authority.issue("billing")

    def days(service):
        return authority.metric("mtls_cert_days_until_expiry", service=service)

    assert days("user-svc") > 0 and days("billing") > 0
    authority.revoke("user-svc", serial=short.serial).ok()
    authority.revoke("user-svc", serial=long.serial, reason="certificateHold").ok()
    until(lambda: days("user-svc") == 0, 10, "the end of the series")
    assert days("billing") > 0 and authority.state(other.serial) == "active"
    authority.revoke("user-svc", serial=long.serial, reason="removeFromCRL").ok()
    until(lambda: days("user-svc") > 0, 10, "the series once more")
    replacement = authority.revoke("user-svc", replace=True).ok()["replacement"]
    authority.revoke("user-svc", serial=replacement["serial"]).ok()
    until(lambda: days("user-svc") == 0, 10, "the end of the series")
