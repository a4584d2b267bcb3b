"""Without an identity, without the right router, or with a certificate that no longer counts, nothing is sent."""

import json
import signal
import socket
import threading

import pytest

from harness.egress import HOST, OTHER_USER
from harness.pki import SERVER_AUTH, subject
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

URL = f"http://{HOST}/stock"


@pytest.fixture
def router(world, start_router, backend):
    return start_router(world.configuration([route(HOST, backend, mtls_allowed_apps=APP_FRONTEND)]))


def fresh(world, **options):
    return world.platform.cloud_foundry(APP_FRONTEND, SPACE_SHOP, ORG_SHOP, **options)


def test_a_workload_without_a_certificate_calls_nobody(world, router, start_egress, backend):
    egress = start_egress(router, certificates=False)
    status, problem = egress.problem(URL)
    assert (status, problem["code"]) == (503, "upstream_identity_missing")
    assert "egress.cert_dir" in problem["detail"]
    assert egress.admin("/health")[0] == 503, "not ready: no workload has a certificate"
    leaf = fresh(world)
    egress.give("frontend", leaf)
    egress.wait_for_serial("frontend", leaf)
    assert egress.status(URL) == 200, "taken up as it comes"
    assert egress.admin("/health")[0] == 200
    assert egress.status(URL, user=OTHER_USER) == 503
    egress.take("frontend")
    egress.wait_for_serial("frontend", None)
    assert egress.status(URL) == 503, "and gone as it goes"
    assert len(backend.seen()) == 1


def test_an_expired_certificate_is_not_shown(world, router, start_egress, backend):
    egress = start_egress(router, certificates=False)
    egress.give("frontend", world.expired)
    egress.wait_for_serial("frontend", world.expired)
    assert egress.problem(URL)[1]["code"] == "upstream_identity_missing"
    assert backend.seen() == [] and router.access_records() == []


def test_files_that_do_not_fit_leave_the_last_good_ones(world, router, start_egress):
    egress = start_egress(router)
    assert egress.status(URL) == 200
    mark = len(egress.log.entries)
    (egress.certificates / "frontend" / "key.pem").write_text(fresh(world).key_pem)
    line = egress.wait_for_line("certificate of a workload not usable", mark)
    assert line["workload"] == "frontend" and "key.pem" in line["reason"] and "PRIVATE" not in line["reason"]
    assert egress.status(URL) == 200
    health = lambda: json.loads(egress.admin("/health")[2])["components"]  # noqa: E731
    until(lambda: health()["workload_certificates"]["status"] == "degraded", 10, "the trouble in health")


def test_a_key_that_others_may_read_is_not_used(world, router, start_egress):
    egress = start_egress(router, certificates=False)
    folder = egress.certificates / "frontend"
    folder.mkdir()
    leaf = fresh(world)
    (folder / "key.pem").write_text(leaf.key_pem)
    (folder / "key.pem").chmod(0o644)
    (folder / "cert.pem").write_text(leaf.chain_pem)
    line = egress.wait_for_line("certificate of a workload not usable")
    until(lambda: any("0600" in entry.get("reason", "") for entry in egress.log.snapshot()), 10, "the reason")
    assert egress.status(URL) == 503, line


def test_rotation_reaches_the_next_request_without_a_failure(world, router, start_egress):
    egress = start_egress(router)
    statuses, stop = [], threading.Event()

    def call():
        while not stop.is_set():
            discarded = [part for _ in range(3) for part in ("-o", "/dev/null", URL)]
            statuses.append(egress.curl("-w", "%{http_code} ", *discarded).stdout.split())

    thread = threading.Thread(target=call)
    thread.start()
    try:
        for _ in range(5):
            leaf = fresh(world)
            egress.give("frontend", leaf)
            egress.wait_for_serial("frontend", leaf)
            count = len(statuses)
            until(lambda: len(statuses) > count + 1, 20, "calls after the rotation")  # noqa: B023
    finally:
        stop.set()
        thread.join()
    assert {status for call in statuses for status in call} == {"200"}
    egress.curl("-H", "X-Request-Id: after-the-last", URL)
    router.wait_for_access(lambda record: record["request_id"] == "after-the-last")
    assert egress.metric("mtls_cert_rotations_total", service="frontend", result="success") >= 5


def test_an_absent_router_is_said_to_be_absent(world, start_egress):
    egress = start_egress(None)
    status, problem = egress.problem(URL)
    assert (status, problem["code"]) == (502, "endpoint_failure")
    assert "router" in problem["detail"]


def test_the_next_router_takes_over(world, router, start_egress):
    from harness.ports import free_port

    egress = start_egress(router, routers=[f"127.0.0.1:{free_port()}", f"127.0.0.1:{router.port}"])
    assert [egress.status(URL) for _ in range(4)] == [200] * 4


def impostor(world, issuer, start_backend, names, **options):
    import ssl

    leaf = issuer.leaf(subject(("CN", "router")), dns=names, purposes=[SERVER_AUTH], **options)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*world.paths(leaf))
    return start_backend(tls=context), leaf


def test_a_router_with_another_name_gets_nothing(world, start_egress, start_backend):
    server, _ = impostor(world, world.server_root, start_backend, ["elsewhere.example"])
    egress = start_egress(server)
    status, problem = egress.problem(URL)
    assert (status, problem["code"]) == (502, "upstream_name_mismatch")
    assert server.seen() == [] and "nothing was sent" in problem["detail"]


def test_a_router_of_an_unknown_authority_gets_nothing(world, start_egress, start_backend):
    server, _ = impostor(world, world.stranger, start_backend, [HOST])
    egress = start_egress(server)
    assert egress.problem(URL)[1]["code"] == "upstream_untrusted"
    assert server.seen() == []


def test_a_router_without_the_spiffe_id_gets_nothing(world, router, start_egress, backend):
    egress = start_egress(router, router_spiffe_id="spiffe://mesh.example/router")
    assert egress.problem(URL)[1]["code"] == "upstream_name_mismatch"
    assert backend.seen() == []


def test_a_revoked_router_gets_nothing(world, start_egress, start_backend, tmp_path):
    server, leaf = impostor(world, world.server_root, start_backend, [HOST])
    path = tmp_path / "list.pem"
    path.write_text(world.server_root.revocation_list(leaf))
    egress = start_egress(server, crls=str(path))
    assert egress.problem(URL)[1]["code"] == "upstream_untrusted"
    assert server.seen() == []
    path.write_text(world.server_root.revocation_list(number=2))
    egress.wait_for_line("configuration reloaded")
    assert egress.status(URL) == 200, "the same server, on no list"


def test_plain_text_is_never_spoken_with_a_router(world, start_egress, start_backend):
    def script(exchange):
        exchange.reader.fill()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        exchange.wait_until_peer_closes()

    server = start_backend(script)
    egress = start_egress(server)
    status, problem = egress.problem(URL, "-d", "secret")
    assert (status, problem["code"]) == (502, "upstream_handshake_failed")
    assert b"secret" not in server.received_bytes() and b"POST" not in server.received_bytes()


def test_a_workload_whose_certificate_is_revoked_is_told_so(world, start_router, start_egress, backend, tmp_path):
    path = tmp_path / "list.pem"
    path.write_text(world.platform.revocation_list())
    domains = [world.platform_domain(crls=str(path))]
    router = start_router(world.configuration([route(HOST, backend, mtls_allow_any=True)], domains))
    egress = start_egress(router)
    assert egress.status(URL) == 200
    path.write_text(world.platform.revocation_list(world.frontend, number=2))
    router.wait_for_line("configuration reloaded")
    status, problem = egress.problem(URL)
    assert (status, problem["code"]) == (502, "upstream_refused_identity")
    assert egress.status(URL, user=OTHER_USER) == 200, "nobody else is concerned"
    leaf = fresh(world)
    egress.give("frontend", leaf)
    egress.wait_for_serial("frontend", leaf)
    until(lambda: egress.status(URL) == 200, 10, "the new certificate being accepted")


def test_a_router_that_is_killed_in_the_middle_is_seen_as_a_cut(world, start_router, start_egress, start_backend):
    started = threading.Event()

    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000)
        started.set()
        exchange.wait_until_peer_closes()

    router = start_router(world.configuration([route(HOST, start_backend(script), mtls_allow_any=True)]))
    egress = start_egress(router)
    with egress.raw() as caller:
        caller.send(f"GET {URL} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
        assert caller.reader.head().start == "HTTP/1.1 200 OK"
        assert started.wait(10)
        router.kill()
        caller.wait_for_end()
    record = egress.wait_for_access(lambda record: record["status"] == 200)
    assert record["error"] == "backend_cut_response"


def test_drain_finishes_what_is_in_flight(world, start_router, start_egress, start_backend):
    began, go = threading.Event(), threading.Event()

    def script(exchange):
        exchange.request()
        began.set()
        go.wait(20)
        exchange.answer(b"late")

    router = start_router(world.configuration([route(HOST, start_backend(script), mtls_allow_any=True)]))
    egress = start_egress(router)
    with egress.raw() as caller:
        caller.send(f"GET {URL} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
        assert began.wait(10)
        egress.signal(signal.SIGTERM)
        egress.wait_for_line("egress is draining")
        with pytest.raises(OSError):
            until(lambda: socket.create_connection(("127.0.0.1", egress.port), 1).close(), 5)
        go.set()
        assert caller.reader.response().body == b"late"
    assert egress.wait_for_exit() == 0


def test_reload_takes_workloads_away_from_open_connections(world, router, start_egress):
    egress = start_egress(router)
    with egress.raw() as caller:
        ask = f"GET {URL} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
        caller.send(ask)
        assert caller.reader.response().status == 200
        egress.reload(workloads=[{"service": "other", "uid": OTHER_USER}])
        assert caller.wait_for_end() == "closed"
    assert egress.problem(URL)[1]["code"] == "caller_unknown"
    mark = len(egress.log.entries)
    egress.write_text("egress: { listen: 127.0.0.1:1, workloads: [] }\n")
    egress.reload_and_wait("configuration refused", mark)
    assert egress.problem(URL)[1]["code"] == "caller_unknown", "what is in force stays"
    assert egress.status(URL, user=OTHER_USER) == 403
