"""Connections of services and clients in Swift count no longer than what their handshake relied upon."""

import contextlib
import socket
import ssl

import pytest

from harness.relay import Relay
from harness.swift_parties import CALLER, CLIENTS, SERVERS, WEB, Parties, answer, connection
from harness.swift_services import SwiftProgram, identity

SOON = (-1, 10 / 60)
PING = b"\0\0\x08\x06\0\0\0\0\0abcdefgh"
# What is sent over a connection that goes on, again and again, and what a service prints for each.
AGAIN = {"nio": b"hello\n", "hummingbird": b"GET /hello HTTP/1.1\r\nhost: web\r\n\r\n", "grpc": PING}
SERVED = {"nio": "text of ", "hummingbird": "accepted ", "grpc": "call of "}
SERVER_OF = {"nio": "nio", "async-http-client": "hummingbird", "grpc": "grpc"}
ENDLESS = {"nio": ["--keep"], "async-http-client": ["--failures=3"], "grpc": []}


@pytest.fixture(scope="module")
def parties():
    return Parties()


def serve(parties, framework, directory, *options, leaf=None):
    listed = identity(leaf or parties.web(), parties.root, directory, parties.issuer.revocation_list(number=1))
    return SwiftProgram(*SERVERS[framework][0], *listed, *options)


def revoke(parties, directory, *leaves, number):
    """Exchanges the list of a program."""
    (directory / "list.pem").write_text(parties.issuer.revocation_list(*leaves, number=number))


def call_on(parties, framework, port, directory, patience=4):
    """A client that calls over what it has connected until a call fails, under gRPC after so many seconds."""
    options = identity(parties.caller(), parties.root, directory, parties.issuer.revocation_list(number=1))
    command = CLIENTS[framework](port, WEB)
    if framework == "grpc":
        command.append(f"--patience={patience}")
    return SwiftProgram(*command, "--count=100000000", *ENDLESS[framework], *options, listening=False)


def goes_on(opened, framework):
    """Whether a request over a connection is answered, after what else may come before."""
    expected = {"nio": CALLER.encode(), "hummingbird": b" 200 OK", "grpc": b"abcdefgh"}[framework]
    opened.sendall(AGAIN[framework])
    content = b""
    while expected not in content:
        piece = opened.recv(4096)
        if not piece:
            return False
        content += piece
    return True


def assert_given_up(framework, code, text, *reasons):
    """No call was answered after the first that failed, and who would have connected anew was refused by name."""
    assert code != 0, text
    is_told = any(reason in text for reason in reasons)
    if framework == "async-http-client":
        assert is_told and " 3 failed" in text and "200 " not in text[text.index("failed: ") :], text
    if framework == "nio":
        assert is_told, text


def read_to_end(opened):
    with contextlib.suppress(ssl.SSLEOFError, ConnectionError):
        while opened.recv(4096):
            pass


@pytest.mark.parametrize("framework", SERVERS)
@pytest.mark.parametrize("how", ["revoked", "over"])
def test_servers_end_connections_of_callers_who_count_no_more(parties, framework, how, tmp_path):
    _, probe, alpn = SERVERS[framework]
    begin = probe if framework == "grpc" else AGAIN[framework]
    with serve(parties, framework, tmp_path / "web") as service:
        caller = parties.caller(lifetime=SOON) if how == "over" else parties.caller()
        with connection(service.port, alpn, tmp_path / "good", parties.caller()) as good:
            with connection(service.port, alpn, tmp_path / "caller", caller, within=20) as bad:
                for opened in (good, bad):
                    opened.sendall(begin)
                    assert opened.recv(4096)
                if how == "revoked":
                    revoke(parties, tmp_path / "web", caller, number=2)
                    service.wait_for("rotated ")
                read_to_end(bad)
            assert goes_on(good, framework)


@pytest.mark.parametrize("framework", CLIENTS)
def test_clients_call_a_revoked_server_no_more(parties, framework, tmp_path):
    name, leaf = SERVER_OF[framework], parties.web()
    with serve(parties, name, tmp_path / "web", leaf=leaf) as service, Relay(service) as relay:
        with call_on(parties, framework, relay.port, tmp_path / "own") as client:
            service.wait_for(SERVED[name])
            # A list that does not name the server leaves the connection as it is.
            revoke(parties, tmp_path / "own", parties.web(), number=2)
            client.wait_for("rotated ")
            service.wait_for(SERVED[name], start=len(service.lines.snapshot()))
            assert relay.opened.snapshot() == [1] and client.count("failed") == 0
            revoke(parties, tmp_path / "own", leaf, number=3)
            assert_given_up(framework, *client.end(), "revoked")


@pytest.mark.parametrize("framework", CLIENTS)
def test_clients_call_a_server_no_more_whose_certificate_is_over(parties, framework, tmp_path):
    name = SERVER_OF[framework]
    with serve(parties, name, tmp_path / "web", leaf=parties.web(lifetime=(-1, 10 / 60))) as service:
        with call_on(parties, framework, service.port, tmp_path / "own") as client:
            service.wait_for(SERVED[name])
            # Who connects anew to such a server under AsyncHTTPClient may be told by BoringSSL, in its words.
            assert_given_up(framework, *client.end(), "expired", "CERTIFICATE_VERIFY_FAILED")


@pytest.mark.parametrize("framework", ["async-http-client", "grpc"])
def test_clients_go_over_to_a_servers_next_certificate_before_the_last_is_over(parties, framework, tmp_path):
    name = SERVER_OF[framework]
    with serve(parties, name, tmp_path / "web", leaf=parties.web(lifetime=(-1, 10 / 60))) as service:
        with Relay(service) as relay, call_on(parties, framework, relay.port, tmp_path / "own", 10) as client:
            relay.opened.wait_for(lambda number: number == 1)
            parties.web().save(tmp_path / "web", "leaf")
            service.wait_for("rotated ")
            relay.closed.wait_for(lambda number: number == 1, within=20)
            service.wait_for(SERVED[name], start=len(service.lines.snapshot()))
            assert client.process.poll() is None and client.count("failed") == 0


@pytest.mark.parametrize("framework", ["async-http-client", "grpc"])
def test_clients_leave_no_connection_behind_when_their_own_certificate_is_exchanged(parties, framework, tmp_path):
    name = SERVER_OF[framework]
    with serve(parties, name, tmp_path / "web") as service, Relay(service) as relay:
        with call_on(parties, framework, relay.port, tmp_path / "own", 10) as client:
            for number in (1, 2, 3):
                relay.opened.wait_for(lambda opened, number=number: opened == number)
                service.wait_for(SERVED[name], start=len(service.lines.snapshot()))
                assert number not in relay.closed.snapshot()
                parties.caller().save(tmp_path / "own", "leaf")
                relay.closed.wait_for(lambda closed, number=number: closed == number, within=20)
            assert client.process.poll() is None and client.count("failed") == 0


def test_a_certificate_that_is_exchanged_before_a_grpc_client_connects_ends_nothing(parties, tmp_path):
    options = identity(parties.caller(), parties.root, tmp_path / "own")
    with serve(parties, "grpc", tmp_path / "web") as service:
        command = [*CLIENTS["grpc"](service.port, WEB), "--patience=10", "--connect-after=1"]
        with SwiftProgram(*command, *options, listening=False) as client:
            client.wait_for("identity ")
            parties.caller().save(tmp_path / "own", "leaf")
            code, text = client.end()
            assert code == 0 and f"{CALLER} said call 0" in text, text


@pytest.mark.parametrize("framework", SERVERS)
def test_connections_that_never_end_the_handshake_are_closed(parties, framework, tmp_path):
    _, probe, alpn = SERVERS[framework]
    with serve(parties, framework, tmp_path / "web", "--handshake-timeout=5") as service:
        address = ("127.0.0.1", service.port)
        with socket.create_connection(address, 10) as silent, socket.create_connection(address, 10) as half:
            half.sendall(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03")
            with connection(service.port, alpn, tmp_path / "good", parties.caller()) as good:
                for opened in (silent, half):
                    with contextlib.suppress(ConnectionError):
                        assert opened.recv(4096) == b""
                # Who has ended the handshake stays.
                good.sendall(probe)
                assert good.recv(4096)
        assert answer(service.port, probe, alpn, tmp_path / "late", parties.caller())
