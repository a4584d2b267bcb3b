"""Router and authority together: what is revoked at the one is cut at the other within a second."""

import time

import pytest

from harness.authority_api import CERTIFICATES
from harness.http import Cut
from harness.revocations import HOST, REVOKED, closed, entries, feed_age, is_cut
from harness.tls_client import TLS12, TLS13, Connection, Refused, context
from harness.waiting import until
from harness.world import route

VERSIONS = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])


class Pair:
    """A router that follows an authority and lets in whom it has certified."""

    def __init__(self, world, start_router, backend, authority):
        self._world = world
        self.agent = authority.agent("user-svc", "billing", "api-gateway")
        identity = authority.issue("api-gateway", self.agent)
        section = {
            "authority": f"https://127.0.0.1:{authority.port}",
            "ca_certs": str(authority.root_path),
            "cert_chain": identity.chain_path,
            "private_key": identity.key_path,
            "spiffe_id": "spiffe://link.internal/authority",
        }
        domain = world.platform_domain(ca_certs=str(authority.root_path), authorization={"mode": "none"})
        routes = [route(HOST, backend)]
        self.router = start_router(world.configuration(routes, [domain], revocation=section))
        until(lambda: feed_age(self.router) is not None, 10, "the authority being followed")

    def connect(self, holder, version=TLS13):
        made = context(self._world.server_roots, holder.paths, version=version)
        return Connection(self.router.port, HOST, made)

    def outcome(self, holder, version=TLS13):
        """The status of a request on a new connection, or the alert that refused it as a negative number."""
        try:
            with self.connect(holder, version) as connection:
                connection.send(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
                return connection.response().status
        except Refused as refused:
            return -refused.alert
        except (Cut, OSError) as error:
            assert "CERTIFICATE_REVOKED" in str(error), error
            return -REVOKED


@pytest.fixture
def authority(start_authority):
    return start_authority()


@pytest.fixture
def pair(world, start_router, backend, authority):
    return Pair(world, start_router, backend, authority)


@VERSIONS
def test_open_connection_is_cut_within_a_second_and_a_new_one_refused(authority, pair, version):
    revoked, other = authority.issue("user-svc", pair.agent), authority.issue("user-svc", pair.agent)
    open_one, untouched = pair.connect(revoked, version), pair.connect(other, version)
    assert open_one.get(HOST).status == untouched.get(HOST).status == 200
    asked = time.monotonic()
    authority.revoke("user-svc", serial=revoked.serial, reason="keyCompromise").ok()
    assert is_cut(open_one)
    assert time.monotonic() - asked < 1
    assert pair.outcome(revoked, version) == -REVOKED
    assert untouched.get(HOST).status == 200 and pair.outcome(other, version) == 200
    assert closed(pair.router) == 1


def test_all_connections_of_a_revoked_service_are_cut(authority, pair):
    holders = [authority.issue("user-svc", pair.agent) for _ in range(4)]
    connections = [pair.connect(holder) for holder in holders for _ in range(3)]
    assert {connection.get(HOST).status for connection in connections} == {200}
    bystander = pair.connect(authority.issue("billing", pair.agent))
    assert bystander.get(HOST).status == 200
    asked = time.monotonic()
    replacement = authority.revoke("user-svc", reason="superseded", replace=True).ok()["replacement"]
    assert all(is_cut(connection) for connection in connections)
    assert time.monotonic() - asked < 1
    assert bystander.get(HOST).status == 200
    key_path = authority.directory / "replacement-key.pem"
    key_path.touch(mode=0o600)
    key_path.write_text(replacement["private_key"])
    chain_path = authority.directory / "replacement.pem"
    chain_path.write_text(replacement["chain"])
    made = context(pair._world.server_roots, (str(chain_path), str(key_path)))
    with Connection(pair.router.port, HOST, made) as connection:
        assert connection.get(HOST).status == 200


def test_held_caller_is_cut_and_served_again_once_it_is_released(authority, pair):
    holder = authority.issue("user-svc", pair.agent)
    connection = pair.connect(holder)
    assert connection.get(HOST).status == 200
    authority.revoke("user-svc", serial=holder.serial, reason="certificateHold").ok()
    assert is_cut(connection)
    assert pair.outcome(holder) == -REVOKED
    authority.revoke("user-svc", serial=holder.serial, reason="removeFromCRL").ok()
    until(lambda: pair.outcome(holder) == 200, 5, "the release")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_router_keeps_what_it_knows_and_hears_the_rest_once_the_authority_is_back(authority, pair, end):
    known, later = (authority.issue("user-svc", pair.agent) for _ in range(2))
    authority.revoke("user-svc", serial=known.serial).ok()
    until(lambda: entries(pair.router) == 1, 5, "the first revocation")
    connection = pair.connect(later)
    assert connection.get(HOST).status == 200
    getattr(authority, end)()
    assert pair.outcome(known) == -REVOKED and connection.get(HOST).status == 200
    authority.start()
    authority.revoke("user-svc", serial=later.serial).ok()
    assert is_cut(connection)
    assert pair.outcome(later) == pair.outcome(known) == -REVOKED


def test_revoked_router_is_told_nothing_more(authority, pair):
    authority.revoke("api-gateway").ok()
    listed = authority.admin.get(f"{CERTIFICATES}/api-gateway", state="revoked").ok()["certificates"]
    assert len(listed) == 1
    authority.stop()
    authority.start()
    line = pair.router.wait_for_line("revocations cannot be followed", start=0)
    assert line["reason"]
    until(lambda: any("401" in (entry.get("reason") or "") for entry in pair.router.log.snapshot()), 15, "the refusal")
