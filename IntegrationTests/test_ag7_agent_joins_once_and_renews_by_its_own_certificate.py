"""An agent joins with a one-time token, which admits no second, and then renews by its own certificate."""

import datetime
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.authority_api import ADMIN, CERTIFICATES
from harness.authority_holdings import csr
from harness.authority_process import SERVICES
from harness.pki import ec_key
from harness.stand_in_authority import StandInAuthority
from harness.tools import countersign, run
from harness.waiting import until

# Certificates that are renewed every few seconds.
QUICK = {"profiles": {"default": {"ttl": "60s", "renew_at": 0.05}}}


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


def join(authority, token, name="host", key=None):
    return authority.native().post("/v1/join", {"token": token, "csr": csr(key or ec_key(), name)})


def tokens(authority):
    return {token["name"]: token for token in authority.admin.get(f"{ADMIN}/tokens").ok()["tokens"]}


def own_serial(agent):
    return agent.health()[1]["identity"]["cert_serial"]


# The token


def test_token_is_good_once(authority):
    token = authority.join_token("once", "user-svc")
    join(authority, token, "once").ok(201)
    assert "used already" in join(authority, token, "once").problem(401, "invalid_token")
    used = next(t for t in tokens(authority).values() if t["agent"] == "once")
    assert used["used_at"] and "token" not in used and "digest" not in str(used)


def test_unknown_token_is_refused_and_audited(authority):
    assert "unknown" in join(authority, "csj_" + "0" * 64).problem(401, "invalid_token")
    line = authority.audited(1, action="agent.join", outcome="refused")[0]
    assert (line["actor"], line["address"]) == ("anonymous", "127.0.0.1")


def test_bearer_token_admits_no_agent_and_a_join_token_no_administrator(authority):
    bearer = authority.bearer("admin").token
    join(authority, bearer).problem(401, "invalid_token")
    stranger = authority.stranger
    stranger.token = authority.join_token("no-admin", "user-svc")
    stranger.get(f"{ADMIN}/services").problem(401, "unauthenticated")


def test_expired_token_is_refused(authority):
    token = authority.join_token("late", "user-svc", ttl_seconds=1)
    expired = until(lambda: _is_expired(authority, "late"), 10, "the token's end")
    assert expired
    assert "expired" in join(authority, token, "late").problem(401, "invalid_token")


def _is_expired(authority, agent):
    token = next(t for t in tokens(authority).values() if t["agent"] == agent)
    end = datetime.datetime.fromisoformat(token["expires_at"])
    return datetime.datetime.now(datetime.timezone.utc) > end + datetime.timedelta(seconds=1)


def test_used_token_leaves_its_name_to_the_next(authority):
    """A host that was rebuilt joins again by the same command."""
    command = ("tokens", "join", "rebuilt", "--service", "user-svc")
    access = ("--url", f"http://127.0.0.1:{authority.admin_port}", "--token-file", authority.token_file)
    first = countersign(*command, *access)
    assert first.returncode == 0, first.stderr
    early = countersign(*command, *access)
    assert early.returncode == 1 and "still good; remove it first" in early.stderr and "(409)" in early.stderr
    join(authority, first.stdout.strip(), "rebuilt").ok(201)
    second = countersign(*command, *access)
    assert second.returncode == 0, second.stderr
    join(authority, first.stdout.strip(), "rebuilt").problem(401, "invalid_token")
    join(authority, second.stdout.strip(), "rebuilt").ok(201)
    lines = authority.audit(action="token.create", target="rebuilt")
    assert [(line["outcome"], line["detail"]) for line in lines[:1]] == [("done", "in the place of one that was used")]
    assert [line["outcome"] for line in lines] == ["done", "refused", "done"]
    assert [token["agent"] for token in tokens(authority).values()].count("rebuilt") == 1


def test_expired_token_leaves_its_name_to_the_next(authority):
    document = {"name": "late", "kind": "join", "agent": "late", "services": ["user-svc"]}
    authority.admin.post(f"{ADMIN}/tokens", {**document, "ttl_seconds": 1}).ok(201)
    again = until(lambda: (a := authority.admin.post(f"{ADMIN}/tokens", document)).status == 201 and a, 10, "its end")
    join(authority, again.ok(201)["token"], "late").ok(201)
    assert authority.audit(action="token.create", target="late")[0]["detail"] == "in the place of one that had expired"


def test_secret_in_the_place_of_a_name_is_not_in_the_trail(authority):
    secret = authority.join_token("masked", "user-svc")
    authority.admin.call("DELETE", f"{ADMIN}/tokens/{secret}").problem(404, "unknown_token")
    authority.bearer("auditor").call("DELETE", f"{ADMIN}/tokens/{secret}").problem(403, "forbidden")
    authority.audited(action="token.delete", outcome="refused", target="csj_…")
    authority.audited(action="api.call", outcome="refused", target=f"DELETE {ADMIN}/tokens/csj_…")
    assert secret not in str(authority.audit()) and secret not in "\n".join(authority.raw_log)


def test_removed_token_is_refused(authority):
    token = authority.join_token("removed", "user-svc")
    name = next(t["name"] for t in tokens(authority).values() if t["agent"] == "removed")
    authority.admin.call("DELETE", f"{ADMIN}/tokens/{name}").ok(204)
    join(authority, token, "removed").problem(401, "invalid_token")


def test_request_that_cannot_be_signed_does_not_use_up_the_token(authority):
    token = authority.join_token("second-try", "user-svc")
    join(authority, token, "another-name").problem(422, "name_not_allowed")
    authority.native().post("/v1/join", {"token": token, "csr": "garbage"}).problem(400, "malformed_request")
    join(authority, token, "second-try").ok(201)


def test_of_twenty_that_show_one_token_at_once_one_is_admitted(start_authority):
    # One of its own: as many failed attempts from one address leave the next ones limited.
    authority = start_authority()
    token = authority.join_token("raced", "user-svc")
    before = authority.metric("mtls_cert_issuances_total", result="success")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: join(authority, token, "raced"), range(20)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses.count(201) == 1 and set(statuses) <= {201, 401, 429}, statuses
    assert authority.metric("mtls_cert_issuances_total", result="success") == before + 1
    query = {"spiffe_id": "spiffe://link.internal/agent/raced"}
    assert len(authority.admin.pages(f"{ADMIN}/security/certificates", "certificates", **query)) == 1


def test_agents_and_tokens_outlive_a_kill(start_authority):
    authority = start_authority()
    holder = authority.agent("user-svc", name="lasting")
    used, unused = authority.join_token("used", "user-svc"), authority.join_token("unused", "user-svc")
    join(authority, used, "used").ok(201)
    authority.kill()
    authority.start()
    authority.native(holder).get("/v1/services/user-svc").ok()
    join(authority, used, "used").problem(401, "invalid_token")
    join(authority, unused, "unused").ok(201)


# The agent and the authority


def test_what_the_agent_keeps_is_in_the_inventory_and_verifies(authority, join_agent):
    agent = join_agent(authority, "user-svc", "api-gateway", name="keeper").wait_until_ready()
    agents = {entry["name"]: entry for entry in authority.admin.get(f"{ADMIN}/agents").ok()["agents"]}
    assert agents["keeper"]["services"] == ["user-svc", "api-gateway"]
    for service in ("user-svc", "api-gateway"):
        found = f"{agent.wait_for_certificate(service):x}"
        entry = next(entry for entry in authority.certificates(service=service) if entry["serial"].lstrip("0") == found)
        assert (entry["requester"], entry["channel"], entry["state"]) == ("agent/keeper", "native", "active")
        chain = agent.file(f"{service}/cert.pem")
        done = run("openssl", "verify", "-x509_strict", "-CAfile", agent.file("ca.pem"), "-untrusted", chain, chain)
        assert done.returncode == 0, done.stderr
    assert agent.file("ca.pem").read_text() == authority.hierarchy.root.pem
    assert agent.health()[1]["identity"]["spiffe_id"] == "spiffe://link.internal/agent/keeper"


def test_second_join_with_the_same_token_is_refused(authority, join_agent):
    first = join_agent(authority, "user-svc", name="one-of-two").wait_until_ready()
    second = join_agent(authority, "user-svc", name="one-of-two", token=first.token_file.read_text().strip())
    assert "used already" in second.wait_for_line("certificate not renewed", service="agent")["reason"]
    assert second.health()[0] == 503 and second.certificate() is None and first.certificate()


def test_service_that_the_token_does_not_name_is_refused_and_the_others_are_not(authority, join_agent):
    agent = join_agent(authority, "user-svc", "billing", name="greedy", allowed=["user-svc"])
    assert "403" in agent.wait_for_line("certificate not renewed", service="billing")["reason"]
    assert agent.wait_for_certificate("user-svc") and agent.certificate("billing") is None


def test_agent_renews_with_its_own_certificate_and_for_itself_alone(authority):
    holder = authority.agent("user-svc", name="renewing")
    key = ec_key()
    issuance = authority.native(holder).post("/v1/renew", {"csr": csr(key, "renewing")}).ok(201)
    renewed = authority.holder(issuance, key)
    assert issuance["spiffe_id"] == holder.issuance["spiffe_id"] == "spiffe://link.internal/agent/renewing"
    authority.native(renewed).get("/v1/services/user-svc").ok()
    authority.native(renewed).post("/v1/renew", {"csr": csr(ec_key(), "first")}).problem(422, "name_not_allowed")


@pytest.mark.parametrize("way", ["revoked", "removed"])
def test_agent_that_is_thrown_out_says_so_and_comes_back_with_a_new_token(start_authority, join_agent, way):
    operator = {"spiffe_id": "spiffe://link.internal/ns/default/sa/operations", "role": "operator"}
    authority = start_authority(services=[*SERVICES, {"name": "operations"}], administrators=[operator], **QUICK)
    agent = join_agent(authority, "user-svc", name="host-1").wait_until_ready()
    if way == "revoked":
        operations = authority.native(authority.issue("operations"))
        operations.post("/v1/revoke", {"serial": own_serial(agent), "reason": "keyCompromise"}).ok()
    else:
        authority.admin.call("DELETE", f"{ADMIN}/agents/host-1").ok(204)
    line = agent.wait_for_line("certificate not renewed", service="agent")
    # The first on a connection that was open, the second where a new one was needed.
    assert "401" in line["reason"] or "certificate_revoked" in line["reason"], line
    assert agent.serial()
    status, report = until(lambda: next((h for h in [agent.health()] if h[0] == 503), None), 15, "red health")
    assert not report["identity"]["cert_valid"] and report["services"]["user-svc"]["cert_valid"]
    assert "agent is not accepted by the authority" in report["components"]["agent"]["reason"]
    reasons = [line.get("reason", "") for line in agent.log.snapshot()]
    assert any("revoked" in reason or "removed" in reason for reason in reasons), reasons
    serial = agent.serial()
    agent.write_token(authority.join_token("host-1", "user-svc"))
    agent.wait_for_certificate(other_than=serial, within=45)
    until(lambda: agent.health()[1]["status"] == "ready", 45, "health without a reservation")


def test_rotation_by_hand_reaches_the_agent_at_once(authority, join_agent):
    agent = join_agent(authority, "user-svc", "api-gateway", name="rotating").wait_until_ready()
    serial, other = agent.serial(), agent.serial("api-gateway")
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    authority.admin.post(f"{CERTIFICATES}/user-svc/rotate", {}).ok(202)
    agent.wait_for_certificate(other_than=serial)
    agent.wait_for_line("rotation is wanted", service="user-svc")
    assert agent.serial("api-gateway") == other


def test_rotation_by_hand_waits_for_an_agent_that_is_away(start_authority, join_agent):
    authority = start_authority()
    agent = join_agent(authority, "user-svc", "api-gateway", name="host-1").wait_until_ready()
    serial, other = agent.serial(), agent.serial("api-gateway")
    agent.stop()
    asked = authority.admin.post(f"{CERTIFICATES}/user-svc/rotate", {}).ok(202)["requested_at"]
    authority.kill()
    authority.start()
    agent.start()
    renewed = agent.wait_for_certificate(other_than=serial)
    assert agent.serial("api-gateway") == other
    caller = authority.native(authority.agent("user-svc"))
    assert caller.get("/v1/services/user-svc").ok()["rotation_requested_at"] == asked
    agent.stop()
    agent.start().wait_until_ready()
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    authority.admin.post(f"{CERTIFICATES}/api-gateway/rotate", {}).ok(202)
    agent.wait_for_certificate("api-gateway", other_than=other)
    assert agent.serial() == renewed, "it was rotated twice"


def test_authority_that_is_killed_is_survived(start_authority, join_agent):
    authority = start_authority(**QUICK)
    agent = join_agent(authority, "user-svc", name="host-1").wait_until_ready()
    authority.kill()
    agent.wait_for_line("certificate not renewed", service="user-svc")
    serial = agent.serial()
    status, health = until(
        lambda: next((h for h in [agent.health()] if h[1]["status"] != "ready"), None), 10, "degraded"
    )
    assert (status, health["status"]) == (200, "degraded")
    authority.start()
    agent.wait_for_certificate(other_than=serial, within=40)
    until(lambda: agent.health()[1]["status"] == "ready", 40, "health without a reservation")


# The agent by itself


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
