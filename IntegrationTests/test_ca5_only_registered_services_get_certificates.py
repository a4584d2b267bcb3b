"""The registry decides: who is not in it gets nothing, and nobody gets a name that is another's."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.authority_api import ADMIN
from harness.authority_holdings import csr
from harness.pki import ec_key

SERVICES = f"{ADMIN}/services"


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


@pytest.fixture(scope="module")
def agent(authority):
    return authority.native(authority.agent("user-svc", "billing"))


def refused(authority, target, count):
    lines = authority.audited(count, action="certificate.issue", target=target, outcome="refused")
    assert len(lines) == count
    return lines


def test_registered_service_gets_a_certificate_with_the_names_of_its_registration(authority, agent):
    issuance = agent.post("/v1/sign", {"service": "billing", "csr": csr(ec_key(), "billing")}).ok(201)
    record = authority.admin.get(f"{ADMIN}/security/serials/{issuance['serial']}").ok()
    assert record["spiffe_id"] == issuance["spiffe_id"] == "spiffe://link.internal/ns/default/sa/billing"
    assert record["names"] == ["billing", "billing.link.internal", "10.1.2.3"]
    assert (record["service"], record["state"], record["channel"]) == ("billing", "active", "native")


def test_service_that_is_not_registered_gets_nothing_and_the_attempt_is_audited(authority, agent):
    for path, document in (("sign", {"csr": csr(ec_key(), "nobody")}), ("issue", {})):
        agent.post(f"/v1/{path}", {"service": "nobody", **document}).problem(403, "forbidden")
    refused(authority, "service/nobody", 2)
    operator = authority.admin.get(f"{ADMIN}/services/nobody")
    assert "nobody" in operator.problem(404, "unknown_service")


def test_service_of_another_agent_is_refused_and_audited(authority, agent):
    answer = agent.post("/v1/sign", {"service": "api-gateway", "csr": csr(ec_key(), "api-gateway")})
    assert "api-gateway" in answer.problem(403, "forbidden")
    line = refused(authority, "service/api-gateway", 1)[0]
    assert line["actor"].startswith("agent/host-") and line["address"] == "127.0.0.1"


@pytest.mark.parametrize(
    "names",
    [
        {"dns": ["api-gateway.link.internal"]},
        {"dns": ["user-svc", "evil.example.com"]},
        {"dns": ["*.link.internal"]},
        {"uris": ["spiffe://link.internal/ns/default/sa/billing"]},
        {"uris": ["spiffe://other.internal/ns/default/sa/user-svc"]},
        {"name": "api-gateway"},
        {"names": [("O", "Somebody Else")]},
    ],
    ids=str,
)
def test_name_outside_the_registration_is_refused(authority, agent, names):
    before = len(authority.audit(action="certificate.issue", target="service/user-svc", outcome="refused"))
    name = names.pop("name", None)
    answer = agent.post("/v1/sign", {"service": "user-svc", "csr": csr(ec_key(), name, **names)})
    answer.problem(422, "name_not_allowed")
    refused(authority, "service/user-svc", before + 1)


def test_names_of_the_registration_may_be_asked_for(agent):
    request = csr(
        ec_key(),
        "user-svc",
        dns=["user-svc", "USER-SVC.link.internal"],
        uris=["spiffe://link.internal/ns/default/sa/user-svc"],
    )
    agent.post("/v1/sign", {"service": "user-svc", "csr": request}).ok(201)
    agent.post("/v1/issue", {"service": "user-svc", "dns_names": ["user-svc"]}).ok(201)
    answer = agent.post("/v1/issue", {"service": "user-svc", "dns_names": ["user-svc", "billing"]})
    assert "'billing'" in answer.problem(422, "name_not_allowed")


def test_service_is_registered_and_removed_while_the_authority_runs(authority):
    admin = authority.admin
    document = {"name": "search", "namespace": "edge", "dns_names": ["search.example.com"], "labels": {"tier": "2"}}
    service = admin.post(SERVICES, document).ok(201)
    assert service["spiffe_id"] == "spiffe://link.internal/ns/edge/sa/search"
    assert (service["origin"], service["profile"], service["dns_names"]) == ("api", "default", ["search.example.com"])
    agent = authority.native(authority.agent("search"))
    agent.post("/v1/sign", {"service": "search", "csr": csr(ec_key(), "search")}).ok(201)
    changed = admin.call("PUT", f"{SERVICES}/search", {"owner": "team", "dns_names": ["find.example.com"]}).ok()
    assert (changed["owner"], changed["namespace"]) == ("team", "default")
    issuance = agent.post("/v1/sign", {"service": "search", "csr": csr(ec_key(), "search")}).ok(201)
    assert issuance["spiffe_id"].endswith("/ns/default/sa/search")
    admin.call("DELETE", f"{SERVICES}/search").ok(204)
    agent.post("/v1/sign", {"service": "search", "csr": csr(ec_key(), "search")}).problem(404, "unknown_service")


def test_name_or_identity_of_another_service_is_a_conflict(authority):
    admin = authority.admin
    taken = [
        {"name": "user-svc"},
        {"name": "imitation", "spiffe_id": "spiffe://link.internal/ns/default/sa/billing"},
        {"name": "imitation", "dns_names": ["Billing.link.internal"]},
    ]
    for document in taken:
        admin.post(SERVICES, document).problem(409, "conflict")
    admin.get(f"{SERVICES}/imitation").problem(404, "unknown_service")
    authority.audited(2, target="imitation", outcome="refused")


def test_service_of_the_configuration_file_is_changed_there_alone(authority):
    for answer in (
        authority.admin.call("PUT", f"{SERVICES}/billing", {"owner": "me"}),
        authority.admin.call("DELETE", f"{SERVICES}/billing"),
    ):
        assert "configuration file" in answer.problem(409, "conflict")


@pytest.mark.parametrize(
    "document",
    [
        {"name": "a/b", "spiffe_id": "spiffe://link.internal/x"},
        {"name": "a\nb", "spiffe_id": "spiffe://link.internal/x"},
        {"name": ".."},
        {"name": ""},
        {"name": "n" * 64},
        {"name": "ok", "namespace": "a b"},
        {"name": "ok", "namespace": None},
        {"name": "ok", "spiffe_id": "spiffe://elsewhere/x"},
        {"name": "ok", "spiffe_id": "spiffe://link.internal"},
        {"name": "ok", "spiffe_id": "spiffe://link.internal/authority"},
        {"name": "ok", "spiffe_id": "spiffe://link.internal/agent/host-1"},
        {"name": "ok", "dns_names": ["not a name"]},
        {"name": "ok", "dns_names": "user-svc"},
        {"name": "ok", "ip_addresses": ["10.0.0.256"]},
        {"name": "ok", "labels": {"a": 1}},
        {"name": "ok", "labels": {str(n): "" for n in range(33)}},
        {"name": "ok", "owner": "o" * 257},
        {"name": "ok", "color": "red"},
    ],
    ids=lambda document: str(document)[:60],
)
def test_registration_that_cannot_be_is_refused_with_its_reason(authority, document):
    authority.admin.post(SERVICES, document).problem(400, "malformed_request")


def test_unknown_profile_is_refused(authority):
    detail = authority.admin.post(SERVICES, {"name": "ok", "profile": "eternal"}).problem(422, "unknown_profile")
    assert "default, long" in detail


def test_of_many_that_register_one_name_at_once_one_is_admitted(authority):
    def register(number):
        document = {"name": f"racer-{number}", "dns_names": ["racer.example.com"]}
        return authority.admin.post(SERVICES, document).status

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(register, range(20)))
    assert sorted(outcomes) == [201] + [409] * 19
    carriers = [s for s in authority.admin.get(SERVICES).ok()["services"] if "racer.example.com" in s["dns_names"]]
    assert len(carriers) == 1
    authority.admin.call("DELETE", f"{SERVICES}/{carriers[0]['name']}").ok(204)


def test_registrations_outlive_a_restart_and_the_file_decides_about_its_own(start_authority):
    authority = start_authority()
    authority.admin.post(SERVICES, {"name": "kept"}).ok(201)
    authority.stop()
    services = authority.configuration["authority"]["services"]
    services.remove(next(s for s in services if s["name"] == "billing"))
    services.append({"name": "added"})
    authority.write_configuration()
    authority.start()
    names = {s["name"]: s["origin"] for s in authority.admin.get(SERVICES).ok()["services"]}
    assert names == {
        "user-svc": "configuration",
        "api-gateway": "configuration",
        "added": "configuration",
        "kept": "api",
    }
    authority.stop()
    services.append({"name": "rival", "dns_names": ["kept.link.internal"]})
    authority.write_configuration()
    code, said = authority.refusal()
    assert code != 0 and "'kept'" in said and "'rival'" in said
