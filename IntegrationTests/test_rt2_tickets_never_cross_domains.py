"""A resumed session carries over nothing that its own domain's handshake did not prove."""

import datetime
import ssl
from pathlib import Path

import pytest

from harness.pki import self_signed
from harness.tls_client import TLS12, TLS13, Connection, Refused, context
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

A, B, PARTNER, PLAIN = "a.apps.mtls.internal", "b.apps.mtls.internal", "partner.example.com", "plain.example.com"
VERSIONS = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])


def routes(backend):
    return [
        route(A, backend, mtls_allow_any=True),
        route(B, backend, mtls_allow_any=True),
        route(PARTNER, backend),
        route(PLAIN, backend),
    ]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration(routes(module_backend)))


class Resumer:
    """Two connections of one context: the first earns the ticket, the second offers it elsewhere."""

    def __init__(self, world, router, version, identity):
        self.context = world.context(identity, version, fresh=True)
        self.router = router

    def earn(self, sni):
        with Connection(self.router.port, sni, self.context) as connection:
            assert connection.get(sni).status == 200
            assert not connection.resumed
            return connection.session

    def offer(self, sni, session):
        return Connection(self.router.port, sni, self.context, session=session)


@VERSIONS
@pytest.mark.parametrize("host", [A, PARTNER, PLAIN])
def test_resumed_session_is_served_with_the_identity_of_its_first_handshake(
    world, router, module_backend, version, host
):
    identity = {A: world.frontend, PARTNER: world.partner_device, PLAIN: None}[host]
    resumer = Resumer(world, router, version, identity)
    session = resumer.earn(host)
    module_backend.forget()
    with resumer.offer(host, session) as connection:
        assert connection.get(host).status == 200
        assert connection.resumed, "the router does not resume sessions at all"
        assert [connection.get(other).status for other in (A, B, PARTNER) if other != host][0] == 421
    [seen] = module_backend.seen()
    certificate = seen.get("X-Forwarded-Client-Cert")
    assert bool(certificate) == (identity is not None)
    if host == A:
        assert world.frontend.sha256 in certificate


@pytest.mark.parametrize(
    "version, kilobytes, resumes",
    [(TLS12, 8, True), (TLS13, 8, True), (TLS13, 24, False), (TLS13, 48, False), (TLS13, 56, False)],
)
def test_client_that_sends_much_is_served_and_resumed_only_where_a_ticket_can_hold_it(
    world, router, tmp_path, version, kilobytes, resumes
):
    """A ticket holds all that the client sent; one that is too large must not end the session that it is for."""
    chain, key = world.paths(world.frontend)
    names = [f"{number:03}.{'a' * 58}.{'b' * 58}.example" for number in range(60)]
    large = [self_signed(f"of eight kilobytes {number}", dns=names).pem for number in range(kilobytes // 8)]
    path = tmp_path / "chain.pem"
    path.write_text(Path(chain).read_text() + "".join(large))
    tls = context(world.server_roots, (str(path), key), version=version)
    with Connection(router.port, A, tls) as connection:
        assert [connection.get(A).status for _ in range(3)] == [200] * 3
        session = connection.session
    with Connection(router.port, A, tls, session=session) as connection:
        assert connection.get(A).status == 200
        assert connection.resumed == resumes


@VERSIONS
@pytest.mark.parametrize("offered_to", [B, PARTNER, PLAIN])
def test_resumed_session_of_one_host_never_serves_that_host_under_another_sni(world, router, version, offered_to):
    resumer = Resumer(world, router, version, world.frontend)
    session = resumer.earn(A)
    if offered_to == PARTNER:
        assert refusal(resumer, offered_to, session) == 48
        return
    with resumer.offer(offered_to, session) as connection:
        assert connection.get(A).status == 421
    with resumer.offer(offered_to, session) as connection:
        assert connection.get(offered_to).status == 200


@VERSIONS
def test_ticket_of_a_plain_domain_opens_no_mtls_domain(world, router, version):
    resumer = Resumer(world, router, version, None)
    session = resumer.earn(PLAIN)
    for host in (A, PARTNER):
        assert refusal(resumer, host, session) in (116, 40)


@VERSIONS
def test_ticket_of_one_ca_set_opens_no_domain_of_another(world, router, version):
    there = Resumer(world, router, version, world.frontend)
    assert refusal(there, PARTNER, there.earn(A)) == 48
    back = Resumer(world, router, version, world.partner_device)
    assert refusal(back, A, back.earn(PARTNER)) == 48


@VERSIONS
def test_ticket_of_an_mtls_domain_brings_no_identity_to_a_plain_one(world, router, module_backend, version):
    resumer = Resumer(world, router, version, world.frontend)
    session = resumer.earn(A)
    module_backend.forget()
    with resumer.offer(PLAIN, session) as connection:
        assert not connection.resumed
        assert connection.get(PLAIN).status == 200
    [seen] = module_backend.seen()
    assert "x-forwarded-client-cert" not in seen.names()


@VERSIONS
def test_ticket_offered_without_sni_opens_no_mtls_host(world, router, version):
    resumer = Resumer(world, router, version, world.frontend)
    session = resumer.earn(A)
    with resumer.offer(None, session) as connection:
        assert not connection.resumed
        assert connection.get(A).status == 421


@VERSIONS
def test_session_is_not_served_once_its_certificate_has_expired(world, router, version):
    identity = world.platform.cloud_foundry(APP_FRONTEND, SPACE_SHOP, ORG_SHOP, lifetime=(-5, 6 / 60))
    resumer = Resumer(world, router, version, identity)
    session = resumer.earn(A)
    ends = identity.certificate.not_valid_after_utc
    until(lambda: datetime.datetime.now(datetime.timezone.utc) > ends + datetime.timedelta(seconds=1), 15)
    try:
        with resumer.offer(A, session) as connection:
            assert connection.get(A).status == 421
            assert connection.is_closed_by_peer()
    except (Refused, ssl.SSLError):
        assert refusal(resumer, A, session) == 45


@VERSIONS
def test_session_is_not_resumed_once_its_ca_set_was_replaced(world, start_router, backend, version):
    router = start_router(world.configuration(routes(backend)))
    resumer = Resumer(world, router, version, world.frontend)
    session = resumer.earn(A)
    replaced = [world.platform_domain(ca_certs=world.partner_roots), world.partner_domain()]
    router.apply(world.configuration(routes(backend), replaced))
    assert refusal(resumer, A, session) == 48


@VERSIONS
def test_session_of_a_host_that_was_plain_is_not_resumed_once_the_host_is_on_an_mtls_domain(
    world, start_router, backend, version
):
    router = start_router(world.configuration([route(A, backend), route(PLAIN, backend)], []))
    resumer = Resumer(world, router, version, None)
    session = resumer.earn(A)
    router.apply(world.configuration(routes(backend)))
    assert refusal(resumer, A, session) in (116, 40)


def refusal(resumer, sni, session):
    """The alert with which the router refuses the handshake; fails when it does not."""
    try:
        with resumer.offer(sni, session) as connection:
            return connection.expect_refusal()
    except Refused as refused:
        return refused.alert
    except ssl.SSLError as error:
        raise AssertionError(f"no alert came: {error}") from error
