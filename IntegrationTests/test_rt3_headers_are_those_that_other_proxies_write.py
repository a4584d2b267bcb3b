"""What the router tells backends of a certificate is what nginx, Envoy and Traefik tell of the same, byte for byte."""

import base64
import json

import http_sf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from harness.backend import Backend
from harness.pki import subject
from harness.ports import free_port
from harness.proxies import EnvoyBehindProxies, EnvoyProxy, NginxProxy, TraefikProxy
from harness.tls_client import request
from harness.tools import countersign
from harness.world import route

HOST = "partner.example.com"
CERTIFICATE_HEADERS = {
    "x-forwarded-client-cert",
    "x-forwarded-tls-client-cert",
    "x-forwarded-tls-client-cert-info",
    "ssl-client-cert",
    "ssl-client-verify",
    "ssl-client-subject-dn",
    "ssl-client-issuer-dn",
    "client-cert",
    "client-cert-chain",
}
ENVOYS = {"xfcc_format": "envoy", "xfcc_details": ["cert", "chain", "uri", "dns"]}


@pytest.fixture(scope="module")
def callers(world):
    """Certificates as different as callers have them."""
    device = (("C", "DE"), ("ST", "Berlin"), ("L", "Berlin"), ("O", "Partner, Inc."), ("CN", "orders"))
    names = {
        "dns": ["orders.partner.example", "orders"],
        "uris": ["spiffe://partner.example/ns/shop/sa/orders"],
        "ips": ["192.0.2.7"],
    }
    return {
        "plain": world.partner_device,
        "names of every kind": world.partner.leaf(subject(*device), **names),
        "separators": world.partner.leaf(subject(("O", 'a;b=c+d "e"'), ("CN", "x,y"))),
        "other alphabets": world.partner.leaf(subject(("O", "Grüße"), ("CN", "日本"))),
    }


CALLERS = ("plain", "names of every kind", "separators", "other alphabets")


def ask(world, server, backend, leaf, *fields):
    """What the backend is told of a caller."""
    backend.forget()
    with world.connect(server, HOST, leaf) as connection:
        assert connection.exchange(request("GET", "/", HOST, *fields)).status == 200
    [message] = backend.seen()
    return {name: message.get(name) for name in message.names() if name in CERTIFICATE_HEADERS}


@pytest.fixture(scope="module")
def told_by(world, callers, tmp_path_factory):
    """What each make of proxy tells of each caller."""
    known = {}

    def told(make):
        if make not in known:
            folder = tmp_path_factory.mktemp("proxy") / "run"
            with Backend() as backend:
                arguments = (world.server_chain, world.server_key, world.partner_roots, backend.address)
                with make(folder, *arguments) as proxy:
                    known[make] = {name: ask(world, proxy, backend, leaf) for name, leaf in callers.items()}
        return known[make]

    return told


@pytest.fixture
def routed(world, start_router, backend, callers):
    """What the router tells of a caller, with these keys of the domain."""

    def told(caller, *fields, **domain):
        section = {key: value for key, value in world.partner_domain(**domain).items() if value is not None}
        router = start_router(world.configuration([route(HOST, backend)], domains=[section]))
        return ask(world, router, backend, callers[caller], *fields)

    return told


def name_of(text):
    """A distinguished name as the reader of a header makes it out of RFC 4514's text."""
    return x509.Name.from_rfc4514_string(text.encode("latin-1").decode())


@pytest.mark.parametrize("caller", CALLERS)
def test_nginx_headers_are_those_of_nginx(routed, told_by, caller):
    theirs, ours = told_by(NginxProxy)[caller], routed(caller, xfcc_format=None, client_cert_headers=["nginx"])
    for name in ("ssl-client-cert", "ssl-client-verify", "ssl-client-issuer-dn"):
        assert ours[name] == theirs[name]
    # Separators inside of a value are written as bytes, which no reader takes for a separator.
    assert name_of(ours["ssl-client-subject-dn"]) == name_of(theirs["ssl-client-subject-dn"])
    assert ours.keys() == theirs.keys()


@pytest.mark.parametrize("caller", CALLERS)
def test_envoy_elements_are_those_of_envoy(routed, told_by, callers, caller):
    theirs, ours = told_by(EnvoyProxy)[caller], routed(caller, **ENVOYS)
    assert ours.keys() == theirs.keys() == {"x-forwarded-client-cert"}
    theirs, ours = (parts(value["x-forwarded-client-cert"]) for value in (theirs, ours))
    # Envoy names the URI of a certificate that has none, too.
    theirs = [part for part in theirs if part != "URI="]
    assert [part for part in ours if not part.startswith("Subject=")] == [
        part for part in theirs if not part.startswith("Subject=")
    ]
    subjects = [[part[9:-1] for part in parts if part.startswith("Subject=")] for parts in (theirs, ours)]
    assert [name_of(text) for [text] in subjects] == [callers[caller].certificate.subject] * 2


def parts(element):
    """The pairs of an element, of which none of these tests has a semicolon outside of Subject."""
    head, subject, rest = element.partition(';Subject="')
    inner, quote, tail = rest.partition('";') if '";' in rest else (rest[:-1], '"', "")
    return [*head.split(";"), f'Subject="{inner}"', *filter(None, tail.split(";"))]


@pytest.mark.parametrize("caller", CALLERS)
def test_traefik_headers_are_those_of_traefik(routed, told_by, caller):
    theirs = told_by(TraefikProxy)[caller]
    ours = routed(caller, xfcc_format=None, client_cert_headers=["traefik", "traefik_info"])
    assert ours.keys() == theirs.keys()
    assert ours["x-forwarded-tls-client-cert"] == theirs["x-forwarded-tls-client-cert"]
    # Traefik tells of the issuers' certificates as well, and leaves separators inside of values as they are.
    ours, theirs = ours["x-forwarded-tls-client-cert-info"], theirs["x-forwarded-tls-client-cert-info"]
    if caller == "plain":
        assert theirs.startswith(ours + "%2C")
    else:
        leaf = theirs.split("%22%2CSubject%3D")[0] + "%22"
        assert ours.split("%22%3B")[1:] == leaf.split("%22%3B")[1:]


@pytest.mark.parametrize("caller", CALLERS)
def test_rfc9440_fields_are_read_by_a_parser_of_structured_fields(world, routed, callers, caller):
    fields = routed(caller, xfcc_format=None, client_cert_headers=["rfc9440"])
    assert fields.keys() == {"client-cert", "client-cert-chain"}
    certificate, _ = http_sf.parse(fields["client-cert"].encode(), tltype="item")
    assert certificate == callers[caller].der
    chain = http_sf.parse(fields["client-cert-chain"].encode(), tltype="list")
    assert [item for item, _ in chain] == [world.partner.certificate.public_bytes(Encoding.DER)]


def test_all_headers_are_written_at_once_and_clients_own_never_pass(routed, callers):
    claims = [f"{name}: claimed" for name in CERTIFICATE_HEADERS]
    every = ["rfc9440", "nginx", "xfcc", "traefik_info", "traefik"]
    fields = routed("plain", *claims, client_cert_headers=every)
    assert fields.keys() == CERTIFICATE_HEADERS
    assert fields["x-forwarded-client-cert"] == base64.b64encode(callers["plain"].der).decode()
    assert "claimed" not in "".join(fields.values())


def test_no_header_is_written_where_none_is_named(routed):
    claims = [f"{name}: claimed" for name in CERTIFICATE_HEADERS]
    assert routed("plain", *claims, xfcc_format=None, client_cert_headers=[]) == {}


# Before and behind the router


@pytest.mark.parametrize("make", [NginxProxy, EnvoyProxy, TraefikProxy])
@pytest.mark.parametrize("mode", ["sanitize_set", "forward"])
def test_balancer_before_the_router_tells_of_its_clients_only_where_it_is_trusted_to(
    world, start_router, backend, callers, tmp_path, make, mode
):
    """The balancer ends its clients' TLS and shows the router a certificate of its own."""
    section = world.partner_domain(forwarded_client_cert=mode)
    router = start_router(world.configuration([route(HOST, backend)], domains=[section]))
    balancer = world.partner.leaf(subject(("CN", "balancer")))
    outgoing = (*world.paths(balancer), world.server_roots)
    arguments = (world.server_chain, world.server_key, world.partner_roots, f"127.0.0.1:{router.port}")
    with make(tmp_path / "proxy", *arguments, outgoing=outgoing, server_name=HOST) as proxy:
        told = ask(world, proxy, backend, callers["plain"])
    if mode == "sanitize_set":
        assert told == {"x-forwarded-client-cert": base64.b64encode(balancer.der).decode()}
    elif make is EnvoyProxy:
        assert f"Hash={callers['plain'].sha256};" in told["x-forwarded-client-cert"] and len(told) == 1
    else:
        assert told == {}, "only X-Forwarded-Client-Cert is kept in any mode"


def test_envoy_behind_the_router_reads_the_element_and_adds_the_routers_own(
    world, mesh, start_router, backend, callers, tmp_path
):
    chain, key = world.paths(mesh.service())
    with EnvoyBehindProxies(tmp_path / "envoy", chain, key, mesh.roots, backend.address) as envoy:
        configuration = world.configuration(
            [{"route": HOST, "upstream": "users"}], domains=[world.partner_domain(xfcc_format="envoy")]
        )
        configuration["mtls"] = mesh.section()
        configuration["subgraphs"] = [
            {
                "name": "users",
                "url": f"https://127.0.0.1:{envoy.port}",
                "mtls": {"enabled": True, "service_name": "users"},
            }
        ]
        told = ask(world, start_router(configuration), backend, callers["names of every kind"])
    first, second = told["x-forwarded-client-cert"].split(",By=")
    assert first.startswith(f"Hash={callers['names of every kind'].sha256};")
    assert "URI=spiffe://cluster.local/ns/default/sa/router" in second


# Configuration


@pytest.mark.parametrize(
    "domain, message",
    [
        ({"client_cert_headers": ["envoy"]}, "one of xfcc, traefik, traefik_info, nginx, rfc9440"),
        ({"client_cert_headers": ["nginx"], "xfcc_format": "raw"}, "client_cert_headers does not have xfcc"),
        ({"xfcc_format": "raw", "xfcc_details": ["cert"]}, "only the form envoy has details"),
        ({"xfcc_format": "envoy", "xfcc_details": ["subject"]}, "one of cert, chain, uri, dns"),
    ],
)
def test_headers_that_cannot_be_are_refused(world, tmp_path, domain, message):
    section = {key: value for key, value in world.partner_domain(**{"xfcc_format": None, **domain}).items() if value}
    path = tmp_path / "router.json"
    listen = [f"127.0.0.1:{free_port()}"]
    path.write_text(json.dumps(world.configuration([], domains=[section], listen=listen)))
    done = countersign("config", "check", "--role", "router", "--config", str(path))
    assert done.returncode == 1 and message in done.stdout + done.stderr
