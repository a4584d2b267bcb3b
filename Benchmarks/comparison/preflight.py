"""Shows before anything is measured that a proxy does the work that all of them are compared at."""

import re
import socket
import ssl
import time
from base64 import b64encode
from hashlib import sha256
from urllib.parse import unquote

from .certificates import HOST, Certificates, Files
from .peers import Setting

READY_SECONDS = 20
FOOTER = "-----END CERTIFICATE-----\n"


def check(name: str, port: int, certificates: Certificates, setting: Setting) -> None:
    wait_until_ready(name, port, certificates)
    status, body = exchange(port, certificates.server, certificates.client)
    lines = body.split("\n")
    expect(name, status == 200, f"answered {status} to a good client")
    expect(name, "spoofed" not in lines[0], f"let through the header {lines[0]!r}")
    expect(name, tells(lines[0], certificates.client, setting.digest), f"told of the caller by {lines[0]!r}")
    # Which address it is differs: one of them writes the machine's own for a client on the loopback interface.
    expect(name, bool(lines[1]), "set no X-Forwarded-For")
    expect(name, lines[2] == HOST, f"set Host to {lines[2]!r}")
    elsewhere = exchange(port, certificates.server, certificates.client, "elsewhere.example")
    # One of them answers 200 with nothing for a host that it does not know.
    expect(name, elsewhere[0] != 200 or not elsewhere[1], "forwarded a request for a host that it has no route for")
    expect(name, not served(port, certificates.server, None), "served a client without a certificate")
    expect(name, not served(port, certificates.server, certificates.stranger), "served a stranger's certificate")


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


def expect(name: str, holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(f"{name} does not do the same work: it {otherwise}")


def tells(header: str, client: Files, digest: bool) -> bool:
    """Whether the header has the client's whole certificate, however it is written, or its digest."""
    leaf = ssl.PEM_cert_to_DER_cert(client.chain.read_text().partition(FOOTER)[0] + FOOTER)
    if digest:
        return f"Hash={sha256(leaf).hexdigest()}" in header
    # Writers of PEM escape it or leave its lines out.
    told = re.sub(r"-----[A-Z ]+-----|\s", "", unquote(header))
    return b64encode(leaf).decode() in told


def served(port: int, server: Files, client: Files | None) -> bool:
    try:
        return exchange(port, server, client)[0] == 200
    except OSError:
        return False


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


def exchange(port: int, server: Files, client: Files | None, host: str = HOST) -> tuple[int, str]:
    """Status and body of one request with a header that only the proxy may set."""
    context = client_context(server, client)
    request = f"GET /seen HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Client-Cert: spoofed\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=HOST) as secure:
            secure.sendall(request.encode())
            answer = b""
            while chunk := secure.recv(65536):
                answer += chunk
    head, _, body = answer.decode().partition("\r\n\r\n")
    if not head.startswith("HTTP/1.1 "):
        return 0, body
    return int(head.split(" ", 2)[1]), body
