"""Backup, loss, restore and reconciliation of the inventory: the drill of the documentation, and what is refused."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import documents
from harness.authority_api import ADMIN, CERTIFICATES
from harness.authority_holdings import crl_number, crl_serials, csr
from harness.authority_process import AuthorityProcess
from harness.inventory import Inventory, refused, refuses_to_start
from harness.tools import countersign

DOCUMENT = "backup-and-restore.md"


@pytest.fixture
def inventory(start_authority, tmp_path):
    return Inventory(start_authority(), tmp_path)


def feed(authority):
    return authority.native(authority.agent("user-svc")).get("/v1/revocations", after=0).ok()


def test_drill_of_the_documentation(start_authority, tmp_path):
    authority = start_authority()
    authority.stop()
    done = documents.follow(
        DOCUMENT,
        authority.directory,
        COUNTERSIGN_URL=f"http://127.0.0.1:{authority.admin_port}",
        COUNTERSIGN_TOKEN_FILE=str(authority.token_file),
        native=f"https://127.0.0.1:{authority.port}",
        database=str(authority.database),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    states = [line for line in done.stdout.splitlines() if line in ("revoked", "active", "held", "expired")]
    assert states == ["revoked", "revoked", "active", "active"], done.stdout
    assert "reconcile the store, which makes these changes again" in done.stderr
    assert "store.reconcile" in done.stdout


def test_every_message_of_the_documentation_is_one_that_the_program_has():
    rows = documents.first_cells(DOCUMENT)
    assert len(rows) >= 8
    sources = Path(__file__).parents[1] / "Sources" / "CountersignStore"
    text = " ".join(path.read_text() for path in sources.rglob("*.swift"))
    text = re.sub(r"\\\n\s+", "", text)
    for row in rows:
        for part in row.split("…"):
            assert part.strip(" :") in re.sub(r"\\\([^)]*\)", "…", text), row


def test_restored_inventory_serves_nobody_until_it_is_reconciled(inventory):
    authority = inventory.authority
    agent = authority.agent("user-svc", "billing")
    kept, early, late, held = (authority.issue("user-svc", agent) for _ in range(4))
    authority.revoke("user-svc", serial=early.serial, reason="superseded").ok()
    authority.bearer("auditor", name="gone")
    inventory.backup()

    after = authority.issue("billing", agent)
    authority.revoke("user-svc", serial=late.serial, reason="keyCompromise").ok()
    authority.revoke("user-svc", serial=held.serial, reason="certificateHold").ok()
    authority.admin.call("DELETE", f"{ADMIN}/tokens/gone").ok(204)
    used = authority.join_token("host-x", "user-svc")
    joined = authority.native().post("/v1/join", {"token": used, "csr": csr(agent.key, "host-x")})
    joined.ok(201)
    records = authority.admin.pages(CERTIFICATES, "certificates", limit=1000)
    number, before = crl_number(authority.crl()), feed(authority)
    authority.stop()

    restored = inventory.restore()
    assert restored.returncode == 0 and "countersign authority reconcile" in restored.stdout, restored.stderr
    for _ in range(2):
        refuses_to_start(authority, "the database is older than the issuance log", "countersign authority reconcile")
    done = inventory.reconcile("--json")
    assert done.returncode == 0, done.stderr
    again = inventory.reconcile()
    assert again.returncode == 0 and "0 certificates and 0 revocations were made again" in again.stdout

    authority.start()
    states = {record["serial"]: record["state"] for record in records}
    assert states[late.serial] == states[early.serial] == "revoked" and states[held.serial] == "held"
    for serial, state in states.items():
        assert authority.state(serial) == state, serial
    assert authority.state(kept.serial) == authority.state(after.serial) == "active"
    published = authority.crl()
    assert crl_number(published) > number
    assert {early.serial, late.serial, held.serial} <= crl_serials(published).keys()
    now = feed(authority)
    assert now["epoch"] == before["epoch"] and now["sequence"] >= before["sequence"]
    told = {entry["serial"]: entry["sequence"] for entry in now["entries"]}
    assert told.items() >= {entry["serial"]: entry["sequence"] for entry in before["entries"]}.items()
    authority.native().post("/v1/join", {"token": used, "csr": csr(agent.key, "host-x")}).problem(401, "invalid_token")
    assert "gone" not in [token["name"] for token in authority.admin.get(f"{ADMIN}/tokens").ok()["tokens"]]
    assert len(authority.audit(action="store.reconcile")) == 1


def test_nothing_is_to_be_reconciled_where_nothing_has_happened_since(inventory):
    authority = inventory.authority
    authority.issue("user-svc")
    authority.stop()
    inventory.backup()
    restored = inventory.restore()
    assert restored.returncode == 0 and "nothing has happened since" in restored.stdout
    authority.start()


def test_database_is_made_again_from_the_log_alone(inventory):
    authority = inventory.authority
    holders = [authority.issue("user-svc") for _ in range(3)]
    authority.revoke("user-svc", serial=holders[0].serial).ok()
    authority.kill()
    for path in authority.database.parent.glob(f"{authority.database.name}*"):
        if path.suffix != ".log":
            path.unlink()
    refuses_to_start(authority, "the database is older than the issuance log")
    assert inventory.reconcile().returncode == 0
    authority.start()
    assert [authority.state(holder.serial) for holder in holders] == ["revoked", "active", "active"]


def test_lost_log_is_given_up_only_when_told_so_and_no_number_is_used_twice(inventory):
    authority = inventory.authority
    early, late = authority.issue("user-svc"), authority.issue("user-svc")
    authority.revoke("user-svc", serial=early.serial).ok()
    inventory.backup()
    authority.revoke("user-svc", serial=late.serial).ok()
    number, before = crl_number(authority.crl()), feed(authority)
    authority.stop()
    inventory.log.rename(f"{inventory.log}.away")

    refused(inventory.restore(), inventory.log, "is missing", "bring it back")
    refuses_to_start(authority, "is missing", "--accept-lost-log")
    refused(inventory.reconcile(), "is missing", "--accept-lost-log")
    assert inventory.restore("--accept-lost-log").returncode == 0
    refuses_to_start(authority, "is missing")
    assert inventory.reconcile("--accept-lost-log").returncode == 0

    authority.start()
    assert (authority.state(early.serial), authority.state(late.serial)) == ("revoked", "active")
    assert crl_number(authority.crl()) > number + 999_000
    now = feed(authority)
    assert now["epoch"] != before["epoch"] and now["sequence"] > before["sequence"] + 999_000
    assert len(authority.audit(action="store.accept_lost_log")) == 1
    # The log that was lost is another one from now on.
    authority.stop()
    inventory.log.unlink()
    Path(f"{inventory.log}.away").rename(inventory.log)
    refuses_to_start(authority, "belongs to another store")


def test_altered_log_is_refused(inventory):
    authority = inventory.authority
    authority.issue("user-svc")
    inventory.backup()
    place = inventory.log.stat().st_size + 200
    for _ in range(3):
        authority.issue("user-svc")
    authority.stop()
    assert inventory.restore().returncode == 0
    content = bytearray(inventory.log.read_bytes())
    content[place] ^= 1
    inventory.log.write_bytes(content)
    refused(inventory.reconcile(), "was altered at byte")
    refuses_to_start(authority, "was altered at byte")
    content[place] ^= 1
    inventory.log.write_bytes(content)
    assert inventory.reconcile().returncode == 0
    authority.start()


def test_inventory_of_a_running_authority_is_not_replaced(inventory):
    authority = inventory.authority
    holder = authority.issue("user-svc")
    inventory.backup()
    refused(inventory.restore(), authority.database, "is in use by another process")
    refused(inventory.reconcile(), "is in use by another process")
    assert authority.state(holder.serial) == "active"
    authority.issue("user-svc")


def truncated(path, _):
    path.write_bytes(path.read_bytes()[:-8192])


def torn(path, _):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])


def overwritten(path, _):
    content = bytearray(path.read_bytes())
    content[20_000:40_000] = b"\xff" * 20_000
    path.write_bytes(content)


def empty(path, _):
    path.write_bytes(b"")


def of_another_kind(path, authority):
    shutil.copy(authority.path, path)


def of_another_program(path, _):
    path.unlink()
    subprocess.run(["python3", "-c", CREATE, str(path)], check=True)


def absent(path, _):
    path.unlink()


def a_folder(path, _):
    path.unlink()
    path.mkdir()


CREATE = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('CREATE TABLE t (x)'); d.commit()"
BAD_BACKUPS = [
    (truncated, "is damaged or cut short"),
    (torn, "is damaged or cut short"),
    (overwritten, "is damaged or cut short"),
    (empty, "is no inventory"),
    (of_another_kind, "is no inventory"),
    (of_another_program, "is no inventory"),
    (absent, "there is no file"),
    (a_folder, "cannot be used"),
]


@pytest.mark.parametrize("damage, words", BAD_BACKUPS, ids=lambda value: getattr(value, "__name__", None))
def test_bad_backup_replaces_nothing(inventory, damage, words):
    authority = inventory.authority
    holders = [authority.issue("user-svc") for _ in range(60)]
    inventory.backup()
    authority.stop()
    damage(inventory.backup_path, authority)
    before = authority.database.read_bytes()
    refused(inventory.restore(), words)
    assert authority.database.read_bytes() == before
    names = {path.name for path in authority.database.parent.iterdir()}
    assert not [name for name in names if "restored" in name or "partial" in name], names
    authority.start()
    assert authority.state(holders[0].serial) == "active"


def test_backup_of_another_authority_is_refused(inventory, tmp_path):
    other = AuthorityProcess(tmp_path / "other").start()
    try:
        assert countersign("authority", "backup", "--config", other.path, inventory.backup_path).returncode == 0
    finally:
        other.stop()
    inventory.authority.stop()
    refused(inventory.restore(), "is the backup of another store")
    inventory.authority.start()


def test_backup_overwrites_nothing_and_is_for_its_owner_alone(inventory):
    inventory.backup()
    assert inventory.backup_path.stat().st_mode & 0o777 == 0o600
    before = inventory.backup_path.read_bytes()
    refused(inventory.run("backup", inventory.backup_path), inventory.backup_path, "exists already")
    assert inventory.backup_path.read_bytes() == before
    refused(inventory.run("backup", "/nonexistent/inventory.db"), "/nonexistent")


def test_there_has_to_be_an_inventory(inventory):
    authority = inventory.authority
    authority.stop()
    for path in authority.database.parent.glob(f"{authority.database.name}*"):
        path.unlink()
    refused(inventory.run("backup", inventory.backup_path), "there is no inventory at", authority.database)
    refused(inventory.reconcile(), "there is no inventory at")
    assert not authority.database.exists()


def test_refused_configuration_ends_with_its_own_code(inventory):
    inventory.authority.stop()
    inventory.authority.path.write_text("authority: {}\n")
    for command in (["init"], ["backup", inventory.backup_path], ["restore", inventory.backup_path], ["reconcile"]):
        done = inventory.run(*command)
        assert done.returncode == 78 and "authority.yaml:1" in done.stderr, done.stderr


def test_backup_of_a_killed_authority_is_whole(inventory):
    authority = inventory.authority
    holders = [authority.issue("user-svc") for _ in range(5)]
    authority.kill()
    inventory.backup()
    authority.database.unlink()
    assert inventory.restore().returncode == 0
    assert inventory.reconcile().returncode == 0
    authority.start()
    assert {authority.state(holder.serial) for holder in holders} == {"active"}
