"""Several server certificates, several listeners, endpoints by name: what the configuration names is what is used."""

import socket

import pytest

from harness.backend import Backend
from harness.pki import SERVER_AUTH, Authority
from harness.ports import free_port
from harness.tls_client import Connection
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

PLAIN, OTHER, MTLS = "plain.example.com", "named.example.net", "a.apps.mtls.internal"
WILD = "*.wild.example.net"


@pytest.fixture(scope="module")
def certificates(world, tmp_path_factory):
    """Certificates for single names beside the world's own, which is for all the others."""
    folder = tmp_path_factory.mktemp("certificates")
    made = {}
    for name in (OTHER, WILD):
        leaf = world.server_root.leaf("named", dns=[name], purposes=[SERVER_AUTH])
        chain, key = leaf.save(folder, name.replace("*", "any"))
        made[name] = (leaf, {"cert_chain": str(chain), "private_key": str(key)})
    return made


@pytest.mark.parametrize(
    "sni, expected",
    [
        (OTHER, OTHER),
        (OTHER.upper(), OTHER),
        ("a.wild.example.net", WILD),
        ("a.b.wild.example.net", None),
        ("wild.example.net", None),
        (PLAIN, None),
        (MTLS, None),
        (None, None),
    ],
)
def test_certificate_that_names_the_host_is_presented(world, start_router, backend, certificates, sni, expected):
    configuration = world.configuration([route(PLAIN, backend)])
    configuration["router"]["tls"]["certificates"] += [files for _, files in certificates.values()]
    router = start_router(configuration)
    with world.connect(router, sni, world.frontend) as connection:
        presented = connection.tls.getpeercert(True)
    assert presented == (certificates[expected][0] if expected else world.server).der


def test_every_listener_serves(world, start_router, backend):
    ports = [free_port() for _ in range(3)]
    router = start_router(world.configuration([route(PLAIN, backend)], listen=[f"127.0.0.1:{port}" for port in ports]))
    for port in ports:
        with Connection(port, PLAIN, world.context()) as connection:
            assert connection.get(PLAIN).status == 200
    assert router.is_running


def test_ipv6_listener_serves_and_its_callers_address_is_told(world, start_router, backend):
    port = free_port()
    start_router(world.configuration([route(PLAIN, backend)], listen=[f"[::1]:{port}"]))
    with (
        socket.create_connection(("::1", port), 10) as raw,
        world.context().wrap_socket(raw, server_hostname=PLAIN) as tls,
    ):
        tls.sendall(f"GET / HTTP/1.1\r\nHost: {PLAIN}\r\n\r\n".encode())
        assert tls.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert backend.seen()[0].get("X-Forwarded-For") == "::1"


def test_endpoint_may_be_a_name(world, start_router):
    with Backend() as backend:
        router = start_router(world.configuration([route(PLAIN, f"localhost:{backend.port}")]))
        with world.connect(router, PLAIN) as connection:
            assert connection.get(PLAIN).status == 200


def test_authorities_in_a_list_or_in_the_file_itself_are_all_trusted(world, start_router, backend):
    second = Authority.root("Second Platform Root")
    domains = [world.platform_domain(ca_certs=[world.platform_roots, second.pem])]
    router = start_router(world.configuration([route(MTLS, backend, mtls_allow_any=True)], domains))
    for identity in (world.frontend, second.cloud_foundry(APP_FRONTEND, SPACE_SHOP, ORG_SHOP)):
        with world.connect(router, MTLS, identity) as connection:
            assert connection.get(MTLS).status == 200


def test_routers_without_domains_or_routes_answer_404(world, start_router):
    router = start_router(world.configuration([], []))
    with world.connect(router, PLAIN) as connection:
        assert connection.get(PLAIN).status == 404
