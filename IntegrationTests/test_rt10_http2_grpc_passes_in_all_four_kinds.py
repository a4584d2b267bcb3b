"""gRPC through the router with mutual TLS: the four kinds of call, metadata, trailers, status, deadlines."""

import queue
from pathlib import Path

import grpc
import pytest

from harness.backend import Backend
from harness.grpc_service import Service, Stub
from harness.mesh import failures, handshakes
from harness.waiting import until
from harness.world import APP_FRONTEND, route

HOST = "grpc.apps.mtls.internal"


@pytest.fixture(scope="module")
def service():
    with Service() as service:
        yield service


@pytest.fixture(scope="module")
def router(world, start_module_router, service):
    entry = {**route(HOST, service, mtls_allowed_apps=APP_FRONTEND), "protocol": "http2"}
    return start_module_router(world.configuration([entry]))


def channel(world, router, identity):
    chain, key = (Path(path).read_bytes() for path in world.paths(identity))
    credentials = grpc.ssl_channel_credentials(Path(world.server_roots).read_bytes(), key, chain)
    options = [("grpc.ssl_target_name_override", HOST), ("grpc.default_authority", HOST)]
    return grpc.secure_channel(f"127.0.0.1:{router.port}", credentials, options)


@pytest.fixture
def stub(world, router):
    with channel(world, router, world.frontend) as opened:
        yield Stub(opened)


def test_unary(stub, service):
    reply, call = stub.unary.with_call(b"abc", metadata=[("x-asked", "1"), ("x-bin-bin", b"\0\xff")], timeout=10)
    assert reply == b"cba"
    assert dict(call.initial_metadata())["x-initial"] == "1"
    assert dict(call.trailing_metadata())["x-trailing"] == "2"
    seen = service.metadata[-1]
    assert (seen["x-asked"], seen["x-bin-bin"]) == ("1", b"\0\xff")
    assert "x-forwarded-client-cert" in seen


def test_large_messages(stub):
    message = bytes(range(256)) * 8192
    assert stub.unary(message, timeout=30) == message[::-1]


def test_server_streaming(stub):
    replies = stub.server_stream(b"1000", timeout=30)
    assert list(replies) == [b"%d" % number for number in range(1000)]
    assert dict(replies.trailing_metadata())["x-trailing"] == "2"


def test_client_streaming(stub):
    words = [b"%d" % number for number in range(1000)]
    assert stub.client_stream(iter(words), timeout=30) == b",".join(words)


def test_bidirectional_streaming_is_a_conversation(stub):
    said = queue.Queue()
    replies = stub.both(iter(said.get, None), timeout=30)
    for number in range(100):
        said.put(b"%d" % number)
        assert next(replies) == b"re:%d" % number
    said.put(None)
    assert list(replies) == []
    assert replies.code() is grpc.StatusCode.OK


def test_status_and_trailers_of_a_failure_arrive(stub):
    with pytest.raises(grpc.RpcError) as failure:
        stub.fail(b"", timeout=10)
    assert failure.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert failure.value.details() == "not today"
    assert dict(failure.value.trailing_metadata())["x-trailing"] == "2"
    with pytest.raises(grpc.RpcError) as failure:
        stub.unknown(b"", timeout=10)
    assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_cancelling_reaches_the_service(stub, service, router):
    service.cancelled.clear()
    replies = stub.hang(b"", timeout=30)
    assert next(replies) == b"begun"
    replies.cancel()
    assert service.cancelled.wait(10)
    assert stub.unary(b"ab", timeout=10) == b"ba"
    router.wait_for_access(lambda record: "/Hang" in str(record) and record.get("error") == "client_gone")


def test_deadline_ends_the_call_on_both_sides(stub, service):
    # The connection is made first, as its time is not the deadline's.
    assert stub.unary(b"ab", timeout=10) == b"ba"
    service.cancelled.clear()
    with pytest.raises(grpc.RpcError) as failure:
        list(stub.hang(b"", timeout=2))
    assert failure.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert service.cancelled.wait(10)


def test_calls_of_many_clients_share_few_connections(world, router, stub):
    calls = [stub.unary.future(b"%d" % number, timeout=30) for number in range(200)]
    assert [call.result() for call in calls] == [(b"%d" % number)[::-1] for number in range(200)]
    active = router.metric("router_upstream_connections")
    assert 1 <= active <= 8


def test_caller_that_may_not_is_denied(world, router):
    with channel(world, router, world.other_app) as opened, pytest.raises(grpc.RpcError) as failure:
        Stub(opened).unary(b"", timeout=10)
    assert failure.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_service_that_is_gone_is_unavailable_and_found_again(world, start_router):
    with Service() as service:
        entry = {**route(HOST, service, mtls_allow_any=True), "protocol": "http2"}
        router = start_router(world.configuration([entry]))
        with channel(world, router, world.frontend) as opened:
            assert Stub(opened).unary(b"ab", timeout=10) == b"ba"
    with channel(world, router, world.frontend) as opened:
        stub = Stub(opened)
        until(lambda: code_of(stub) is grpc.StatusCode.UNAVAILABLE, 10, "the service being gone")


def code_of(stub):
    try:
        stub.unary(b"ab", timeout=10)
        return grpc.StatusCode.OK
    except grpc.RpcError as error:
        return error.code()


def server_credentials(world, mesh, leaf):
    """A service's own certificate; callers have to present one of the mesh."""
    chain, key = (Path(path).read_bytes() for path in world.paths(leaf))
    roots = Path(mesh.roots).read_bytes()
    return grpc.ssl_server_credentials([(key, chain)], root_certificates=roots, require_client_auth=True)


@pytest.fixture
def secure(world, mesh, start_router):
    """Starts a router in front of a service over mutual TLS."""

    def start_it(service):
        configuration = mesh.configuration({**mesh.upstream(service), "protocol": "http2"})
        routes = configuration["router"]["routes"]
        routes[0] = {**routes[0], "route": HOST, "options": {"mtls_allow_any": True}}
        return start_router(configuration)

    return start_it


def test_service_over_mutual_tls(world, mesh, secure):
    with Service(server_credentials(world, mesh, mesh.service())) as service:
        router = secure(service)
        with channel(world, router, world.frontend) as opened:
            stub = Stub(opened)
            assert stub.unary(b"ab", timeout=10) == b"ba"
            assert list(stub.server_stream(b"3", timeout=10)) == [b"0", b"1", b"2"]
            assert list(stub.both(iter([b"a", b"b"]), timeout=10)) == [b"re:a", b"re:b"]
    assert handshakes(router, result="full") == 1


def test_service_with_another_name_gets_no_call(world, mesh, secure):
    with Service(server_credentials(world, mesh, mesh.service("orders"))) as service:
        router = secure(service)
        with channel(world, router, world.frontend) as opened:
            assert code_of(Stub(opened)) is grpc.StatusCode.UNAVAILABLE
        assert not service.metadata
    assert failures(router) >= 1


def test_upstream_that_does_not_agree_to_http2_gets_no_call(world, mesh, secure):
    with Backend(tls=mesh.context(mesh.service())) as backend:
        router = secure(backend)
        with channel(world, router, world.frontend) as opened, pytest.raises(grpc.RpcError):
            Stub(opened).unary(b"ab", timeout=10)
        assert not backend.seen()
        line = router.wait_for_line("upstream refused", upstream="users")
        assert "ALPN" in line["explanation"]
