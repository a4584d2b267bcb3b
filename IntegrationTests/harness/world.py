"""The cast of the tests: two certificate authorities with callers, a stranger, and the router's own certificate."""

import threading

from harness.http2 import HTTP2
from harness.pki import SERVER_AUTH, Authority, subject
from harness.tls_client import Connection, context

ORG_SHOP = "6e424e4e-5e46-419a-9cb6-eac9de2794e8"
ORG_OTHER = "0b4e2a0e-9d1c-4f6e-8f6a-6a0a2b7f2a11"
SPACE_SHOP = "5f1c9f7a-3d61-4f31-a9a4-0d5f54c1a7c1"
SPACE_OTHER = "b1d7e7e3-6f2f-4b0e-9a54-7f0c2f8e7d22"
APP_FRONTEND = "d76446a1-f429-4444-8797-be2f78b75b08"
APP_OTHER = "2c4c1c56-23f5-4a41-8f5f-0a4f8f5b1d33"

SERVER_NAMES = [
    "*.apps.mtls.internal",
    "*.deep.apps.mtls.internal",
    "apps.mtls.internal",
    "partner.example.com",
    "*.partners.example.net",
    "plain.example.com",
    "*.plain.example.org",
    "other.example.com",
    "localhost",
]


class World:
    """Mints everything once; what is needed on disk is under `directory`."""

    def __init__(self, directory):
        self.directory = directory
        self._lock = threading.RLock()
        self._contexts = {}
        self._saved = {}
        self.server_root = Authority.root("Server Root")
        server_issuer = self.server_root.intermediate("Server Issuer")
        self.server = server_issuer.leaf(
            subject(("CN", "router")), dns=SERVER_NAMES, ips=["127.0.0.1"], purposes=[SERVER_AUTH]
        )
        self.server_roots = str(self.server_root.save(directory, "server-root"))
        self.server_chain, self.server_key = map(str, self.server.save(directory, "server"))

        self.platform_root = Authority.root("Platform Root")
        self.platform = self.platform_root.intermediate("Platform Instance Identity")
        self.platform_roots = str(self.platform_root.save(directory, "platform-root"))
        self.partner_root = Authority.root("Partner Root")
        self.partner = self.partner_root.intermediate("Partner Devices")
        self.partner_roots = str(self.partner_root.save(directory, "partner-root"))
        self.stranger_root = Authority.root("Stranger Root")
        self.stranger = self.stranger_root.intermediate("Stranger Issuer")

        self.frontend = self.platform.cloud_foundry(APP_FRONTEND, SPACE_SHOP, ORG_SHOP, name="frontend-0")
        self.other_app = self.platform.cloud_foundry(APP_OTHER, SPACE_OTHER, ORG_OTHER, name="other-0")
        self.expired = self.platform.cloud_foundry(APP_FRONTEND, SPACE_SHOP, ORG_SHOP, lifetime=(-120, -60))
        self.partner_device = self.partner.leaf(subject(("O", "Partner"), ("CN", "device-7")))
        self.strange_app = self.stranger.cloud_foundry(APP_FRONTEND, SPACE_SHOP, ORG_SHOP)

    def paths(self, leaf):
        """Chain and key of a leaf on disk, as the client programs take them."""
        with self._lock:
            if id(leaf) not in self._saved:
                name = f"leaf-{len(self._saved)}"
                self._saved[id(leaf)] = (leaf, tuple(map(str, leaf.save(self.directory / "leaves", name))))
            return self._saved[id(leaf)][1]

    def context(self, identity=None, version=None, fresh=False, **options):
        """A client context that presents `identity`; kept, so that sessions can be resumed with it."""
        key = (id(identity) if identity else None, version, tuple(sorted(options.items())))
        with self._lock:
            if fresh or key not in self._contexts:
                paths = self.paths(identity) if identity else None
                made = context(self.server_roots, paths, version=version, **options)
                if fresh:
                    return made
                self._contexts[key] = made
            return self._contexts[key]

    def connect(self, router, sni, identity=None, version=None, session=None, **options):
        return Connection(router.port, sni, self.context(identity, version), session=session, **options)

    def connect_http2(self, router, sni, identity=None, version=None, session=None, **options):
        """A connection of HTTP/2."""
        made = self.context(identity, version, alpn=("h2",))
        return HTTP2(router.port, sni, made, session=session, **options)

    # Configurations

    def configuration(self, routes, domains=None, **router):
        """A router configuration with the world's server certificate; `domains` defaults to both mTLS domains."""
        return {
            "router": {
                "tls": {"certificates": [{"cert_chain": self.server_chain, "private_key": self.server_key}]},
                "domains": self.domains() if domains is None else domains,
                "routes": routes,
                **router,
            },
            "log": {"level": "info", "format": "json"},
        }

    def domains(self):
        return [self.platform_domain(), self.partner_domain()]

    def platform_domain(self, name="*.apps.mtls.internal", **options):
        return {
            "name": name,
            "ca_certs": self.platform_roots,
            "xfcc_format": "envoy",
            "authorization": {"mode": "cf_identity"},
            **options,
        }

    def partner_domain(self, name="partner.example.com", **options):
        return {"name": name, "ca_certs": self.partner_roots, "xfcc_format": "raw", **options}


def route(name, *backends, **options):
    """A route entry: `route("host/path", backend, mtls_allow_any=True)`."""
    entry = {"route": name, "endpoints": [getattr(backend, "address", backend) for backend in backends]}
    return {**entry, "options": options} if options else entry
