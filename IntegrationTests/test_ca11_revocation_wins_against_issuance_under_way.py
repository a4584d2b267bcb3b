"""Revocation and issuance at the same time: a stolen certificate or key leaves nothing in force."""

import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.authority_api import ADMIN
from harness.authority_holdings import csr
from harness.pki import ec_key

THIEVES = 6
ROUNDS = 3


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


class Thieves:
    """Several connections that have certificates made, as fast as they can, until the authority will not."""

    def __init__(self, authority, holder, path, document):
        self.authority, self.holder, self.path, self.document = authority, holder, path, document
        self.serials, self.refusals = [], []
        self.busy = threading.Barrier(THIEVES + 1)

    def __enter__(self):
        self.pool = ThreadPoolExecutor(THIEVES)
        self.loops = [self.pool.submit(self._steal) for _ in range(THIEVES)]
        self.busy.wait()
        return self

    def __exit__(self, *_):
        for loop in self.loops:
            loop.result()
        self.pool.shutdown()

    def _steal(self):
        api = self.authority.native(self.holder)
        for number in range(2000):
            try:
                answer = api.post(self.path, self.document)
            except ssl.SSLError as refused:
                # Each call is a connection of its own.
                assert "CERTIFICATE_REVOKED" in str(refused)
                return
            if number == 2:
                self.busy.wait()
            if answer.status != 201:
                self.refusals.append(answer)
                return
            self.serials.append(answer.document["serial"])
        raise AssertionError("the authority never refused")


def in_force(authority, serials):
    return [serial for serial in serials if authority.state(serial) == "active"]


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_stolen_certificate_leaves_nothing_in_force(authority, attempt):
    agent = authority.agent("user-svc")
    stolen = authority.issue("user-svc", agent)
    with Thieves(authority, stolen, "/v1/issue", {"service": "user-svc"}) as thieves:
        authority.revoke("user-svc", reason="privilegeWithdrawn").ok()
    assert len(thieves.serials) >= 3 * THIEVES and in_force(authority, [stolen.serial, *thieves.serials]) == []
    for refusal in thieves.refusals:
        refusal.problem(401, "unauthenticated")
    # Others who may have the service's certificates still do.
    assert authority.state(authority.issue("user-svc", agent).serial) == "active"


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_compromised_key_has_no_certificate_in_force(authority, attempt):
    agent = authority.agent("user-svc")
    request = {"service": "user-svc", "csr": csr(ec_key(), "user-svc")}
    bystander = authority.issue("user-svc", agent)
    named = authority.native(agent).post("/v1/sign", request).ok(201)["serial"]
    with Thieves(authority, agent, "/v1/sign", request) as thieves:
        authority.revoke("user-svc", serial=named, reason="keyCompromise").ok()
    assert len(thieves.serials) >= 3 * THIEVES and in_force(authority, [named, *thieves.serials]) == []
    assert {refusal.status for refusal in thieves.refusals} == {422}
    assert authority.state(bystander.serial) == "active"


def test_removed_agent_has_nothing_made_any_more(authority):
    agent = authority.agent("user-svc", name="stolen-host")
    with Thieves(authority, agent, "/v1/issue", {"service": "user-svc"}) as thieves:
        authority.admin.call("DELETE", f"{ADMIN}/agents/stolen-host").ok(204)
    for refusal in thieves.refusals:
        refusal.problem(401, "unauthenticated")
    # What it was given before is its service's, and stays until that is revoked.
    assert in_force(authority, thieves.serials) == thieves.serials
    authority.revoke("user-svc", reason="privilegeWithdrawn").ok()
    assert in_force(authority, thieves.serials) == []
