"""An inventory that is not in its place is an error; an empty one is made when asked for, and never over another."""

import json
import time

import pytest

from harness.authority_holdings import crl_number
from harness.authority_process import AuthorityProcess
from harness.inventory import Inventory, refused, refuses_to_start
from harness.waiting import until


@pytest.fixture
def inventory(start_authority, tmp_path):
    return Inventory(start_authority(), tmp_path)


def without_leave_to_make_one(authority):
    authority.configuration["authority"]["store"].pop("create", None)
    authority.write_configuration()
    return authority


def test_store_that_is_gone_is_no_new_beginning(inventory, tmp_path):
    """A volume that is not mounted: an empty inventory would take back every revocation."""
    authority = without_leave_to_make_one(inventory.authority)
    holder = authority.issue("user-svc")
    authority.revoke("user-svc", serial=holder.serial, reason="keyCompromise").ok()
    authority.stop()
    folder = authority.database.parent
    folder.rename(tmp_path / "away")
    folder.mkdir()
    for _ in range(2):
        refuses_to_start(authority, f"there is no inventory at {authority.database}", "countersign authority init")
    assert list(folder.iterdir()) == []
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    authority.start()
    assert authority.state(holder.serial) == "revoked"


def test_empty_inventory_is_made_when_asked_for_and_never_over_another(start_authority, tmp_path):
    authority = AuthorityProcess(tmp_path / "new")
    authority.database = tmp_path / "new" / "deep" / "inventory.db"
    authority.configuration["authority"]["store"] = {"sqlite": str(authority.database)}
    authority.write_configuration()
    inventory = Inventory(authority, tmp_path)
    refuses_to_start(authority, "there is no inventory at")
    done = inventory.run("init")
    assert done.returncode == 0 and done.stdout == f"an empty inventory is at {authority.database}\n", done.stderr
    refused(inventory.run("init"), authority.database, "already")
    authority.start()
    try:
        holder = authority.issue("user-svc")
        [line] = authority.audit(action="store.create")
        assert (line["actor"], line["outcome"]) == ("store", "done")
    finally:
        authority.stop()
    refused(inventory.run("init"), "already")
    authority.start()
    try:
        assert authority.state(holder.serial) == "active"
    finally:
        authority.stop()


def test_log_is_verified_from_its_first_record_to_its_last(inventory):
    authority = inventory.authority
    authority.issue("user-svc")
    refused(inventory.run("verify"), "in use by another process")
    authority.stop()
    whole = inventory.run("verify")
    assert whole.returncode == 0 and "is whole" in whole.stdout, whole.stderr
    assert json.loads(inventory.run("verify", "--json").stdout)["issued"] >= 2
    content = bytearray(inventory.log.read_bytes())
    content[len(content) // 2] ^= 1
    inventory.log.write_bytes(content)
    refused(inventory.run("verify"), "issuance log")


def test_one_that_is_made_at_the_start_is_told_loudly_and_numbers_never_go_back(inventory, tmp_path):
    authority = inventory.authority
    assert authority.configuration["authority"]["store"]["create"]
    new = "a new, empty inventory was made: nothing is revoked"
    authority.log.wait_for(lambda line: line.get("message") == new and line["level"] == "warning", 5, "the warning")
    first = crl_number(authority.crl())
    authority.stop()
    folder = authority.database.parent
    folder.rename(tmp_path / "away")
    folder.mkdir()
    until(lambda: time.time() > first + 1, 5, "a later second")
    authority.start()
    assert len(authority.audit(action="store.create")) == 1
    second = crl_number(authority.crl())
    authority.stop()
    folder.rename(tmp_path / "other")
    (tmp_path / "away").rename(folder)
    until(lambda: time.time() > second + 1, 5, "a later second")
    mark = len(authority.log.entries)
    authority.start()
    assert first < second < crl_number(authority.crl())
    assert not any(line.get("message") == new for line in authority.log.snapshot()[mark:])
