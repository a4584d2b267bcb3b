"""The middleware for Hummingbird: each mode, trusted proxies, bound tokens and allow lists, in a real service."""

import base64
import http.client
import json
import ssl

import pytest

from harness.audit_trail import VALIDATOR, disk_at, events, fill
from harness.authz import Issuer
from harness.mesh import ask, spiffe_id
from harness.pki import Authority
from harness.swift_services import SwiftProgram, identity
from harness.waiting import until

HEADER = "X-Forwarded-Tls-Client-Cert"
CALLER = spiffe_id("caller")
MISSING, MISMATCH = (401, "certificate_missing"), (401, "sender_binding_mismatch")
NO_TOKEN, MALFORMED = (401, "token_missing"), (400, "certificate_malformed")
LARGE = (400, "certificate_too_large")


class Issued:
    """An authority, a service, and callers of it."""

    def __init__(self):
        self.root = Authority.root("Middleware")
        self.web = self.root.leaf("web", uris=[spiffe_id("web")], ips=["127.0.0.1"])
        self.caller = self.root.leaf("caller", uris=[CALLER])
        self.other = self.root.leaf("other", uris=[spiffe_id("other")])


@pytest.fixture(scope="module")
def issued():
    return Issued()


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture
def start(issued, issuer, tmp_path):
    """Starts services, and ends them with the test."""
    started = []

    def make(*arguments, mode="mtls_only", **environment):
        keys = tmp_path / "issuer.jwks"
        keys.write_text(json.dumps(issuer.key_set()))
        tokens = [f"--jwks={keys}", f"--issuer={Issuer.name}", "--audience=crud"]
        variables = {"INBOUND_AUTH_MODE": mode, "FORWARDED_CLIENT_CERT_HEADER": HEADER, **environment}
        options = [*arguments, *tokens, *identity(issued.web, issued.root, tmp_path / "web")]
        started.append(SwiftProgram("hummingbird-service", *options, environment=variables))
        return started[-1]

    yield make
    for service in started:
        service.__exit__()


def request(service, leaf=None, directory=None, path="/hello", fields=(), plain=False):
    """The status of an answer, and its code where it is a refusal; what a request over TLS gets, or in the clear."""
    if plain:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    else:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if leaf:
            context.load_cert_chain(*leaf.save(directory, "client"))
        connection = http.client.HTTPSConnection("127.0.0.1", service.port, timeout=20, context=context)
    connection.putrequest("GET", path)
    for name, value in fields:
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status == 200:
        return content.decode().strip()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.headers["WWW-Authenticate"] or "").startswith("Bearer ") == (answer.status != 503)
    problem = json.loads(content)
    assert problem["status"] == answer.status and problem["detail"]
    return answer.status, problem["code"]


def bearer(token):
    return "Authorization", f"Bearer {token}"


def forwarded(leaf):
    return HEADER, base64.b64encode(leaf.der).decode()


MODES = {
    # What it makes of: nothing; a certificate with a free token, one bound to it, one bound to another; without any.
    "bearer_only": [NO_TOKEN, "user-1", "user-1", "user-1", NO_TOKEN],
    "bearer_plus_mtls_optional": [NO_TOKEN, CALLER, CALLER, MISMATCH, NO_TOKEN],
    "bearer_plus_mtls_required": [MISSING, MISMATCH, CALLER, MISMATCH, NO_TOKEN],
    "mtls_only": [MISSING, CALLER, CALLER, CALLER, CALLER],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ends_tls", [True, False], ids=["own TLS", "behind a proxy"])
def test_each_mode_wants_what_its_name_says(issued, issuer, start, mode, ends_tls, tmp_path):
    service = start(mode=mode) if ends_tls else start("--plain", mode=mode, TRUSTED_PROXY_CIDRS="127.0.0.0/8,::1/128")

    def outcome(leaf=None, token=None):
        fields = [bearer(token)] if token else []
        if ends_tls:
            return request(service, leaf, tmp_path, fields=fields)
        return request(service, fields=[*fields, *([forwarded(leaf)] if leaf else [])], plain=True)

    seen = [
        outcome(),
        outcome(issued.caller, issuer.token()),
        outcome(issued.caller, issuer.token(issued.caller)),
        outcome(issued.caller, issuer.token(issued.other)),
        outcome(issued.caller),
    ]
    expected = [entry if isinstance(entry, tuple) else f"hello {entry}" for entry in MODES[mode]]
    assert seen == expected
    # A bound token never counts without its certificate but where nobody looks.
    bound = outcome(token=issuer.token(issued.caller))
    assert bound == {"bearer_only": "hello user-1", "mtls_only": MISSING}.get(mode, MISSING)


def test_headers_of_others_than_trusted_proxies_are_left_out_of_account(issued, start, tmp_path):
    fields = [forwarded(issued.caller)]
    suspicious = start("--plain", TRUSTED_PROXY_CIDRS="10.0.0.0/8")
    assert request(suspicious, fields=fields, plain=True) == MISSING
    trusting = start("--plain", TRUSTED_PROXY_CIDRS="127.0.0.1/32")
    assert request(trusting, fields=fields, plain=True) == f"hello {CALLER}"
    # Where TLS ends in the process, the connection's own certificate counts, and nothing that the client writes.
    direct = start()
    assert request(direct, issued.other, tmp_path, fields=fields) == f"hello {spiffe_id('other')}"
    assert request(direct, fields=fields) == MISSING


def test_routes_get_what_trusted_proxies_say_of_certificates_alone(issued, start, tmp_path):
    names = [
        HEADER,
        "X-Forwarded-Client-Cert",
        "Client-Cert",
        "Client_Cert",
        "ssl-client-verify",
        "X-Client-Cert-Subject",
        "X-Client-Cert-Thumbprint",
        "X-Countersign-Identity",
        "X_Countersign_Service",
        "ssl-client-fingerprint",
        "X-SSL-Client-Cert",
        "X-Forwarded-SSL-Client-S-DN",
        "TLS-Cert-Chain",
        "X-XFCC",
        "X-Client-DN",
        "X-SPIFFE-ID",
        "X-ClientCert",
        "X-ARR-ClientCert",
        "X-Amzn-Mtls-Clientcert",
        "Cf-Cert-Issuer",
        "l5d-client-id",
    ]
    fields = [(name, "CN=root") for name in names] + [("X-Other", "1")]
    direct = start()
    passed = request(direct, issued.caller, tmp_path, "/fields", fields).split()
    assert "x-other" in passed and not {name.lower() for name in names} & set(passed)
    trusting = start("--plain", TRUSTED_PROXY_CIDRS="127.0.0.1/32")
    passed = request(trusting, path="/fields", fields=[forwarded(issued.caller)], plain=True).split()
    assert HEADER.lower() in passed


def test_names_that_servers_take_for_a_proxys_are_refused_from_a_proxy(issued, start):
    service = start("--plain", TRUSTED_PROXY_CIDRS="127.0.0.1/32")
    own = forwarded(issued.caller)
    assert request(service, fields=[own], plain=True) == f"hello {CALLER}"
    for name in ("X_Forwarded_Tls_Client_Cert", "X_Countersign_Identity"):
        assert request(service, fields=[own, (name, "x")], plain=True) == (400, "invalid_request"), name


@pytest.mark.parametrize(
    "value, expected", [("MIIB%20", MALFORMED), ("A" * 20_000, LARGE)], ids=["malformed", "oversized"]
)
def test_headers_that_cannot_be_read_are_refused(start, value, expected):
    service = start("--plain", TRUSTED_PROXY_CIDRS="127.0.0.1/32")
    assert request(service, fields=[(HEADER, value)], plain=True) == expected
    assert request(service, fields=[(HEADER, value)] * 2, plain=True)[0] == 400


def test_listed_paths_need_token_and_certificate_in_every_mode(issued, issuer, start, tmp_path):
    service = start(mode="bearer_plus_mtls_optional", BINDING_REQUIRED_PATHS="/execute")
    free, bound = [bearer(issuer.token())], [bearer(issuer.token(issued.caller))]
    assert request(service, fields=free) == "hello user-1"
    for path in ("/execute", "/execute/now", "//execute", "/EXECUTE"):
        assert request(service, path=path, fields=free) == MISSING, path
        assert request(service, issued.caller, tmp_path, path=path, fields=bound) == f"hello {CALLER}", path


def test_svids_count_that_are_of_the_own_trust_domain(issuer, start):
    service = start("--token-kind=svid", mode="bearer_only")
    assert request(service, fields=[bearer(issuer.token(sub=CALLER))]) == f"hello {CALLER}"
    stranger = issuer.token(sub="spiffe://elsewhere.example/ns/default/sa/caller")
    assert request(service, fields=[bearer(stranger)]) == (401, "token_invalid")


def test_the_allow_list_says_who_may_call(issued, start, tmp_path):
    service = start("--allow=caller")
    assert request(service, issued.caller, tmp_path) == f"hello {CALLER}"
    assert request(service, issued.other, tmp_path) == (403, "service_not_registered")


def test_health_is_told_to_everybody_and_nothing_else_is(start):
    service = start()
    assert request(service, path="/health") == "ok"
    assert request(service, path="/health/more") == MISSING


def test_without_enforcement_requests_pass_and_that_is_said(start):
    service = start(MTLS_ENFORCE="false")
    assert request(service) == "hello nobody"
    assert any("mutual TLS is not enforced" in line for line in service.lines.snapshot())
    service.wait_for("accepted GET /hello of nobody certificate_missing")


def test_each_decision_is_told_for_the_audit(issued, issuer, start, tmp_path):
    service = start()
    token = issuer.token(issued.caller)
    assert request(service, issued.caller, tmp_path, path="/hello?key=secret", fields=[bearer(token)])
    service.wait_for(f"accepted GET /hello of {CALLER}")
    assert request(service, path="/hello?key=secret") == MISSING
    service.wait_for("refused GET /hello of nobody certificate_missing")
    assert not any(token in line or "secret" in line for line in service.lines.snapshot())


def test_each_decision_is_kept_in_the_form_that_is_documented(issued, issuer, start, tmp_path):
    trail = tmp_path / "audit.jsonl"
    service = start(f"--audit={trail}")
    token = issuer.token(issued.caller)
    assert request(service, issued.caller, tmp_path, path="/hello;v=1?key=secret", fields=[bearer(token)])
    assert request(service, path="/hello?key=secret") == MISSING
    kept = events(trail)
    for event in kept:
        VALIDATOR.validate(event)
    assert [event["event"] for event in kept] == ["mtls_auth_success", "mtls_auth_failure"]
    assert {event["source"] for event in kept} == {"service"} and {event["mode"] for event in kept} == {"mtls_only"}
    assert (kept[0]["caller"], kept[0]["thumbprint"]) == (CALLER, issued.caller.sha256)
    assert (kept[1]["reason"], kept[1]["path"]) == ("certificate_missing", "/hello")
    assert kept[0]["id"] != kept[1]["id"]
    assert token not in trail.read_text() and "secret" not in trail.read_text()


def test_a_request_that_cannot_be_kept_is_refused(issued, start, tmp_path):
    with disk_at(tmp_path / "disk") as disk:
        service = start(f"--audit={disk}/audit.jsonl")
        assert request(service, issued.caller, tmp_path) == f"hello {CALLER}"
        filler = fill(disk)
        until(lambda: request(service, issued.caller, tmp_path) == (503, "audit_unavailable"), what="a refusal")
        filler.unlink()
        assert request(service, issued.caller, tmp_path) == f"hello {CALLER}"


def test_a_word_that_the_environment_may_not_say_ends_the_start(issued, tmp_path):
    options = identity(issued.web, issued.root, tmp_path)
    environment = {"INBOUND_AUTH_MODE": "perhaps"}
    with SwiftProgram("hummingbird-service", *options, environment=environment, listening=False) as service:
        code, text = service.end()
    assert code != 0 and "INBOUND_AUTH_MODE" in text and "mtls_only" in text


def test_a_router_calls_it_over_mutual_tls(world, mesh, start_router, tmp_path):
    """The router proves who it is, verifies who answers, and resumes sessions; the service knows it each time."""
    options = identity(mesh.service(), mesh.root, tmp_path / "users")
    with SwiftProgram("hummingbird-service", *options) as service:
        router = start_router(mesh.configuration(mesh.upstream(service)))
        for _ in range(3):
            answer = ask(world, router, path="/hello")
            assert (answer.status, answer.body) == (200, f"hello {spiffe_id('router')}\n".encode())
    with SwiftProgram("hummingbird-service", *identity(mesh.service("other"), mesh.root, tmp_path / "other")) as other:
        router = start_router(mesh.configuration(mesh.upstream(other)))
        assert ask(world, router, path="/hello").status in (502, 503)
        assert other.count("accepted") == 0
