"""Whom services and clients in Swift refuse on each framework: strangers, what is over or revoked, the unexpected."""

import contextlib
import socket
import ssl
import threading

import pytest

from harness.pki import SERVER_AUTH, Authority
from harness.swift_services import SwiftProgram, identity, run
from harness.waiting import Journal, until

DOMAIN = "prod.example"
WEB = f"spiffe://{DOMAIN}/ns/shop/sa/web"
CALLER = f"spiffe://{DOMAIN}/ns/shop/sa/caller"
SERVERS = {
    "nio": (["nio-service", "serve"], b"hello\n", []),
    "hummingbird": (["hummingbird-service"], b"GET /hello HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n", []),
    # A server of HTTP/2 speaks first.
    "grpc": (["grpc-service", "serve"], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", ["h2"]),
}
OVER = (-60, -1)


class Parties:
    """An authority with an intermediate, one of the same name, and one of another trust domain."""

    def __init__(self):
        self.root = Authority.root("Services Root")
        self.issuer = self.root.intermediate("Services Issuer")
        self.namesake = Authority.root("Services Root").intermediate("Services Issuer")

    def web(self, issuer=None, **options):
        options = {"uris": [WEB], "dns": ["localhost"], "ips": ["127.0.0.1"], **options}
        return (issuer or self.issuer).leaf("web", **options)

    def caller(self, issuer=None, **options):
        return (issuer or self.issuer).leaf("caller", **{"uris": [CALLER], **options})


@pytest.fixture(scope="module")
def parties():
    return Parties()


def answer(port, probe, alpn, directory, leaf=None):
    """What a server answers to a client with a certificate; nothing when it ends the connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    if leaf:
        context.load_cert_chain(*leaf.save(directory, "client"))
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        with socket.create_connection(("127.0.0.1", port), 10) as raw, context.wrap_socket(raw) as connection:
            connection.sendall(probe)
            return connection.recv(4096)
    return b""


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


def test_a_connection_counts_no_longer_than_its_certificate(parties, tmp_path):
    """Each request is judged by what counts then, over connections that are open, too."""
    with SwiftProgram("hummingbird-service", *identity(parties.web(), parties.root, tmp_path / "web")) as service:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        brief = parties.caller(lifetime=(-1, 3 / 60))
        context.load_cert_chain(*brief.save(tmp_path, "brief"))
        with socket.create_connection(("127.0.0.1", service.port), 10) as raw, context.wrap_socket(raw) as connection:

            def status():
                connection.sendall(b"GET /hello HTTP/1.1\r\nhost: web\r\n\r\n")
                content = connection.recv(4096)
                return content.split(b" ")[1], content

            assert status()[0] == b"200"
            assert b"certificate_expired" in until(lambda: (got := status())[0] == b"401" and got[1])


def test_a_revocation_reaches_connections_that_are_open(parties, tmp_path):
    caller = parties.caller()
    options = identity(parties.web(), parties.root, tmp_path / "web", parties.issuer.revocation_list(number=1))
    with SwiftProgram("nio-service", "serve", *options) as service:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(*caller.save(tmp_path, "caller"))
        with socket.create_connection(("127.0.0.1", service.port), 10) as raw, context.wrap_socket(raw) as connection:
            connection.sendall(b"hello\n")
            assert CALLER.encode() in connection.recv(4096)
            (tmp_path / "web" / "list.pem").write_text(parties.issuer.revocation_list(caller, number=2))
            service.wait_for("rotated ")
            connection.sendall(b"hello\n")
            with contextlib.suppress(ssl.SSLEOFError, ConnectionError):
                assert connection.recv(4096) == b""


@pytest.mark.parametrize("allow, accepted", [(CALLER, True), (f"spiffe://{DOMAIN}/ns/shop/*", True), (WEB, False)])
@pytest.mark.parametrize("framework", ["nio", "grpc"])
def test_servers_let_in_whom_they_expect(parties, framework, allow, accepted, tmp_path):
    command, probe, alpn = SERVERS[framework]
    options = identity(parties.web(), parties.root, tmp_path / "web")
    with SwiftProgram(*command, f"--allow={allow}", *options) as service:
        content = answer(service.port, probe, alpn, tmp_path / "client", parties.caller())
        assert bool(content) == accepted


class Server:
    """A server of OpenSSL's that answers whatever comes like HTTP does, and keeps what came."""

    def __init__(self, leaf, roots, directory):
        self.received = Journal()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*leaf.save(directory, "server"))
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_verify_locations(roots.save(directory, "roots"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._listener.accept()
                with contextlib.suppress(OSError), self._context.wrap_socket(accepted, server_side=True) as connection:
                    connection.settimeout(10)
                    content = connection.recv(4096)
                    if content:
                        self.received.add(content)
                        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()


CLIENTS = {
    "nio": lambda port, server: ["nio-service", "call", port, f"--server={server}"],
    "async-http-client": lambda port, server: [
        "http-client",
        f"https://127.0.0.1:{port}/",
        f"--server={server}",
        "--patience=1",
    ],
    "grpc": lambda port, server: ["grpc-service", "call", port, f"--server={server}", "--patience=1"],
}


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
            code, _ = run("http-client", f"https://localhost:{server.port}/", "--patience=1", *own)
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
        code, text = run("http-client", url, "--patience=1", *options, *own)
        assert (code == 0) == accepted == bool(received.snapshot()), text


def test_fallback_helps_no_server_that_speaks_tls_and_is_somebody_else(parties, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    with Server(parties.web(parties.namesake), parties.root, tmp_path / "server") as server:
        url = f"https://127.0.0.1:{server.port}/"
        code, _ = run("http-client", url, "--patience=1", "--allow-fallback", *own)
        assert code != 0 and not server.received.snapshot()


def test_nothing_is_sent_without_tls(parties, tmp_path):
    own = identity(parties.caller(), parties.root, tmp_path / "own")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code, text = run("http-client", f"http://127.0.0.1:{listener.getsockname()[1]}/", *own)
        assert code != 0 and "notHTTPS" in text
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
