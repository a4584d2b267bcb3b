"""The authority takes notice when a certificate that it keeps itself is revoked, put on hold or released."""

import pytest

from harness.authority_api import CERTIFICATES
from harness.kept_folder import KeptFolder
from harness.waiting import until

SERVICES = [{"name": "user-svc"}, {"name": "ledger"}]


@pytest.fixture
def kept(start_authority, tmp_path):
    """An authority that looks after its certificates once a day unless something happens, and their folder."""
    folder = KeptFolder(tmp_path / "kept")
    profiles = {"default": {"ttl": "30d"}}
    authority = start_authority(services=SERVICES, profiles=profiles, sweep_interval="1d", cert_dir=str(folder.path))
    return authority, folder


def service(authority, name="user-svc"):
    return authority.admin.get("/health").document["services"][name]


def component(authority):
    return authority.admin.get("/health").document["components"]["provisioning"]


@pytest.mark.parametrize("reason", ["keyCompromise", "superseded", "unspecified"])
def test_revoked_certificate_is_replaced_at_once_by_one_for_another_key(kept, reason):
    authority, folder = kept
    before, key, other = folder.serial(), folder.key(), folder.serial("ledger")
    authority.revoke("user-svc", serial=folder.text_serial(), reason=reason).ok()
    folder.wait_for_certificate(other_than=before, within=15)
    authority.log.wait_for(
        lambda line: line.get("message") == "certificate is revoked" and line["reason"] == reason, 15, "the warning"
    )
    assert folder.key() != key and folder.serial("ledger") == other
    assert authority.state(folder.text_serial()) == "active"
    until(lambda: service(authority)["cert_serial"] == folder.text_serial(), 15, "the new one in health")
    assert service(authority)["cert_valid"] and component(authority) == {"status": "ok"}


def test_revoking_a_whole_service_replaces_what_is_kept(kept):
    authority, folder = kept
    before, key = folder.serial(), folder.key()
    authority.revoke("user-svc", reason="keyCompromise").ok()
    folder.wait_for_certificate(other_than=before, within=15)
    assert folder.key() != key


def test_what_was_revoked_before_a_restart_is_replaced_at_the_start(kept):
    authority, folder = kept
    before, other = folder.serial(), folder.serial("ledger")
    text = folder.text_serial()
    authority.stop()
    del authority.configuration["authority"]["cert_dir"]
    authority.write_configuration()
    authority.start()
    authority.revoke("user-svc", serial=text, reason="keyCompromise").ok()
    authority.stop()
    authority.configuration["authority"]["cert_dir"] = str(folder.path)
    authority.write_configuration()
    authority.start()
    assert folder.serial() != before and folder.serial("ledger") == other


def test_hold_is_shown_and_lasts_until_it_is_taken_back(kept):
    authority, folder = kept
    before = folder.serial()
    authority.revoke("user-svc", reason="certificateHold").ok()
    until(lambda: not service(authority)["cert_valid"], 15, "the hold in health")
    assert component(authority) == {"status": "degraded", "reason": "user-svc is on hold"}
    assert authority.metric("countersign_kept_certificates", state="held") == 1
    assert service(authority, "ledger")["cert_valid"]
    authority.admin.post(f"{CERTIFICATES}/user-svc/rotate", {}).ok(202)
    authority.kill()
    authority.start()
    assert folder.serial() == before and not service(authority)["cert_valid"]
    authority.revoke("user-svc", reason="removeFromCRL").ok()
    # The rotation that was asked for meanwhile is made up for.
    folder.wait_for_certificate(other_than=before, within=15)
    until(lambda: component(authority) == {"status": "ok"}, 15, "good health")
    assert authority.metric("countersign_kept_certificates", state="held") == 0


def test_release_leaves_the_certificate_in_place(kept):
    authority, folder = kept
    before = folder.serial()
    authority.revoke("user-svc", reason="certificateHold").ok()
    until(lambda: not service(authority)["cert_valid"], 15, "the hold in health")
    authority.revoke("user-svc", reason="removeFromCRL").ok()
    until(lambda: service(authority)["cert_valid"], 15, "the release in health")
    assert folder.serial() == before
