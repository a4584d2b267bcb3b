"""An authority for agents that does as a test says: the native API over real TLS, certificates minted in memory."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from harness.pki import SERVER_AUTH, Authority, subject
from harness.ports import free_port
from harness.waiting import Journal

TRUST_DOMAIN = "link.internal"


class _PublicKeyOnly:
    """What `Authority.leaf` needs of a key whose private half is the requester's."""

    def __init__(self, public_key):
        self._public_key = public_key

    def public_key(self):
        return self._public_key


class StandInAuthority:
    """Listens on a loopback port of its own, which it keeps over `stop` and `start`."""

    def __init__(self, directory, name="Stand-in", server_ips=("127.0.0.1",)):
        self.root = Authority.root(f"{name} Root")
        self.issuer = self.root.intermediate(f"{name} Issuer")
        self.directory = directory
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.ca_path = self.root.save(directory, f"{name.lower()}-root")
        server = self.issuer.leaf(
            subject(("CN", "authority")),
            uris=[f"spiffe://{TRUST_DOMAIN}/authority"],
            ips=list(server_ips),
            purposes=[SERVER_AUTH],
        )
        self._server_paths = server.save(directory, f"{name.lower()}-server")
        # What a test may change at any time; seconds.
        self.lifetime = 3600
        self.agent_lifetime = 3600
        self.renew = {"at_fraction": 0.5}
        self.tokens = {"csj_good": "host-1"}
        self.refusal = None
        self.bundle = None
        self.hold = threading.Event()
        self.hold.set()
        # What came: pairs of the path and what was asked for, and all connections.
        self.requests = Journal()
        self.connections = Journal()
        self._server = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.hold.set()
        self.stop()

    def start(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._server_paths)
        context.load_verify_locations(self.ca_path)
        context.verify_mode = ssl.CERT_OPTIONAL
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.authority, self._server.context = self, context
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.drop_connections()
            self._server = None

    def count(self, path, service=None):
        return sum(1 for seen in self.requests.snapshot() if seen[0] == path and service in (None, seen[1]))

    def issue(self, csr, uri, lifetime):
        key = _PublicKeyOnly(x509.load_pem_x509_csr(csr.encode()).public_key())
        leaf = self.issuer.leaf(uri.rsplit("/", 1)[1], key=key, uris=[uri], lifetime=(-0.5, lifetime / 60))
        return {
            "certificate": leaf.pem,
            "chain": leaf.chain_pem,
            "serial": f"{leaf.certificate.serial_number:x}",
            "renew": self.renew,
            "trust_bundle": self.bundle_pem,
        }

    @property
    def bundle_pem(self):
        return self.bundle or self.root.pem


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._open = set()

    def handle_error(self, request, client_address):
        """Clients that break off, such as those that do not trust this server, are no news."""

    def finish_request(self, request, client_address):
        self.authority.connections.add(client_address)
        request.settimeout(20)
        with self.context.wrap_socket(request, server_side=True) as secured:
            self._open.add(secured)
            try:
                super().finish_request(secured, client_address)
            finally:
                self._open.discard(secured)

    def drop_connections(self):
        for sock in list(self._open):
            try:
                sock.shutdown(2)
            except OSError:
                pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._take(None)

    def do_POST(self):
        self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _take(self, body):
        authority = self.server.authority
        authority.requests.add((self.path, (body or {}).get("service"), self._caller()))
        authority.hold.wait(20)
        try:
            status, kind, answer = self._answer(authority, body)
        except KeyError as missing:
            status, kind, answer = self._problem(400, f"{missing} is missing")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _answer(self, authority, body):
        if authority.refusal:
            return self._problem(*authority.refusal)
        if self.path == "/v1/bundle":
            return 200, "application/x-pem-file", authority.bundle_pem.encode()
        if self.path == "/v1/revocation-lists":
            return self._problem(404, "there is nothing at this path")
        if self.path == "/v1/join":
            name = authority.tokens.pop(body["token"], None)
            if name is None:
                return self._problem(401, "the join token is unknown, or was used already")
            return self._issued(body["csr"], f"spiffe://{TRUST_DOMAIN}/agent/{name}", authority.agent_lifetime)
        caller = self._caller()
        if caller is None:
            return self._problem(401, "this call needs a client certificate")
        if self.path == "/v1/renew":
            return self._issued(body["csr"], caller, authority.agent_lifetime)
        uri = f"spiffe://{TRUST_DOMAIN}/ns/default/sa/{body['service']}"
        return self._issued(body["csr"], uri, authority.lifetime)

    def _issued(self, csr, uri, lifetime):
        answer = self.server.authority.issue(csr, uri, lifetime)
        return 201, "application/json", json.dumps(answer).encode()

    def _problem(self, status, detail):
        problem = {"type": "about:blank", "title": "Refused", "status": status, "detail": detail, "code": "refused"}
        return status, "application/problem+json", json.dumps(problem).encode()

    def _caller(self):
        der = self.connection.getpeercert(binary_form=True)
        if not der:
            return None
        names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return names.value.get_values_for_type(x509.UniformResourceIdentifier)[0]

    def log_message(self, *_):
        pass


def public_key_of(certificate_or_key_pem):
    """The public half, as bytes to compare, of the first certificate or the private key of a PEM text."""
    if b"PRIVATE KEY" in certificate_or_key_pem:
        public = serialization.load_pem_private_key(certificate_or_key_pem, None).public_key()
    else:
        public = x509.load_pem_x509_certificate(certificate_or_key_pem).public_key()
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
