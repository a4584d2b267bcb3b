"""A join token admits one agent, once, whatever comes at the same time."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.authority_api import ADMIN
from harness.authority_holdings import csr
from harness.pki import ec_key
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


def join(authority, token, name="host", key=None):
    return authority.native().post("/v1/join", {"token": token, "csr": csr(key or ec_key(), name)})


def tokens(authority):
    return {token["name"]: token for token in authority.admin.get(f"{ADMIN}/tokens").ok()["tokens"]}


def test_agent_joins_and_may_have_the_certificates_of_its_services(authority):
    holder = authority.agent("user-svc", "api-gateway", name="first")
    assert holder.issuance["spiffe_id"] == "spiffe://link.internal/agent/first"
    assert holder.issuance["service"] is None
    services = authority.native(holder).get("/v1/services").ok()["services"]
    assert [service["name"] for service in services] == ["api-gateway", "user-svc"]
    assert services[0]["rotation_requested_at"] is None
    agents = {agent["name"]: agent for agent in authority.admin.get(f"{ADMIN}/agents").ok()["agents"]}
    assert agents["first"]["services"] == ["user-svc", "api-gateway"]


def test_agent_renews_with_its_own_certificate(authority):
    holder = authority.agent("user-svc", name="renewing")
    key = ec_key()
    issuance = authority.native(holder).post("/v1/renew", {"csr": csr(key, "renewing")}).ok(201)
    renewed = authority.holder(issuance, key)
    assert issuance["spiffe_id"] == holder.issuance["spiffe_id"]
    authority.native(renewed).get("/v1/services/user-svc").ok()
    authority.native(renewed).post("/v1/renew", {"csr": csr(ec_key(), "first")}).problem(422, "name_not_allowed")


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


def test_of_twenty_that_show_one_token_at_once_one_is_admitted(authority):
    token = authority.join_token("raced", "user-svc")
    before = authority.metric("mtls_cert_issuances_total", result="success")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: join(authority, token, "raced"), range(20)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses.count(201) == 1 and set(statuses) <= {201, 401, 429}, statuses
    assert authority.metric("mtls_cert_issuances_total", result="success") == before + 1
    query = {"spiffe_id": "spiffe://link.internal/agent/raced"}
    assert len(authority.admin.pages(f"{ADMIN}/security/certificates", "certificates", **query)) == 1


def test_removed_agent_has_to_join_again(start_authority):
    authority = start_authority()
    holder = authority.agent("user-svc", name="gone")
    caller = authority.native(holder)
    caller.get("/v1/services/user-svc").ok()
    authority.admin.call("DELETE", f"{ADMIN}/agents/gone").ok(204)
    caller.get("/v1/services/user-svc").problem(404, "unknown_service")
    caller.post("/v1/sign", {"service": "user-svc", "csr": csr(ec_key())}).problem(403, "forbidden")
    caller.post("/v1/renew", {"csr": csr(ec_key(), "gone")}).problem(403, "forbidden")
    again = authority.agent("user-svc", name="gone")
    authority.native(again).get("/v1/services/user-svc").ok()


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
