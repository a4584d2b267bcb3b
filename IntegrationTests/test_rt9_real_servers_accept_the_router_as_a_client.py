"""nginx and OpenSSL's own server as backends with mutual TLS, and an identity that the router renews by itself."""

import socket
import subprocess

import pytest

from harness.backend import Backend
from harness.mesh import ask, handshakes, spiffe_id, uris_of
from harness.nginx import Nginx
from harness.pki import Authority
from harness.ports import free_port
from harness.waiting import until


class Port:
    def __init__(self, port):
        self.port = port


def test_nginx_verifies_the_routers_certificate(world, mesh, start_router, tmp_path):
    with Nginx(tmp_path / "nginx", *world.paths(mesh.service()), mesh.roots) as nginx:
        router = start_router(mesh.configuration(mesh.upstream(nginx)))
        serial = format(mesh.own.certificate.serial_number, "X")
        answers = [ask(world, router) for _ in range(3)]
        assert [answer.status for answer in answers] == [200] * 3
        first, *_, last = [answer.body.decode().split() for answer in answers]
        assert first[0] == "SUCCESS" and first[1].lstrip("0") == serial and first[2] == "TLSv1.3"
        assert last[4] == "3", "the connection is kept"
        assert handshakes(router, result="full") == 1


def test_certificate_that_nginx_does_not_trust_is_its_answer(world, mesh, start_router, tmp_path):
    """nginx does not refuse in TLS: it answers the request with 400, which is the backend's answer as any other."""
    stranger = Authority.root("Stranger").save(tmp_path, "stranger")
    with Nginx(tmp_path / "nginx", *world.paths(mesh.service()), stranger) as nginx:
        router = start_router(mesh.configuration(mesh.upstream(nginx)))
        response = ask(world, router)
        assert response.status == 400
        assert "x-cf-routererror" not in response.names()


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_server_verifies_the_routers_certificate(world, mesh, start_router, version):
    chain, key = world.paths(mesh.service())
    port = free_port()
    arguments = ["-accept", f"127.0.0.1:{port}", "-cert", chain, "-cert_chain", chain, "-key", key, version, "-www"]
    server = subprocess.Popen(
        ["openssl", "s_server", *arguments, "-Verify", "4", "-verify_return_error", "-CAfile", mesh.roots],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, 10, "the server listening")
        router = start_router(mesh.configuration(mesh.upstream(Port(port))))
        response = ask(world, router)
        assert response.status == 200
        assert b"Client certificate" in response.body and b"CN" in response.body
    finally:
        server.kill()
        server.wait(10)


def test_identity_of_its_own_authority_is_renewed_at_half_its_life_and_used_at_once(
    world, mesh, start_router, tmp_path
):
    """The shortest lifetime is a minute, and the renewal is looked for every 30 seconds."""
    key = tmp_path / "ca-key.pem"
    key.touch(mode=0o600)
    key.write_text(mesh.root.leaf("unused", key=mesh.root.key).key_pem)
    mtls = {"enabled": True, "cert_ttl_secs": 60, "ca_cert_path": mesh.roots, "ca_key_path": str(key)}
    with Backend(tls=mesh.context(mesh.service())) as backend:
        router = start_router(mesh.configuration(mesh.upstream(backend), mtls=mtls))
        outcomes = []

        def shown():
            outcomes.append(ask(world, router).status)
            return {exchange.peer_certificate for exchange in backend.exchanges.snapshot() if exchange.peer_certificate}

        until(lambda: len(shown()) == 2, 75, "the renewed certificate being used")
        assert set(outcomes) == {200}
        assert {tuple(uris_of(certificate)) for certificate in shown()} == {(spiffe_id("router"),)}
        assert router.metric("mtls_cert_rotations_total", service="router", result="success") == 1
