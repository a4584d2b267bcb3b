"""Status for probes and people: whether there is a certificate, whose it is, how long it lasts, when it is renewed."""

import json
import re

from harness.tools import countersign
from harness.waiting import until


def test_health_has_the_status_of_every_service(make_agent):
    agent = make_agent(services=["user-svc", "api-gateway"]).start().wait_until_ready()
    status, report = agent.health()
    assert status == 200 and report["status"] == "ready"
    for service in ("user-svc", "api-gateway"):
        facts = report["services"][service]
        assert facts["enabled"] and facts["cert_valid"] and not facts["needs_renewal"]
        assert facts["trust_domain"] == "link.internal"
        assert facts["spiffe_id"] == f"spiffe://link.internal/ns/default/sa/{service}"
        assert int(facts["cert_serial"], 16) == agent.serial(service)
        assert 3500 < facts["remaining_secs"] <= 3600
    assert report["identity"]["spiffe_id"] == "spiffe://link.internal/agent/host-1"


def test_a_service_without_a_certificate_makes_the_agent_not_ready(make_agent, stand_in):
    stand_in.refusal = (403, "no such luck")
    agent = make_agent().start()
    agent.wait_for_line("certificate not renewed", service="agent")
    status, report = agent.health()
    assert status == 503 and report["live"]
    facts = report["services"]["user-svc"]
    assert facts["enabled"] and not facts["cert_valid"] and facts["needs_renewal"] and facts["remaining_secs"] == 0
    assert agent.admin("/health/live")[0] == 200 and agent.admin("/health/ready")[0] == 503


def test_expiry_and_rotations_are_metrics(make_agent, stand_in):
    stand_in.lifetime, stand_in.renew = 4, {"at_fraction": 0.3}
    agent = make_agent().start().wait_until_ready()
    assert 0 < agent.metric("mtls_cert_days_until_expiry", service="user-svc") < 5 / 86400
    until(lambda: agent.metric("mtls_cert_rotations_total", service="user-svc", result="success") >= 3, 15, "rotations")
    assert agent.metric("mtls_cert_rotations_total", service="user-svc", result="failure") == 0
    stand_in.stop()
    until(lambda: agent.metric("mtls_cert_rotations_total", service="user-svc", result="failure") >= 1, 15, "a failure")
    assert agent.metric("agent_authority_errors_total", code="unreachable") >= 1


def test_the_command_prints_a_table(make_agent):
    agent = make_agent().start().wait_until_ready()
    done = countersign("agent", "status", "--config", agent.path)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["SERVICE", "VALID", "REMAINING", "RENEW", "SERIAL", "SPIFFE", "ID"]
    row = next(line for line in lines if line.startswith("user-svc"))
    serial = f"{agent.serial():x}"
    assert re.fullmatch(
        rf"user-svc +yes +(59m \d+s|1h 0m) +no +0?{serial} +spiffe://link\.internal/ns/default/sa/user-svc", row
    )
    assert "status: ready" in lines


def test_the_command_prints_json(make_agent):
    agent = make_agent().start().wait_until_ready()
    done = countersign("agent", "status", "--json", "--config", agent.path)
    assert done.returncode == 0 and json.loads(done.stdout)["services"]["user-svc"]["cert_valid"]


def test_the_command_tells_by_its_status_that_something_is_wrong(make_agent, stand_in):
    stand_in.refusal = (403, "user-svc is not registered")
    agent = make_agent().start()
    agent.wait_for_line("certificate not renewed", service="agent")
    done = countersign("agent", "status", "--config", agent.path)
    assert done.returncode == 1 and "is not registered" in done.stdout and "status: failed" in done.stdout
    agent.stop()
    done = countersign("agent", "status", "--config", agent.path)
    assert done.returncode == 2 and done.stdout == "" and "does not answer" in done.stderr
