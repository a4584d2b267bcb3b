"""Every server name with every host, on new and on resumed sessions, by the programs that people have: openssl, curl,
gnutls-cli."""

import re

import pytest

from harness.clients import CLIENTS
from harness.tls_client import request
from harness.tools import run
from harness.world import route

A, B, PARTNER, PLAIN = "a.apps.mtls.internal", "b.apps.mtls.internal", "partner.example.com", "plain.example.com"
HOSTS = [A, B, PARTNER, PLAIN]
SPELLINGS = {"upper case": str.upper, "trailing dot": lambda host: host + ".", "port": lambda host: host + ":8443"}
VERSIONS = pytest.mark.parametrize("version", ["tls1_2", "tls1_3"])


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [route(host, module_backend, mtls_allow_any=True) for host in (A, B)]
    return start_module_router(
        world.configuration([*routes, route(PARTNER, module_backend), route(PLAIN, module_backend)])
    )


def identity(world, host):
    leaf = {A: world.frontend, B: world.frontend, PARTNER: world.partner_device}.get(host)
    return leaf and world.paths(leaf)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("sni", HOSTS)
@pytest.mark.parametrize("client", CLIENTS)
def test_every_server_name_with_every_host(world, router, module_backend, client, sni, host):
    module_backend.forget()
    outcome = CLIENTS[client](router.port, sni, host, world.server_roots, identity(world, sni))
    assert outcome.status == (200 if sni == host else 421), outcome.text
    assert len(module_backend.seen()) == (sni == host)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("client", CLIENTS)
def test_spelling_of_the_host_makes_it_no_other(world, router, client, spelling):
    respell = SPELLINGS[spelling]
    for sni, host, status in [(A, A, 200), (A, B, 421), (PLAIN, A, 421), (PLAIN, PLAIN, 200)]:
        outcome = CLIENTS[client](router.port, sni, respell(host), world.server_roots, identity(world, sni))
        assert outcome.status == status, (sni, host, outcome.text)


@VERSIONS
@pytest.mark.parametrize("sni", [A, PARTNER, PLAIN])
def test_openssl_resumes_for_the_same_host_only(world, router, tmp_path, sni, version):
    session, mine = tmp_path / "session.pem", identity(world, sni)
    assert s_client(world, router, sni, sni, mine, version, "-sess_out", session) == (200, False)
    for host in HOSTS:
        expected = 200 if host == sni else 421
        assert s_client(world, router, sni, host, mine, version, "-sess_in", session) == (expected, True)


@VERSIONS
@pytest.mark.parametrize("offered_to", [PARTNER, B], ids=["another CA set", "another host of the domain"])
def test_session_of_one_host_offered_to_another_gives_nothing(world, router, tmp_path, version, offered_to):
    """Whoever comes with somebody's session and without a certificate of their own is nobody there."""
    session = tmp_path / "session.pem"
    assert s_client(world, router, A, A, identity(world, A), version, "-sess_out", session) == (200, False)
    status, resumed = s_client(world, router, offered_to, A, None, version, "-sess_in", session)
    assert status == (421 if resumed else None)
    if offered_to == PARTNER:
        assert (status, resumed) == (None, False)
        stranger = s_client(world, router, PARTNER, PARTNER, identity(world, A), version, "-sess_in", session)
        assert stranger == (None, False)


def s_client(world, router, sni, host, paths, version, *session):
    """The status of one request, None without one, and whether its session was resumed."""
    arguments = ["-connect", f"127.0.0.1:{router.port}", "-servername", sni, "-CAfile", world.server_roots, "-ign_eof"]
    if paths:
        arguments += ["-cert", paths[0], "-key", paths[1], "-cert_chain", paths[0]]
    sent = request("GET", "/", host, "Connection: close").decode()
    done = run("openssl", "s_client", *arguments, f"-{version}", *session, input=sent)
    # The answer may come in the middle of what is printed about the session.
    status = re.search(r"HTTP/1\.1 (\d{3})", done.stdout)
    return (int(status[1]) if status else None), "\nReused, " in done.stdout


@pytest.mark.parametrize("host, status", [(A, 200), (B, 421), (PARTNER, 421), (PLAIN, 421)])
@pytest.mark.parametrize("priority", ["NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL"], ids=["tls12", "tls13"])
def test_gnutls_resumes_for_the_same_host_only(world, router, host, status, priority):
    options = ["--resume", "--priority", priority]
    outcome = CLIENTS["gnutls-cli"](router.port, A, host, world.server_roots, identity(world, A), options=options)
    assert outcome.status == status, outcome.text
    assert "This is a resumed session" in outcome.text


@pytest.mark.parametrize("host, status", [(A, 200), (B, 421), (PARTNER, 421), (PLAIN, 421)])
def test_curl_resumes_for_the_same_host_only(world, router, host, status):
    """In TLS 1.3; curl asks for no tickets in TLS 1.2."""
    chain, key = identity(world, A)
    each = ["--http1.1", "--tlsv1.3", "--connect-to", f"{A}:443:127.0.0.1:{router.port}"]
    each += ["--cacert", world.server_roots, "--cert", chain, "--key", key, "--header", "Connection: close"]
    each += ["--output", "/dev/null", "--write-out", "%{http_code} "]
    second = [*each, "--header", f"Host: {host}", f"https://{A}/"]
    done = run("curl", "--silent", "--verbose", *each, f"https://{A}/", "--next", *second)
    assert done.stdout.split() == ["200", str(status)], done.stderr
    assert re.search(r"SSL re-?using session", done.stderr), done.stderr
