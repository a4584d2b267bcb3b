"""SIGKILL at random moments while clients issue and revoke: what anybody was told is there after each restart."""

import os
import random
import time

import pytest
from cryptography.hazmat.primitives import hashes

from harness.authority_api import ADMIN, CERTIFICATES
from harness.authority_holdings import crl_number, crl_serials
from harness.issuance_load import IssuanceLoad
from harness.waiting import until

SERVICE = "user-svc"
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)


def test_a_few_kills(start_authority):
    print(survive(start_authority, kills=4))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_fifty_kills(start_authority):
    print(survive(start_authority, kills=50))


def a_certificate(load):
    load.held["7f" * 20] = "00" * 32


def a_revocation(load):
    load.revoked[next(iter(load.held))] = 1


def a_list(load):
    load.lists[1 << 40] = "00" * 32


@pytest.mark.parametrize(
    "lose, words",
    [(a_certificate, "not in the inventory"), (a_revocation, "good again"), (a_list, "went back")],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_loss_would_be_seen(shared_authority, lose, words):
    load = IssuanceLoad(shared_authority, SERVICE)
    holder = shared_authority.issue(SERVICE)
    load.held[holder.serial] = holder.certificate.fingerprint(hashes.SHA256()).hex()
    epoch = feed(shared_authority)["epoch"]
    compare(shared_authority, load, epoch)
    lose(load)
    with pytest.raises(AssertionError, match=words):
        compare(shared_authority, load, epoch)


def survive(start_authority, kills):
    """Kills the authority so often, compares after each start, and answers the figures."""
    chance = random.Random(SEED)
    authority = start_authority()
    epoch = feed(authority)["epoch"]
    early, restarts = 0, []
    with IssuanceLoad(authority, SERVICE) as load:
        load.resume()
        for number in range(kills):
            wait_for_work(load)
            time.sleep(chance.uniform(0, 1))  # Any moment will do, and none is to be preferred.
            load.pause()
            authority.kill()
            if number % 5 == 3:
                # Once more while it starts.
                authority.spawn()
                time.sleep(chance.uniform(0, 0.3))
                authority.kill()
                early += 1
            begun = time.monotonic()
            authority.start()
            restarts.append(time.monotonic() - begun)
            assert not load.failures, f"{load.failures} (seed {SEED})"
            compare(authority, load, epoch)
            load.resume()
    assert not load.failures, f"{load.failures} (seed {SEED})"
    compare(authority, load, epoch)
    assert load.unanswered >= kills, "the kills interrupted nobody"
    done = {"action": "certificate.revoke", "outcome": "done", "target": None}
    trail = authority.admin.pages(f"{ADMIN}/audit", "audit", limit=1000, **done)
    assert len(trail) >= len(load.revoked), f"the trail lacks revocations (seed {SEED})"
    return (
        f"{kills} kills and {early} during a start, {len(load.held)} certificates held, {len(load.revoked)} revocations"
        f" answered, {len(load.lists)} lists, {load.unanswered} calls interrupted, slowest restart {max(restarts):.2f}"
        f" s, {len(trail)} lines of the trail, seed {SEED}"
    )


def wait_for_work(load):
    """Waits for certificates and revocations of this life of the process, so that its kill interrupts something."""
    issued, revoked = len(load.held), len(load.revoked)
    until(lambda: len(load.held) > issued + 5 or load.failures, 20, "more certificates")
    until(lambda: len(load.revoked) > revoked or load.failures, 20, "more revocations")


def compare(authority, load, epoch):
    """Everything that any client was told is what the authority says now."""
    held, revoked, lists = load.snapshot()
    records = authority.admin.pages(f"{CERTIFICATES}/{SERVICE}", "certificates", limit=1000)
    inventory = {record["serial"]: record for record in records}
    assert len(inventory) == len(records), f"a serial number is in the inventory twice (seed {SEED})"
    lost = [serial for serial in held if serial not in inventory]
    assert not lost, f"{len(lost)} of {len(held)} certificates are not in the inventory: {lost[:3]} (seed {SEED})"
    altered = [serial for serial, digest in held.items() if inventory[serial]["fingerprint_sha256"] != digest]
    assert not altered, f"certificates with another's record: {altered[:3]} (seed {SEED})"
    good_again = [serial for serial in revoked if inventory[serial]["state"] != "revoked"]
    assert not good_again, f"revoked certificates are good again: {good_again[:3]} (seed {SEED})"

    told = feed(authority)
    assert told["epoch"] == epoch
    sequences = {entry["serial"]: entry["sequence"] for entry in told["entries"]}
    assert len(set(sequences.values())) == len(told["entries"]), f"a sequence was used twice (seed {SEED})"
    assert sequences.items() >= revoked.items(), f"the feed lacks revocations or has moved them (seed {SEED})"

    published = authority.crl()
    assert crl_number(published) >= max(lists, default=0), f"the number of the list went back (seed {SEED})"
    missing = revoked.keys() - crl_serials(published).keys()
    assert not missing, f"the list lacks {len(missing)} revocations (seed {SEED})"


def feed(authority):
    return authority.native(authority.agent(SERVICE)).get("/v1/revocations", after=0).ok()
