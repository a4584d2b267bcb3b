"""Endpoints that are registered with a TLS port get requests only when their certificate is for the name registered."""

import pytest

from harness.listening import Listening
from harness.mesh import failures, uris_of
from harness.pki import Authority
from harness.waiting import until

HOST = "plain.example.com"
INSTANCE, OTHER = "6a9b4f3e-2c1d-4a55-8b70-0f8f5e1c9a01", "6a9b4f3e-2c1d-4a55-8b70-0f8f5e1c9a02"


@pytest.fixture
def listening(world, mesh, start_router, bus):
    return Listening(world, start_router, bus, mtls=mesh.section())


@pytest.fixture
def client(bus):
    with bus.client() as client:
        yield client


def instance(mesh, start_backend, name=INSTANCE, **options):
    """A backend with the certificate of an instance, as a platform's proxy beside the application has one."""
    return start_backend(tls=mesh.context(mesh.service(dns=[name], uris=[], ips=[]), **options))


def test_instance_with_the_registered_name_is_asked_over_tls(listening, client, mesh, start_backend):
    backend = instance(mesh, start_backend)
    client.register(backend, HOST, tls_port=backend.port, server_cert_domain_san=INSTANCE)
    listening.wait_for(200, HOST)
    assert uris_of(backend.exchanges.snapshot()[0].peer_certificate), "the router has shown its own certificate"
    assert failures(listening.router, "") == 0


def test_instance_with_another_name_sees_no_request_and_is_left_out(listening, client, mesh, start_backend):
    wrong, right = instance(mesh, start_backend, OTHER), instance(mesh, start_backend)
    client.register(wrong, HOST, tls_port=wrong.port, server_cert_domain_san=INSTANCE)
    listening.wait_for(503, HOST)
    assert not wrong.seen() and failures(listening.router, "", reason="name_mismatch") >= 1
    client.register(right, HOST, tls_port=right.port, server_cert_domain_san=INSTANCE)
    listening.wait_for(200, HOST)
    assert [listening.status(HOST) for _ in range(6)] == [200] * 6
    assert not wrong.seen()


def test_address_that_another_instance_takes_over_is_measured_by_the_new_name(listening, client, mesh, start_backend):
    backend = instance(mesh, start_backend)
    client.register(backend, HOST, tls_port=backend.port, server_cert_domain_san=INSTANCE)
    listening.wait_for(200, HOST)
    client.register(backend, HOST, tls_port=backend.port, server_cert_domain_san=OTHER)
    listening.wait_for(503, HOST)
    # The connections that are open were verified for the other name, and carry nothing for this one.
    until(lambda: failures(listening.router, "", reason="name_mismatch") >= 1, 10, "the new name being asked for")
    seen = len(backend.seen())
    assert [listening.status(HOST) for _ in range(3)] == [503] * 3 and len(backend.seen()) == seen
    client.register(backend, HOST, tls_port=backend.port, server_cert_domain_san=INSTANCE)
    listening.wait_for(200, HOST)


def test_endpoint_without_tls_behind_a_tls_port_is_sent_nothing(listening, client, start_backend):
    backend = start_backend()
    client.register(backend, HOST, tls_port=backend.port, server_cert_domain_san=INSTANCE)
    until(lambda: listening.status(HOST) >= 502, 10, "the refusal")
    assert not backend.seen()


def test_endpoint_of_a_foreign_authority_is_sent_nothing(listening, client, mesh, start_backend):
    foreign = Authority.root("Foreign Root").leaf("users", dns=[INSTANCE])
    backend = start_backend(tls=mesh.context(foreign))
    client.register(backend, HOST, tls_port=backend.port, server_cert_domain_san=INSTANCE)
    until(lambda: listening.status(HOST) >= 502, 10, "the refusal")
    assert not backend.seen()
