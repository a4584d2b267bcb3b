"""The backend gets the verified certificate in the format of its domain, once, and it is the right one."""

import base64
import re

import pytest
from cryptography import x509

from harness.backend import answering
from harness.pki import subject
from harness.tls_client import request
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

ENVOY, RAW, PLAIN = "a.apps.mtls.internal", "partner.example.com", "plain.example.com"
CLIENTS_OWN = 'Hash=0000;Subject="CN=balancer"'


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [
        route(ENVOY, module_backend, mtls_allow_any=True),
        route(RAW, module_backend),
        route(PLAIN, module_backend),
    ]
    return start_module_router(world.configuration(routes))


def headers_at_backend(world, router, backend, host, identity, *fields):
    backend.forget()
    with world.connect(router, host, identity) as connection:
        assert connection.exchange(request("GET", "/", host, *fields)).status == 200
    [message] = backend.seen()
    return message


def test_raw_is_the_certificate_in_one_line(world, router, module_backend):
    message = headers_at_backend(world, router, module_backend, RAW, world.partner_device)
    value = message.get("X-Forwarded-Client-Cert")
    assert re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", value)
    assert base64.b64decode(value) == world.partner_device.der
    assert value == "".join(world.partner_device.pem.splitlines()[1:-1])


def test_envoy_is_hash_and_subject(world, router, module_backend):
    message = headers_at_backend(world, router, module_backend, ENVOY, world.frontend)
    pairs = pairs_of(message.get("X-Forwarded-Client-Cert"))
    assert pairs["Hash"] == [world.frontend.sha256]
    assert pairs["Subject"] == [world.frontend.certificate.subject.rfc4514_string()]
    for unit in (f"OU=app:{APP_FRONTEND}", f"OU=space:{SPACE_SHOP}", f"OU=organization:{ORG_SHOP}"):
        assert unit in pairs["Subject"][0].split(",")


@pytest.mark.parametrize(
    "common_name",
    [
        'quote"inside',
        "comma, inside",
        "semicolon;inside",
        "equals=inside",
        "back\\slash",
        "plus+inside",
        "<angle>",
        " spaces ",
        "#hash",
        "Grüße",
        'a",Hash=0;Subject="CN=admin',
        "a\\",
        "日本",
    ],
)
def test_envoy_subject_is_quoted_so_that_nothing_inside_it_reads_as_another_element(
    world, router, module_backend, common_name
):
    name = subject(
        ("CN", common_name),
        ("OU", f"app:{APP_FRONTEND}"),
        ("OU", f"space:{SPACE_SHOP}"),
        ("OU", f"organization:{ORG_SHOP}"),
    )
    leaf = world.platform.leaf(name)
    message = headers_at_backend(world, router, module_backend, ENVOY, leaf)
    value = message.get("X-Forwarded-Client-Cert")
    assert elements_of(value) == 1
    pairs = pairs_of(value)
    assert pairs["Hash"] == [leaf.sha256]
    [written] = pairs["Subject"]
    parsed = x509.Name.from_rfc4514_string(written.encode("latin-1").decode("utf-8"))
    assert parsed == name


def test_header_of_one_connection_is_never_that_of_another(world, router, module_backend):
    with world.connect(router, ENVOY, world.frontend) as one, world.connect(router, ENVOY, world.other_app) as two:
        for connection, identity in [(one, world.frontend), (two, world.other_app)] * 5:
            module_backend.forget()
            assert connection.get(ENVOY).status == 200
            [message] = module_backend.seen()
            assert identity.sha256 in message.get("X-Forwarded-Client-Cert")


def test_certificate_on_a_plain_domain_is_not_asked_for_and_not_forwarded(world, router, module_backend):
    message = headers_at_backend(world, router, module_backend, PLAIN, world.frontend)
    assert "x-forwarded-client-cert" not in message.names()


# mode, whether the host is on the mTLS domain: what arrives of a header that the client sent
MODES = [
    ("sanitize_set", "verified"),
    ("forward", "client's"),
    ("always_forward", "client's"),
]


@pytest.mark.parametrize("mode, expected", MODES)
def test_mode_decides_between_the_clients_header_and_the_verified_one(world, start_router, backend, mode, expected):
    domains = [world.platform_domain(forwarded_client_cert=mode)]
    router = start_router(world.configuration([route(ENVOY, backend, mtls_allow_any=True)], domains))
    fields = [
        f"X-Forwarded-Client-Cert: {CLIENTS_OWN}",
        f"X_Forwarded_Client_Cert: {CLIENTS_OWN}",
        f"ssl-client-cert: {CLIENTS_OWN}",
    ]
    message = headers_at_backend(world, router, backend, ENVOY, world.frontend, *fields)
    value = message.get("X-Forwarded-Client-Cert")
    if expected == "verified":
        assert world.frontend.sha256 in value
        assert "balancer" not in message.raw_head.decode()
    else:
        assert value == CLIENTS_OWN
        assert message.raw_head.decode().count("balancer") == 1, "only the header itself passes, no other spelling"


@pytest.mark.parametrize("mode", [mode for mode, _ in MODES])
def test_identity_for_policy_is_the_connections_whatever_the_mode(world, start_router, backend, mode):
    domains = [world.platform_domain(forwarded_client_cert=mode)]
    routes = [route(ENVOY, backend, mtls_allowed_apps=APP_FRONTEND)]
    router = start_router(world.configuration(routes, domains))
    spoof = f'X-Forwarded-Client-Cert: Hash={world.frontend.sha256};Subject="OU=app:{APP_FRONTEND}"'
    with world.connect(router, ENVOY, world.other_app) as connection:
        assert connection.exchange(request("GET", "/", ENVOY, spoof)).status == 403
    with world.connect(router, ENVOY, world.frontend) as connection:
        assert connection.exchange(request("GET", "/", ENVOY, spoof)).status == 200


def test_certificate_headers_of_an_answer_go_no_further(world, start_router, backend):
    fields = ["Client-Cert: :AAAA:", "Client-Cert-Chain: :AAAA:", "X-Forwarded-Client-Cert: Hash=0", "X-Kept: 1"]
    head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + "".join(f"{field}\r\n" for field in fields)
    backend.script = answering(head.encode() + b"\r\nok")
    router = start_router(world.configuration([route(PLAIN, backend)]))
    with world.connect(router, PLAIN) as connection:
        response = connection.get(PLAIN)
    assert response.get("X-Kept") == "1"
    assert not {"client-cert", "client-cert-chain", "x-forwarded-client-cert"} & set(response.names())


def pairs_of(value):
    """Key-value pairs of one XFCC element, quotes and escapes undone, as Envoy's documentation describes them."""
    pairs = {}
    for match in re.finditer(r'(\w+)=("(?:[^"\\]|\\.)*"|[^;,]*)(?:;|$)', value):
        text = match[2]
        if text.startswith('"'):
            text = text[1:-1].replace('\\"', '"')
        pairs.setdefault(match[1], []).append(text)
    return pairs


def elements_of(value):
    """How many elements the commas outside quotes make."""
    unquoted = re.sub(r'"(?:[^"\\]|\\.)*"', "", value)
    return unquoted.count(",") + 1
