"""WebSocket through the router: stock client and server, both ways, with back-pressure, ends and refusals."""

import hashlib
import json
import signal

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State

from harness.backend import answering
from harness.http import Cut
from harness.tls_client import request
from harness.waiting import until
from harness.websocket import HANDSHAKE, SWITCH, WebSocketServer, echo, open_websocket
from harness.world import route

HOST = "plain.example.com"
MUTUAL = "shop.apps.mtls.internal"


@pytest.fixture
def websockets(request):
    with WebSocketServer(echo) as server:
        yield server


@pytest.fixture
def router(world, start_router, websockets):
    return start_router(world.configuration([route(HOST, websockets), route(MUTUAL, websockets, mtls_allow_any=True)]))


def tunnels(router):
    return router.metric("router_tunnels_open")


def test_text_binary_ping_and_close_pass_both_ways(world, router):
    with open_websocket(world, router, HOST, "/chat") as client:
        client.send("grüße")
        assert client.recv(10) == "grüße"
        client.send(bytes(range(256)))
        assert client.recv(10) == bytes(range(256))
        client.send("")
        assert client.recv(10) == ""
        assert client.ping(b"are you there").wait(10)
        assert tunnels(router) == 1
        client.close(4001, "enough")
        assert client.protocol.state is State.CLOSED
        assert client.close_code == 4001
    record = router.wait_for_access(lambda record: record["target"] == "/chat")
    assert (record["status"], record["method"], record.get("error")) == (101, "GET", None)
    assert record["bytes_received"] > 256 and record["bytes_sent"] > 256
    until(lambda: tunnels(router) == 0, 10, "the tunnel being counted out")
    assert router.metric("router_tunnels_total", kind="upgrade") == 1


def test_server_may_speak_and_close_first(world, start_router):
    def greet(connection):
        connection.send("hello")
        connection.close(1001, "moving")

    with WebSocketServer(greet) as server:
        router = start_router(world.configuration([route(HOST, server)]))
        with open_websocket(world, router, HOST) as client:
            assert client.recv(10) == "hello"
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(10)
            assert closed.value.rcvd.code == 1001
    assert router.wait_for_access(lambda _: True).get("error") is None


def test_large_messages_are_the_same_on_both_ends(world, router):
    message = bytes(range(251)) * 40000
    with open_websocket(world, router, HOST) as client:
        for _ in range(2):
            client.send(message)
            assert hashlib.sha256(client.recv(60)).digest() == hashlib.sha256(message).digest()


def test_caller_of_a_mutual_tls_domain_is_decided_upon_before(world, start_router, websockets, backend):
    allowed = route(MUTUAL, websockets, mtls_allow_any=True)
    denied = route("denied.apps.mtls.internal", websockets, mtls_allowed_apps="11111111-1111-1111-1111-111111111111")
    router = start_router(world.configuration([allowed, denied]))
    with open_websocket(world, router, MUTUAL, identity=world.frontend) as client:
        client.send("let in")
        assert client.recv(10) == "let in"
    with pytest.raises(InvalidStatus) as refusal:
        open_websocket(world, router, "denied.apps.mtls.internal", identity=world.frontend)
    assert refusal.value.response.status_code == 403
    assert len(websockets.paths) == 1


def test_endpoint_that_refuses_answers_as_always(world, start_router, backend):
    backend.script = answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        for _ in range(2):
            response = connection.exchange(HANDSHAKE)
            assert (response.status, response.body) == (403, b"no")
    assert tunnels(router) == 0


@pytest.mark.parametrize(
    "offer, switch",
    [
        ("websocket", b"chat"),
        ("websocket", b"websocket, chat"),
        ("websocket", b""),
        ("h2c", b"h2c"),
        ("chat", b"chat"),
        ("HTTP/3.0", b"HTTP/3.0"),
        (None, b"websocket"),
    ],
)
def test_switch_to_what_was_not_offered_is_a_malformed_response(world, start_router, backend, offer, switch):
    backend.script = answering(SWITCH % switch)
    router = start_router(world.configuration([route(HOST, backend)]))
    fields = [f"Connection: Upgrade\r\nUpgrade: {offer}"] if offer else []
    with world.connect(router, HOST) as connection:
        response = connection.exchange(request("GET", "/", HOST, *fields))
        assert response.status == 502
    assert tunnels(router) == 0


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.0 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\n",
    ],
    ids=["no Connection", "no Upgrade", "HTTP/1.0", "with content"],
)
def test_switch_that_is_not_whole_is_a_malformed_response(world, start_router, backend, head):
    backend.script = answering(head)
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        assert connection.exchange(HANDSHAKE).status == 502


@pytest.mark.parametrize(
    "fields, told",
    [
        (["Connection: Upgrade", "Upgrade: websocket"], ["websocket"]),
        (["Connection: keep-alive, upgrade", "Upgrade: h2c, WebSocket"], ["WebSocket"]),
        (["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"], []),
        (["Upgrade: websocket"], []),
        (["Connection: Upgrade", "Upgrade: websocket", "Content-Length: 0"], []),
    ],
)
def test_endpoint_is_told_of_listed_protocols_alone(world, start_router, backend, fields, told):
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        assert connection.exchange(request("GET", "/", HOST, *fields)).status == 200
    [seen] = backend.seen()
    assert seen.all("Upgrade") == told
    assert [value.lower() for value in seen.all("Connection")] == (["upgrade"] if told else [])
    assert seen.all("HTTP2-Settings") == []


def test_protocol_that_is_listed_may_be_switched_to(world, start_router, backend):
    def script(exchange):
        exchange.request()
        exchange.send(SWITCH % b"chat/1" + b"welcome")
        assert exchange.reader.exactly(5) == b"hello"
        exchange.send(b"bye")

    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)], upgrade_protocols=["chat/1"]))
    with world.connect(router, HOST) as connection:
        connection.send(request("GET", "/", HOST, "Connection: Upgrade", "Upgrade: chat/1"))
        head = connection.reader.head()
        assert (head.status, head.get("Upgrade"), head.get("Connection")) == (101, "chat/1", "Upgrade")
        assert connection.reader.exactly(7) == b"welcome"
        connection.send(b"hello")
        assert connection.reader.exactly(3) == b"bye"


def test_route_may_ignore_or_refuse_upgrades(world, start_router, backend):
    ignoring = route(f"{HOST}/ignore", backend, upgrade="ignore")
    refusing = route(f"{HOST}/refuse", backend, upgrade="refuse")
    router = start_router(world.configuration([ignoring, refusing]))
    upgrade = ["Connection: Upgrade", "Upgrade: websocket"]
    with world.connect(router, HOST) as connection:
        account = json.loads(connection.exchange(request("GET", "/ignore", HOST, *upgrade)).body)
        assert "Upgrade" not in dict(account["headers"])
        response = connection.exchange(request("GET", "/refuse", HOST, *upgrade))
        assert response.status == 403
        assert connection.get(HOST, "/refuse").status == 200
    assert [message.target for message in backend.seen()] == ["/ignore", "/refuse"]
    assert router.wait_for_access(lambda record: record["status"] == 403)["error"] == "upgrade_not_allowed"


def test_bytes_put_the_end_of_a_tunnel_off(world, start_router, websockets):
    router = start_router(world.configuration([route(HOST, websockets)], timeouts={"tunnel_idle": "3s"}))
    with open_websocket(world, router, HOST, ping_interval=0.2) as client:
        with pytest.raises(TimeoutError):
            client.recv(5)
        client.send("still open")
        assert client.recv(10) == "still open"


def test_tunnel_lives_until_the_drain_deadline(world, start_router, websockets):
    router = start_router(world.configuration([route(HOST, websockets)], timeouts={"drain": "5s"}))
    with open_websocket(world, router, HOST) as client:
        router.signal(signal.SIGTERM)
        router.wait_for_line("router is draining")
        client.send("in time")
        assert client.recv(10) == "in time"
        assert router.wait_for_exit(15) == 0
        with pytest.raises(ConnectionClosed):
            client.recv(10)
    assert router.access_records()[-1]["error"] == "drain_timeout"


def test_tunnel_ends_with_the_age_of_its_connection(world, start_router, websockets):
    configuration = world.configuration([route(HOST, websockets)], timeouts={"drain": "1s"}, max_connection_age="3s")
    router = start_router(configuration)
    with open_websocket(world, router, HOST) as client:
        with pytest.raises(ConnectionClosed):
            client.recv(10)
    assert router.wait_for_access(lambda record: record["status"] == 101)["error"] == "connection_ended"


def test_pipelined_bytes_behind_the_handshake_belong_to_the_tunnel(world, start_router, backend):
    received = []

    def script(exchange):
        exchange.head()
        exchange.send(SWITCH % b"websocket")
        received.append(exchange.reader.exactly(len(smuggled)))

    smuggled = request("GET", "/smuggled", HOST)
    backend.script = script
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        connection.send(HANDSHAKE + smuggled)
        assert connection.reader.head().status == 101
        until(lambda: received, 10, "the endpoint getting the bytes")
    assert received == [smuggled]
    assert [message.target for message in backend.seen()] == ["/ws"]


def test_connection_that_is_cut_before_the_switch_is_no_tunnel(world, start_router, backend):
    backend.script = lambda exchange: exchange.head() and exchange.reset()
    router = start_router(world.configuration([route(HOST, backend)]))
    with world.connect(router, HOST) as connection:
        try:
            assert connection.exchange(HANDSHAKE).status == 502
        except (Cut, OSError):
            pytest.fail("an endpoint that resets before it answers is a 502")
    assert tunnels(router) == 0
