"""Shows before anything is measured that a proxy does the work that all of them are compared at."""

import re
import socket
import ssl
import time
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset

from .certificates import HOST, Certificates, Files
from .peers import Setting

READY_SECONDS = 20
FOOTER = "-----END CERTIFICATE-----\n"
#: The headers that tell of the caller, by who sets another one than the rest; each may be set by the proxy alone.
OWN_HEADERS = {"traefik": ("x-forwarded-client-cert", "x-forwarded-tls-client-cert")}
COMMON_HEADERS = ("x-forwarded-client-cert",)


def check(name: str, port: int, certificates: Certificates, setting: Setting) -> None:
    """Raises where the proxy does other work, over each version of HTTP that it is to speak."""
    wait_until_ready(name, port, certificates)
    spoofed = OWN_HEADERS.get(name, COMMON_HEADERS)
    for http2 in [False, True] if setting.http2 else [False]:
        check_version(Probe(name, port, certificates, spoofed, http2), setting)


@dataclass(frozen=True)
class Probe:
    """Asks a proxy over one version of HTTP."""

    name: str
    port: int
    certificates: Certificates
    #: The fields that each request has and that nothing may reach the backend of.
    spoofed: tuple[str, ...]
    http2: bool

    def ask(self, client: Files | None, host: str = HOST) -> tuple[int, str]:
        """Status and content of the answer; status 0 where there is none."""
        context = client_context(self.certificates.server, client)
        if self.http2:
            context.set_alpn_protocols(["h2"])
        exchange = exchange_http2 if self.http2 else exchange_http1
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname=HOST) as secure:
                self.expect(not self.http2 or secure.selected_alpn_protocol() == "h2", "speaks no HTTP/2")
                return exchange(secure, host, self.spoofed)

    def serves(self, client: Files | None) -> bool:
        try:
            return self.ask(client)[0] == 200
        except OSError:
            return False

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            over = " over HTTP/2" if self.http2 else ""
            raise RuntimeError(f"{self.name} does not do the same work{over}: it {otherwise}")


def check_version(probe: Probe, setting: Setting) -> None:
    client = probe.certificates.client
    status, body = probe.ask(client)
    probe.expect(status == 200, f"answered {status} to a good client")
    told, forwarded_for, host, *_ = [*body.split("\n"), "", ""]
    probe.expect("spoofed" not in told, f"let through the header {told!r}")
    probe.expect(tells(told, client, setting.digest), f"told of the caller by {told!r}")
    # Which address it is differs: one of them writes the machine's own for a client on the loopback interface.
    probe.expect(bool(forwarded_for), "set no X-Forwarded-For")
    probe.expect(host == HOST, f"set Host to {host!r}")
    status, body = probe.ask(client, "elsewhere.example")
    # One of them answers 200 with nothing for a host that it does not know.
    probe.expect(status != 200 or not body, "forwarded a request for a host that it has no route for")
    probe.expect(not probe.serves(None), "served a client without a certificate")
    probe.expect(not probe.serves(probe.certificates.stranger), "served a stranger's certificate")


def answer(name: str, port: int, certificates: Certificates) -> None:
    """One request, answered with whatever status; raises where it is not."""
    status, _ = Probe(name, port, certificates, COMMON_HEADERS, http2=False).ask(certificates.client)
    if not status:
        raise RuntimeError(f"{name} gave no answer")


def wait_until_ready(name: str, port: int, certificates: Certificates) -> None:
    """Some listen before they have read their certificate, and show another one until then."""
    limit = time.monotonic() + READY_SECONDS
    while True:
        try:
            return handshake(port, certificates.server, certificates.client)
        except ssl.SSLError as reason:
            if time.monotonic() > limit:
                raise RuntimeError(f"{name} shows no good certificate after {READY_SECONDS} s: {reason}") from reason
            time.sleep(0.05)


def tells(header: str, client: Files, digest: bool) -> bool:
    """Whether the header has the client's whole certificate, however it is written, or its digest."""
    leaf = ssl.PEM_cert_to_DER_cert(client.chain.read_text().partition(FOOTER)[0] + FOOTER)
    if digest:
        return f"Hash={sha256(leaf).hexdigest()}" in header
    # Writers of PEM escape it or leave its lines out.
    told = re.sub(r"-----[A-Z ]+-----|\s", "", unquote(header))
    return b64encode(leaf).decode() in told


def handshake(port: int, server: Files, client: Files) -> None:
    """One handshake to its end; raises where there is none."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with client_context(server, client).wrap_socket(plain, server_hostname=HOST):
            pass


def client_context(server: Files, client: Files | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(server.root)
    if client:
        context.load_cert_chain(client.chain, client.key)
    return context


def exchange_http1(secure: ssl.SSLSocket, host: str, spoofed: tuple[str, ...]) -> tuple[int, str]:
    fields = "".join(f"{name}: spoofed\r\n" for name in spoofed)
    secure.sendall(f"GET /seen HTTP/1.1\r\nHost: {host}\r\n{fields}Connection: close\r\n\r\n".encode())
    answer = b""
    while chunk := secure.recv(65536):
        answer += chunk
    head, _, body = answer.decode().partition("\r\n\r\n")
    if not head.startswith("HTTP/1.1 "):
        return 0, body
    return int(head.split(" ", 2)[1]), body


def exchange_http2(secure: ssl.SSLSocket, host: str, spoofed: tuple[str, ...]) -> tuple[int, str]:
    connection = H2Connection(H2Configuration(header_encoding="utf-8"))
    connection.initiate_connection()
    head = [(":method", "GET"), (":scheme", "https"), (":authority", host), (":path", "/seen")]
    connection.send_headers(1, head + [(name, "spoofed") for name in spoofed], end_stream=True)
    secure.sendall(connection.data_to_send())
    status, body = 0, b""
    while chunk := secure.recv(65536):
        for event in connection.receive_data(chunk):
            if isinstance(event, ResponseReceived):
                status = int(dict(event.headers)[":status"])
            elif isinstance(event, DataReceived):
                body += event.data
            elif isinstance(event, (StreamEnded, StreamReset)):
                return status, body.decode()
    return status, body.decode()
