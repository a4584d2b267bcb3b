"""Whoever the client says it is, in whatever spelling, the backend hears only from the router."""

import re

import pytest

from harness.backend import answering
from harness.tls_client import request
from harness.world import route

PLATFORM, PARTNER, PLAIN = "a.apps.mtls.internal", "partner.example.com", "plain.example.com"

NAMES = [
    "X-Forwarded-Client-Cert",
    "X-Forwarded-Client-Cert-Chain",
    "X-Forwarded-Tls-Client-Cert",
    "X-Forwarded-Tls-Client-Cert-Info",
    "ssl-client-cert",
    "ssl-client-verify",
    "ssl-client-subject-dn",
    "ssl-client-issuer-dn",
    "ssl-client-serial",
    "ssl-client-fingerprint",
    "ssl-client-anything",
    "X-SSL-Client-Cert",
    "X-SSL-Client-Verify",
    "X-SSL-Client-DN",
    "Client-Cert",
    "Client-Cert-Chain",
    "X-Client-Cert",
    "X-Client-Cert-Subject",
    "X-Client-Cert-Serial",
    "X-Client-Cert-Anything",
    "X-Client-Cert-Thumbprint",
    "X-Countersign-Identity",
    "X-Countersign-Service",
    "X-Countersign-Token-Subject",
    "X-Countersign-Mtls",
    "X-Spiffe-Id",
    "True-Client-IP",
    "Proxy-Authorization",
]
SPELLINGS = {
    "as written": lambda name: name,
    "lower case": str.lower,
    "upper case": str.upper,
    "underscores": lambda name: name.replace("-", "_"),
    "upper case with underscores": lambda name: name.upper().replace("-", "_"),
    "one underscore": lambda name: name.replace("-", "_", 1),
    "last one an underscore": lambda name: "_".join(name.rsplit("-", 1)),
}
SPOOF = 'Hash=spoofed;Subject="CN=spoofed,OU=app:spoofed"'


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [
        route(PLATFORM, module_backend, mtls_allow_any=True),
        route(PARTNER, module_backend),
        route(PLAIN, module_backend),
    ]
    return start_module_router(world.configuration(routes))


def who(world, host):
    return {PLATFORM: world.frontend, PARTNER: world.partner_device, PLAIN: None}[host]


def folded(name):
    """A name as a CGI, WSGI or Rack backend would see it."""
    return re.sub(r"[^a-z0-9]", "-", name.lower())


def seen_by_backend(world, router, backend, host, data):
    backend.forget()
    with world.connect(router, host, who(world, host)) as connection:
        assert connection.exchange(data).status == 200
    [message] = backend.seen()
    return message


@pytest.mark.parametrize("host", [PLATFORM, PARTNER, PLAIN])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_name_in_every_spelling_is_removed(world, router, module_backend, host, spelling):
    fields = [f"{SPELLINGS[spelling](name)}: {SPOOF}" for name in NAMES]
    message = seen_by_backend(world, router, module_backend, host, request("GET", "/", host, "X-Kept: 1", *fields))
    assert message.get("X-Kept") == "1"
    assert "spoofed" not in message.raw_head.decode("latin-1")
    wanted = {folded(name) for name in NAMES}
    left = [name for name in message.names() if folded(name) in wanted]
    assert left == ([] if host == PLAIN else ["x-forwarded-client-cert"])


@pytest.mark.parametrize("host", [PLATFORM, PLAIN])
@pytest.mark.parametrize("name", NAMES)
def test_repeats_between_other_headers_are_all_removed(world, router, module_backend, host, name):
    fields = []
    for number, spelling in enumerate([*SPELLINGS.values()] * 4):
        fields += [f"{spelling(name)}: {SPOOF}", f"X-Kept-{number}: {number}"]
    message = seen_by_backend(world, router, module_backend, host, request("GET", "/", host, *fields))
    assert "spoofed" not in message.raw_head.decode("latin-1")
    assert len([kept for kept in message.names() if kept.startswith("x-kept-")]) == 28


@pytest.mark.parametrize("host", [PLATFORM, PLAIN])
def test_identity_headers_in_trailers_are_removed(world, router, module_backend, host):
    trailers = "".join(f"{name}: {SPOOF}\r\n{name.replace('-', '_')}: {SPOOF}\r\n" for name in NAMES[:10])
    data = f"POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n{trailers}\r\n"
    message = seen_by_backend(world, router, module_backend, host, data.encode())
    assert b"spoofed" not in module_backend.received_bytes()
    assert "spoofed" not in str(message.trailers)


# Behind the content, nobody looks at what the head decided; a backend that merges trailers into it would.
NOT_IN_TRAILERS = [
    "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "X-Request-ID", "Connection",
    "Keep-Alive", "Upgrade", "TE", "Trailer", "Proxy-Authorization", "Authorization", "Cookie", "Set-Cookie", "Expect",
    "Cache-Control", "Content-Type", "If-Match", "Range",
]  # fmt: skip


@pytest.mark.parametrize("spelling", ["as written", "upper case with underscores"])
def test_what_the_head_decides_does_not_pass_in_trailers_of_requests(world, router, module_backend, spelling):
    lines = "".join(f"{SPELLINGS[spelling](name)}: spoofed\r\n" for name in NOT_IN_TRAILERS)
    head = f"POST / HTTP/1.1\r\nHost: {PLAIN}\r\nTransfer-Encoding: chunked\r\n\r\n"
    data = f"{head}2\r\nok\r\n0\r\n{lines}X-Checksum: 1\r\n\r\n"
    message = seen_by_backend(world, router, module_backend, PLAIN, data.encode())
    assert message.trailers == [("X-Checksum", "1")]
    assert b"spoofed" not in module_backend.received_bytes()


@pytest.mark.parametrize("spelling", ["as written", "upper case with underscores"])
def test_nor_in_trailers_of_responses(world, start_router, backend, spelling):
    lines = "".join(f"{SPELLINGS[spelling](name)}: spoofed\r\n" for name in NOT_IN_TRAILERS)
    answer = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n{lines}grpc-status: 0\r\n\r\n"
    backend.script = answering(answer.encode())
    router = start_router(world.configuration([route(PLAIN, backend)]))
    with world.connect(router, PLAIN) as connection:
        response = connection.get(PLAIN)
    assert (response.body, response.trailers) == (b"ok", [("grpc-status", "0")])


@pytest.mark.parametrize("host", [PLATFORM, PLAIN])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_only_the_router_says_where_a_request_came_from(world, router, module_backend, host, spelling):
    names = ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP"]
    respelled = [SPELLINGS[spelling](name) for name in names]
    fields = [f"{name}: 203.0.113.9" for name in respelled if name.lower() != "x-forwarded-for"]
    message = seen_by_backend(world, router, module_backend, host, request("GET", "/", host, *fields))
    assert message.get("X-Forwarded-For").split(",")[-1].strip() == "127.0.0.1"
    assert message.get("X-Forwarded-Proto") == "https"
    wanted = sorted(["x-forwarded-for", "x-forwarded-proto"])
    assert sorted(name for name in message.names() if folded(name) in map(folded, names)) == wanted
    assert "203.0.113.9" not in message.raw_head.decode("latin-1")


@pytest.mark.parametrize("host, passes", [(PLATFORM, False), (PARTNER, False), (PLAIN, True)])
def test_another_host_is_not_told_beside_one_that_the_handshake_was_for(world, router, module_backend, host, passes):
    fields = ["X-Forwarded-Host: other.example", "X_Forwarded_Host: spoofed.example"]
    message = seen_by_backend(world, router, module_backend, host, request("GET", "/", host, *fields))
    assert message.all("X-Forwarded-Host") == (["other.example"] if passes else [])
    assert "spoofed" not in message.raw_head.decode("latin-1")


@pytest.mark.parametrize("host", [PLATFORM, PARTNER])
@pytest.mark.parametrize(
    "options", ["X-Forwarded-Client-Cert", "close, x-forwarded-client-cert", "keep-alive, X-FORWARDED-CLIENT-CERT, te"]
)
def test_client_cannot_strip_the_routers_own_header_by_naming_it_in_connection(
    world, router, module_backend, host, options
):
    message = seen_by_backend(world, router, module_backend, host, request("GET", "/", host, f"Connection: {options}"))
    assert message.get("X-Forwarded-Client-Cert")


@pytest.mark.parametrize("options", ["X-Forwarded-For", "X-Forwarded-Proto, X-Forwarded-For"])
def test_nor_the_forwarding_headers(world, router, module_backend, options):
    message = seen_by_backend(
        world, router, module_backend, PLAIN, request("GET", "/", PLAIN, f"Connection: {options}")
    )
    assert message.get("X-Forwarded-For").endswith("127.0.0.1")
    assert message.get("X-Forwarded-Proto") == "https"


def test_protocol_a_client_claims_is_replaced(world, router, module_backend):
    fields = ["X-Forwarded-Proto: http", "x-forwarded-proto: gopher"]
    message = seen_by_backend(world, router, module_backend, PLAIN, request("GET", "/", PLAIN, *fields))
    assert message.get("X-Forwarded-Proto") == "https"


def test_hop_by_hop_headers_stay_on_their_hop(world, router, module_backend):
    fields = [
        "Connection: keep-alive, X-Mine, Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        "X-Mine: 1",
        "Keep-Alive: timeout=5",
        "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic eDp5",
        "TE: gzip",
        "X-Other: 1",
    ]
    message = seen_by_backend(world, router, module_backend, PLAIN, request("GET", "/", PLAIN, *fields))
    gone = {"x-mine", "keep-alive", "proxy-connection", "proxy-authorization", "te", "upgrade", "http2-settings"}
    assert not gone & set(message.names())
    assert message.get("X-Other") == "1"


def test_headers_that_only_resemble_identity_headers_are_kept(world, router, module_backend):
    fields = [
        "Client-Certainty: 1",
        "X-Forwarded-Host: h",
        "X-Client-Version: 2",
        "SSL-Session: s",
        "Authorization: Bearer t",
    ]
    kept = ["X-Forwarded-Host", "X-Client-Version", "Authorization"]
    message = seen_by_backend(world, router, module_backend, PLAIN, request("GET", "/", PLAIN, *fields))
    assert set(map(str.lower, kept)) <= set(message.names())
