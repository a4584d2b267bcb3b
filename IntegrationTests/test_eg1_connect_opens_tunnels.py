"""CONNECT: TLS from the workload to the router, end to end, through a proxy that sees only bytes."""

import json
import os
import shutil
import tempfile
import threading

import pytest

from harness.egress import FRONTEND_USER, HOST, STRANGER_USER
from harness.waiting import until
from harness.world import APP_FRONTEND, route


@pytest.fixture
def router(world, start_router, backend):
    return start_router(world.configuration([route(HOST, backend, mtls_allowed_apps=APP_FRONTEND)]))


@pytest.fixture
def egress(router, start_egress):
    return start_egress(router)


def https(egress, world, *arguments, identity=None, user=FRONTEND_USER):
    chain, key = world.paths(identity) if identity else (None, None)
    options = ["--cert", copied(egress, chain), "--key", copied(egress, key)] if identity else []
    return egress.curl("--cacert", copied(egress, world.server_roots), *options, *arguments, user=user)


def copied(egress, path):
    """A copy that the workload's user can read."""
    if not hasattr(egress, "shared"):
        egress.shared = tempfile.TemporaryDirectory()
        os.chmod(egress.shared.name, 0o755)
    target = f"{egress.shared.name}/{abs(hash(path))}.pem"
    shutil.copyfile(path, target)
    os.chmod(target, 0o644)
    return target


def test_curl_speaks_tls_with_the_router_itself(egress, world, router):
    done = https(egress, world, f"https://{HOST}/stock", identity=world.frontend)
    account = json.loads(done.stdout)
    names = [name.lower() for name, _ in account["headers"]]
    assert "via" not in names, "the proxy sees nothing but bytes"
    record = router.wait_for_access(lambda record: record["target"] == "/stock")
    assert (record["status"], record["caller_cf_app"]) == (200, APP_FRONTEND)
    own = egress.wait_for_access(lambda record: record["method"] == "CONNECT")
    assert (own["status"], own["workload"], own["target"]) == (200, "frontend", f"{HOST}:443")
    assert own["bytes_received"] > 500 and own["bytes_sent"] > 500
    assert egress.metric("egress_calls_total", destination="domain", kind="tunnel", result="allowed") == 1


def test_the_tunnel_lends_nobody_an_identity(egress, world):
    done = https(egress, world, f"https://{HOST}/stock")
    assert done.returncode != 0 and "certificate required" in done.stderr, "without its own, the client has none"
    denied = https(egress, world, "-o", "/dev/null", "-w", "%{http_code}", f"https://{HOST}/", identity=world.other_app)
    assert denied.stdout == "403"


def test_strangers_get_no_tunnel(egress, world, router):
    done = https(egress, world, f"https://{HOST}/", identity=world.frontend, user=STRANGER_USER)
    assert done.returncode != 0 and "403" in done.stderr
    assert router.access_records() == []


def test_bytes_pass_both_ways_with_half_closed_ends(router, start_egress, start_backend):
    """To a host of no domain that is allowed by its number: whatever protocol is inside."""
    received = []

    def script(exchange):
        exchange.send(b"hello\n")
        while chunk := exchange.sock.recv(65536):
            received.append(len(chunk))
        exchange.send(str(sum(received)).encode() + b"\n")

    server = start_backend(script)
    egress = start_egress(router, others="pass", allow=[f"127.0.0.1:{server.port}"], connect_ports=[443, server.port])
    with egress.raw() as caller:
        caller.send(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n")
        assert caller.reader.head().start == "HTTP/1.1 200 OK"
        assert caller.reader.until(b"\n") == b"hello\n"
        caller.send(b"x" * 3_000_000)
        caller.half_close()
        assert caller.reader.until(b"\n") == b"3000000\n"
        assert caller.wait_for_end() == "closed"
    until(lambda: egress.metric("router_tunnels_open", kind="connect") == 0, 10, "the tunnel being counted out")


def test_reload_cuts_tunnels_that_the_rules_no_longer_allow(router, start_egress, start_backend):
    hold = threading.Event()

    def script(exchange):
        exchange.send(b"hello\n")
        hold.wait(30)

    server = start_backend(script)
    rules = {"others": "pass", "allow": [f"127.0.0.1:{server.port}"], "connect_ports": [server.port]}
    egress = start_egress(router, **rules)
    try:
        with egress.raw() as caller:
            caller.send(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n")
            assert caller.reader.head().start == "HTTP/1.1 200 OK"
            assert caller.reader.until(b"\n") == b"hello\n"
            egress.reload(deny=["127.0.0.1"])
            assert caller.wait_for_end() in ("closed", "reset")
        record = egress.wait_for_access(lambda record: record["method"] == "CONNECT")
        assert record["error"] == "tunnel_withdrawn"
    finally:
        hold.set()
