"""Rotation: renewed at a part of the lifetime; an authority that is away is survived and asked again."""

import signal

from harness.waiting import until


def test_certificates_of_ten_seconds_are_renewed_at_their_half(make_agent, stand_in):
    stand_in.lifetime = 10
    agent = make_agent().start().wait_until_ready()
    serials = [agent.serial()]
    for _ in range(2):
        serials.append(agent.wait_for_certificate(other_than=serials[-1]))
        until(lambda: agent.health()[1]["services"]["user-svc"]["remaining_secs"] >= 6, 4, "the new status")
    assert len(set(serials)) == 3 and stand_in.count("/v1/sign") <= 4


def test_the_key_stays_over_renewals_unless_it_is_told_to_change(make_agent, stand_in):
    stand_in.lifetime, stand_in.renew = 4, {"at_fraction": 0.2}
    for lifetime, is_same in (("1d", True), ("0s", False)):
        stand_in.tokens["csj_good"] = "host-1"
        agent = make_agent(key_lifetime=lifetime).start().wait_until_ready()
        key, serial = agent.file("user-svc/key.pem").read_bytes(), agent.serial()
        agent.wait_for_certificate(other_than=serial)
        assert (agent.file("user-svc/key.pem").read_bytes() == key) == is_same
        agent.stop()


def test_the_rule_of_the_configuration_goes_before_the_authoritys(make_agent, stand_in):
    stand_in.renew = {"at_fraction": 0.9}
    agent = make_agent(services=["slow", {"name": "quick", "renew_before": "3598s"}])
    stand_in.lifetime = 3600
    agent.start().wait_until_ready()
    # Two seconds after it was issued would be due; no rule makes it less than a twentieth of the lifetime.
    assert not agent.health()[1]["services"]["quick"]["needs_renewal"]
    assert stand_in.count("/v1/sign") == 2


def test_an_authority_that_goes_away_and_comes_back(make_agent, stand_in):
    stand_in.lifetime = 10
    agent = make_agent().start().wait_until_ready()
    serial = agent.serial()
    stand_in.stop()
    agent.wait_for_line("certificate not renewed", service="user-svc")
    assert agent.health()[0] == 200 and agent.serial() == serial
    until(lambda: agent.health()[0] == 503, 15, "red health")
    assert "user-svc is about to expire" in agent.health()[1]["components"]["certificates"]["reason"]
    agent.wait_for_line("certificate is about to expire", service="user-svc")
    stand_in.start()
    agent.wait_for_certificate(other_than=serial)
    agent.wait_until_ready()


def test_an_authority_that_hangs_keeps_nothing_else_from_its_work(make_agent, stand_in):
    stand_in.lifetime = 6
    agent = make_agent().start().wait_until_ready()
    stand_in.hold.clear()
    until(lambda: agent.health()[0] == 503, 15, "red health")
    stand_in.hold.set()
    agent.wait_until_ready(30)


def test_refusals_are_told_as_the_authority_puts_them(make_agent, stand_in):
    stand_in.lifetime = 5
    agent = make_agent().start().wait_until_ready()
    stand_in.refusal = (403, "host-1 may not have certificates of user-svc\r\nforged: line")
    line = agent.wait_for_line("certificate not renewed", service="user-svc")
    assert "may not have certificates of user-svc" in line["reason"] and "\n" not in line["reason"]


def test_answers_that_are_none_are_survived(make_agent, stand_in):
    agent = make_agent().start().wait_until_ready()
    serial = agent.serial()
    stand_in.issuer = stand_in.issuer.intermediate("Rogue", is_authority=False)
    stand_in.lifetime = 1
    agent.section["services"] = ["user-svc", "other"]
    agent.write_configuration()
    agent.signal(signal.SIGHUP)
    agent.wait_for_line("certificate not renewed", service="other")
    assert agent.certificate("other") is None and agent.serial() == serial


def test_a_new_root_reaches_the_bundle_before_the_certificates(make_agent, stand_in):
    stand_in.lifetime, stand_in.agent_lifetime = 8, 3600
    agent = make_agent(bundle_interval="1s").start().wait_until_ready()
    assert agent.file("ca.pem").read_text() == stand_in.root.pem
    other = type(stand_in)(stand_in.directory / "next", name="Next")
    stand_in.bundle = stand_in.root.pem + other.root.pem
    stand_in.issuer = other.issuer
    subject = other.issuer.certificate.subject
    until(lambda: agent.certificate().issuer == subject, 15, "a certificate of the new root")
    assert agent.file("ca.pem").read_text() == stand_in.bundle


def test_services_are_added_and_removed_by_sighup(make_agent, stand_in):
    agent = make_agent(services=["user-svc"]).start().wait_until_ready()
    agent.section["services"] = ["api-gateway"]
    agent.write_configuration()
    agent.signal(signal.SIGHUP)
    agent.wait_for_certificate("api-gateway")
    assert list(agent.health()[1]["services"]) == ["api-gateway"] and agent.certificate("user-svc")
    agent.section["services"] = [""]
    agent.write_configuration()
    agent.signal(signal.SIGHUP)
    agent.wait_for_line("configuration refused")
    assert list(agent.health()[1]["services"]) == ["api-gateway"]
