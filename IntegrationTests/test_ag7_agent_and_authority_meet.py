"""An agent with the real authority: joining, renewal, rotation by hand, and what it may not have."""

import json
import subprocess

import pytest

from harness.agent import Agent
from harness.agent_authority import AuthorityProcess
from harness.waiting import until


@pytest.fixture
def authority(tmp_path):
    authority = AuthorityProcess(
        tmp_path / "authority", services=["user-svc", "api-gateway", "other"], profile={"ttl": "60s", "renew_at": 0.05}
    ).start()
    yield authority
    authority.stop()
    print("--- log of the authority", authority.log.read_text()[-6000:])


@pytest.fixture
def agent(tmp_path, authority):
    services = ["user-svc", "api-gateway"]
    agent = Agent(tmp_path / "agent", authority, services, token=authority.join_token("host-1", *services)).start()
    yield agent
    agent.stop()
    print("--- log of the agent", *agent.raw_log[-40:], sep="\n")


def inventory(authority, service):
    listed = json.loads(authority.admin("certs", "list", "--json"))
    return [entry for entry in listed if entry["service"] == service]


def test_what_the_agent_has_is_in_the_inventory_and_verifies(authority, agent):
    agent.wait_until_ready()
    for service in ("user-svc", "api-gateway"):
        found = agent.wait_for_certificate(service)
        assert f"{found:x}" in [entry["serial"].lstrip("0") for entry in inventory(authority, service)]
        files = [
            agent.file("ca.pem"),
            "-untrusted",
            agent.file(f"{service}/cert.pem"),
            agent.file(f"{service}/cert.pem"),
        ]
        done = subprocess.run(["openssl", "verify", "-x509_strict", "-CAfile", *files], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert agent.file("ca.pem").read_text() == authority.root.pem


def test_certificates_are_renewed_by_the_profile_of_the_authority(agent):
    serial = agent.wait_for_certificate()
    agent.wait_for_certificate(other_than=agent.wait_for_certificate(other_than=serial))


def test_a_rotation_by_hand_reaches_the_agent_at_once(authority, tmp_path):
    slow = AuthorityProcess(tmp_path / "slow", services=["user-svc"]).start()
    try:
        agent = Agent(tmp_path / "slow-agent", slow, token=slow.join_token("host-2", "user-svc")).start()
        try:
            serial = agent.wait_until_ready().serial()

            def is_rotated():
                slow.admin("certs", "rotate", "user-svc")
                return agent.serial() != serial

            until(is_rotated, 20, "the rotation")
            agent.wait_for_line("rotation is wanted", service="user-svc")
        finally:
            agent.stop()
    finally:
        slow.stop()


def test_a_service_that_the_token_does_not_name_is_refused_and_the_others_are_not(authority, tmp_path):
    token = authority.join_token("host-3", "user-svc")
    agent = Agent(tmp_path / "greedy", authority, ["user-svc", "other"], token=token).start()
    try:
        line = agent.wait_for_line("certificate not renewed", service="other")
        assert "403" in line["reason"]
        assert agent.wait_for_certificate("user-svc") and agent.certificate("other") is None
    finally:
        agent.stop()


def test_a_token_admits_one_agent(authority, agent, tmp_path):
    agent.wait_until_ready()
    token = agent.token_file.read_text().strip()
    second = Agent(tmp_path / "second", authority, token=token).start()
    try:
        assert "401" in second.wait_for_line("certificate not renewed", service="agent")["reason"]
    finally:
        second.stop()


def test_an_authority_that_is_killed_is_survived(authority, agent):
    serial = agent.wait_until_ready().serial()
    authority.kill()
    agent.wait_for_line("certificate not renewed", service="user-svc")
    assert agent.health()[0] == 200 and agent.certificate()
    authority.start()
    agent.wait_for_certificate(other_than=serial, within=40)
    until(lambda: agent.health()[1]["status"] == "ready", 40, "health without a reservation")
