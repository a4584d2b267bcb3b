"""Liveness, readiness and the whole status on the admin listener, which is on loopback and asks for no certificate."""

import datetime
import http.client
import json
import socket

import pytest

from harness.ports import free_port
from harness.world import route

HOST = "plain.example.com"


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend)]))


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_serving_router_is_healthy(router, path):
    status, headers, text = router.admin(path)
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    assert isinstance(json.loads(text), dict)


def test_unknown_path_is_404(router):
    assert router.admin("/nowhere")[0] == 404
    assert router.admin("/health/nowhere")[0] == 404


def test_status_of_the_routers_own_identity(world, router):
    identity = json.loads(router.admin("/health")[2])["identity"]
    assert identity["enabled"] is False
    fields = {"trust_domain", "spiffe_id", "cert_serial", "cert_valid", "remaining_secs", "needs_renewal"}
    assert fields <= identity.keys()


def test_days_until_the_presented_certificate_expires(world, router):
    left = world.server.certificate.not_valid_after_utc - datetime.datetime.now(datetime.timezone.utc)
    [days] = [value for name, _, value in router.metrics() if name == "mtls_cert_days_until_expiry"]
    assert abs(days - left.total_seconds() / 86400) < 0.01


def test_admin_listener_survives_junk(router):
    for junk in (
        b"\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"\0" * 1000,
        b"A" * 100000,
        b"GET /health HTTP/1.1\r\nHo",
    ):
        with socket.create_connection(("127.0.0.1", router.admin_port), 5) as sock:
            sock.sendall(junk)
    assert router.admin("/health")[0] == 200


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_health_is_only_read(router, method):
    connection = http.client.HTTPConnection("127.0.0.1", router.admin_port, timeout=10)
    connection.request(method, "/health")
    assert connection.getresponse().status == 405
    connection.close()


def test_admin_listener_that_is_not_on_loopback_is_refused_unless_allowed(world, start_router, backend):
    configuration = world.configuration([route(HOST, backend)])
    configuration["admin"] = {"listen": f"127.0.0.1:{free_port()}"}
    router = start_router(configuration)
    router.admin_port = int(configuration["admin"]["listen"].split(":")[1])
    assert router.admin("/health")[0] == 200
