"""An agent joins with a one-time token, and then renews with its own certificate."""

import os

from harness.stand_in_authority import StandInAuthority
from harness.tools import countersign
from harness.waiting import until


def test_it_joins_with_the_token_and_gets_the_certificates_of_its_services(make_agent, stand_in):
    agent = make_agent(services=["user-svc", "api-gateway"]).start().wait_until_ready()
    assert stand_in.count("/v1/join") == 1
    for service in ("user-svc", "api-gateway"):
        assert agent.certificate(service).issuer == stand_in.issuer.certificate.subject
    callers = {caller for path, _, caller in stand_in.requests.snapshot() if path == "/v1/sign"}
    assert callers == {"spiffe://link.internal/agent/host-1"}


def test_its_own_certificate_is_for_nobody_else(make_agent):
    agent = make_agent().start().wait_until_ready()
    folder = agent.file(".agent").resolve()
    assert folder.stat().st_mode & 0o777 == 0o700
    for name in ("key.pem", "cert.pem", "identity.pem"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_a_restarted_agent_needs_neither_token_nor_authority(make_agent, stand_in):
    agent = make_agent().start().wait_until_ready()
    serial = agent.serial()
    agent.stop()
    os.unlink(agent.token_file)
    stand_in.stop()
    agent.start().wait_until_ready()
    assert agent.serial() == serial
    stand_in.start()
    agent.stop()
    agent.start().wait_until_ready()
    assert stand_in.count("/v1/join") == 1


def test_it_renews_its_own_certificate_with_the_one_that_it_has(make_agent, stand_in):
    stand_in.agent_lifetime = 4
    agent = make_agent().start()
    until(lambda: stand_in.count("/v1/renew") >= 2, 15, "renewals of the agent's own certificate")
    agent.wait_until_ready()
    renewals = [caller for path, _, caller in stand_in.requests.snapshot() if path == "/v1/renew"]
    assert set(renewals) == {"spiffe://link.internal/agent/host-1"}
    assert stand_in.count("/v1/join") == 1


def test_a_used_token_is_refused_and_shown_only_once(make_agent, stand_in):
    agent = make_agent(token="csj_used").start()
    agent.wait_for_line("certificate not renewed", service="agent")
    until(lambda: "refuses the join token" in agent.health()[1]["components"]["agent"]["reason"], 15, "the advice")
    assert stand_in.count("/v1/join") == 1 and agent.health()[0] == 503
    agent.write_token("csj_good")
    agent.wait_until_ready()
    assert not any("csj_" in line for line in agent.raw_log)


def test_the_token_may_come_later(make_agent):
    agent = make_agent(token=None).start()
    line = agent.wait_for_line("certificate not renewed", service="agent")
    assert "has not joined yet" in line["reason"] and str(agent.token_file) in line["reason"]
    agent.write_token("csj_good")
    agent.wait_until_ready()


def test_a_token_that_others_can_read_is_not_used(make_agent, stand_in):
    agent = make_agent()
    agent.token_file.chmod(0o644)
    agent.start()
    assert "chmod 600" in agent.wait_for_line("certificate not renewed", service="agent")["reason"]
    assert stand_in.count("/v1/join") == 0


def test_the_authority_can_be_named_behind_the_token(make_agent, stand_in):
    agent = make_agent(token=f"csj_good\n{stand_in.root.pem}", ca_certs=None).start().wait_until_ready()
    assert agent.certificate()


def test_without_anything_to_recognize_the_authority_by_nothing_is_sent(make_agent, stand_in):
    agent = make_agent(ca_certs=None).start()
    assert "agent.ca_certs" in agent.wait_for_line("certificate not renewed", service="agent")["reason"]
    assert stand_in.connections.snapshot() == []


def test_a_server_of_another_authority_never_sees_the_token(make_agent, stand_in, tmp_path):
    with StandInAuthority(tmp_path / "stranger", name="Stranger") as stranger:
        agent = make_agent(authority=stranger, ca_certs=str(stand_in.ca_path)).start()
        line = agent.wait_for_line("certificate not renewed", service="agent")
        assert "not the authority" in line["reason"]
        assert stranger.requests.snapshot() == [] and stranger.connections.snapshot() != []
        assert agent.certificate() is None and agent.health()[0] == 503


def test_a_server_of_the_authority_with_another_name_is_refused(make_agent, tmp_path):
    with StandInAuthority(tmp_path / "elsewhere", server_ips=("127.9.9.9",)) as elsewhere:
        agent = make_agent(authority=elsewhere).start()
        assert "not for the IP address" in agent.wait_for_line("certificate not renewed", service="agent")["reason"]
        assert elsewhere.requests.snapshot() == []
        known = make_agent(authority=elsewhere, authority_spiffe_id="spiffe://link.internal/authority").start()
        known.wait_until_ready()


def test_a_server_with_another_spiffe_id_is_refused(make_agent, stand_in):
    agent = make_agent(authority_spiffe_id="spiffe://link.internal/another").start()
    assert "not the authority" in agent.wait_for_line("certificate not renewed", service="agent")["reason"]
    assert stand_in.requests.snapshot() == []


def test_an_expired_agent_says_how_to_join_again_and_does(make_agent, stand_in):
    stand_in.agent_lifetime = 3
    agent = make_agent().start().wait_until_ready()
    stand_in.stop()
    until(lambda: agent.health()[0] == 503, 15, "the end of the agent's own certificate")
    stand_in.start()
    reason = until(
        lambda: next((line["reason"] for line in agent.log.snapshot() if "join again" in line.get("reason", "")), None),
        45,
        "the advice to join again",
    )
    assert "expired at" in reason and str(agent.token_file) in reason
    stand_in.tokens["csj_second"], stand_in.agent_lifetime = "host-1", 3600
    agent.write_token("csj_second")
    agent.wait_until_ready()


def test_a_configuration_that_cannot_work_is_refused(make_agent):
    agent = make_agent()
    agent.section["ca_certs"] = str(agent.token_file)
    agent.section["servics"] = ["a"]
    agent.write_configuration()
    ended = agent.run_to_its_end()
    assert ended.returncode == 78
    assert "agent.ca_certs" in ended.stderr and 'did you mean "services"' in ended.stderr


def test_two_agents_do_not_share_a_directory(make_agent):
    first = make_agent().start()
    second = make_agent(cert_dir=str(first.certificates))
    ended = second.run_to_its_end()
    assert ended.returncode != 0 and "another agent" in ended.stderr


def test_a_certificate_file_without_an_authority_is_found_by_the_check(make_agent, stand_in):
    agent = make_agent()
    leaf = stand_in.issuer.leaf("no authority").save(agent.directory, "leaf")[0]
    agent.section["ca_certs"] = str(leaf)
    agent.write_configuration()
    done = countersign("config", "check", "--role", "agent", agent.path)
    assert done.returncode == 1 and "not a certificate authority" in done.stdout
