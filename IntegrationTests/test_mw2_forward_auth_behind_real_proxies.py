"""What the pages on nginx, Traefik and Envoy show is so: they ask `countersign authz`, and give its answers."""

import base64
import contextlib
import json
import re
import subprocess
import urllib.parse

import pytest
import yaml

from harness import documents
from harness.authz import Authz
from harness.nginx import NGINX
from harness.pki import subject
from harness.ports import free_port
from harness.proxies import Proxy, program

HOST = "crud.local"
RULES = [
    {"name": "devices", "subject": {"O": "Partner", "CN": "device-{id}"}, "arn": "arn:crud:iam::partner:device/{id}"}
]
TOLD = tuple(f"X-Countersign-{name}" for name in ("Identity", "Service", "Token-Subject", "Mtls"))
TOLD += ("X-Client-Cert-Thumbprint",)


class Documented(Proxy):
    """A proxy with the configuration of its page, for addresses and files of a test."""

    page = ""
    asks = ""
    #: What it answers by itself where nobody answers who it asks.
    unanswered = 500

    @classmethod
    def shown(cls, first_line):
        """The block of the page that begins with a line."""
        pattern = rf"```\w+\n({re.escape(first_line)}\n.*?)```"
        return re.findall(pattern, documents.text(cls.page), re.DOTALL)[0]

    def adapted(self, text):
        for path, file in (
            ("pki/server.pem", self.chain),
            ("pki/server-key.pem", self.key),
            ("pki/client-ca.pem", self.roots),
        ):
            text = text.replace(path, file)
        return text.replace("127.0.0.1:8000", self.backend).replace("127.0.0.1:9191", self.asks)


class Nginx(Documented):
    page = "behind-nginx.md"
    header = "ssl-client-cert"

    def command(self):
        server = self.adapted(self.shown("# nginx.conf")).replace("listen 443", f"listen 127.0.0.1:{self.port}")
        configuration = self.write(
            "nginx.conf",
            f"""
            daemon off; master_process off; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log info;
            events {{ worker_connections 256; }}
            http {{
                access_log off;
                client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
                fastcgi_temp_path {self.folder}/fastcgi; uwsgi_temp_path {self.folder}/uwsgi;
                scgi_temp_path {self.folder}/scgi;
                {server}
            }}
            """,
        )
        return [NGINX, "-p", str(self.folder), "-e", str(self.folder / "error.log"), "-c", configuration]


class Ingress(Nginx):
    """Asks as the ingress controller does: it says the URL, and passes on all that the client wrote beside it."""

    @classmethod
    def shown(cls, first_line):
        text = super().shown(first_line)
        text = re.sub(r"location @refused \{.*?\n    \}", "", text, flags=re.DOTALL)
        text = text.replace("error_page 401 403 = @refused;", "")
        fields = {
            "Content-Length": '""',
            "X-Original-URL": "$scheme://$http_host$request_uri",
            "X-Original-Method": "$request_method",
            "ssl-client-cert": "$ssl_client_escaped_cert",
            "ssl-client-verify": "$ssl_client_verify",
        }
        lines = "".join(f"proxy_set_header {name} {value};" for name, value in fields.items())
        asking = f"proxy_pass http://127.0.0.1:9191/auth/nginx; proxy_pass_request_body off; {lines}"
        return re.sub(
            r"location = /_auth \{.*?\n    \}", f"location = /_auth {{ internal; {asking} }}", text, flags=re.DOTALL
        )


class Traefik(Documented):
    page = "behind-traefik.md"
    header = "X-Forwarded-Tls-Client-Cert"

    def command(self):
        static = {
            "entryPoints": {"clients": {"address": f"127.0.0.1:{self.port}"}},
            "providers": {"file": {"filename": self.write("dynamic.yml", self.adapted(self.shown("# dynamic.yml")))}},
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        }
        return [program("traefik"), f"--configFile={self.write('traefik.yml', json.dumps(static))}"]


class Envoy(Documented):
    page = "behind-envoy.md"
    header = "X-Forwarded-Client-Cert"
    unanswered = 403

    def adapted(self, text):
        for port, address in (("8000", self.backend), ("9191", self.asks)):
            text = text.replace(f"port_value: {port}", f"port_value: {address.rpartition(':')[2]}")
        text = text.replace("0.0.0.0, port_value: 443", f"127.0.0.1, port_value: {self.port}")
        return super().adapted(text)

    def command(self):
        configuration = self.write("envoy.yaml", self.adapted(self.shown("# envoy.yaml")))
        return [program("envoy"), "-c", configuration, "--use-dynamic-base-id", "--concurrency", "1", "-l", "warning"]


class EnvoyGRPC(Envoy):
    """Asks over gRPC, and removes nothing by itself of what clients write."""

    grpc_port = 0

    def adapted(self, text):
        whole = yaml.safe_load(super().adapted(text))
        other = yaml.safe_load(
            self.shown("# envoy-grpc.yaml").replace("port_value: 9193", f"port_value: {self.grpc_port}")
        )
        resources = whole["static_resources"]
        manager = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        del manager["early_header_mutation_extensions"]
        manager["http_filters"][0] = other["filter"]
        resources["clusters"][1] = other["cluster"]
        return yaml.safe_dump(whole)


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
    revoked = world.partner.leaf(world.partner_device.certificate.subject)
    (folder / "crl.pem").write_text(world.partner.revocation_list(revoked))
    section |= {"client_ca": str(authorities), "crls": str(folder / "crl.pem")}
    assert section["forwarded_client_cert_header"] == make.header
    with Authz(folder / "authz", rules=RULES, **section) as authz:
        authz.revoked = revoked
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
    assert any(line.get("mtls_thumbprint_present") in (True, "true") for line in caller.authz.log.snapshot())


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
