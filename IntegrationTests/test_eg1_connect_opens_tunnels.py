"""CONNECT: TLS from the workload to the router, end to end, through a proxy that sees only bytes."""

import json
import os
import shutil
import ssl
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


def hello(server_name):
    """The first flight of a TLS client that asks for a name, or for none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    sent = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=server_name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


def in_records(flight, size):
    """The same handshake message in records of at most that many bytes."""
    message = flight[5:]
    parts = [message[start : start + size] for start in range(0, len(message), size)]
    return b"".join(flight[:3] + len(part).to_bytes(2, "big") + part for part in parts)


def tunnel(caller, host=HOST):
    caller.send(f"CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n")
    assert caller.reader.head().start == "HTTP/1.1 200 OK"


@pytest.mark.parametrize(
    "told",
    [
        lambda caller: caller.send(hello(HOST)),
        lambda caller: caller.send(hello(HOST.upper())),
        lambda caller: caller.send(in_records(hello(HOST), 50)),
        lambda caller: [caller.send(bytes([byte])) for byte in hello(HOST)],
    ],
    ids=["whole", "in capitals", "in records", "byte by byte"],
)
def test_a_handshake_with_the_host_of_the_tunnel_passes(egress, told):
    with egress.raw() as caller:
        tunnel(caller)
        told(caller)
        assert caller.reader.exactly(1) == b"\x16", "the router's handshake"


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        (hello("secret.apps.mtls.internal"), "tunnel_server_name"),
        (in_records(hello("secret.apps.mtls.internal"), 50), "tunnel_server_name"),
        (hello(None), "tunnel_server_name"),
        (f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), "tunnel_not_tls"),
        (b"\x16\x03\x01\x02\x00\x01\xff\xff\xff" + b"\x00" * 100, "tunnel_not_tls"),
        (b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00", "tunnel_not_tls"),
        (b"\x15\x03\x01\x00\x02\x01\x00", "tunnel_not_tls"),
        (b"\x16\x03\x01\x00\x01\x01" * 6000, "tunnel_not_tls"),
    ],
    ids=["other name", "other name in records", "no name", "http", "too large", "no hello", "alert", "crumbs"],
)
def test_a_tunnel_for_something_else_than_its_host_is_cut(egress, router, first, reason):
    """The routers serve every domain on one port: what a tunnel is for is what the rules were asked about."""
    with egress.raw() as caller:
        tunnel(caller)
        caller.send(first)
        assert caller.wait_for_end() in ("closed", "reset")
    record = egress.wait_for_access(lambda record: record["method"] == "CONNECT")
    assert (record["error"], record["workload"]) == (reason, "frontend")
    assert egress.metric("egress_calls_total", destination="domain", kind="tunnel", result=reason) == 1
    line = egress.wait_for_line("tunnel cut")
    assert (line["reason"], line["workload"], line["host"]) == (reason, "frontend", HOST)
    assert router.access_records() == []
    assert egress.metric("router_tunnels_open", kind="connect") == 0


def test_a_tunnel_that_ends_before_its_handshake_is_cut(egress):
    with egress.raw() as caller:
        tunnel(caller)
        caller.send(hello(HOST)[:40])
        caller.half_close()
        assert caller.wait_for_end() in ("closed", "reset")
    assert egress.wait_for_access(lambda record: record["method"] == "CONNECT")["error"] == "tunnel_not_tls"


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
