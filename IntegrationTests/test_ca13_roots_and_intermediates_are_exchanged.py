"""Roll-over of a root and rotation of an intermediate: what was issued before goes on, and ends when it is to end."""

import pytest
from cryptography import x509

from harness.authority_holdings import crl_serials, csr, key_pem
from harness.authority_process import TRUST_DOMAIN, Hierarchy
from harness.pki import Authority, ec_key
from harness.revocations import HOST
from harness.tls_client import Connection, Refused, context
from harness.tools import run
from harness.waiting import until
from harness.world import route


class Front:
    """A router that lets in whom the authorities of one file have certified."""

    def __init__(self, world, start_router, backend, directory):
        self._world = world
        self.roots = directory / "trusted.pem"
        self._routes = [route(HOST, backend)]
        self._start = start_router
        self.router = None

    def trust(self, *roots):
        """Has the router trust these roots and no others; the file that it watches is exchanged."""
        beside = self.roots.with_suffix(".new")
        beside.write_text("".join(root.pem for root in roots))
        beside.replace(self.roots)
        # Bound to the trust domain: of several authorities that are not, none may vouch for a SPIFFE ID.
        bound = [{"name": TRUST_DOMAIN, "ca_certs": str(self.roots)}]
        domain = self._world.platform_domain(trust_domains=bound, authorization={"mode": "none"})
        del domain["ca_certs"]
        configuration = self._world.configuration(self._routes, [domain])
        if self.router is None:
            self.router = self._start(configuration)
        else:
            self.router.apply(configuration)

    def connect(self, holder):
        return Connection(self.router.port, HOST, context(self._world.server_roots, holder.paths))

    def is_served(self, holder):
        try:
            with self.connect(holder) as connection:
                return connection.get(HOST).status == 200
        except (Refused, OSError):
            return False


@pytest.fixture
def front(world, start_router, backend, tmp_path):
    return Front(world, start_router, backend, tmp_path)


def install(authority, hierarchy, **section):
    """Has a stopped authority sign with the intermediate of another hierarchy from its next start on."""
    authority.hierarchy = hierarchy
    authority.configuration["authority"].update(intermediate=hierarchy.save(authority.directory), **section)
    authority.write_configuration()
    authority.forget_trust()


def keep(authority, name):
    """Puts the files of the intermediate aside, and answers an element of `retired_intermediates` with them."""
    pair = authority.configuration["authority"]["intermediate"]
    kept = {}
    for key, path in pair.items():
        kept[key] = str(authority.directory / f"{name}-{key}.pem")
        run("cp", "-p", path, kept[key])
    return kept


def rotate_intermediate(authority):
    """Has an authority sign with another intermediate of its root and retires its own; answers the hierarchy."""
    authority.stop()
    retired, root = keep(authority, "old"), authority.hierarchy.root
    rotated = Hierarchy()
    rotated.root, rotated.intermediate = root, root.intermediate("Link Intermediate 2", path_length=0)
    install(authority, rotated, retired_intermediates=[retired])
    authority.start()
    return rotated


def both(directory, *roots):
    path = directory / "roots.pem"
    path.write_text("".join(root.pem for root in roots))
    return str(path)


def test_root_is_rolled_over_without_refusing_anybody_in_between(start_authority, front):
    authority = start_authority()
    old, new = authority.hierarchy, Hierarchy()
    front.trust(old.root)
    first = authority.issue("user-svc")
    assert front.is_served(first)

    # Both roots are trusted everywhere before the first certificate of the new one is there.
    authority.stop()
    install(authority, old, trust_bundle=both(authority.directory, old.root, new.root))
    authority.start()
    assert authority.public.get("/v1/bundle").body.decode() == old.root.pem + new.root.pem
    front.trust(old.root, new.root)
    second = authority.issue("user-svc")
    assert second.issuance["trust_bundle"] == old.root.pem + new.root.pem
    assert front.is_served(first) and front.is_served(second)

    authority.stop()
    retired = keep(authority, "old")
    install(authority, new, retired_intermediates=[retired])
    authority.root_path.write_text(old.root.pem + new.root.pem)
    authority.start()
    agent = authority.agent("user-svc")
    third = authority.issue("user-svc", agent)
    third.certificate.verify_directly_issued_by(new.intermediate.certificate)
    assert all(front.is_served(holder) for holder in (first, second, third))
    # A holder of an old certificate renews with it, and gets one of the new root.
    native = authority.native(second)
    assert native.get("/v1/services").status == 200

    with front.connect(first) as of_old, front.connect(third) as of_new:
        assert of_old.get(HOST).status == of_new.get(HOST).status == 200
        front.trust(new.root)
        assert not front.is_served(first) and not front.is_served(second) and front.is_served(third)
        assert of_new.get(HOST).status == 200
        of_old.send(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
        _, ending = of_old.how_it_ends()
        assert ending is not None
    authority.stop()
    install(authority, new, trust_bundle=both(authority.directory, new.root))
    authority.start()
    assert authority.public.get("/v1/bundle").body.decode() == new.root.pem


def test_agent_that_joins_later_has_the_lists_of_retired_intermediates_too(start_authority, join_agent):
    authority = start_authority()
    rotate_intermediate(authority)
    # It holds nothing of the one that is retired, and verifies its list all the same.
    agent = join_agent(authority, "user-svc", name="late").wait_until_ready()
    until(lambda: agent.file("crl.pem").exists(), 15, "the revocation lists")
    assert agent.file("crl.pem").read_text().count("BEGIN X509 CRL") == 2
    assert agent.metric("agent_revocation_lists_refused_total") == 0


def test_retired_intermediate_goes_on_answering_for_what_it_signed(start_authority):
    authority = start_authority()
    root, old = authority.hierarchy.root, authority.hierarchy.intermediate
    revoked_before, revoked_after, kept = (authority.issue("user-svc") for _ in range(3))
    authority.revoke("user-svc", serial=revoked_before.serial, reason="keyCompromise").ok()
    old_id = authority.key_id
    rotated = rotate_intermediate(authority)
    assert authority.key_id != old_id
    new = authority.issue("user-svc")
    new.certificate.verify_directly_issued_by(rotated.intermediate.certificate)
    caller = authority.native(new)
    for issuer in (root, old, rotated.intermediate):
        caller.post("/v1/renew", {"csr": csr(issuer.key, "user-svc")}).problem(422, "weak_key")
    caller.post("/v1/renew", {"csr": csr(ec_key(), "user-svc")}).ok(201)
    authority.revoke("user-svc", serial=revoked_after.serial, reason="superseded").ok()
    authority.revoke("user-svc", serial=new.serial, reason="superseded").ok()

    def lists():
        found = [
            x509.load_der_x509_crl(authority.public.get(f"/crl/{key}.crl").body) for key in (old_id, authority.key_id)
        ]
        return found if all(len(crl_serials(crl)) >= count for crl, count in zip(found, (2, 1), strict=True)) else None

    of_old, of_new = until(lists, 10, "both lists")
    assert set(crl_serials(of_old)) == {revoked_before.serial, revoked_after.serial}
    assert set(crl_serials(of_new)) == {new.serial}
    assert of_old.is_signature_valid(old.key.public_key()) and of_old.issuer == old.certificate.subject
    assert authority.public.get(f"/crl/{old_id}-delta.crl").status == 200
    for holder, issuer, word in (
        (revoked_before, old, "revoked"),
        (revoked_after, old, "revoked"),
        (kept, old, "good"),
        (new, rotated.intermediate, "revoked"),
    ):
        assert openssl_ocsp(authority, holder, issuer) == word
    # A serial number means something with its issuer alone.
    assert openssl_ocsp(authority, kept, rotated.intermediate) == "unknown"


def openssl_ocsp(authority, holder, issuer):
    path = authority.directory / "issuer.pem"
    path.write_text(issuer.pem)
    serial = f"0x{holder.serial}"
    done = run(
        *("openssl", "ocsp", "-url", f"http://127.0.0.1:{authority.public_port}/ocsp", "-issuer", path),
        *("-serial", serial, "-CAfile", authority.root_path, "-verify_other", path),
    )
    assert "Response verify OK" in done.stdout + done.stderr, done.stdout + done.stderr
    return done.stdout.split(f"{serial}: ")[1].split()[0]


def test_without_its_retired_intermediate_a_list_is_not_there_and_that_is_told(start_authority):
    authority = start_authority(services=[{"name": "user-svc", "profile": "long"}])
    old_id = authority.key_id
    last = authority.issue("user-svc").issuance["not_after"]
    authority.stop()
    retired = keep(authority, "old")
    rotated = Hierarchy()
    rotated.root = authority.hierarchy.root
    rotated.intermediate = rotated.root.intermediate("Link Intermediate 2", path_length=0)
    install(authority, rotated)
    authority.start()
    assert authority.public.get(f"/crl/{old_id}.crl").status == 404
    line = authority.log.wait_for(lambda line: line.get("issuer_key_id") == old_id, 10, "the warning")
    assert line["level"] == "warning" and last in line["reason"] and "retired_intermediates" in line["reason"]

    def issuers():
        return authority.admin.get("/health").document["components"].get("issuers")

    told = until(issuers, 10, "the condition in health")
    # The leaf, the agent's certificate and the authority's own.
    assert told["status"] == "degraded" and f"3 certificates of the intermediate {old_id}" in told["reason"]
    authority.stop()
    authority.configuration["authority"]["retired_intermediates"] = [retired]
    authority.write_configuration()
    mark = len(authority.log.entries)
    authority.start()
    assert authority.public.get(f"/crl/{old_id}.crl").status == 200
    authority.issue("user-svc")
    assert issuers() is None
    assert not any("issuer_key_id" in line for line in authority.log.snapshot()[mark:])


@pytest.mark.parametrize(
    "make, word",
    [
        (lambda a: a.hierarchy.intermediate, "already there"),
        (lambda a: Authority.root("Some Root"), "belongs to a root: the certificate 'CN=Some Root"),
    ],
    ids=["the current one", "a root"],
)
def test_retired_intermediate_that_cannot_be_one_is_refused(start_authority, tmp_path, make, word):
    authority = start_authority()
    authority.stop()
    issuer = make(authority)
    authority.configuration["authority"]["retired_intermediates"] = [pair_of(tmp_path, issuer)]
    authority.write_configuration()
    code, said = authority.refusal()
    assert code != 0 and word in said, said


def test_retired_intermediate_that_has_expired_is_warned_about(start_authority, tmp_path):
    authority = start_authority()
    authority.stop()
    issuer = authority.hierarchy.root.intermediate("Long Gone", lifetime=(-120, -60))
    authority.configuration["authority"]["retired_intermediates"] = [pair_of(tmp_path, issuer)]
    authority.write_configuration()
    authority.start()
    assert any("Long Gone" in line.get("problem", "") for line in authority.log.snapshot())


def pair_of(directory, issuer):
    (directory / "retired.pem").write_text(issuer.pem)
    key = directory / "retired-key.pem"
    key.touch(mode=0o600)
    key.write_text(key_pem(issuer.key))
    return {"cert_path": str(directory / "retired.pem"), "key_path": str(key)}
