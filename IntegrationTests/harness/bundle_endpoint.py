"""A SPIFFE bundle endpoint that publishes whatever a test wants."""

import base64
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import serialization


def jwks(*authorities, **members):
    """The bundle of these authorities as a SPIFFE bundle document."""
    keys = []
    for authority in authorities:
        der = authority.certificate.public_bytes(serialization.Encoding.DER)
        numbers = authority.key.public_key().public_numbers()
        point = {name: _url(getattr(numbers, name).to_bytes(32, "big")) for name in ("x", "y")}
        x5c = [base64.b64encode(der).decode()]
        keys.append({"kty": "EC", "crv": "P-256", **point, "use": "x509-svid", "x5c": x5c})
    return json.dumps({**members, "keys": keys}).encode()


def _url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class BundleEndpoint:
    """An HTTPS server with the identity of a leaf; `status` and `content` may be changed at any time."""

    def __init__(self, leaf, directory, content=b""):
        self.content, self.status = content, 200
        self.asked = 0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                endpoint.asked += 1
                self.send_response(endpoint.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(endpoint.content)))
                self.end_headers()
                self.wfile.write(endpoint.content)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, leaf.save(directory, "endpoint")))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self):
        return f"https://127.0.0.1:{self._server.server_port}/bundle"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
