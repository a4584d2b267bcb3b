"""Connections that ask for nothing give their place to those of proxies, over HTTP and over gRPC."""

import contextlib
import resource
import socket
from pathlib import Path

import grpc
import h2.connection
import h2.settings
import pytest

from harness.authz import Authz
from harness.waiting import until

CHECK = "/envoy.service.auth.v3.Authorization/Check"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
#: What is said to the client's settings, once they were read.
ACKNOWLEDGED = b"\0\0\0\4\1\0\0\0\0"
#: A `CheckRequest` with a method and a path, and what is before a message of gRPC.
QUESTION = b"\0\0\0\0\x0e" + b"\x0a\x0c\x22\x0a\x12\x08\x12\x03GET\x22\x01/"
#: So few descriptors that there is room for some hundred connections.
DESCRIPTORS = 600
CROWD = 500
#: What is logged once a connection has given its place to another.
GAVE_WAY = "too many connections, those that have asked for nothing for longest are closed"


@pytest.fixture
def authz(tmp_path):
    with Authz(tmp_path, descriptors=DESCRIPTORS, inbound_auth_mode="bearer_only") as running:
        yield running


@contextlib.contextmanager
def crowd(port, first):
    """Connections that say something and nothing more."""
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(CROWD):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            with contextlib.suppress(OSError):
                one.sendall(first)
            opened.append(one)
        yield opened


def refused(authz, listener):
    return authz.metric(f'authz_connections_refused_total{{listener="{listener}"}}')


@pytest.mark.parametrize(
    "first",
    [b"", b"GET /auth/traefik HTTP/1.1\r\nHost:", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ids=["nothing", "a part of a head", "a request"],
)
def test_silent_connections_give_way_to_questions(authz, first):
    token = ("Authorization", f"Bearer {authz.issuer.token()}")
    assert authz.ask("/auth/traefik", token)[0] == 200 and refused(authz, "http") == 0
    with crowd(authz.port, first):
        assert [authz.ask("/auth/traefik", token)[0] for _ in range(20)] == [200] * 20
        until(lambda: refused(authz, "http") > 0, 10, "the count of those that gave way")
    authz.log.wait_for(lambda entry: entry.get("message") == GAVE_WAY, 10, GAVE_WAY)


def calling(message):
    """The bytes of a caller that has no room for answers: the head of a call, and a message where there is one."""
    http = h2.connection.H2Connection()
    http.local_settings = h2.settings.Settings(
        client=True, initial_values={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0}
    )
    http.initiate_connection()
    fields = {":method": "POST", ":scheme": "http", ":authority": "localhost", ":path": CHECK}
    http.send_headers(1, [*fields.items(), ("content-type", "application/grpc"), ("te", "trailers")])
    if message:
        http.send_data(1, message, end_stream=True)
    return http.data_to_send()


def call(authz):
    """What a caller of gRPC that has not called before is answered."""
    with grpc.insecure_channel(f"127.0.0.1:{authz.grpc_port}") as channel:
        with pytest.raises(grpc.RpcError) as failure:
            channel.unary_unary(CHECK)(b"", timeout=10)
        return failure.value.code()


def hear(one, mark):
    """Reads until the server has said something, or has closed the connection."""
    heard = b""
    while mark not in heard:
        try:
            piece = one.recv(1 << 16)
        except ConnectionError:
            return
        if not piece:
            return
        heard += piece


@pytest.mark.parametrize(
    ("first", "mark"),
    [(PREFACE, ACKNOWLEDGED), (calling(b""), ACKNOWLEDGED), (calling(QUESTION), b"application/grpc")],
    ids=["nothing", "a part of a call", "a call whose answer has no room"],
)
def test_silent_callers_of_grpc_give_way_to_calls(authz, first, mark):
    with crowd(authz.grpc_port, first) as opened:
        # Those that are left hold what they hold.
        for one in opened:
            hear(one, mark)
        for _ in range(20):
            assert call(authz) == grpc.StatusCode.INVALID_ARGUMENT
        until(lambda: refused(authz, "grpc") > 0, 10, "the count of those that gave way")


def test_low_limit_of_descriptors_is_warned_about(authz):
    line = "fewer file descriptors than connections and the audit spool may need"
    authz.log.wait_for(lambda entry: entry.get("message") == line, 10, line)


def allow_more_descriptors(authz, more):
    """Less than the listeners were given: what else the process opens can leave them with less."""
    open_now = len(list(Path(f"/proc/{authz.process_id}/fd").iterdir()))
    resource.prlimit(authz.process_id, resource.RLIMIT_NOFILE, (open_now + more, DESCRIPTORS))


def test_silent_connections_give_way_where_descriptors_run_out(authz):
    token = ("Authorization", f"Bearer {authz.issuer.token()}")
    assert authz.ask("/auth/traefik", token)[0] == 200
    allow_more_descriptors(authz, 30)
    with crowd(authz.port, b""):
        assert [authz.ask("/auth/traefik", token)[0] for _ in range(20)] == [200] * 20
    with crowd(authz.grpc_port, PREFACE):
        assert call(authz) == grpc.StatusCode.INVALID_ARGUMENT
    resource.prlimit(authz.process_id, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    until(lambda: refused(authz, "http") > 0 and refused(authz, "grpc") > 0, 10, "the count of those that gave way")


def test_silent_connections_give_way_to_those_of_another_listener(authz):
    """The listener of gRPC has none of its own to close: each descriptor is the other listener's."""
    allow_more_descriptors(authz, 30)
    with crowd(authz.port, b""):
        authz.log.wait_for(lambda entry: entry.get("message") == GAVE_WAY, 10, GAVE_WAY)
        assert call(authz) == grpc.StatusCode.INVALID_ARGUMENT


def test_silent_callers_of_grpc_give_way_to_connections_of_another_listener(authz):
    token = ("Authorization", f"Bearer {authz.issuer.token()}")
    allow_more_descriptors(authz, 30)
    with crowd(authz.grpc_port, PREFACE):
        authz.log.wait_for(lambda entry: entry.get("message") == GAVE_WAY, 10, GAVE_WAY)
        assert authz.ask("/auth/traefik", token)[0] == 200
