"""Whom services and clients in Swift refuse on each framework: strangers, what is over or revoked, the unexpected."""

import contextlib
import socket
import ssl
import threading

import pytest

from harness.pki import SERVER_AUTH
from harness.swift_parties import CALLER, CLIENTS, DOMAIN, SERVERS, WEB, Parties, Server, answer, context_of, limited
from harness.swift_services import SwiftProgram, identity, run
from harness.waiting import Journal

OVER = (-60, -1)


@pytest.fixture(scope="module")
def parties():
    return Parties()


@pytest.mark.parametrize("framework", SERVERS)
def test_servers_let_in_whom_the_bundle_vouches_for_alone(parties, framework, tmp_path):
    command, probe, alpn = SERVERS[framework]
    revoked, good = parties.caller(), parties.caller()
    crl = parties.issuer.revocation_list(revoked)
    refused = {
        "an authority of the same name": parties.caller(parties.namesake),
        "another trust domain": parties.caller(uris=["spiffe://other.example/ns/shop/sa/caller"]),
        "two SPIFFE IDs": parties.caller(uris=[CALLER, WEB]),
        "over": parties.caller(lifetime=OVER),
        "revoked": revoked,
        "a server's alone": parties.caller(purposes=[SERVER_AUTH]),
    }
    options = identity(parties.web(), parties.root, tmp_path / "web", crl)
    with SwiftProgram(*command, *options) as service:

        def ask(leaf):
            return answer(service.port, probe, alpn, tmp_path / "client", leaf)

        assert ask(good)
        for name, leaf in refused.items():
            assert not ask(leaf), name
        without = ask(None)
        assert not without or b" 401 Unauthorized" in without and b"certificate_missing" in without
        assert ask(good)


@pytest.mark.parametrize("allow, accepted", [(CALLER, True), (f"spiffe://{DOMAIN}/ns/shop/*", True), (WEB, False)])
@pytest.mark.parametrize("framework", ["nio", "grpc"])
def test_servers_let_in_whom_they_expect(parties, framework, allow, accepted, tmp_path):
    command, probe, alpn = SERVERS[framework]
    options = identity(parties.web(), parties.root, tmp_path / "web")
    with SwiftProgram(*command, f"--allow={allow}", *options) as service:
        content = answer(service.port, probe, alpn, tmp_path / "client", parties.caller())
        assert bool(content) == accepted


@pytest.mark.parametrize("framework", CLIENTS)
def test_clients_send_nothing_to_a_server_that_is_not_the_one(parties, framework, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own", parties.issuer.revocation_list())
    wrong = {
        "another service": parties.web(uris=[CALLER]),
        "another trust domain": parties.web(uris=["spiffe://other.example/ns/shop/sa/web"]),
        "an authority of the same name": parties.web(parties.namesake),
        "over": parties.web(lifetime=OVER),
        "without a SPIFFE ID": parties.web(uris=[]),
    }
    for name, leaf in wrong.items():
        with Server(leaf, parties.root, tmp_path / "server") as server:
            code, text = run(*CLIENTS[framework](server.port, WEB), *own)
            assert code != 0, name
            assert not server.received.snapshot(), name
    if framework == "grpc":
        return
    with Server(parties.web(), parties.root, tmp_path / "server") as server:
        code, text = run(*CLIENTS[framework](server.port, WEB), *own)
        assert code == 0 and "ok" in text and server.received.snapshot()


MODERN = "ECDHE-ECDSA-AES128-GCM-SHA256"
OLD = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA"


@pytest.mark.parametrize("framework", ["nio", "hummingbird"])
def test_servers_speak_suites_with_authenticated_encryption_alone(parties, framework, tmp_path):
    with SwiftProgram(*SERVERS[framework][0], *identity(parties.web(), parties.root, tmp_path / "web")) as service:

        def suite(ciphers):
            context = limited(context_of(parties.caller(), tmp_path / "client"), ciphers)
            with socket.create_connection(("127.0.0.1", service.port), 10) as raw, context.wrap_socket(raw) as opened:
                return opened.cipher()[0]

        assert suite(MODERN) == MODERN
        with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
            suite(OLD)


def test_grpc_speaks_tls_1_3_alone(parties, tmp_path):
    own = identity(parties.web(), parties.root, tmp_path / "web")
    command, probe, alpn = SERVERS["grpc"]
    with SwiftProgram(*command, *own) as service:
        context = limited(context_of(parties.caller(), tmp_path / "client", alpn), f"{MODERN}:{OLD}")
        with (
            socket.create_connection(("127.0.0.1", service.port), 10) as raw,
            contextlib.suppress(ssl.SSLError, ConnectionError),
            context.wrap_socket(raw) as opened,
        ):
            opened.sendall(probe)
            assert opened.recv(4096) == b""
        assert answer(service.port, probe, alpn, tmp_path / "client", parties.caller())
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    with Server(parties.web(), parties.root, tmp_path / "server", f"{MODERN}:{OLD}") as server:
        code, text = run(*CLIENTS["grpc"](server.port, WEB), *own)
        assert code != 0 and not server.received.snapshot(), text


@pytest.mark.parametrize("framework", ["nio", "async-http-client"])
@pytest.mark.parametrize("ciphers, accepted", [(MODERN, True), (OLD, False)], ids=["modern", "old"])
def test_clients_speak_suites_with_authenticated_encryption_alone(parties, framework, ciphers, accepted, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    with Server(parties.web(), parties.root, tmp_path / "server", ciphers) as server:
        code, text = run(*CLIENTS[framework](server.port, WEB), *own)
        assert (code == 0) == accepted == bool(server.received.snapshot()), text


def test_clients_send_nothing_to_a_revoked_server(parties, tmp_path):
    revoked = parties.web()
    own = identity(parties.caller(), parties.root, tmp_path / "own", parties.issuer.revocation_list(revoked))
    for framework in CLIENTS:
        with Server(revoked, parties.root, tmp_path / "server") as server:
            code, _ = run(*CLIENTS[framework](server.port, WEB), *own)
            assert code != 0 and not server.received.snapshot(), framework


def test_the_host_of_the_url_counts_where_no_spiffe_id_is_named(parties, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    for options, accepted in (({}, True), ({"dns": ["other"], "ips": []}, False)):
        with Server(parties.web(**options), parties.root, tmp_path / "server") as server:
            code, _ = run("http-client", f"https://localhost:{server.port}/", "--patience=600", *own)
            assert (code == 0) == accepted == bool(server.received.snapshot())


def plain_server(listener, received):
    """Answers what is no HTTP with 400, as servers without TLS do."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                content = connection.recv(4096)
                if content.startswith(b"GET "):
                    received.add(content)
                    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n")
                elif content:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")


@pytest.mark.parametrize("options, accepted", [(["--allow-fallback"], True), ([], False)])
def test_a_server_without_tls_is_spoken_to_where_that_is_allowed_alone(parties, options, accepted, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    received = Journal()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=plain_server, args=(listener, received), daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        code, text = run("http-client", url, "--patience=600", "--count=2", *options, *own)
        assert (code == 0) == accepted == bool(received.snapshot()), text
        assert ("2 requests went in the clear" in text) == accepted
        # It is told before the first of them is sent, and once.
        assert text.count(f"in the clear: {url.split('/')[2]}") == accepted


def test_fallback_helps_no_server_that_speaks_tls_and_is_somebody_else(parties, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    with Server(parties.web(parties.namesake), parties.root, tmp_path / "server") as server:
        url = f"https://127.0.0.1:{server.port}/"
        code, _ = run("http-client", url, "--patience=600", "--allow-fallback", *own)
        assert code != 0 and not server.received.snapshot()


def test_nothing_is_sent_without_tls(parties, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code, text = run("http-client", f"http://127.0.0.1:{listener.getsockname()[1]}/", *own)
        assert code != 0 and "notHTTPS" in text
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
