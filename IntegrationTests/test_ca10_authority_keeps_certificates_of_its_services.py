"""The authority provisions registered services in a folder of its own, and keeps what is there valid."""

import datetime
import random
import resource
import threading

import pytest

from harness.agent import Agent
from harness.authority_api import ADMIN, CERTIFICATES
from harness.kept_folder import KeptFolder
from harness.tools import run
from harness.waiting import until

SERVICES = [{"name": "user-svc"}, {"name": "ledger", "profile": "long"}, {"name": "own-key", "provision": False}]
KEPT = ("user-svc", "ledger")
# The shortest that there are, renewed twice a second.
QUICK = {"default": {"ttl": "10s", "renew_at": 0.05}, "long": {"ttl": "90d", "renew_before": "14d"}}


@pytest.fixture
def start(start_authority, tmp_path):
    """Starts an authority that keeps certificates; answers it and its folder."""

    def start(**options):
        folder = tmp_path / "kept"
        settings = {"services": SERVICES, "sweep_interval": "1s", "cert_dir": str(folder), **options}
        settings.setdefault("profiles", {"default": {"ttl": "1h"}, "long": QUICK["long"]})
        return start_authority(**settings), KeptFolder(folder)

    return start


def recorded(authority, service):
    return {int(entry["serial"], 16) for entry in authority.certificates(service=service)}


def test_every_service_is_provisioned_before_the_authority_is_ready(start):
    authority, folder = start()
    for service in KEPT:
        assert folder.serial(service) in recorded(authority, service)
        assert folder.file(f"{service}/key.pem").stat().st_mode & 0o777 == 0o600
        chain = folder.file(f"{service}/cert.pem")
        done = run("openssl", "verify", "-x509_strict", "-CAfile", folder.file("ca.pem"), "-untrusted", chain, chain)
        assert done.returncode == 0, done.stderr
    assert {entry["channel"] for entry in authority.certificates(service="user-svc")} == {"provisioning"}
    assert folder.file("ca.pem").read_text() == authority.hierarchy.root.pem
    assert authority.metric("mtls_cert_rotations_total", service="ledger", result="success") == 1


def test_service_that_keeps_its_own_key_gets_none(start):
    authority, folder = start()
    assert folder.certificate("own-key") is None and recorded(authority, "own-key") == set()


def test_without_a_folder_nothing_is_provisioned(start_authority):
    authority = start_authority(services=SERVICES, profiles=QUICK)
    assert all(recorded(authority, service) == set() for service in KEPT)


def test_service_that_is_registered_later_is_taken_in(start):
    authority, folder = start()
    authority.admin.post(f"{ADMIN}/services", {"name": "later"}).ok(201)
    assert folder.wait_for_certificate("later") in recorded(authority, "later")
    authority.admin.call("DELETE", f"{ADMIN}/services/later").ok(204)
    until(lambda: "later" not in authority.admin.get("/health").body.decode(), 15, "the service being let go")
    assert folder.certificate("later"), "files of a service that is gone stay"


def test_restart_takes_up_what_is_there(start):
    authority, folder = start()
    before = {service: folder.serial(service) for service in KEPT}
    authority.stop()
    authority.start()
    assert {service: folder.serial(service) for service in KEPT} == before
    assert all(len(recorded(authority, service)) == 1 for service in KEPT)


def test_days_until_expiry_are_told_after_a_restart_as_before(start):
    authority, _ = start()
    authority.issue("own-key")
    days = {name: authority.metric("mtls_cert_days_until_expiry", service=name) for name in (*KEPT, "own-key")}
    assert days["ledger"] > 1 and all(0 < days[name] < 0.05 for name in ("user-svc", "own-key"))
    authority.kill()
    authority.start()
    for name, before in days.items():
        assert before - 0.01 < authority.metric("mtls_cert_days_until_expiry", service=name) <= before


def test_certificates_are_renewed_in_time_and_their_predecessors_stay_good(start):
    authority, folder = start(profiles=QUICK)
    serials = [folder.serial()]
    for _ in range(3):
        serials.append(folder.wait_for_certificate(other_than=serials[-1]))
    states = {int(entry["serial"], 16): entry["state"] for entry in authority.certificates(service="user-svc")}
    assert [states[serial] for serial in serials[-2:]] == ["active", "active"]
    assert len(recorded(authority, "ledger")) == 1


def test_what_ended_while_the_authority_was_down_is_renewed_at_its_start(start):
    authority, folder = start(profiles={**QUICK, "default": {"ttl": "10s"}})
    certificate = folder.certificate()
    authority.kill()
    end = certificate.not_valid_after_utc + datetime.timedelta(seconds=1)
    until(lambda: datetime.datetime.now(datetime.timezone.utc) > end, 20, "its end")
    authority.start()
    assert folder.serial() != certificate.serial_number
    authority.log.wait_for(
        lambda line: line.get("message") == "a certificate has expired and is renewed", 5, "the warning"
    )


def test_rotation_by_hand_is_done_at_once_for_that_service_alone(start):
    authority, folder = start()
    serial, other = folder.serial(), folder.serial("ledger")
    authority.admin.post(f"{CERTIFICATES}/user-svc/rotate", {}).ok(202)
    folder.wait_for_certificate(other_than=serial)
    assert folder.serial("ledger") == other
    authority.admin.post(f"{CERTIFICATES}/nobody/rotate", {}).problem(404, "unknown_service")


def test_full_disk_is_told_and_survived(start):
    authority, folder = start(profiles=QUICK)
    authority.admin.post(f"{CERTIFICATES}/ledger/rotate", {}).ok(202)
    resource.prlimit(authority.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    line = authority.log.wait_for(
        lambda line: line.get("message") == "certificate not renewed" and line.get("service") == "user-svc",
        15,
        "a failure",
    )
    assert line["reason"]
    serial = folder.serial()
    health = authority.admin.get("/health")
    assert health.status == 200 and "provisioning" in health.body.decode() and "user-svc" in health.body.decode()
    assert component(authority, "store")["status"] == "degraded"
    resource.prlimit(authority.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    folder.wait_for_certificate(other_than=serial, within=45)
    assert component(authority, "store") == {"status": "ok"}


def component(authority, name):
    return authority.admin.get("/health").document["components"][name]


def test_killed_at_any_moment_it_leaves_whole_pairs_that_are_all_recorded(start):
    authority, folder = start(profiles=QUICK)
    moments, pause, seen = random.Random(815), threading.Event(), set()
    for _ in range(6):
        serial = folder.serial()
        seen.add(folder.wait_for_certificate(other_than=serial))
        # Not for an event: the point is a moment that nobody chose.
        pause.wait(moments.uniform(0, 0.4))
        authority.kill()
        seen.add(folder.serial())
        authority.start()
    assert seen <= recorded(authority, "user-svc")


def test_folder_of_an_agent_is_left_to_the_agent(start, start_authority, tmp_path):
    authority = start_authority(services=SERVICES, profiles=QUICK)
    agent = Agent(tmp_path / "agent", authority, ["user-svc"], token=authority.join_token("host-1", "user-svc")).start()
    try:
        agent.wait_until_ready()
        authority.stop()
        authority.configuration["authority"]["cert_dir"] = str(agent.certificates)
        authority.write_configuration()
        status, reason = authority.refusal()
        assert status != 0 and "another agent" in reason
    finally:
        agent.stop()
