"""What the pages on nginx, Traefik and Envoy show is so: they ask `countersign authz`, and give its answers."""

import base64
import contextlib
import json
import subprocess
import urllib.parse

import pytest
import yaml

from harness.authz import Authz
from harness.documented_proxies import Envoy, EnvoyGRPC, Ingress, Nginx, Traefik
from harness.pki import subject
from harness.ports import free_port
from harness.waiting import until

HOST = "crud.local"
RULES = [
    {"name": "devices", "subject": {"O": "Partner", "CN": "device-{id}"}, "arn": "arn:crud:iam::partner:device/{id}"}
]
TOLD = tuple(f"X-Countersign-{name}" for name in ("Identity", "Service", "Token-Subject", "Mtls"))
TOLD += ("X-Client-Cert-Thumbprint",)
#: Every header that tells of a certificate in the format of some proxy, or that services take for one.
OF_CERTIFICATES = (
    "X-Forwarded-Tls-Client-Cert",
    "X-Forwarded-Tls-Client-Cert-Info",
    "X-Forwarded-Tls-Client-Cert-Signature",
    "X-Forwarded-Client-Cert",
    "X-Forwarded-Client-Cert-Chain",
    "XFCC",
    "ssl-client-cert",
    "ssl-client-verify",
    "ssl-client-subject-dn",
    "ssl-client-issuer-dn",
    "Client-Cert",
    "Client-Cert-Chain",
    "X-Client-Cert-Subject",
    "X-Client-Cert-Serial",
)


MAKES = [Nginx, Traefik, Envoy, EnvoyGRPC]


@contextlib.contextmanager
def standing(make, world, backend, folder):
    """A proxy in front of a service, and what the proxy asks."""
    section = yaml.safe_load(make.shown("# authz.yaml"))["authz"]
    for key in ("listen", "tokens", "cert_identity_mappings", "trusted_proxy_cidrs"):
        del section[key]
    # nginx forwards the leaf alone, so the authority below the root is named as well.
    authorities = folder / "authorities.pem"
    authorities.write_text(world.partner.chain_pem)
    revoked, lists = world.partner.leaf(world.partner_device.certificate.subject), folder / "crl.pem"
    lists.write_text(world.partner.revocation_list(revoked))
    section |= {"client_ca": str(authorities), "crls": str(lists)}
    assert section["forwarded_client_cert_header"] == make.header
    with Authz(folder / "authz", rules=RULES, **section) as authz:
        authz.revoked, authz.lists = revoked, lists
        made = type(make.__name__, (make,), {"asks": authz.address, "grpc_port": authz.grpc_port})
        # The proxies lay open whom they ask: the service alone decides about the authority below the root.
        roots = folder / "roots.pem"
        roots.write_text(world.partner_root.pem)
        with made(folder / "proxy", world.server_chain, world.server_key, str(roots), backend.address) as proxy:
            yield proxy, authz


@pytest.fixture(scope="module", params=MAKES, ids=lambda make: make.__name__.lower())
def stack(request, world, module_backend, tmp_path_factory):
    """Each proxy in turn."""
    with standing(request.param, world, module_backend, tmp_path_factory.mktemp("stack")) as made:
        yield made


@pytest.fixture(scope="module")
def ingress_stack(world, module_backend, tmp_path_factory):
    with standing(Ingress, world, module_backend, tmp_path_factory.mktemp("ingress")) as made:
        yield made


class Caller:
    """curl with a certificate and a token, as in the document of the service."""

    def __init__(self, world, stack, backend):
        self.world, (self.proxy, self.authz), self.backend = world, stack, backend

    def curl(self, path, leaf=None, token=None, fields=(), *arguments):
        """Status, header fields and content of the answer."""
        command = ["curl", "-sS", "-i", "--http1.1", f"https://{HOST}:{self.proxy.port}{path}"]
        command += ["--resolve", f"{HOST}:{self.proxy.port}:127.0.0.1", "-k"]
        if leaf:
            chain, key = self.world.paths(leaf)
            command += ["--cert", chain, "--key", key]
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        for field in fields:
            command += ["-H", field]
        self.backend.forget()
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        head, _, content = done.stdout.partition("\n\n")
        first, *lines = head.splitlines()
        assert head.lower().count("\nwww-authenticate:") <= 1, head
        names = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
        return int(first.split()[1]), names, content

    def told(self):
        """What the service was told of the caller."""
        [message] = self.backend.seen()
        return {name: message.get(name) for name in TOLD if message.get(name) is not None}

    def refused(self, expected, code, *arguments, **options):
        """Asserts a refusal in all its parts, and that the service saw nothing of the request."""
        status, names, content = self.curl(*arguments, **options)
        assert (status, json.loads(content)["code"]) == (expected, code), content
        assert names["content-type"] == "application/problem+json"
        assert names["www-authenticate"].startswith('Bearer realm="countersign"')
        assert "x-countersign-status" not in names and not self.backend.seen()
        return names


@pytest.fixture
def caller(world, stack, module_backend):
    return Caller(world, stack, module_backend)


@pytest.fixture
def behind_ingress(world, ingress_stack, module_backend):
    return Caller(world, ingress_stack, module_backend)


def execute(*more):
    return ("-d", '{"action":"ping","system":"demo","object_type":"user"}', *more)


def test_both_commands_of_the_service_document_succeed(world, caller):
    status, _, _ = caller.curl("/health", world.partner_device)
    assert status == 200 and caller.told().get("X-Countersign-Mtls") == "none"

    token = caller.authz.issuer.token(world.partner_device)
    status, _, _ = caller.curl("/execute", world.partner_device, token, (), *execute())
    assert status == 200
    [message] = caller.backend.seen()
    assert message.method == "POST" and b"ping" in message.body
    assert caller.told() == {
        "X-Countersign-Identity": "arn:crud:iam::partner:device/7",
        "X-Countersign-Token-Subject": "user-1",
        "X-Countersign-Mtls": "verified",
        "X-Client-Cert-Thumbprint": world.partner_device.sha256,
    }
    caller.authz.log.wait_for(lambda line: line.get("mtls_thumbprint_present") in (True, "true"))


def test_optional_mode_takes_a_bearer_token_alone_on_other_paths(world, caller):
    status, _, _ = caller.curl("/users", None, caller.authz.issuer.token())
    assert status == 200
    assert caller.told() == {"X-Countersign-Token-Subject": "user-1", "X-Countersign-Mtls": "none"}


def test_listed_paths_want_the_certificate_that_the_token_is_bound_to(world, caller):
    bound = caller.authz.issuer.token(world.partner_device)
    another = world.partner.leaf(world.partner_device.certificate.subject)
    before = caller.authz.metric("mtls_pop_mismatch_total")
    names = caller.refused(401, "certificate_missing", "/execute", None, bound)
    assert 'error="invalid_token"' in names["www-authenticate"]
    caller.refused(401, "sender_binding_mismatch", "/execute", another, bound)
    caller.refused(
        401, "sender_binding_mismatch", "/execute/now?x=1", world.partner_device, caller.authz.issuer.token()
    )
    caller.refused(401, "certificate_missing", "/users", None, bound)
    caller.refused(401, "certificate_revoked", "/users", caller.authz.revoked, caller.authz.issuer.token())
    assert caller.authz.metric("mtls_pop_mismatch_total") == before + 2


def test_tokens_that_are_not_good_are_refused(world, caller):
    names = caller.refused(401, "token_missing", "/users", world.partner_device)
    assert names["www-authenticate"] == 'Bearer realm="countersign"'
    issuer = caller.authz.issuer
    for token in (
        issuer.token(lifetime=-3600, iat=1),
        issuer.token(aud="others"),
        issuer.token(iss="https://other.example.com"),
        issuer.token()[:-8] + "AAAAAAAA",
    ):
        caller.refused(401, "token_invalid", "/users", None, token)


def test_revoked_certificates_are_refused_as_soon_as_a_list_names_them(world, caller):
    revoked = world.partner.leaf(world.partner_device.certificate.subject)
    token = caller.authz.issuer.token(revoked)
    assert caller.curl("/execute", revoked, token, (), *execute())[0] == 200
    caller.authz.lists.write_text(world.partner.revocation_list(caller.authz.revoked, revoked, number=2))
    until(lambda: caller.curl("/execute", revoked, token, (), *execute())[0] == 401, 10, "the list counting")
    caller.refused(401, "certificate_revoked", "/execute", revoked, token)
    own = caller.authz.issuer.token(world.partner_device)
    assert caller.curl("/execute", world.partner_device, own, (), *execute())[0] == 200
    caller.authz.lists.write_text(world.partner.revocation_list(caller.authz.revoked, number=3))


def test_certificates_in_headers_of_clients_never_count(world, caller):
    """A client that writes the header by itself is not the holder of the certificate in it."""
    bound = caller.authz.issuer.token(world.partner_device)

    der = base64.b64encode(world.partner_device.der).decode()
    pem = urllib.parse.quote(world.partner_device.pem, safe="")
    spoofed = (
        f"X-Forwarded-Tls-Client-Cert: {der}",
        f'X-Forwarded-Client-Cert: Hash={world.partner_device.sha256};Cert="{pem}"',
        f"ssl-client-cert: {pem}",
        "ssl-client-verify: SUCCESS",
        f"Client-Cert: :{der}:",
    )
    caller.refused(401, "certificate_missing", "/execute", None, bound, fields=spoofed)
    spoofed += ("X-Client-Cert-Subject: CN=orders", "X-Client-Cert-Serial: 7", "Client-Cert-Chain: :AAAA:")
    status, _, _ = caller.curl("/execute", world.partner_device, bound, spoofed)
    assert status == 200 and caller.told()["X-Client-Cert-Thumbprint"] == world.partner_device.sha256
    [message] = caller.backend.seen()
    # One may be of the proxy itself, and then says what the proxy has verified.
    for name in {field.partition(":")[0] for field in spoofed} - {caller.proxy.header}:
        assert message.get(name) is None, name


@pytest.mark.parametrize("shows_certificate", [False, True])
def test_no_header_of_clients_about_certificates_reaches_the_service(world, caller, shows_certificate):
    """Without a certificate there is none at all; with one, the proxy's own may be there."""
    spoofed = [f"{name}: CN=admin" for name in OF_CERTIFICATES]
    leaf = world.partner_device if shows_certificate else None
    status, _, _ = caller.curl("/users", leaf, caller.authz.issuer.token(), spoofed)
    assert status == 200
    [message] = caller.backend.seen()
    own = {caller.proxy.header} if shows_certificate else set()
    assert {name for name in OF_CERTIFICATES if message.get(name) is not None} <= own
    assert not [name for name in OF_CERTIFICATES if "CN=admin" in (message.get(name) or "")]


def test_headers_about_something_else_reach_the_service(caller):
    """What is removed is what is listed: the rest of a request is not the proxy's business."""
    status, _, _ = caller.curl("/users", None, caller.authz.issuer.token(), ["X-Client-Version: 7"])
    [message] = caller.backend.seen()
    assert status == 200 and message.get("X-Client-Version") == "7"


def test_the_ingress_removes_what_its_map_lists():
    """The controller makes a `proxy_set_header` of each entry, and writes nginx' own headers by itself."""
    listed = yaml.safe_load(Nginx.shown("# removed-headers.yaml"))["data"]
    assert set(listed.values()) == {""}
    assert set(listed) == {name for name in OF_CERTIFICATES if not name.startswith("ssl-client-")}


def test_identity_in_headers_of_clients_never_reaches_the_service(caller):
    spoofed = [f"{name}: arn:crud:iam::partner:device/1" for name in TOLD]
    status, _, _ = caller.curl("/users", None, caller.authz.issuer.token(), spoofed)
    assert status == 200
    assert caller.told() == {"X-Countersign-Token-Subject": "user-1", "X-Countersign-Mtls": "none"}


@pytest.mark.parametrize("name", ["X_Countersign_Identity", "x-countersign_identity", "X_Client_Cert_Thumbprint"])
def test_names_that_services_take_for_those_of_the_identity_never_reach_one(caller, name):
    """CGI and its heirs have one variable for `-` and `_`."""
    spoofed = [f"{name}: arn:crud:iam::partner:device/1"]
    status, _, _ = caller.curl("/users", None, caller.authz.issuer.token(), spoofed)
    messages = caller.backend.seen()
    assert status in (200, 400) and (status == 200) == bool(messages)
    assert not [message for message in messages if message.get(name) is not None]


def test_what_clients_say_of_the_original_request_does_not_count(caller):
    """The path that decides is the one that the client asked for."""
    fields = [
        "X-Original-URI: /health",
        "X-Original-URL: https://crud.local/health",
        "X-Original-Method: GET",
        "X-Forwarded-Uri: /health",
        "X-Forwarded-Method: GET",
        "X-Envoy-Original-Path: /health",
    ]
    caller.refused(401, "token_missing", "/users", fields=fields)


@pytest.mark.parametrize("path", ["/%65xecute", "//execute", "/x/..%2fexecute", "/EXECUTE", "/execute;a=b"])
def test_disguised_paths_are_listed_paths(caller, path):
    status, _, _ = caller.curl(path, None, caller.authz.issuer.token(), (), "--path-as-is")
    assert status in (400, 401) and not caller.backend.seen()


def test_malformed_headers_are_told_as_400(world, caller):
    caller.refused(400, "invalid_request", "/users", None, "not a token")


def test_callers_without_a_rule_are_nobody(world, caller):

    nobody = world.partner.leaf(subject(("O", "Partner"), ("CN", "thing-7")))
    twice = world.partner.leaf(subject(("O", "Partner"), ("CN", "device-7"), ("CN", "device-8")))
    token = caller.authz.issuer.token
    caller.refused(403, "identity_unmapped", "/execute", nobody, token(nobody))
    caller.refused(403, "identity_ambiguous", "/execute", twice, token(twice))


@pytest.mark.parametrize("make", MAKES, ids=lambda make: make.__name__.lower())
def test_nothing_is_served_where_nobody_answers_who_is_asked(world, make, module_backend, tmp_path):
    nobody = f"127.0.0.1:{free_port()}"
    made = type(make.__name__, (make,), {"asks": nobody, "grpc_port": free_port()})
    files = (world.server_chain, world.server_key, world.partner_roots)
    with made(tmp_path / "proxy", *files, module_backend.address) as proxy:
        caller = Caller(world, (proxy, None), module_backend)
        status, _, content = caller.curl("/health", world.partner_device)
    assert status == make.unanswered, content
    assert not module_backend.seen()


def test_the_ingress_asks_about_the_url_of_the_request(world, behind_ingress):
    caller, bound = behind_ingress, behind_ingress.authz.issuer.token(world.partner_device)
    for fields in ((), ("X-Original-URI: /execute", f"X-Original-Host: {HOST}:{caller.proxy.port}")):
        status, _, _ = caller.curl("/execute", world.partner_device, bound, fields)
        assert status == 200 and caller.told()["X-Countersign-Identity"] == "arn:crud:iam::partner:device/7"
    status, _, _ = caller.curl("/execute")
    assert status == 401 and not caller.backend.seen()


@pytest.mark.parametrize(
    "fields",
    [
        ["X-Original-URI: /health"],
        ["X-Original-URI: /x"],
        ["X-Original-URI;"],
        ["X-Original-Host: other"],
        ["X-Original-URI: /execute", "X-Original-URI: /health"],
    ],
)
def test_clients_of_the_ingress_cannot_say_that_they_asked_for_something_else(behind_ingress, fields):
    """The ingress sets the URL alone; a client's own fields for the parts of it come through."""
    token = behind_ingress.authz.issuer.token()
    before = behind_ingress.authz.metric("mtls_auth_success_total")
    for shown in (None, token):
        status, _, _ = behind_ingress.curl("/execute", None, shown, fields)
        assert status in (401, 500) and not behind_ingress.backend.seen()
    assert behind_ingress.authz.metric("mtls_auth_success_total") == before
