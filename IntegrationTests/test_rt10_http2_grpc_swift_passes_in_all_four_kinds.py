"""grpc-swift on both sides of the router: the four kinds of call over mutual TLS, status, trailers, deadlines, flow."""

from pathlib import Path

import grpc
import pytest

from harness.grpc_service import Service, Stub
from harness.mesh import handshakes
from harness.swift_grpc import SwiftClient, SwiftService
from harness.world import APP_FRONTEND, route

HOST = "grpc.apps.mtls.internal"
TRAILERS = {"x-trailing": "2"}
DEADLINE = "--deadline=30000"


@pytest.fixture(scope="module")
def service():
    with SwiftService() as service:
        yield service


@pytest.fixture(scope="module")
def router(world, start_module_router, service):
    entry = {**route(HOST, service, mtls_allowed_apps=APP_FRONTEND), "protocol": "http2"}
    return start_module_router(world.configuration([entry]))


def client_of(world, router, caller):
    return SwiftClient(router.port, HOST, (*world.paths(caller), world.server_roots))


@pytest.fixture
def client(world, router):
    return client_of(world, router, world.frontend)


def test_unary(client, service):
    outcome = client.call("Unary", "abc", options=["--metadata=x-asked=1", DEADLINE])
    assert (outcome["code"], outcome["replies"]) == (0, ["cba"])
    assert outcome["metadata"]["x-initial"] == "1"
    assert outcome["trailers"] == TRAILERS
    seen = service.calls()[-1]["metadata"]
    assert seen["x-asked"] == "1"
    assert f"app:{APP_FRONTEND}" in seen["x-forwarded-client-cert"]


def test_server_streaming(client):
    outcome = client.call("ServerStream", "1000", options=[DEADLINE])
    assert outcome["replies"] == [str(number) for number in range(1000)]
    assert (outcome["code"], outcome["trailers"]) == (0, TRAILERS)


def test_client_streaming(client):
    words = [str(number) for number in range(1000)]
    outcome = client.call("ClientStream", *words, options=[DEADLINE])
    assert outcome["replies"] == [",".join(words)]
    assert (outcome["code"], outcome["trailers"]) == (0, TRAILERS)


def test_bidirectional_streaming_is_a_conversation(client):
    words = [str(number) for number in range(100)]
    outcome = client.call("Both", *words, options=["--in-turn", DEADLINE])
    assert outcome["replies"] == [f"re:{word}" for word in words]
    assert (outcome["code"], outcome["trailers"]) == (0, TRAILERS)


def test_stream_of_many_windows_passes_both_ways_at_once(client):
    """48 MiB each way, through windows of 64 KiB that have to be given back again and again."""
    count, size = 768, 65_536
    outcome = client.call("Both", options=[f"--count={count}", f"--size={size}", "--deadline=90000"], within=100)
    assert (outcome["code"], outcome["message"]) == (0, "")
    assert (outcome["count"], outcome["bytes"]) == (count, count * (size + len("re:")))


def test_answer_without_anything_before_its_trailers(client):
    outcome = client.call("Fail", options=[DEADLINE])
    assert outcome["code"] == grpc.StatusCode.FAILED_PRECONDITION.value[0]
    assert outcome["message"] == "not today"
    assert outcome["trailersOnly"] and outcome["trailers"]["x-trailing"] == "2"


def test_method_that_is_not_there(client):
    assert client.call("Unknown", options=[DEADLINE])["code"] == grpc.StatusCode.UNIMPLEMENTED.value[0]


def test_caller_that_may_not_is_denied(world, router, service):
    before = len(service.calls())
    outcome = client_of(world, router, world.other_app).call("Unary", "ab", options=[DEADLINE])
    assert outcome["code"] == grpc.StatusCode.PERMISSION_DENIED.value[0]
    assert not outcome["replies"] and len(service.calls()) == before


def test_caller_of_an_authority_that_is_not_trusted_gets_no_connection(world, router, service):
    before = len(service.calls())
    outcome = client_of(world, router, world.strange_app).call("Unary", "ab", options=["--deadline=3000"])
    assert outcome["code"] in (grpc.StatusCode.UNAVAILABLE.value[0], grpc.StatusCode.DEADLINE_EXCEEDED.value[0])
    assert not outcome["replies"] and len(service.calls()) == before


def test_deadline_ends_the_call_on_both_sides(client, service):
    start = len(service.events.snapshot())
    outcome = client.call("Hang", options=["--deadline=4000"])
    assert outcome["code"] == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
    assert service.wait_for("called", start, method="Hang")["metadata"]
    service.wait_for("cancelled", start, method="Hang")


def test_cancelling_reaches_the_service(client, service, router):
    start = len(service.events.snapshot())
    outcome = client.call("Hang", options=["--cancel-after=1"])
    assert outcome["replies"] == ["begun"]
    service.wait_for("cancelled", start, method="Hang")
    assert client.call("Unary", "ab", options=[DEADLINE])["replies"] == ["ba"]
    router.wait_for_access(lambda record: "/Hang" in str(record) and record.get("error") == "client_gone")


def test_client_that_dies_is_a_cancellation(client, service):
    start = len(service.events.snapshot())
    with client.calling("Hang"):
        service.wait_for("called", start, method="Hang")
    service.wait_for("cancelled", start, method="Hang")


def test_client_of_another_library_is_served(world, router):
    chain, key = (Path(path).read_bytes() for path in world.paths(world.frontend))
    credentials = grpc.ssl_channel_credentials(Path(world.server_roots).read_bytes(), key, chain)
    options = [("grpc.ssl_target_name_override", HOST), ("grpc.default_authority", HOST)]
    with grpc.secure_channel(f"127.0.0.1:{router.port}", credentials, options) as channel:
        stub = Stub(channel)
        assert stub.unary(b"abc", timeout=10) == b"cba"
        assert list(stub.both(iter([b"a", b"b"]), timeout=10)) == [b"re:a", b"re:b"]


def test_service_of_another_library_is_reached(world, start_router):
    with Service() as service:
        entry = {**route(HOST, service, mtls_allow_any=True), "protocol": "http2"}
        client = client_of(world, start_router(world.configuration([entry])), world.frontend)
        assert client.call("Unary", "abc", options=[DEADLINE])["replies"] == ["cba"]
        assert client.call("Both", "a", "b", options=[DEADLINE])["replies"] == ["re:a", "re:b"]


def test_service_over_mutual_tls(world, mesh, start_router):
    with SwiftService((*world.paths(mesh.service()), mesh.roots)) as service:
        configuration = mesh.configuration({**mesh.upstream(service), "protocol": "http2"})
        routes = configuration["router"]["routes"]
        routes[0] = {**routes[0], "route": HOST, "options": {"mtls_allow_any": True}}
        router = start_router(configuration)
        client = client_of(world, router, world.frontend)
        assert client.call("Unary", "ab", options=[DEADLINE])["replies"] == ["ba"]
        assert client.call("ServerStream", "3", options=[DEADLINE])["replies"] == ["0", "1", "2"]
        assert client.call("ClientStream", "a", "b", options=[DEADLINE])["replies"] == ["a,b"]
        assert client.call("Both", "a", "b", options=["--in-turn", DEADLINE])["replies"] == ["re:a", "re:b"]
    assert handshakes(router, result="full") == 1
