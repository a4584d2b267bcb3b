"""The gRPC surface of `countersign authz`, called by gRPC's own library and by raw bytes."""

import concurrent.futures
import socket

import grpc
import pytest

from harness.authz import Authz
from harness.waiting import until

CHECK = "/envoy.service.auth.v3.Authorization/Check"


def field(number, value):
    """One field: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def varint(value):
    output = bytearray()
    while value >= 0x80:
        output.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*output, value])


def check_request(path="/users", method="GET", **headers):
    entries = b"".join(field(3, field(1, name) + field(2, value)) for name, value in headers.items())
    http = field(1, "id") + field(2, method) + entries + field(4, path) + field(5, "crud.local") + field(9, 0)
    # Fields that are of no interest, known and unknown, are passed over.
    return field(1, field(1, field(4, "peer")) + field(4, field(1, b"") + field(2, http)) + field(99, 7)) + field(
        15, b"x"
    )


@pytest.fixture
def authz(tmp_path):
    with Authz(tmp_path, inbound_auth_mode="bearer_only") as made:
        yield made


@pytest.fixture
def channel(authz):
    with grpc.insecure_channel(f"127.0.0.1:{authz.grpc_port}") as made:
        yield made


def call(channel, message, path=CHECK, **options):
    return channel.unary_unary(path)(message, timeout=10, **options)


def test_good_and_bad_tokens_are_told_apart(authz, channel):
    good = call(channel, check_request(authorization=f"Bearer {authz.issuer.token()}"))
    assert good.startswith(field(1, b"")) and b"user-1" in good
    bad = call(channel, check_request(authorization="Bearer a.b.c"))
    assert b"token_invalid" in bad and field(1, field(1, 401)) in bad
    assert b"token_missing" in call(channel, check_request())


def test_names_that_services_take_for_those_of_the_answer_are_refused(authz, channel):
    token = f"Bearer {authz.issuer.token()}"
    for name in ("x_countersign_identity", "ssl_client_cert"):
        answer = call(channel, check_request(**{"authorization": token, name: "arn:crud:iam::partner:device/1"}))
        assert b"invalid_request" in answer and field(1, field(1, 400)) in answer
    other = call(channel, check_request(**{"authorization": token, "x_other": "a"}))
    assert other.startswith(field(1, b""))


def test_the_answer_removes_what_the_proxy_does_not_set(authz, channel):
    """The header that is configured, by default Envoy's, is the proxy's own."""
    answer = call(channel, check_request(authorization=f"Bearer {authz.issuer.token()}"))
    for name in ("x-countersign-identity", "ssl-client-cert", "client-cert-chain", "x-client-cert-serial"):
        assert field(5, name) in answer
    assert field(5, "x-forwarded-client-cert") not in answer


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", grpc.StatusCode.INVALID_ARGUMENT),
        (b"\x0a\xff", grpc.StatusCode.INVALID_ARGUMENT),
        (check_request(path=""), grpc.StatusCode.INVALID_ARGUMENT),
        (check_request(method=""), grpc.StatusCode.INVALID_ARGUMENT),
        (b"\x08\x00" * 600_000, grpc.StatusCode.RESOURCE_EXHAUSTED),
    ],
)
def test_what_is_no_question_ends_with_its_status(channel, message, code):
    with pytest.raises(grpc.RpcError) as failure:
        call(channel, message)
    assert failure.value.code() == code, failure.value.details()
    assert b"token_missing" in call(channel, check_request())


def test_other_methods_and_compression_are_not_implemented(channel):
    for options in ({"path": "/grpc.health.v1.Health/Check"}, {"compression": grpc.Compression.Gzip}):
        with pytest.raises(grpc.RpcError) as failure:
            call(channel, check_request() + field(16, b"a" * 4096), **options)
        assert failure.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_many_calls_at_once_are_answered_each_with_its_own(authz, channel):
    tokens = {name: authz.issuer.token(sub=name) for name in (f"user-{index}" for index in range(200))}

    def ask(name):
        return f"{name}".encode() in call(channel, check_request(authorization=f"Bearer {tokens[name]}"))

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, tokens))


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 64, b"\x00" * 100],
)
def test_what_is_no_http2_ends_its_connection_alone(authz, channel, sent):
    with socket.create_connection(("127.0.0.1", authz.grpc_port), 10) as connection:
        connection.sendall(sent)
        connection.settimeout(10)
        while connection.recv(4096):
            pass
    assert b"token_missing" in call(channel, check_request())


def test_callers_that_leave_are_forgotten(authz, channel):
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", authz.grpc_port), 10) as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert b"token_missing" in call(channel, check_request())
    until(lambda: authz.admin("/health/ready")[0] == 200, 5, "readiness")
