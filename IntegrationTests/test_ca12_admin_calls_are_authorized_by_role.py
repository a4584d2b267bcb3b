"""Who may make which call of the admin API: each role and each kind of caller, allowed and denied."""

import http.client
import socket

import pytest

from harness.authority_api import ADMIN, API, CERTIFICATES
from harness.authority_process import AuthorityProcess
from harness.waiting import until

ADMINISTRATORS = [
    {"spiffe_id": "spiffe://link.internal/ns/default/sa/ops", "role": "admin"},
    {"spiffe_id": "spiffe://link.internal/ns/default/sa/oncall", "role": "operator"},
    {"spiffe_id": "spiffe://link.internal/ns/default/sa/audit"},
]
SERVICES = [{"name": name} for name in ("ops", "oncall", "audit", "user-svc", "billing")]

READS = [
    ("GET", CERTIFICATES),
    ("GET", f"{CERTIFICATES}/user-svc"),
    ("GET", f"{ADMIN}/security/serials/00"),
    ("GET", f"{ADMIN}/services"),
    ("GET", f"{ADMIN}/services/user-svc"),
    ("GET", f"{ADMIN}/agents"),
    ("GET", f"{ADMIN}/tokens"),
    ("GET", f"{ADMIN}/audit"),
]
OPERATIONS = [("POST", f"{CERTIFICATES}/user-svc/{verb}") for verb in ("rotate", "revoke", "sign")]
ADMINISTRATION = [
    ("POST", f"{ADMIN}/services"),
    ("PUT", f"{ADMIN}/services/somebody"),
    ("DELETE", f"{ADMIN}/services/somebody"),
    ("DELETE", f"{ADMIN}/agents/somebody"),
    ("POST", f"{ADMIN}/tokens"),
    ("DELETE", f"{ADMIN}/tokens/somebody"),
]
CALLS = READS + OPERATIONS + ADMINISTRATION
MAY = {"admin": CALLS, "operator": READS + OPERATIONS, "auditor": READS}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authority")
    process = AuthorityProcess(folder, services=SERVICES, administrators=ADMINISTRATORS).start()
    yield process
    process.stop()
    print(*process.raw_log[-40:], sep="\n")


@pytest.fixture(scope="module")
def callers(authority):
    """Each role by bearer token on the admin listener, and by certificate on the native one."""
    agent = authority.agent(*(service["name"] for service in SERVICES))
    holders = {service["name"]: authority.issue(service["name"], agent) for service in SERVICES}
    bearers = {f"{role} token": authority.bearer(role) for role in MAY}
    certified = {
        "admin certificate": authority.native(holders["ops"]),
        "operator certificate": authority.native(holders["oncall"]),
        "auditor certificate": authority.native(holders["audit"]),
    }
    return {
        **bearers,
        **certified,
        "other service certificate": authority.native(holders["billing"]),
        "agent certificate": authority.native(agent),
        "nobody": authority.stranger,
        "nobody on the native listener": authority.native(),
    }


def outcome(api, method, path):
    """Whether the caller may: what comes after permission was given does not matter here."""
    answer = api.call(method, path, {} if method in ("POST", "PUT") else None)
    if answer.status in (401, 403, 429):
        answer.problem(answer.status, answer.document["code"])
    return answer.status


@pytest.mark.parametrize("kind", ["token", "certificate"])
@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_role_decides(callers, role, kind, call):
    status = outcome(callers[f"{role} {kind}"], *call)
    if call in MAY[role]:
        assert status in (200, 201, 202, 204, 400, 404), status
    else:
        assert status == 403


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_service_may_operate_its_own_certificates_and_nothing_else(authority, callers, call):
    # A certificate for this call alone: to be revoked is one of the things that it may ask for.
    own = outcome(authority.native(authority.issue("user-svc")), *call)
    if call in OPERATIONS:
        assert own in (200, 202, 400, 404), own
    else:
        assert own == 403
    assert outcome(callers["other service certificate"], *call) == 403
    assert outcome(callers["agent certificate"], *call) == 403


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_nobody_may_do_nothing(authority, callers, call):
    assert outcome(callers["nobody on the native listener"], *call) in (401, 429)
    assert outcome(callers["nobody"], *call) in (401, 429)


def test_health_and_metrics_and_the_description_are_for_everybody(authority):
    for path in ("/health", "/health/live", "/health/ready", "/metrics", f"{ADMIN}/openapi.json"):
        assert authority.stranger.get(path).status == 200


def test_certificate_of_another_hierarchy_is_no_identity(authority, tmp_path_factory):
    with_own = AuthorityProcess(tmp_path_factory.mktemp("stranger"), services=SERVICES, administrators=ADMINISTRATORS)
    with_own.start()
    try:
        impostor = with_own.issue("ops")
        with_own.native(impostor).get(f"{ADMIN}/services").ok()
        foreign = authority.native(impostor)
        try:
            foreign.get(f"{ADMIN}/services").problem(401, "unauthenticated")
        except OSError:
            pass  # Refused in the handshake.
    finally:
        with_own.stop()


def refusal_by_token(caller):
    """The refusal of a caller's token; none while others have failed too often."""
    answer = caller.get(f"{ADMIN}/services")
    assert answer.status in (401, 429), answer
    return answer if answer.status == 401 else None


def test_removed_and_expired_tokens_are_worth_nothing(authority):
    removed = authority.bearer("admin", name="removed")
    removed.get(f"{ADMIN}/services").ok()
    authority.admin.call("DELETE", f"{ADMIN}/tokens/removed").ok(204)
    refused = until(lambda: refusal_by_token(removed), 10, "the refusal, once the limit of failures lets it be told")
    refused.problem(401, "unauthenticated")
    expiring = authority.bearer("admin", ttl_seconds=1)
    until(lambda: expiring.get(f"{ADMIN}/services").status == 401, 10, "the token's end")


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer x", "bearer csb_" + "0" * 64, "Basic dXNlcjpwYXNz", "csb_0", "Bearer \u00ff", ""],
    ids=repr,
)
def test_credentials_of_the_wrong_form_are_refused(start_authority, authority, value):
    answer = authority.stranger.call("GET", f"{ADMIN}/services", Authorization=value.encode("latin-1"))
    assert answer.status in (401, 429)
    if answer.status == 401:
        answer.problem(401, "unauthenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="countersign"'
        credential = value.partition(" ")[2]
        assert len(credential) < 2 or credential not in answer.document["detail"]


def test_scheme_is_read_in_any_case(authority):
    token = authority.admin.token
    assert authority.stranger.call("GET", f"{ADMIN}/services", Authorization=f"BEARER {token}").status == 200


def test_bad_token_is_not_made_good_by_a_certificate(callers):
    caller = callers["admin certificate"]
    assert caller.call("GET", f"{ADMIN}/services", Authorization="Bearer wrong").status in (401, 429)


def test_failures_are_limited_and_good_credentials_are_not_held_up(start_authority):
    authority = start_authority()
    guess = API(authority.admin_port, token="csb_" + "1" * 64)
    admin = authority.admin
    before = len(authority.audit(action="api.call"))
    statuses = [guess.get(f"{ADMIN}/services").status for _ in range(60)]
    # Each second allows one failure more, which is why these bounds leave some room.
    assert statuses[:20] == [401] * 20 and statuses.count(429) >= 30
    limited = until(lambda: (a := guess.get(f"{ADMIN}/services")).status == 429 and a, 10, "a limited answer")
    limited.problem(429, "rate_limited")
    assert limited.headers["retry-after"] == "1"
    for _ in range(50):
        admin.get(f"{ADMIN}/services").ok()
    # The trail holds the refusals that were within the limit, and a stranger cannot fill it with more.
    refused = until(lambda: max(0, len(authority.audit(action="api.call")) - before - 19), 10, "the refusals' lines")
    assert refused <= 15, refused
    assert authority.metric("mtls_auth_failure_total", reason="rate_limited") >= 30
    until(lambda: guess.get(f"{ADMIN}/services").status == 401, 10, "the limit's end")


def test_successful_calls_are_not_counted_as_failures(start_authority):
    authority = start_authority()
    admin = authority.admin
    assert {admin.get(f"{ADMIN}/services").status for _ in range(100)} == {200}
    authority.stranger.get(f"{ADMIN}/services").problem(401, "unauthenticated")


def test_token_that_crosses_the_network_without_tls_is_refused(start_authority):
    authority = start_authority()
    token = authority.token_file.read_text().strip()
    authority.stop()
    authority.configuration["admin"]["listen"] = f"0.0.0.0:{authority.admin_port}"
    authority.write_configuration()
    authority.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        address = probe.getsockname()[0]
    for host, status in [("127.0.0.1", 200), (address, 401)]:
        connection = http.client.HTTPConnection(host, authority.admin_port, timeout=10)
        connection.request("GET", f"{ADMIN}/tokens", headers={"Authorization": f"Bearer {token}"})
        assert connection.getresponse().status == status, host
        connection.close()
