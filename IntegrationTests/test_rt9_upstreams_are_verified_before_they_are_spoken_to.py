"""A backend over TLS gets no byte of a request before it has proven who it is, and the router shows its own SVID."""

import ssl
import threading

import pytest

from harness.mesh import HOST, ask, failures, handshakes, spiffe_id, uris_of
from harness.pki import CLIENT_AUTH, SERVER_AUTH, Authority, self_signed
from harness.ports import free_port
from harness.tls_client import TLS12, TLS13, request
from harness.waiting import until


def expect_failure(world, router, status, error, reason, kind, upstream="users"):
    """One request meets the failure; client, access log, metrics and log agree about it."""
    before = failures(router, upstream, reason=reason), router.metric("router_upstream_errors_total", kind=kind)
    response = ask(world, router)
    assert (response.status, response.router_error) == (status, "endpoint_failure")
    assert b"127.0.0.1" not in response.body
    record = router.wait_for_access(lambda record: record.get("error") == error)
    assert record["status"] == status
    assert record["upstream_tls_error"].startswith(f"{reason}: ")
    assert failures(router, upstream, reason=reason) == before[0] + 1
    assert router.metric("router_upstream_errors_total", kind=kind) == before[1] + 1
    line = router.wait_for_line("upstream refused", reason=reason, upstream=upstream)
    assert line["explanation"]
    return record


# Right identities


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_verified_backend_answers_and_sees_the_routers_svid(world, mesh, start_router, start_backend, version):
    backend = start_backend(tls=mesh.context(mesh.service(), version=version))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router, path="/x").status == 200
    [exchange] = backend.exchanges.snapshot()
    assert uris_of(exchange.peer_certificate) == [spiffe_id("router")]
    assert [seen.target for seen in backend.seen()] == ["/x"]
    assert handshakes(router, result="full") == 1
    assert router.metric("mtls_upstream_handshake_duration_seconds_count") == 1
    assert failures(router) == 0


def test_identity_that_the_router_issues_itself_is_presented(world, mesh, start_router, start_backend, tmp_path):
    ca_key = tmp_path / "ca-key.pem"
    ca_key.touch(mode=0o600)
    ca_key.write_text(mesh.root.leaf("x", key=mesh.root.key).key_pem)
    backend = start_backend(tls=mesh.context(mesh.service()))
    mtls = {"enabled": True, "service_name": "edge", "ca_cert_path": mesh.roots, "ca_key_path": str(ca_key)}
    router = start_router(mesh.configuration(mesh.upstream(backend), mtls=mtls))
    assert ask(world, router).status == 200
    assert uris_of(backend.exchanges.snapshot()[0].peer_certificate) == [spiffe_id("edge")]


def test_backend_that_asks_for_no_certificate_is_verified_all_the_same(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service(), clients=ssl.CERT_NONE))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 200
    assert backend.exchanges.snapshot()[0].peer_certificate is None


def test_without_mutual_tls_the_server_is_verified_and_nothing_presented(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service(uris=[]), clients=ssl.CERT_OPTIONAL))
    upstream = mesh.upstream(backend, enabled=False, ca_certs=mesh.roots)
    del upstream["mtls"]["service_name"]
    router = start_router(mesh.configuration(upstream, mtls={"enabled": False}))
    assert ask(world, router).status == 200
    assert backend.exchanges.snapshot()[0].peer_certificate is None
    backend.tls = mesh.context(mesh.service(uris=[], ips=["127.0.0.2"]), clients=ssl.CERT_OPTIONAL)
    backend.drop_connections()
    until(lambda: ask(world, router).status == 503, 10, "the certificate of another address being refused")


@pytest.mark.parametrize(
    "name, options, is_right",
    [
        ("users.internal", {}, True),
        ("USERS.internal", {}, True),
        ("orders.internal", {}, False),
        ("users.internal", {"dns": ["*.internal"]}, True),
        ("a.users.internal", {"dns": ["*.internal"]}, False),
        (spiffe_id("users"), {"ips": [], "dns": []}, True),
        (spiffe_id("orders"), {}, False),
        (spiffe_id("users"), {"uris": []}, False),
        (spiffe_id("users"), {"uris": [spiffe_id("users"), spiffe_id("orders")]}, False),
        ("127.0.0.1", {"uris": []}, True),
        ("127.0.0.2", {}, False),
    ],
)
def test_the_one_name_of_server_cert_domain_san_decides(
    world, mesh, start_router, start_backend, name, options, is_right
):
    backend = start_backend(tls=mesh.context(mesh.service(**options)))
    upstream = mesh.upstream(backend, server_cert_domain_san=name)
    del upstream["mtls"]["service_name"]
    router = start_router(mesh.configuration(upstream))
    assert ask(world, router).status == (200 if is_right else 503)
    assert len(backend.seen()) == (1 if is_right else 0)


def test_name_is_asked_for_in_the_handshake(world, mesh, start_router, start_backend):
    asked = []
    tls = mesh.context(mesh.service())
    tls.sni_callback = lambda sock, name, context: asked.append(name)
    backend = start_backend(tls=tls)
    named = mesh.upstream(backend, server_cert_domain_san="users.internal")
    del named["mtls"]["service_name"]
    by_address = mesh.upstream(backend, name="orders", service_name="users")
    router = start_router(mesh.configuration(named, by_address))
    assert ask(world, router).status == 200
    assert ask(world, router, "orders.example.com").status == 200
    assert asked == ["users.internal", None]


def test_host_of_the_url_is_verified_unless_told_otherwise(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service(ips=[])))
    strict, lax = (
        mesh.upstream(backend),
        mesh.upstream(backend, name="lax", service_name="users", verify_hostname=False),
    )
    router = start_router(mesh.configuration(strict, lax))
    assert ask(world, router).status == 503
    assert ask(world, router, "lax.example.com").status == 200


# Wrong identities


def wrong_identities(mesh):
    other = Authority.root("Mesh Root")
    return {
        "another_service": (mesh.service(uris=[spiffe_id("orders")]), "name_mismatch"),
        "another_namespace": (mesh.service(uris=[spiffe_id("users", "other")]), "name_mismatch"),
        "another_trust_domain": (
            mesh.service(uris=[spiffe_id("users", trust_domain="x.local")]),
            "foreign_trust_domain",
        ),
        "no_spiffe_id": (mesh.service(uris=[]), "invalid_spiffe"),
        "two_spiffe_ids": (mesh.service(uris=[spiffe_id("users"), spiffe_id("orders")]), "invalid_spiffe"),
        "another_address": (mesh.service(ips=["127.0.0.2"]), "name_mismatch"),
        "another_authority": (mesh.service(issuer=other), ("bad_signature", "unknown_issuer")),
        "self_signed": (self_signed("users", uris=[spiffe_id("users")], ips=["127.0.0.1"]), "self_signed"),
        "expired": (mesh.service(lifetime=(-120, -60)), "expired"),
        "not_yet_valid": (mesh.service(lifetime=(60, 120)), "not_yet_valid"),
        "client_only": (mesh.service(purposes=[CLIENT_AUTH]), "wrong_purpose"),
        "no_intermediate": (mesh.service().without_intermediates(), "unknown_issuer"),
        "an_authority": (mesh.service(is_authority=True), "leaf_is_authority"),
    }


@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize(
    "case",
    """another_service another_namespace another_trust_domain no_spiffe_id two_spiffe_ids another_address
    another_authority self_signed expired not_yet_valid client_only no_intermediate an_authority""".split(),
)
def test_backend_with_a_wrong_identity_gets_no_request(world, mesh, start_router, start_backend, case, version):
    leaf, reasons = wrong_identities(mesh)[case]
    backend = start_backend(tls=mesh.context(leaf, clients=ssl.CERT_NONE, version=version))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    is_name = reasons in ("name_mismatch", "invalid_spiffe")
    response = ask(world, router, path="/secret")
    assert (response.status, response.router_error) == (503 if is_name else 526, "endpoint_failure")
    record = router.wait_for_access(lambda record: record.get("target", record.get("uri", "")) is not None)
    assert record["error"] == ("upstream_name_mismatch" if is_name else "upstream_untrusted")
    reason = record["upstream_tls_error"].split(":")[0]
    assert reason in (reasons if isinstance(reasons, tuple) else (reasons,))
    assert failures(router, reason=reason) == 1
    assert handshakes(router, result="failure") == 1
    assert router.metric("router_upstream_errors_total", kind="identity_rejected") == 1
    assert backend.seen() == []
    assert b"secret" not in backend.received_bytes()


def test_wrong_backend_is_told_why_and_never_sees_the_routers_certificate(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service(uris=[spiffe_id("orders")])))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 503
    assert backend.refused.wait_for(lambda _: True) == "SSLV3_ALERT_BAD_CERTIFICATE"
    assert backend.exchanges.snapshot()[0].peer_certificate is None


def test_identity_in_the_subject_alone_counts_for_nothing(world, mesh, start_router, start_backend):
    leaf = mesh.issuer.leaf("127.0.0.1", uris=[spiffe_id("users")])
    backend = start_backend(tls=mesh.context(leaf))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 503


def test_trust_domain_is_checked_where_no_service_is_named(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service("orders")))
    upstream = mesh.upstream(backend)
    del upstream["mtls"]["service_name"]
    router = start_router(mesh.configuration(upstream))
    assert ask(world, router).status == 200
    backend.tls = mesh.context(mesh.service("orders", uris=[]))
    backend.drop_connections()
    until(lambda: ask(world, router).status == 503, 10, "a certificate without a SPIFFE ID being refused")


def test_authorities_of_an_upstream_speak_for_its_trust_domain_alone(world, mesh, start_router, start_backend):
    partner = Authority.root("Partner Mesh Root")
    roots = str(partner.save(mesh.directory, "partner-mesh"))
    right = partner.leaf("users", uris=[spiffe_id("users", trust_domain="partner.example")], ips=["127.0.0.1"])
    wrong = partner.leaf("users", uris=[spiffe_id("users")], ips=["127.0.0.1"])
    backend, impostor = (start_backend(tls=mesh.context(leaf)) for leaf in (right, wrong))
    options = {"trust_domain": "partner.example", "service_name": "users", "ca_certs": roots}
    router = start_router(
        mesh.configuration(
            mesh.upstream(backend, **options),
            mesh.upstream(impostor, name="impostor", **options),
            mesh.upstream(impostor, name="inside", service_name="users"),
        )
    )
    assert ask(world, router).status == 200
    assert ask(world, router, "impostor.example.com").status == 526
    assert ask(world, router, "inside.example.com").status == 526


# Backends that do not shake hands


def test_plain_http_on_the_tls_port_is_525(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.sock.recv(65536)
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain")

    backend = start_backend(script)
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    expect_failure(world, router, 525, "upstream_handshake_failed", "not_tls", "handshake_failed")
    assert router.metric("mtls_upstream_fallback_total") == 0


@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("answer", [b"", b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76"])
def test_end_in_the_handshake_is_525(world, mesh, start_router, start_backend, ending, answer):
    def script(exchange):
        exchange.sock.recv(65536)
        exchange.send(answer)
        if ending == "reset":
            exchange.reset()

    backend = start_backend(script)
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    expect_failure(world, router, 525, "upstream_handshake_failed", "closed", "handshake_failed")
    assert handshakes(router, result="closed") == 1


def test_handshake_that_hangs_is_504_within_the_connect_timeout(world, mesh, start_router, start_backend):
    over = threading.Event()
    backend = start_backend(lambda exchange: over.wait(30) and None)
    router = start_router(mesh.configuration(mesh.upstream(backend), timeouts={"connect": "300ms"}))
    expect_failure(world, router, 504, "endpoint_timeout", "handshake_timeout", "connect_timeout")
    assert handshakes(router, result="timeout") == 1
    over.set()


def test_garbage_behind_a_record_header_is_525(world, mesh, start_router, start_backend):
    def script(exchange):
        exchange.sock.recv(65536)
        exchange.send(b"\x16\x03\x03\x00\x05nonsense" + b"\x00" * 64)

    backend = start_backend(script)
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 525


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_older_than_1_2_is_525(world, mesh, start_router, start_backend):
    tls = mesh.context(mesh.service())
    tls.set_ciphers("ALL:@SECLEVEL=0")
    tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    backend = start_backend(tls=tls)
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 525


def test_backend_that_is_not_there_is_502_as_before(world, mesh, start_router):
    class Nobody:
        port = free_port()

    router = start_router(mesh.configuration(mesh.upstream(Nobody)))
    assert ask(world, router).status == 502
    assert failures(router) == 0


# Backends that refuse the router


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_backend_that_refuses_the_routers_certificate_is_496(world, mesh, start_router, start_backend, version):
    stranger = str(Authority.root("Stranger").save(mesh.directory, "stranger"))
    backend = start_backend(tls=mesh.context(mesh.service(), roots=stranger, version=version))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    expect_failure(world, router, 496, "upstream_refused_identity", "identity_refused", "identity_refused")
    assert backend.seen() == []


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_backend_that_wants_a_certificate_gets_none_without_mutual_tls(
    world, mesh, start_router, start_backend, version
):
    backend = start_backend(tls=mesh.context(mesh.service(), version=version))
    upstream = mesh.upstream(backend, enabled=False)
    router = start_router(mesh.configuration(upstream))
    response = ask(world, router)
    # Before TLS 1.3 there is no alert for this, and servers send handshake_failure.
    assert response.status in ((525,) if version == TLS12 else (496,))
    assert backend.seen() == []


# Taken out


def test_wrong_endpoint_is_left_out_and_the_right_one_gets_every_request(world, mesh, start_router, start_backend):
    right = start_backend(tls=mesh.context(mesh.service()))
    wrong = start_backend(tls=mesh.context(mesh.service("orders")))
    upstream = {**mesh.upstream(right), "endpoints": [wrong.address, right.address]}
    # Left out for longer than the test takes, however long that is.
    router = start_router(mesh.configuration(upstream, ejection={"base_time": "1m", "max_time": "1m"}))
    with world.connect(router, HOST) as connection:
        posts = [connection.exchange(request("POST", "/", HOST, body=b"x")).status for _ in range(40)]
    assert posts == [200] * 40
    assert (len(right.seen()), len(wrong.seen())) == (40, 0)
    suspended = lambda: router.metric("mtls_upstream_suspension_total", upstream="users")  # noqa: E731
    until(lambda: 1 <= len(wrong.refused.snapshot()) == suspended(), 10, "the endpoint being left out")
    assert len(wrong.refused.snapshot()) <= 2, "the endpoint was tried again and again"


def test_request_that_an_endpoint_refuses_in_tls_goes_to_another(world, mesh, start_router, start_backend):
    """In TLS 1.3 the refusal comes when the request is on its way: only one that is harmless to repeat goes on."""
    stranger = str(Authority.root("Stranger").save(mesh.directory, "stranger"))
    right = start_backend(tls=mesh.context(mesh.service()))
    refusing = start_backend(tls=mesh.context(mesh.service(), roots=stranger))
    upstream = {**mesh.upstream(right), "endpoints": [refusing.address, right.address]}
    router = start_router(mesh.configuration(upstream))
    assert ask(world, router).status == 200
    assert (len(right.seen()), len(refusing.seen())) == (1, 0)
    assert failures(router, reason="identity_refused") == 1


def test_endpoint_that_is_what_it_should_be_again_is_used_again(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service("orders")))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 503
    assert ask(world, router).status == 503
    assert len(backend.refused.snapshot()) == 1, "while it is left out, it is not tried"
    backend.tls = mesh.context(mesh.service())
    until(lambda: ask(world, router).status == 200, 10, "the endpoint being used again")


def test_a_reload_tries_at_once(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service("orders")))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 503
    router.apply(mesh.configuration(mesh.upstream(backend, service_name="orders")))
    assert ask(world, router).status == 200


def test_server_certificate_only_is_enough_for_a_server(world, mesh, start_router, start_backend):
    backend = start_backend(tls=mesh.context(mesh.service(purposes=[SERVER_AUTH])))
    router = start_router(mesh.configuration(mesh.upstream(backend)))
    assert ask(world, router).status == 200
