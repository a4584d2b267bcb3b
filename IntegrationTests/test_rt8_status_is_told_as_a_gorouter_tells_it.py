"""Load balancers find health, and operators the routes, where and as a GoRouter has them."""

import json
import signal
import socket
import ssl
import threading

import pytest
import requests

from harness.listening import Listening
from harness.ports import free_port
from harness.tools import countersign
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
USER, PASSWORD = "operator", "p4ss:w0rd-of-the-routes"


@pytest.fixture
def status():
    ports = {name: free_port() for name in ("listen", "listen_tls", "listen_routes")}
    section = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    return ports, {**section, "user": USER, "pass": PASSWORD}


def get(port, path, auth=None, method="GET"):
    return requests.request(method, f"http://127.0.0.1:{port}{path}", auth=auth, timeout=10)


def routes(ports):
    answer = get(ports["listen_routes"], "/routes", (USER, PASSWORD))
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    return answer.json()


# Routes


def test_routes_of_bus_and_file_are_listed_with_their_endpoints(world, start_router, bus, backend, status):
    ports, section = status
    fixed = route("fixed.example.com/v1", backend)
    listening = Listening(world, start_router, bus, [fixed], options={"status": section})
    with bus.client() as client:
        client.register(
            "127.0.0.1:61001",
            "Orders.example.com/v2?x=y",
            "*.w.example.com",
            tls_port=61001,
            tags={"component": "route-emitter", "organization_id": "o"},
            availability_zone="z1",
            isolation_segment="is1",
            private_instance_id="instance-1",
            server_cert_domain_san="instance-1",
            options={"loadbalancing": "least-connection"},
        )
        client.register(backend, HOST, protocol="http2", stale_threshold_in_seconds=40)
        until(lambda: len(routes(ports)) == 4, 10, "the routes being registered")
        listed = routes(ports)
        secure = {
            "address": "127.0.0.1:61001",
            "availability_zone": "z1",
            "protocol": "http1",
            "tls": True,
            "ttl": -1,
            "tags": {"component": "route-emitter", "organization_id": "o"},
            "isolation_segment": "is1",
            "private_instance_id": "instance-1",
            "server_cert_domain_san": "instance-1",
            "load_balancing_algorithm": "least-connection",
        }
        plain = {"address": backend.address, "availability_zone": "", "tls": False, "tags": {}}
        assert listed == {
            "orders.example.com/v2": [secure],
            "*.w.example.com": [secure],
            HOST: [{**plain, "protocol": "http2", "ttl": 40}],
            "fixed.example.com/v1": [{**plain, "protocol": "http1", "ttl": -1}],
        }
        client.unregister(backend, HOST)
        until(lambda: HOST not in routes(ports), 10, "the route being gone")
    assert listening.router.admin("/health")[0] == 200


@pytest.mark.parametrize(
    "auth", [None, (USER, "wrong"), (USER, ""), ("", PASSWORD), ("Operator", PASSWORD), (USER, PASSWORD + "x")]
)
def test_routes_are_told_to_nobody_else(world, start_router, backend, status, auth):
    ports, section = status
    router = start_router(world.configuration([route(HOST, backend)], status=section))
    for path in ("/routes", "/", "/health"):
        answer = get(ports["listen_routes"], path, auth)
        assert answer.status_code == 401 and answer.text.strip() == "401 Unauthorized"
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert HOST not in answer.text
    for value in ("Bearer x", "Basic", "Basic ====", "Basic b3BlcmF0b3I", "Basic \xe4"):
        raw = f"GET /routes HTTP/1.1\r\nHost: x\r\nAuthorization: {value}\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", ports["listen_routes"]), 10) as connection:
            connection.sendall(raw.encode("latin-1"))
            assert connection.makefile("rb").readline().split()[1] in (b"401", b"400")
    assert PASSWORD not in "".join(map(str, router.log.entries))


def test_other_paths_and_methods_have_nothing(world, start_router, backend, status):
    ports, section = status
    start_router(world.configuration([route(HOST, backend)], status=section))
    assert get(ports["listen_routes"], "/varz", (USER, PASSWORD)).status_code == 404
    assert get(ports["listen_routes"], "/routes", (USER, PASSWORD), "DELETE").status_code == 405
    assert get(ports["listen"], "/routes").status_code == 404
    assert get(ports["listen"], "/varz").status_code == 404
    assert get(ports["listen"], "/health", method="POST").status_code == 405


def test_new_password_counts_after_a_reload_and_the_old_one_no_more(world, start_router, backend, status, tmp_path):
    ports, section = status
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("first\n")
    del section["pass"]
    section["pass_file"] = str(password)
    router = start_router(world.configuration([route(HOST, backend)], status=section))
    assert get(ports["listen_routes"], "/routes", (USER, "first")).status_code == 200
    password.write_text("second\n")

    def accepted():
        return get(ports["listen_routes"], "/routes", (USER, "second")).status_code == 200

    until(accepted, 10, "the new password counting")
    assert get(ports["listen_routes"], "/routes", (USER, "first")).status_code == 401
    assert router.admin("/health")[0] == 200


# Health


def test_health_is_ok_with_and_without_tls(world, start_router, backend, status):
    ports, section = status
    start_router(world.configuration([route(HOST, backend)], status=section))
    for path in ("/health", "/is-process-alive-do-not-use-for-loadbalancing"):
        answer = get(ports["listen"], path)
        assert (answer.status_code, answer.content) == (200, b"ok\n")
        assert answer.headers["Cache-Control"] == "private, max-age=0" and answer.headers["Expires"] == "0"
    context = ssl.create_default_context(cafile=str(world.server_roots))
    with socket.create_connection(("127.0.0.1", ports["listen_tls"]), 10) as plain:
        with context.wrap_socket(plain, server_hostname=HOST) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
    with socket.create_connection(("127.0.0.1", ports["listen_tls"]), 10) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" not in plain.makefile("rb").readline()


def test_health_is_503_while_the_router_drains(world, start_router, backend, status):
    ports, section = status
    proceed = threading.Event()

    def script(exchange):
        while exchange.request() is not None:
            assert proceed.wait(20)
            exchange.answer(b"finished")

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)], status=section))
    with world.connect(router, HOST) as connection:
        connection.send(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        backend.requests.wait_for(lambda _: True)
        router.signal(signal.SIGTERM)
        until(lambda: get(ports["listen"], "/health").status_code == 503, 10, "health telling of the end")
        assert get(ports["listen"], "/is-process-alive-do-not-use-for-loadbalancing").status_code == 200
        proceed.set()
        assert connection.response().status == 200
    assert router.wait_for_exit(10) == 0


# Configuration


@pytest.mark.parametrize(
    "change, message",
    [
        ({"listen_routes": "0.0.0.0:8082"}, "on its own host only"),
        ({"pass": None}, "say who may ask with user, and pass or pass_file"),
        ({"user": None}, "say who may ask with user, and pass or pass_file"),
        ({"pass": ""}, "the password is empty"),
        ({"user": "a:b"}, "has no colon"),
        ({"listen": "nowhere"}, "router.status.listen"),
        ({"lisen": "127.0.0.1:1"}, "listen"),
    ],
)
def test_section_that_cannot_be_is_refused(world, backend, status, tmp_path, change, message):
    _, section = status
    section = {key: value for key, value in {**section, **change}.items() if value is not None}
    path = tmp_path / "router.json"
    listen = [f"127.0.0.1:{free_port()}"]
    path.write_text(json.dumps(world.configuration([route(HOST, backend)], listen=listen, status=section)))
    done = countersign("config", "check", "--role", "router", "--config", str(path))
    assert done.returncode == 1 and message in done.stdout + done.stderr
