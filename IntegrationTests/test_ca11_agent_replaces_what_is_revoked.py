"""The agent hears that a certificate of its services is revoked: it says so and puts one for another key in place."""

import pytest

from harness.agent import Agent
from harness.authority_api import ADMIN, CERTIFICATES
from harness.tools import countersign
from harness.waiting import until


@pytest.fixture
def authority(start_authority):
    return start_authority()


@pytest.fixture
def agent(authority, join_agent):
    agent = join_agent(authority, "user-svc", "api-gateway", name="host-1").wait_until_ready()
    return followed(authority, agent)


def followed(authority, agent):
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    return agent


def key(agent, service="user-svc"):
    return agent.file(f"{service}/key.pem").read_text()


def serial(agent, service="user-svc"):
    """The serial number as the authority spells it."""
    return agent.health()[1]["services"][service]["cert_serial"]


def red(agent):
    return until(lambda: next((h for s, h in [agent.health()] if s == 503), None), 15, "red health")


def revoke(authority, agent, reason, service="user-svc"):
    found = serial(agent, service)
    authority.revoke(service, serial=found, reason=reason).ok()
    return found


@pytest.mark.parametrize("reason", ["keyCompromise", "superseded", "unspecified"])
def test_revoked_certificate_is_replaced_at_once_by_one_for_another_key(authority, agent, reason):
    before, old_key, other = agent.serial(), key(agent), agent.serial("api-gateway")
    revoked = revoke(authority, agent, reason)
    renewed = agent.wait_for_certificate(other_than=before)
    agent.wait_for_line("certificate is revoked", service="user-svc", serial=revoked, reason=reason, level="warning")
    assert key(agent) != old_key and agent.serial("api-gateway") == other
    agent.wait_until_ready()
    assert agent.health()[1]["services"]["user-svc"]["cert_valid"]
    assert authority.state(serial(agent)) == "active" and agent.serial() == renewed


def test_revoking_all_certificates_of_a_service_replaces_the_one_in_place(authority, agent):
    before, old_key = agent.serial(), key(agent)
    authority.revoke("user-svc", reason="keyCompromise").ok()
    agent.wait_for_certificate(other_than=before)
    assert key(agent) != old_key
    agent.wait_until_ready()


def test_compromise_of_a_key_reaches_the_certificate_that_has_kept_it(authority, agent):
    first, before, old_key = serial(agent), agent.serial(), key(agent)
    authority.admin.post(f"{CERTIFICATES}/user-svc/rotate", {}).ok(202)
    second = agent.wait_for_certificate(other_than=before)
    assert key(agent) == old_key
    authority.revoke("user-svc", serial=first, reason="keyCompromise").ok()
    agent.wait_for_certificate(other_than=second)
    assert key(agent) != old_key
    agent.wait_until_ready()


def test_revocation_of_another_certificate_changes_nothing(authority, agent):
    before, other = agent.serial(), agent.serial("api-gateway")
    elsewhere = authority.issue("user-svc")
    authority.revoke("user-svc", serial=elsewhere.serial, reason="keyCompromise").ok()
    # What comes after it on the same stream has arrived, so it has, too.
    revoke(authority, agent, "superseded", "api-gateway")
    agent.wait_for_certificate("api-gateway", other_than=other)
    agent.wait_until_ready()
    assert agent.serial() == before and agent.health()[1]["services"]["user-svc"]["cert_valid"]
    told = [line["service"] for line in agent.log.snapshot() if line.get("message") == "certificate is revoked"]
    assert told == ["api-gateway"]


def test_held_certificate_is_red_and_stays_until_it_is_released(authority, agent):
    before = agent.serial()
    revoke(authority, agent, "certificateHold")
    report = red(agent)
    facts = report["services"]["user-svc"]
    assert not facts["cert_valid"] and report["services"]["api-gateway"]["cert_valid"]
    assert "user-svc is on hold" in report["components"]["certificates"]["reason"]
    agent.wait_for_line("certificate is on hold", service="user-svc", reason="certificateHold", level="warning")
    done = countersign("agent", "status", "--config", agent.path)
    row = next(line for line in done.stdout.splitlines() if line.startswith("user-svc"))
    assert done.returncode == 1 and row.split()[1] == "no" and "user-svc is on hold" in done.stdout
    revoke(authority, agent, "removeFromCRL")
    agent.wait_until_ready()
    assert agent.serial() == before and agent.health()[1]["services"]["user-svc"]["cert_valid"]


def test_agent_that_was_away_hears_of_it_when_it_comes_back(authority, agent):
    before, old_key, gateway = agent.serial(), key(agent), agent.serial("api-gateway")
    revoked, held = serial(agent), serial(agent, "api-gateway")
    agent.stop()
    authority.revoke("user-svc", serial=revoked, reason="keyCompromise").ok()
    authority.revoke("api-gateway", serial=held, reason="certificateHold").ok()
    agent.start()
    agent.wait_for_certificate(other_than=before)
    assert key(agent) != old_key
    until(lambda: not agent.health()[1]["services"]["api-gateway"]["cert_valid"], 15, "the hold told")
    assert agent.health()[0] == 503 and agent.serial("api-gateway") == gateway


def test_agent_hears_of_it_over_a_restart_of_the_authority(authority, agent):
    held, before = serial(agent, "api-gateway"), agent.serial()
    revoke(authority, agent, "certificateHold", "api-gateway")
    red(agent)
    authority.kill()
    authority.start()
    followed(authority, agent)
    authority.revoke("api-gateway", serial=held, reason="removeFromCRL").ok()
    agent.wait_until_ready(within=30)
    revoke(authority, agent, "keyCompromise")
    agent.wait_for_certificate(other_than=before)


def test_agent_that_had_to_wait_for_its_token_hears_of_it_at_once(authority, tmp_path):
    agent = Agent(tmp_path / "late", authority, ["user-svc"], token=None).start()
    try:
        agent.wait_for_line("certificate not renewed", service="agent")
        agent.write_token(authority.join_token("late", "user-svc"))
        agent.wait_until_ready()
        until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
        before = agent.serial()
        revoke(authority, agent, "keyCompromise")
        agent.wait_for_certificate(other_than=before)
    finally:
        agent.stop()


def test_service_that_gets_no_other_certificate_stays_red_and_is_asked_for_again(start_authority, join_agent):
    operator = {"spiffe_id": "spiffe://link.internal/ns/default/sa/operations", "role": "operator"}
    services = [{"name": "user-svc"}, {"name": "operations"}]
    authority = start_authority(services=services, administrators=[operator])
    authority.admin.post(f"{ADMIN}/services", {"name": "fleeting"}).ok(201)
    agent = join_agent(authority, "user-svc", "fleeting", name="host-1").wait_until_ready()
    followed(authority, agent)
    operations = authority.native(authority.issue("operations"))
    before = agent.serial("fleeting")
    authority.admin.call("DELETE", f"{ADMIN}/services/fleeting").ok(204)
    operations.post("/v1/revoke", {"serial": serial(agent, "fleeting"), "reason": "cessationOfOperation"}).ok()
    mark = len(agent.log.entries)
    for _ in range(3):
        agent.wait_for_line("certificate not renewed", start=mark, service="fleeting")
        mark = len(agent.log.entries)
    report = red(agent)
    assert "fleeting is revoked (cessationOfOperation)" in report["components"]["certificates"]["reason"]
    assert not report["services"]["fleeting"]["cert_valid"] and report["services"]["user-svc"]["cert_valid"]
    assert agent.serial("fleeting") == before
    authority.admin.post(f"{ADMIN}/services", {"name": "fleeting"}).ok(201)
    agent.wait_for_certificate("fleeting", other_than=before, within=30)
    agent.wait_until_ready()
