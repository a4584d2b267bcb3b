"""Who meets the programs of Examples/Services: an authority's services, and clients and servers of OpenSSL's."""

import contextlib
import socket
import ssl
import threading

from harness.pki import Authority
from harness.waiting import Journal

DOMAIN = "prod.example"
WEB = f"spiffe://{DOMAIN}/ns/shop/sa/web"
CALLER = f"spiffe://{DOMAIN}/ns/shop/sa/caller"
SERVERS = {
    "nio": (["nio-service", "serve"], b"hello\n", []),
    "hummingbird": (["hummingbird-service"], b"GET /hello HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n", []),
    # A server of HTTP/2 speaks first.
    "grpc": (["grpc-service", "serve"], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", ["h2"]),
}


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


def limited(context, ciphers):
    """Makes a context speak TLS 1.2 with some suites alone, of any age."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    return context


def context_of(leaf=None, directory=None, alpn=None):
    """What a client connects by that believes everybody."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    if leaf:
        context.load_cert_chain(*leaf.save(directory, "client"))
    return context


def answer(port, probe, alpn, directory, leaf=None):
    """What a server answers to a client with a certificate; nothing when it ends the connection."""
    with contextlib.suppress(ssl.SSLError, ConnectionError):
        with connection(port, alpn, directory, leaf) as opened:
            opened.sendall(probe)
            return opened.recv(4096)
    return b""


@contextlib.contextmanager
def connection(port, alpn, directory, leaf=None, within=10):
    """A connection of a client with a certificate, which waits for anything so long."""
    with socket.create_connection(("127.0.0.1", port), within) as raw:
        with context_of(leaf, directory, alpn).wrap_socket(raw) as opened:
            yield opened


class Server:
    """A server of OpenSSL's that answers whatever comes like HTTP does, and keeps what came."""

    def __init__(self, leaf, roots, directory, ciphers=None):
        self.received = Journal()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if ciphers:
            limited(self._context, ciphers)
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
        f"https://127.0.0.1:{port}/hello",
        f"--server={server}",
        "--patience=600",
    ],
    "grpc": lambda port, server: ["grpc-service", "call", port, f"--server={server}", "--patience=1"],
}
