"""Liveness, readiness and the whole status on the admin listener, which is on loopback and asks for no certificate."""

import datetime
import http.client
import json
import re
import signal
import socket
import threading
from pathlib import Path

import pytest
import yaml

from harness.pki import Authority, Leaf
from harness.ports import free_port
from harness.tls_client import request
from harness.tools import countersign
from harness.waiting import until
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


def health(router, path="/health"):
    status, headers, text = router.admin(path)
    assert headers["Cache-Control"] == "no-store"
    return status, json.loads(text)


def test_states_are_those_of_the_documentation(world, start_router, backend):
    proceed = threading.Event()

    def script(exchange):
        while exchange.request() is not None:
            assert proceed.wait(20)
            exchange.answer(b"finished")

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)]))
    assert health(router, "/health/live") == (200, {"status": "live"})
    assert health(router, "/health/ready") == (200, {"status": "ready", "components": {}})
    assert health(router)[1].keys() == {"status", "live", "ready", "components", "identity"}
    router.expect_refusal("router: 1\n")
    for path in ("/health", "/health/ready"):
        code, told = health(router, path)
        component = told["components"]["configuration"]
        assert (code, told["status"], component["status"]) == (200, "degraded", "degraded")
        assert "router" in component["reason"]
    router.apply(router.configuration)
    assert health(router, "/health/ready") == (
        200,
        {"status": "ready", "components": {"configuration": {"status": "ok"}}},
    )
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST))
        backend.requests.wait_for(lambda _: True)
        router.signal(signal.SIGTERM)
        until(lambda: health(router)[1]["status"] == "draining", 10, "the router draining")
        code, told = health(router)
        assert (code, told["live"], told["ready"]) == (503, True, False)
        assert health(router, "/health/ready")[0] == 503
        assert health(router, "/health/live") == (200, {"status": "live"})
        proceed.set()
        assert connection.response().status == 200
    assert router.wait_for_exit(10) == 0


def test_address_in_use_is_told_with_its_key(world, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for section in ("router", "admin"):
            configuration = world.configuration([route(HOST, "127.0.0.1:1")])
            configuration["router"] |= {"listen": f"127.0.0.1:{free_port()}", "access_log": {"path": "off"}}
            configuration["admin"] = {"listen": f"127.0.0.1:{free_port()}"}
            configuration[section]["listen"] = address
            path = tmp_path / f"{section}.yaml"
            path.write_text(yaml.safe_dump(configuration))
            done = countersign("router", "--config", path)
            assert done.returncode == 1
            assert f"{section}.listen: cannot listen on {address}: Address already in use" in done.stderr


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


def test_build_is_told_with_the_revision_that_it_is_of(router):
    [labels] = [labels for name, labels, _ in router.metrics() if name == "router_build_info"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", labels["version"])
    in_repository = (Path(__file__).parents[1] / ".git").exists()
    assert re.fullmatch(r"[0-9a-f]{12}" if in_repository else "", labels["commit"])


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


@pytest.mark.parametrize("host, is_told", [("127.0.0.1", False), ("0.0.0.0", True)])
def test_admin_listener_beyond_loopback_is_warned_about(world, start_router, backend, host, is_told):
    configuration = world.configuration([route(HOST, backend)])
    configuration["admin"] = {"listen": f"{host}:{free_port()}"}
    router = start_router(configuration)
    router.admin_port = int(configuration["admin"]["listen"].split(":")[1])
    assert router.admin("/health")[0] == 200
    warnings = [line["problem"] for line in router.log.snapshot() if line.get("message") == "configuration warning"]
    assert any("admin.listen" in problem and "other hosts" in problem for problem in warnings) == is_told


def with_identity(world, backend, folder, **mtls):
    made = world.configuration([route(HOST, backend)])
    made["mtls"] = {"enabled": True, "trust_bundle_path": str(folder / "bundle.pem"), **mtls}
    return made


def identity(router):
    return json.loads(router.admin("/health")[2])["identity"]


def test_changed_identity_is_taken_up_on_reload(world, start_router, backend, tmp_path):
    router = start_router(with_identity(world, backend, tmp_path, service_name="one"))
    first = identity(router)
    assert first["spiffe_id"] == "spiffe://cluster.local/ns/default/sa/one"
    ephemeral = (tmp_path / "bundle.pem").read_text()
    router.apply(with_identity(world, backend, tmp_path, service_name="one"))
    assert identity(router)["cert_serial"] == first["cert_serial"], "an unchanged identity is kept"
    assert (tmp_path / "bundle.pem").read_text() == ephemeral
    router.apply(with_identity(world, backend, tmp_path, service_name="two", trust_domain="example.org"))
    assert identity(router)["spiffe_id"] == "spiffe://example.org/ns/default/sa/two"
    router.apply(world.configuration([route(HOST, backend)]))
    assert identity(router)["enabled"] is False


def test_replaced_authority_of_the_identity_is_taken_up_without_a_signal(world, start_router, backend, tmp_path):
    authorities = [Authority.root(f"Identity {number}") for number in (1, 2)]
    cert, key = tmp_path / "ca.pem", tmp_path / "ca-key.pem"

    def install(authority):
        key.touch(mode=0o600)
        key.write_text(Leaf(authority.certificate, authority.key, []).key_pem)
        cert.write_text(authority.pem)

    install(authorities[0])
    router = start_router(with_identity(world, backend, tmp_path, ca_cert_path=str(cert), ca_key_path=str(key)))
    assert (tmp_path / "bundle.pem").read_text().strip() == authorities[0].pem.strip()
    serial = identity(router)["cert_serial"]
    install(authorities[1])
    until(lambda: identity(router)["cert_serial"] != serial, 10, "a new identity")
    assert (tmp_path / "bundle.pem").read_text().strip() == authorities[1].pem.strip()


def test_identity_that_cannot_be_had_leaves_everything_as_it_was(world, start_router, backend, tmp_path):
    router = start_router(with_identity(world, backend, tmp_path))
    before = identity(router)["cert_serial"]
    bad = with_identity(world, backend, tmp_path / "absent", service_name="other")
    bad["router"]["routes"].append(route("other.example.com", backend))
    line = router.expect_refusal(yaml.safe_dump(router.complete(bad)))
    assert "trust_bundle_path" in str(line)
    assert identity(router)["cert_serial"] == before
    with world.connect(router, HOST) as connection:
        assert connection.get("other.example.com").status == 404


def test_age_of_the_revocation_lists_in_use(world, start_router, backend, tmp_path):
    lists = tmp_path / "all.crl"
    lists.write_text(
        world.platform.revocation_list(lifetime=(-90, 60))
        + world.platform.revocation_list(lifetime=(-10, 60), number=2)
        + world.platform_root.revocation_list(lifetime=(-30, 60))
    )
    router = start_router(world.configuration([route(HOST, backend)], [world.platform_domain(crls=str(lists))]))
    assert abs(router.metric("mtls_crl_age_seconds") - 30 * 60) < 30
    router.apply(world.configuration([route(HOST, backend)], [world.platform_domain()]))
    assert [name for name, *_ in router.metrics() if name == "mtls_crl_age_seconds"] == []


def test_endpoint_that_does_not_resolve_is_told(world, start_router, backend):
    routes = [route(HOST, backend), route("other.example.com", "nobody.invalid:9000", backend)]
    router = start_router(world.configuration(routes))
    line = router.wait_for_line("configuration warning")
    assert "nobody.invalid:9000" in line["problem"] and "routes[1]" in line["problem"]
    with world.connect(router, HOST) as connection:
        assert [connection.get("other.example.com").status for _ in range(3)] == [200] * 3
