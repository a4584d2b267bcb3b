"""Connections that ask for nothing give their place to those of proxies, over HTTP and over gRPC."""

import contextlib
import socket

import grpc
import pytest

from harness.authz import Authz
from harness.waiting import until

CHECK = "/envoy.service.auth.v3.Authorization/Check"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
#: So few descriptors that there is room for some hundred connections.
DESCRIPTORS = 600
CROWD = 500


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
    line = "too many connections, those that have asked for nothing for longest are closed"
    authz.log.wait_for(lambda entry: entry.get("message") == line, 10, line)


def test_silent_callers_of_grpc_give_way_to_calls(authz):
    with crowd(authz.grpc_port, PREFACE):
        for _ in range(20):
            with grpc.insecure_channel(f"127.0.0.1:{authz.grpc_port}") as channel:
                with pytest.raises(grpc.RpcError) as failure:
                    channel.unary_unary(CHECK)(b"", timeout=10)
                assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        until(lambda: refused(authz, "grpc") > 0, 10, "the count of those that gave way")


def test_low_limit_of_descriptors_is_warned_about(authz):
    line = "fewer file descriptors than connections and the audit spool may need"
    authz.log.wait_for(lambda entry: entry.get("message") == line, 10, line)
