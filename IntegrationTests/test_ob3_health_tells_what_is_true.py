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


def test_status_names_the_certificate_and_its_remaining_time(world, router):
    text = router.admin("/health")[2].lower()
    expiry = world.server.certificate.not_valid_after_utc - datetime.datetime.now(datetime.timezone.utc)
    serial = f"{world.server.certificate.serial_number:x}"
    assert serial in text.replace(":", "") or str(world.server.certificate.serial_number) in text
    numbers = [value for value in flatten(json.loads(text)) if isinstance(value, (int, float))]
    assert any(abs(number - expiry.total_seconds()) < 30 for number in numbers), text


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


def flatten(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in flatten(item)]
    return [value]
