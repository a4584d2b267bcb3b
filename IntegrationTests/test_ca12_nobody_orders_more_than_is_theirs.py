"""What a caller may order gives nobody more power than they have: roles, profiles, keys, holds, names, and pace."""

import concurrent.futures

import pytest

from harness import cfssl
from harness.authority_api import ADMIN
from harness.authority_holdings import csr
from harness.authority_process import AuthorityProcess
from harness.pki import ec_key
from harness.ports import free_port
from harness.waiting import until

ADMINISTRATORS = [
    {"spiffe_id": "spiffe://link.internal/ns/default/sa/boss", "role": "admin"},
    {"spiffe_id": "spiffe://link.internal/ns/default/sa/oncall", "role": "operator"},
]
SERVICES = [{"name": "boss"}, {"name": "oncall"}, {"name": "user-svc"}, {"name": "built", "profile": "builds"}]
SECTION = {
    "administrators": ADMINISTRATORS,
    "profiles": {"default": {"ttl": "1h"}, "long": {"ttl": "30d"}, "builds": {"ttl": "1h", "auth_key": "build"}},
    "issuance_rate": 2,
}
CFSSL = {"auth_keys": {"build": {"key": cfssl.KEY}}, "allow_unauthenticated": True}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    listener = f"127.0.0.1:{free_port()}"
    section = {**SECTION, "cfssl": {"listen": listener, **CFSSL}}
    process = AuthorityProcess(tmp_path_factory.mktemp("authority"), services=SERVICES, **section).start()
    process.cfssl_url = f"http://{listener}"
    yield process
    process.stop()
    print(*process.raw_log[-40:], sep="\n")


@pytest.fixture(scope="module")
def callers(authority):
    agent = authority.agent("boss", "oncall", "user-svc")
    return {name: authority.native(authority.issue(name, agent)) for name in ("boss", "oncall", "user-svc")}


def sign(caller, service, **options):
    return caller.post("/v1/sign", {"service": service, "csr": csr(ec_key(), service), **options})


def test_operator_orders_for_services_and_operators_but_not_for_administrators(authority, callers):
    for service in ("user-svc", "oncall"):
        sign(callers["oncall"], service).ok(201)
    sign(callers["boss"], "boss").ok(201)
    sign(callers["oncall"], "boss").problem(403, "forbidden")
    callers["oncall"].post("/v1/issue", {"service": "boss"}).problem(403, "forbidden")
    path = f"{ADMIN}/security/certificates/boss/revoke"
    authority.bearer("operator").post(path, {"replace": True}).problem(403, "forbidden")
    sign(callers["boss"], "boss").ok(201)


def ask_cfssl(authority, service, profile=None, key=None):
    wanted = {"certificate_request": cfssl.signing_request(service), **({"profile": profile} if profile else {})}
    content = cfssl.authenticated(wanted, key) if key else wanted
    return cfssl.call(authority.cfssl_url, "authsign" if key else "sign", content)


def test_key_of_a_profile_is_good_for_the_services_of_that_profile_alone(authority):
    assert ask_cfssl(authority, "built", "builds", cfssl.KEY).envelope["success"]
    for service in ("user-svc", "boss"):
        assert not ask_cfssl(authority, service, "builds", cfssl.KEY).envelope["success"], service


def test_being_on_the_same_host_makes_nobody_an_administrator(authority):
    assert ask_cfssl(authority, "user-svc").envelope["success"]
    assert not ask_cfssl(authority, "boss").envelope["success"]


def test_profile_is_the_registered_one_unless_an_operator_chooses(callers):
    sign(callers["user-svc"], "user-svc", profile="default").ok(201)
    assert "another profile" in sign(callers["user-svc"], "user-svc", profile="long").problem(403, "forbidden")
    sign(callers["oncall"], "user-svc", profile="long").ok(201)


def test_service_may_suspend_itself_and_only_an_operator_releases_it(callers):
    serial = sign(callers["user-svc"], "user-svc").ok(201)["serial"]
    revocation = {"serial": serial, "reason": "certificateHold"}
    callers["user-svc"].post("/v1/revoke", revocation).ok()
    release = {"serial": serial, "reason": "removeFromCRL"}
    callers["user-svc"].post("/v1/revoke", release).problem(403, "forbidden")
    callers["oncall"].post("/v1/revoke", release).ok()


def test_who_joins_by_the_name_of_another_agent_takes_its_place(authority):
    former = authority.native(authority.agent("user-svc", name="host-x"))
    former.get("/v1/services").ok()
    current = authority.native(authority.agent("user-svc", name="host-x"))
    assert former.is_revoked()
    current.get("/v1/services").ok()


def test_removed_agent_stays_out_when_its_name_joins_again(authority):
    stolen = authority.native(authority.agent("user-svc", name="host-y"))
    assert authority.admin.call("DELETE", f"{ADMIN}/agents/host-y").status == 204
    assert stolen.is_revoked()
    rebuilt = authority.native(authority.agent("user-svc", name="host-y"))
    rebuilt.get("/v1/services").ok()
    assert stolen.is_revoked()


def test_service_that_orders_without_end_is_slowed_and_nobody_else(callers):
    """Two a second, and forty at once."""
    answers = [sign(callers["user-svc"], "user-svc")]
    # As many as it takes: while these are made, two more each second are allowed.
    while answers[-1].status == 201 and len(answers) < 400:
        answers.append(sign(callers["user-svc"], "user-svc"))
    assert len(answers) > 1
    answers[-1].problem(429, "rate_limited")
    assert [sign(callers["oncall"], "user-svc").status for _ in range(60)] == [201] * 60


def test_keys_that_take_long_to_make_hold_nobody_else_up(authority, callers):
    """One answer overtakes those that wait for their RSA keys."""
    order = {"service": "user-svc", "key_type": "rsa3072"}
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        slow = [pool.submit(callers["oncall"].post, "/v1/issue", order) for _ in range(6)]
        until(lambda: any(future.running() for future in slow), 10, "the orders being under way")
        callers["user-svc"].get("/v1/services/user-svc").ok()
        assert not all(future.done() for future in slow)
        assert {future.result().status for future in slow} == {201}
