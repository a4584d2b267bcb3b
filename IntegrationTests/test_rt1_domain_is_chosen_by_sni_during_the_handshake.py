"""Several CA sets and plain TLS share one port; SNI alone decides which of them a handshake is held to."""

import pytest

from harness.clients import CLIENTS
from harness.tls_client import TLS12, TLS13, Refused
from harness.tools import run
from harness.world import route

PLATFORM, PARTNER, PLAIN = "a.apps.mtls.internal", "partner.example.com", "plain.example.com"
MISSING, EXPIRED, UNKNOWN_CA = {116, 40}, {45}, {48}

# SNI, whose certificate is presented, and the alerts of which one must come; None where it is served.
MATRIX = [
    (PLATFORM, "frontend", None),
    (PLATFORM, None, MISSING),
    (PLATFORM, "expired", EXPIRED),
    (PLATFORM, "partner_device", UNKNOWN_CA),
    (PLATFORM, "strange_app", UNKNOWN_CA),
    (PARTNER, "partner_device", None),
    (PARTNER, None, MISSING),
    (PARTNER, "frontend", UNKNOWN_CA),
    (PARTNER, "expired", UNKNOWN_CA | EXPIRED),
    (PARTNER, "strange_app", UNKNOWN_CA),
    (PLAIN, None, None),
    (PLAIN, "frontend", None),
    (PLAIN, "expired", None),
    (PLAIN, "strange_app", None),
]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [route(PLATFORM, module_backend, mtls_allow_any=True)]
    routes += [route(host, module_backend) for host in (PARTNER, PLAIN)]
    return start_module_router(world.configuration(routes))


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
@pytest.mark.parametrize("sni, who, alerts", MATRIX)
def test_handshake_is_held_to_the_ca_set_of_its_sni(world, router, module_backend, sni, who, alerts, version):
    module_backend.forget()
    identity = getattr(world, who) if who else None
    if alerts is None:
        with world.connect(router, sni, identity, version) as connection:
            assert connection.get(sni).status == 200
    else:
        try:
            with world.connect(router, sni, identity, version) as connection:
                assert connection.expect_refusal() in alerts
        except Refused as refused:
            assert refused.alert in alerts
        assert module_backend.seen() == []


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("sni, who, alerts", MATRIX)
def test_real_clients_get_the_same_answer(world, router, client, sni, who, alerts):
    identity = world.paths(getattr(world, who)) if who else None
    outcome = CLIENTS[client](router.port, sni, sni, world.server_roots, identity)
    if alerts is None:
        assert outcome.status == 200, outcome.text
    else:
        assert outcome.was_refused, outcome.text
        if client != "curl":
            assert outcome.alert in alerts, outcome.text


@pytest.mark.parametrize("client", CLIENTS)
def test_real_clients_are_refused_with_421_where_sni_and_host_differ(world, router, client):
    identity = world.paths(world.frontend)
    run = CLIENTS[client]
    assert run(router.port, PLATFORM, PLAIN, world.server_roots, identity).status == 421
    assert run(router.port, PLAIN, PLATFORM, world.server_roots).status == 421
    assert run(router.port, PLATFORM, PLATFORM, world.server_roots, identity).status == 200


def test_client_is_told_which_authorities_an_mtls_domain_accepts_and_not_asked_on_a_plain_one(world, router):
    def handshake(sni):
        arguments = ["openssl", "s_client", "-connect", f"127.0.0.1:{router.port}", "-servername", sni, "-tls1_2"]
        return run(*arguments, "-CAfile", world.server_roots, input="").stdout

    assert "CN = Platform Root" in handshake(PLATFORM)
    assert "CN = Partner Root" not in handshake(PLATFORM)
    assert "CN = Partner Root" in handshake(PARTNER)
    assert "No client certificate CA names sent" in handshake(PLAIN)


def test_server_presents_its_whole_chain(world, router):
    arguments = ["openssl", "s_client", "-connect", f"127.0.0.1:{router.port}", "-servername", PLAIN, "-showcerts"]
    shown = run(*arguments, "-CAfile", world.server_roots, input="").stdout
    assert shown.count("BEGIN CERTIFICATE") == 2
    assert "Verification: OK" in shown
