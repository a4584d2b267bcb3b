"""The admin API's documents: problems, pages, filters, and a line of the audit trail for every call."""

import datetime
import re

import pytest
from cryptography.hazmat.primitives import hashes

from harness.authority_api import ADMIN, CERTIFICATES
from harness.authority_holdings import csr
from harness.authority_process import SERVICES, AuthorityProcess
from harness.pki import ec_key
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    services = [{**service, "profile": "long"} if service["name"] == "billing" else service for service in SERVICES]
    process = AuthorityProcess(tmp_path_factory.mktemp("authority"), services=services).start()
    yield process
    process.stop()
    print(*process.raw_log[-40:], sep="\n")


@pytest.fixture(scope="module")
def inventory(authority):
    """Certificates in every state but expired, oldest first."""
    agent = authority.agent("user-svc", "billing")
    holders = [authority.issue("user-svc", agent) for _ in range(7)]
    holders += [authority.issue("billing", agent) for _ in range(3)]
    authority.revoke("user-svc", serial=holders[0].serial, reason="superseded").ok()
    authority.revoke("user-svc", serial=holders[1].serial, reason="certificateHold").ok()
    return holders


def serials(authority, path=CERTIFICATES, **query):
    return [record["serial"] for record in authority.admin.get(path, **query).ok()["certificates"]]


def test_list_is_newest_first_and_comes_in_pages(authority, inventory):
    expected = [holder.serial for holder in inventory[6::-1]]
    for limit in (1, 2, 3, 7, 1000):
        paged = authority.admin.pages(f"{CERTIFICATES}/user-svc", "certificates", limit=limit)
        assert [record["serial"] for record in paged] == expected
    page = authority.admin.get(f"{CERTIFICATES}/user-svc", limit=7).ok()
    assert len(page["certificates"]) == 7
    # What is issued between two pages is on neither twice.
    first = authority.admin.get(CERTIFICATES, limit=2).ok()
    authority.issue("user-svc", authority.agent("user-svc"))
    second = authority.admin.get(CERTIFICATES, limit=2, cursor=first["next_cursor"]).ok()
    assert not {r["serial"] for r in first["certificates"]} & {r["serial"] for r in second["certificates"]}


def test_filters_select(authority, inventory):
    assert serials(authority, service="user-svc", state="revoked") == [inventory[0].serial]
    assert serials(authority, f"{CERTIFICATES}/user-svc", state="held") == [inventory[1].serial]
    assert serials(authority, state="expired") == []
    assert set(serials(authority, service="billing", state="active")) == {holder.serial for holder in inventory[7:]}
    spiffe_id = inventory[8].issuance["spiffe_id"]
    assert set(serials(authority, spiffe_id=spiffe_id)) == {holder.serial for holder in inventory[7:]}
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert set(serials(authority, service="billing", expires_before=soon)) == set()
    assert inventory[2].serial in serials(authority, service="user-svc", expires_before=soon)
    assert serials(authority, service="nobody") == []
    authority.admin.get(f"{CERTIFICATES}/nobody").problem(404, "unknown_service")


def test_record_tells_what_the_certificate_says(authority, inventory):
    holder = inventory[8]
    record = authority.admin.get(f"{ADMIN}/security/serials/{holder.serial}").ok()
    assert record["certificate"] == holder.issuance["certificate"]
    assert record["fingerprint_sha256"] == holder.certificate.fingerprint(hashes.SHA256()).hex()
    assert record["not_after"] == holder.issuance["not_after"] and record["profile"] == "long"
    assert record["key_algorithm"] == "ECDSA P-256"
    assert record["requester"].startswith("agent/") and record["revocation"] is None
    assert record["issuer_key_id"] == authority.key_id
    # All but the time that is left, of which some has passed since.
    again = authority.admin.get(f"{ADMIN}/security/serials/{holder.serial.upper()}").ok()
    assert 0 < again.pop("remaining_seconds") <= record.pop("remaining_seconds")
    assert again == record
    assert "certificate" not in authority.admin.get(CERTIFICATES, limit=1).ok()["certificates"][0]


WRONG_QUERIES = [
    "limit=0",
    "limit=1001",
    "limit=x",
    "limit=",
    "cursor=-1",
    "cursor=x",
    "state=dead",
    "expires_before=tomorrow",
    "color=red",
    "state=active&state=held",
    "service=%ff",
    "service=" + "n" * 129,
    "spiffe_id=%",
]


@pytest.mark.parametrize("query", WRONG_QUERIES)
def test_query_of_the_wrong_form_is_refused(authority, query):
    detail = authority.admin.call("GET", f"{CERTIFICATES}?{query}").problem(400, "malformed_request")
    assert query.split("=")[0] in detail


@pytest.mark.parametrize("path", ["services", "services/user-svc", "agents", "tokens", "openapi.json"])
def test_query_of_a_call_that_has_none_is_refused(authority, path):
    authority.admin.get(f"{ADMIN}/{path}").ok()
    assert "color" in authority.admin.call("GET", f"{ADMIN}/{path}?color=red").problem(400, "malformed_request")


def test_parameter_that_a_call_does_not_know_is_refused_by_every_call(authority):
    """Each of the description, with content that would be taken: nothing is done but telling the parameter."""
    paths = authority.admin.get(f"{ADMIN}/openapi.json").ok()["paths"]
    before = authority.admin.get(f"{ADMIN}/services").ok(), authority.admin.get(f"{ADMIN}/tokens").ok()
    called = 0
    for path, operations in paths.items():
        for method in operations:
            told = authority.admin.call(
                method.upper(), re.sub(r"{\w+}", "user-svc", path) + "?color=red", {"name": "c"}
            )
            assert "color" in told.problem(400, "malformed_request"), (method, path)
            called += 1
    assert called >= 17
    assert before == (authority.admin.get(f"{ADMIN}/services").ok(), authority.admin.get(f"{ADMIN}/tokens").ok())


@pytest.mark.parametrize("path", ["/api/admin/x", "/api/", "/api/admin/services/a/b", "/api/admin/tokens/a/b"])
def test_path_that_is_not_there_is_a_problem(authority, path):
    authority.admin.get(path).problem(404, "not_found")


@pytest.mark.parametrize("path", ["%2e%2e", "a%2fb", "%00", "%ff", "%zz", ".."])
def test_path_that_could_be_read_in_two_ways_is_a_problem(authority, path):
    authority.admin.get(f"{ADMIN}/services/{path}").problem(400, "malformed_request")


def test_method_that_is_not_there_is_a_problem_that_names_those_that_are(authority):
    answer = authority.admin.call("PATCH", f"{ADMIN}/services")
    answer.problem(405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "document",
    [
        {"name": "t", "kind": "join"},
        {"name": "t", "kind": "join", "agent": "a", "role": "admin"},
        {"name": "t", "kind": "bearer"},
        {"name": "t", "kind": "bearer", "role": "service"},
        {"name": "t", "kind": "bearer", "role": "auditor", "agent": "a"},
        {"name": "t", "kind": "bearer", "role": "auditor", "ttl_seconds": 0},
        {"name": "t", "kind": "bearer", "role": "auditor", "ttl_seconds": 1.5},
        {"name": "t", "kind": "bearer", "role": "auditor", "ttl_seconds": None},
        {"name": "a/b", "kind": "bearer", "role": "auditor"},
        {"name": "..", "kind": "bearer", "role": "auditor"},
        {"name": "t", "kind": "other"},
        {"kind": "bearer", "role": "auditor"},
    ],
    ids=str,
)
def test_token_of_the_wrong_form_is_refused(authority, document):
    authority.admin.post(f"{ADMIN}/tokens", document).problem(400, "malformed_request")


def test_token_is_shown_once_and_its_name_is_taken(authority):
    document = {"name": "ci", "kind": "bearer", "role": "auditor", "ttl_seconds": 60}
    made = authority.admin.post(f"{ADMIN}/tokens", document).ok(201)
    assert made["token"].startswith("csb_") and len(made["token"]) == 4 + 64
    authority.admin.post(f"{ADMIN}/tokens", document).problem(409, "conflict")
    listed = authority.admin.get(f"{ADMIN}/tokens")
    assert made["token"] not in listed.body.decode()
    assert made["token"] not in "\n".join(authority.raw_log) + str(authority.audit())
    assert made["token"].encode() not in authority.database.read_bytes()
    entry = next(token for token in listed.ok()["tokens"] if token["name"] == "ci")
    assert (entry["role"], entry["creator"], entry["used_at"]) == ("auditor", "token/file", None)
    unknown = {"name": "x", "kind": "join", "agent": "x", "services": ["nobody"]}
    authority.admin.post(f"{ADMIN}/tokens", unknown).problem(404, "unknown_service")


@pytest.mark.parametrize(
    "document, hours",
    [
        ({"kind": "bearer", "role": "auditor"}, 90 * 24),
        ({"kind": "bearer", "role": "auditor", "ttl_seconds": 7200}, 2),
        ({"kind": "join", "agent": "a"}, 1),
    ],
    ids=["bearer", "bearer for a time", "join"],
)
def test_every_token_has_an_end(authority, document, hours):
    made = authority.admin.post(f"{ADMIN}/tokens", {"name": f"ends-{hours}", **document}).ok(201)
    created, expires = (datetime.datetime.fromisoformat(made[name]) for name in ("created_at", "expires_at"))
    assert expires - created == datetime.timedelta(hours=hours)


def test_last_token_of_an_administrator_is_removed_only_by_force(start_authority):
    authority = start_authority()
    admin = authority.admin
    removal = f"{ADMIN}/tokens/file"
    authority.bearer("operator")
    expiring = authority.bearer("admin", ttl_seconds=1)
    until(lambda: expiring.get(f"{ADMIN}/services").status == 401, 10, "the token's end")
    assert "last token" in admin.call("DELETE", removal).problem(409, "conflict")
    assert "last token" in admin.call("DELETE", f"{removal}?force=false").problem(409, "conflict")
    admin.call("DELETE", f"{removal}?force=yes").problem(400, "malformed_request")
    second = authority.bearer("admin", name="second")
    admin.call("DELETE", removal).ok(204)
    admin.get(f"{ADMIN}/services").problem(401, "unauthenticated")
    second.call("DELETE", f"{ADMIN}/tokens/second").problem(409, "conflict")
    second.call("DELETE", f"{ADMIN}/tokens/second?force=true").ok(204)
    second.get(f"{ADMIN}/services").problem(401, "unauthenticated")
    # The way out for who has the host.
    authority.stop()
    authority.token_file.unlink()
    authority.start()
    authority.admin.get(f"{ADMIN}/services").ok()


def test_last_token_is_removed_where_the_configuration_names_an_administrator(start_authority):
    administrators = [{"spiffe_id": "spiffe://link.internal/ns/default/sa/user-svc", "role": "admin"}]
    authority = start_authority(administrators=administrators)
    caller = authority.admin
    caller.call("DELETE", f"{ADMIN}/tokens/file").ok(204)
    caller.get(f"{ADMIN}/services").problem(401, "unauthenticated")


def test_files_that_hold_secrets_are_for_their_owner_alone(authority):
    for path in authority.database.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0, f"{path} has mode {path.stat().st_mode:o}"


def calls(authority):
    """Every call of the API that changes or shows something, with what the trail says of it."""
    certificates = f"{CERTIFICATES}/user-svc"
    return [
        ("GET", CERTIFICATES, None, 200, ("api.read", f"GET {CERTIFICATES}", "done")),
        ("GET", certificates, None, 200, ("api.read", f"GET {certificates}", "done")),
        ("GET", f"{CERTIFICATES}/nobody", None, 404, ("api.call", f"GET {CERTIFICATES}/nobody", "refused")),
        ("GET", f"{ADMIN}/security/serials/zz", None, 400, ("api.call", f"GET {ADMIN}/security/serials/zz", "refused")),
        ("GET", f"{ADMIN}/services", None, 200, ("api.read", f"GET {ADMIN}/services", "done")),
        ("GET", f"{ADMIN}/agents", None, 200, ("api.read", f"GET {ADMIN}/agents", "done")),
        ("GET", f"{ADMIN}/tokens", None, 200, ("api.read", f"GET {ADMIN}/tokens", "done")),
        ("POST", f"{certificates}/rotate", None, 202, ("certificate.rotate", "service/user-svc", "done")),
        (
            "POST",
            f"{CERTIFICATES}/nobody/rotate",
            None,
            404,
            ("api.call", f"POST {CERTIFICATES}/nobody/rotate", "refused"),
        ),
        (
            "POST",
            f"{certificates}/revoke",
            {"reason": "superseded"},
            200,
            ("certificate.revoke", "service/user-svc", "done"),
        ),
        ("POST", f"{certificates}/revoke", {}, 404, ("certificate.revoke", "service/user-svc", "refused")),
        ("POST", f"{ADMIN}/services", {"name": "fresh"}, 201, ("service.create", "fresh", "done")),
        ("POST", f"{ADMIN}/services", {"name": "fresh"}, 409, ("service.create", "fresh", "refused")),
        ("POST", f"{ADMIN}/services", {"name": 1}, 400, ("api.call", f"POST {ADMIN}/services", "refused")),
        ("PUT", f"{ADMIN}/services/fresh", {"owner": "me"}, 200, ("service.update", "fresh", "done")),
        ("DELETE", f"{ADMIN}/services/fresh", None, 204, ("service.delete", "fresh", "done")),
        ("DELETE", f"{ADMIN}/services/fresh", None, 404, ("service.delete", "fresh", "refused")),
        ("DELETE", f"{ADMIN}/agents/nobody", None, 404, ("agent.delete", "nobody", "refused")),
        ("DELETE", f"{ADMIN}/tokens/nobody", None, 404, ("token.delete", "nobody", "refused")),
    ]


def test_every_call_is_audited_with_actor_address_and_outcome(authority, inventory):
    admin = authority.bearer("admin", name="watched")
    for method, path, document, status, (action, target, outcome) in calls(authority):
        query = {"actor": "token/watched", "action": action, "target": target, "outcome": outcome}
        before = len(authority.audit(**query))
        answer = admin.call(method, path, document)
        assert answer.status == status, (method, path, answer.body)
        line = authority.audited(before + 1, **query)[0]
        assert line["address"] == "127.0.0.1" and line["date"]
        assert (line["detail"] != "") == (outcome != "done" or action == "certificate.revoke"), line


def test_refused_strangers_and_roles_are_audited(authority):
    authority.stranger.get(f"{ADMIN}/tokens").problem(401, "unauthenticated")
    line = authority.audited(1, actor="anonymous", target=f"GET {ADMIN}/tokens")[0]
    assert line["outcome"] == "refused" and "bearer token" in line["detail"]
    auditor = authority.bearer("auditor", name="curious")
    auditor.post(f"{ADMIN}/tokens", {"name": "x", "kind": "bearer", "role": "admin"}).problem(403, "forbidden")
    line = authority.audited(1, actor="token/curious", target=f"POST {ADMIN}/tokens")[0]
    assert line["outcome"] == "refused"


def test_trail_is_newest_first_in_pages_and_outlives_a_kill(start_authority):
    authority = start_authority()
    for number in range(5):
        authority.admin.post(f"{ADMIN}/services", {"name": f"svc-{number}"}).ok(201)
    whole = authority.audit(action="service.create")
    assert [line["target"] for line in whole] == [f"svc-{number}" for number in (4, 3, 2, 1, 0)]
    assert authority.admin.pages(f"{ADMIN}/audit", "audit", limit=2, action="service.create") == whole
    sequences = [line["sequence"] for line in whole]
    assert sequences == sorted(set(sequences), reverse=True)
    authority.kill()
    authority.start()
    assert authority.audit(action="service.create") == whole


def test_same_calls_are_made_on_the_native_listener_with_a_bearer_token(authority):
    caller = authority.native()
    caller.token = authority.admin.token
    assert caller.get(f"{ADMIN}/services").ok() == authority.admin.get(f"{ADMIN}/services").ok()
    caller.get("/api/admin/x").problem(404, "not_found")


def test_operator_may_have_certificates_issued_and_an_auditor_may_not(start_authority):
    administrators = [
        {"spiffe_id": f"spiffe://link.internal/ns/default/sa/{name}", "role": role}
        for name, role in (("ops", "operator"), ("audit", "auditor"))
    ]
    services = [{"name": name} for name in ("ops", "audit", "user-svc")]
    authority = start_authority(services=services, administrators=administrators)
    agent = authority.agent("ops", "audit")
    operator, auditor = (authority.native(authority.issue(name, agent)) for name in ("ops", "audit"))
    operator.post("/v1/issue", {"service": "user-svc"}).ok(201)
    operator.post("/v1/sign", {"service": "user-svc", "csr": csr(ec_key())}).ok(201)
    auditor.post("/v1/issue", {"service": "user-svc"}).problem(403, "forbidden")
    assert len(operator.get("/v1/services").ok()["services"]) == 3
