"""The router's own identity comes from a Workload API: rotation, outages, and what is not taken."""

import json
import os

import pytest
from cryptography import x509

from harness.authority_api import CERTIFICATES
from harness.mesh import ask, spiffe_id
from harness.waiting import until
from harness.workload import socket_of

ID = "spiffe://link.internal/ns/default/sa/user-svc"


@pytest.fixture
def authority(start_authority):
    return start_authority()


@pytest.fixture
def agent(authority, join_agent):
    rule = {"service": "user-svc", "uid": os.getuid()}
    agent = join_agent(authority, "user-svc", name="host-1", socket="unix:run/agent.sock", workloads=[rule])
    agent.wait_until_ready()
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    return agent


@pytest.fixture
def backend(authority, mesh, start_backend):
    leaf = mesh.service(uris=[spiffe_id("users", trust_domain="link.internal")])
    return start_backend(tls=mesh.context(leaf, roots=str(authority.root_path)))


def section(mesh, agent, **options):
    return {
        "enabled": True,
        "trust_domain": "link.internal",
        "workload_api": f"unix:{socket_of(agent)}",
        "ca_certs": mesh.roots,
        **options,
    }


def shown(backend):
    """The serial numbers of the certificates that the router has shown, one a connection."""
    ders = [exchange.peer_certificate for exchange in backend.exchanges.snapshot() if exchange.peer_certificate]
    return [x509.load_der_x509_certificate(der).serial_number for der in ders]


def report(router):
    status, _, body = router.admin("/health")
    return status, json.loads(body)


def test_rotation_reaches_upstreams_without_a_restart(world, mesh, authority, agent, backend, start_router, tmp_path):
    exported = tmp_path / "bundle.pem"
    mtls = section(mesh, agent, trust_bundle_path=str(exported))
    router = start_router(mesh.configuration(mesh.upstream(backend), mtls=mtls))
    until(lambda: report(router)[0] == 200, 15, "the identity")
    assert ask(world, router).status == 200
    first = agent.serial()
    assert shown(backend) == [first]
    assert report(router)[1]["identity"]["spiffe_id"] == ID
    assert exported.read_text().strip() == authority.root_path.read_text().strip()
    authority.admin.post(f"{CERTIFICATES}/user-svc/rotate", {}).ok(202)
    second = agent.wait_for_certificate(other_than=first)
    until(lambda: int(report(router)[1]["identity"]["cert_serial"], 16) == second, 15, "the rotation")
    assert ask(world, router).status == 200
    assert shown(backend) == [first, second]


def test_outage_keeps_the_last_identity_and_is_told(world, mesh, agent, backend, start_router):
    router = start_router(mesh.configuration(mesh.upstream(backend), mtls=section(mesh, agent)))
    until(lambda: report(router)[0] == 200, 15, "the identity")
    agent.kill()
    until(lambda: report(router)[1]["components"]["workload_api"]["status"] == "degraded", 15, "the outage")
    assert report(router)[0] == 200 and ask(world, router).status == 200
    agent.start()
    until(lambda: report(router)[1]["components"]["workload_api"]["status"] == "ok", 45, "the return")
    agent.stop()


def test_identity_of_another_trust_domain_is_not_taken(mesh, agent, backend, start_router):
    mtls = section(mesh, agent, trust_domain="cluster.local")
    router = start_router(mesh.configuration(mesh.upstream(backend), mtls=mtls))
    reason = until(
        lambda: (lambda text: text if "trust_domain" in text else None)(
            report(router)[1]["components"]["workload_api"].get("reason", "")
        ),
        15,
        "the refusal",
    )
    assert ID in reason and report(router)[0] == 503
    assert "cert_serial" not in report(router)[1].get("identity", {}) or not report(router)[1]["identity"]["enabled"]


def test_place_of_the_api_can_come_from_the_environment(world, mesh, agent, backend, start_router):
    mtls = section(mesh, agent, workload_api="environment")
    router = start_router(
        mesh.configuration(mesh.upstream(backend), mtls=mtls),
        environment={"SPIFFE_ENDPOINT_SOCKET": f"unix://{socket_of(agent)}"},
    )
    until(lambda: report(router)[0] == 200, 15, "the identity")
    assert ask(world, router).status == 200
