"""Backends that speak mutual TLS, and routers that reach them with an identity of their own."""

import ssl

from cryptography import x509

from harness.pki import CLIENT_AUTH, Authority

HOST = "plain.example.com"
TRUST_DOMAIN = "cluster.local"


def spiffe_id(service, namespace="default", trust_domain=TRUST_DOMAIN):
    return f"spiffe://{trust_domain}/ns/{namespace}/sa/{service}"


class Mesh:
    """An authority of workloads, the router's certificate in files, and whatever a test asks for beside them."""

    def __init__(self, world, directory):
        self.world, self.directory = world, directory
        self.root = Authority.root("Mesh Root")
        self.issuer = self.root.intermediate("Mesh Issuer")
        self.roots = str(self.root.save(directory, "mesh-root"))
        self.own = None
        self.renew()

    def renew(self, **options):
        """Puts a new certificate of the router in place of the one before, as an agent does, and answers it."""
        options = {"uris": [spiffe_id("router")], "purposes": [CLIENT_AUTH], **options}
        self.own = self.issuer.leaf("router", **options)
        self.own_paths = tuple(map(str, self.own.save(self.directory, "router")))
        return self.own

    def service(self, name="users", issuer=None, **options):
        """A backend's certificate: by default the one that `users` on loopback should have."""
        options = {"uris": [spiffe_id(name)], "ips": ["127.0.0.1"], "dns": [f"{name}.internal"], **options}
        return (issuer or self.issuer).leaf(name, **options)

    def context(self, leaf, clients=ssl.CERT_REQUIRED, roots=None, version=None, tickets=None, alpn=None):
        """A server's context that presents `leaf` and by default wants a certificate of the mesh."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*self.world.paths(leaf))
        made.verify_mode = clients
        if clients != ssl.CERT_NONE:
            made.load_verify_locations(roots or self.roots)
        if version:
            made.minimum_version = made.maximum_version = version
        if tickets is not None:
            made.num_tickets = tickets
            if not tickets:
                made.options |= ssl.OP_NO_TICKET
        if alpn:
            made.set_alpn_protocols(alpn)
        return made

    def section(self, **options):
        """The section `mtls` with the router's certificate in files."""
        chain, key = self.own_paths
        return {"enabled": True, "cert_chain": chain, "private_key": key, "ca_certs": self.roots, **options}

    def upstream(self, backend, name="users", scheme="https", host="127.0.0.1", **mtls):
        return {"name": name, "url": f"{scheme}://{host}:{backend.port}", "mtls": {"service_name": name, **mtls}}

    def configuration(self, *upstreams, mtls=None, **router):
        """A router with one route for each upstream: the first has `HOST`, the others `NAME.example.com`."""
        hosts = [HOST] + [f"{upstream['name']}.example.com" for upstream in upstreams[1:]]
        routes = [
            {"route": host, "upstream": upstream["name"]} for host, upstream in zip(hosts, upstreams, strict=True)
        ]
        router.setdefault("workers", 1)
        made = self.world.configuration(routes, **router)
        return {**made, "mtls": mtls or self.section(), "subgraphs": list(upstreams)}


def uris_of(der):
    """The URIs of a certificate."""
    names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return names.value.get_values_for_type(x509.UniformResourceIdentifier)


def failures(router, upstream="users", **labels):
    return router.metric("mtls_upstream_failure_total", upstream=upstream, **labels)


def handshakes(router, upstream="users", **labels):
    return router.metric("mtls_handshake_total", **{"from": "router"}, to=upstream, **labels)


def ask(world, router, host=HOST, path="/"):
    """One request on a connection of its own."""
    with world.connect(router, host) as connection:
        return connection.get(host, path)
