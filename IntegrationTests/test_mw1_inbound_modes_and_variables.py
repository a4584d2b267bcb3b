"""Modes, environment variables, allow lists and reloads of `countersign authz`, asked as Traefik asks."""

import base64
import json
import signal
import socket

import pytest
import yaml

from harness.authz import Authz, Issuer
from harness.ports import free_port
from harness.tools import countersign
from harness.waiting import until

HEADER = "X-Forwarded-Tls-Client-Cert"


def forwarded(leaf):
    return HEADER, base64.b64encode(leaf.der).decode()


def bearer(token):
    return "Authorization", f"Bearer {token}"


def outcome(answer):
    status, _, content = answer
    return status if status == 200 else (status, json.loads(content)["code"])


@pytest.fixture
def start(tmp_path):
    started = []

    def make(**options):
        options.setdefault("forwarded_client_cert_header", HEADER)
        made = Authz(tmp_path / f"authz-{len(started)}", **options)
        started.append(made)
        return made.__enter__()

    yield make
    for made in started:
        made.__exit__()


SHOWING = {
    "no certificate": lambda world: [],
    "certificate": lambda world: [forwarded(world.partner_device)],
    "another certificate": lambda world: [forwarded(world.frontend)],
    "malformed": lambda world: [(HEADER, "MIIB%20")],
    "oversized": lambda world: [(HEADER, "A" * 20_000)],
    "oversized beyond the head of most servers": lambda world: [(HEADER, "A" * 100_000)],
}
MISSING, MISMATCH = (401, "certificate_missing"), (401, "sender_binding_mismatch")
MALFORMED, TOO_LARGE = (400, "certificate_malformed"), (400, "certificate_too_large")
MTLS = [MISSING, 200, MISMATCH, MALFORMED, TOO_LARGE, TOO_LARGE]
OUTCOMES = {
    "bearer_only": [200, 200, 200, 200, 200, 200],
    "bearer_plus_mtls_optional": MTLS,
    "bearer_plus_mtls_required": MTLS,
    "mtls_only": [MISSING, 200, 200, MALFORMED, TOO_LARGE, TOO_LARGE],
}


@pytest.mark.parametrize("mode", OUTCOMES)
def test_each_mode_wants_what_its_name_says(world, start, mode):
    authz = start(inbound_auth_mode=mode)
    bound = bearer(authz.issuer.token(world.partner_device))
    for (name, fields), expected in zip(SHOWING.items(), OUTCOMES[mode], strict=True):
        assert outcome(authz.ask("/auth/traefik", bound, *fields(world))) == expected, name
    if mode != "mtls_only":
        assert outcome(authz.ask("/auth/traefik", forwarded(world.partner_device))) == (401, "token_missing")


@pytest.mark.parametrize("mode", ["bearer_plus_mtls_optional", "bearer_plus_mtls_required", "mtls_only"])
@pytest.mark.parametrize("block", ["127.0.0.0/8", "::ffff:127.0.0.0/104"])
def test_forwarded_certificates_count_from_trusted_addresses_alone(world, start, mode, block):
    trusting = start(inbound_auth_mode=mode, trusted_proxy_cidrs=[block])
    suspicious = start(inbound_auth_mode=mode, trusted_proxy_cidrs=["10.0.0.0/8", "2001:db8::/32"])
    for authz, expected in ((trusting, 200), (suspicious, MISSING)):
        fields = bearer(authz.issuer.token(world.partner_device)), forwarded(world.partner_device)
        assert outcome(authz.ask("/auth/traefik", *fields)) == expected
    assert suspicious.metric("mtls_forwarded_ignored_total") == 1
    assert suspicious.metric('mtls_auth_failure_total{reason="certificate_missing"}') == 1
    assert trusting.metric("mtls_auth_success_total") == 1


def test_variables_of_the_environment_win_over_the_file(world, start, tmp_path):
    rules = tmp_path / "cert_identity_mappings.yaml"
    rules.write_text(yaml.safe_dump({"rules": [{"subject": {"CN": "{name}"}, "arn": "arn:crud:iam:::device/{name}"}]}))
    authz = start(
        inbound_auth_mode="mtls_only",
        forwarded_client_cert_header="ssl-client-cert",
        trusted_proxy_cidrs=[],
        environment={
            "INBOUND_AUTH_MODE": "bearer_plus_mtls_optional",
            "BINDING_REQUIRED_PATHS": "/workflow/start,/workflow/resume,/execute",
            "FORWARDED_CLIENT_CERT_HEADER": HEADER,
            "TRUSTED_PROXY_CIDRS": "172.16.0.0/12,127.0.0.0/8",
            "CERT_IDENTITY_MAPPINGS": str(rules),
        },
    )
    free, bound = bearer(authz.issuer.token()), bearer(authz.issuer.token(world.partner_device))
    assert outcome(authz.ask("/auth/traefik", free)) == 200
    assert outcome(authz.ask("/auth/traefik", free, uri="/workflow/resume")) == MISSING
    status, headers, _ = authz.ask("/auth/traefik", bound, forwarded(world.partner_device), uri="/execute")
    assert status == 200 and headers["X-Countersign-Identity"] == "arn:crud:iam:::device/device-7"


def test_without_enforcement_requests_pass_and_that_is_said_loudly(world, start):
    authz = start(inbound_auth_mode="bearer_plus_mtls_required", environment={"MTLS_ENFORCE": "false"})
    status, headers, _ = authz.ask("/auth/traefik", bearer(authz.issuer.token(world.partner_device)))
    assert status == 200 and headers["X-Countersign-Mtls"] == "waived:certificate_missing"
    assert outcome(authz.ask()) == (401, "token_missing")
    authz.log.wait_for(lambda line: line.get("level") == "error" and "NOT ENFORCED" in line["message"])
    assert "not enforced" in authz.admin("/health")[2]
    assert authz.metric('mtls_auth_waived_total{reason="certificate_missing"}') == 1


def test_an_identity_that_nobody_vouches_for_is_not_told(world, start, tmp_path):
    rules = [{"subject": {"CN": "{name}"}, "arn": "arn:crud:iam:::device/{name}"}]
    told = {}
    (tmp_path / "partner.pem").write_text(world.partner.chain_pem)
    for name, authority in (("strangers", world.platform_roots), ("its own", tmp_path / "partner.pem")):
        authz = start(
            inbound_auth_mode="mtls_only",
            forwarded_client_cert_header=HEADER,
            client_ca=str(authority),
            mtls_enforce=False,
            rules=rules,
        )
        status, told[name], _ = authz.ask("/auth/traefik", forwarded(world.partner_device))
        assert status == 200
    waived, vouched = told["strangers"], told["its own"]
    assert waived["X-Countersign-Mtls"] == "waived:certificate_untrusted"
    assert waived["X-Countersign-Identity"] is None and waived["X-Client-Cert-Thumbprint"] is None
    assert vouched["X-Countersign-Mtls"] == "verified"
    assert vouched["X-Countersign-Identity"] == "arn:crud:iam:::device/device-7"


def test_log_and_metrics_say_what_is_wrong_with_a_token(start):
    authz = start(inbound_auth_mode="bearer_only")
    issuer = authz.issuer
    tokens = {
        "token_expired": issuer.token(lifetime=-3600, iat=1),
        "token_audience": issuer.token(aud="others"),
        "token_signature": issuer.token()[:-8] + "AAAAAAAA",
    }
    for reason, token in tokens.items():
        mark = len(authz.log.entries)
        assert outcome(authz.ask("/auth/traefik", bearer(token))) == (401, "token_invalid")
        line = authz.log.wait_for(lambda line: line.get("message") == "request refused", 10, reason, mark)
        assert (line["reason"], line["fault"]) == ("token_invalid", reason)
        assert authz.metric(f'mtls_token_refused_total{{reason="{reason}"}}') == 1
    assert outcome(authz.ask("/auth/traefik", bearer(issuer.token()))) == 200
    assert outcome(authz.ask("/auth/traefik")) == (401, "token_missing")
    lines = [line for line in authz.log.snapshot() if line.get("message", "").startswith("request")]
    assert sum("fault" in line for line in lines) == len(tokens)


SUBJECT, SERIAL = "X-Client-Cert-Subject", ("X-Client-Cert-Serial", "0A1B")


@pytest.mark.parametrize(
    ("common_name", "told"),
    [
        ("orders", "orders"),
        ("Orders_2.internal", "Orders_2.internal"),
        ("arn:crud:iam::partner:device/7", None),
        ("spiffe://prod.example/ns/default/sa/orders", None),
        ("a orders", None),
        ("orders/1", None),
        ("orders@example.com", None),
        ("a,CN=orders", None),
    ],
)
def test_services_hear_the_service_that_a_tls_terminator_names(start, common_name, told):
    """A common name that looks like an ARN or a SPIFFE ID is told as neither, nor as a service."""
    authz = start(inbound_auth_mode="mtls_only", forwarded_client_cert_header=SUBJECT)
    status, names, _ = authz.ask("/auth/traefik", (SUBJECT, f"CN={common_name}"), SERIAL)
    assert status == 200 and names["X-Countersign-Mtls"] == "verified"
    assert names["X-Countersign-Service"] == told and names["X-Countersign-Identity"] is None


def test_where_a_rule_gives_an_identity_the_service_is_not_told_beside_it(start):
    rules = [{"subject": {"CN": "{name}"}, "arn": "arn:crud:iam:::service/{name}"}]
    authz = start(inbound_auth_mode="mtls_only", forwarded_client_cert_header=SUBJECT, rules=rules)
    status, names, _ = authz.ask("/auth/traefik", (SUBJECT, "CN=orders"), SERIAL)
    assert status == 200 and names["X-Countersign-Identity"] == "arn:crud:iam:::service/orders"
    assert names["X-Countersign-Service"] is None


def test_the_service_that_an_unbound_token_names_is_not_told_as_the_caller(start):
    authz = start(inbound_auth_mode="bearer_only")
    status, names, _ = authz.ask("/auth/traefik", bearer(authz.issuer.token(service_id="orders")))
    assert status == 200 and names["X-Countersign-Service"] is None


def test_services_may_call_what_the_allow_list_says(world, start):
    subject = "X-Client-Cert-Subject"
    paths = ["/v1/*", "/.well-known/*", "/files/.env"]
    authz = start(
        inbound_auth_mode="mtls_only",
        forwarded_client_cert_header=subject,
        service_allow_list=[{"from": "orders", "to": "users.internal", "methods": ["GET"], "paths": paths}],
    )

    def ask(name, **call):
        call = {"host": "users.internal", "uri": "/v1/users", **call}
        return outcome(authz.ask("/auth/traefik", (subject, name), ("X-Client-Cert-Serial", "0A1B"), **call))

    assert ask("CN=orders,O=Shop") == 200
    for uri in ("/.well-known/jwks.json", "/files/.env"):
        assert ask("CN=orders,O=Shop", uri=uri) == 200, uri
        assert ask("CN=orders,O=Shop", uri=uri.replace("/.", "/..")) == (403, "service_not_allowed"), uri
    for call in ({"method": "POST"}, {"host": "billing.internal"}, {"uri": "/v2/users"}, {"uri": "/v1/../admin"}):
        assert ask("CN=orders,O=Shop", **call) == (403, "service_not_allowed"), call
    for name in ("CN=billing", "O=orders", "CN=orders,CN=x", "CN=x\\,CN=orders"):
        assert ask(name) == (403, "service_not_registered"), name


IDS = {
    "orders": "spiffe://prod.example/ns/default/sa/orders",
    "by name alone": "spiffe://prod.example/service/orders",
    "another namespace": "spiffe://prod.example/ns/sandbox/sa/orders",
    "another trust domain": "spiffe://partner.example/ns/default/sa/orders",
    "another one's by name alone": "spiffe://partner.example/service/orders",
}


@pytest.mark.parametrize(
    ("name", "namespace", "allowed"),
    [
        ("orders", None, {"orders", "by name alone"}),
        ("orders", "sandbox", {"another namespace", "by name alone"}),
        ("sandbox/orders", None, {"another namespace"}),
        ("default/orders", "sandbox", {"orders"}),
        ("shop/orders", None, set()),
    ],
)
def test_a_service_is_named_in_one_trust_domain_and_namespace(world, start, name, namespace, allowed):
    home = {"trust_domain": "prod.example"} | ({"namespace": namespace} if namespace else {})
    authz = start(inbound_auth_mode="mtls_only", service_names=home, service_allow_list=[{"from": name}])
    for label, uri in IDS.items():
        expected = 200 if label in allowed else (403, "service_not_registered")
        assert outcome(authz.ask("/auth/traefik", forwarded(world.platform.leaf("x", uris=[uri])))) == expected, label


def test_no_token_names_a_service_that_its_certificate_does_not_prove(world, start):
    device, listed = world.partner_device, [{"from": "orders"}]
    tokens = {"keys": "issuer.jwks", "issuer": Issuer.name, "audiences": "crud"}
    refused = (403, "service_not_registered")
    service = start(
        inbound_auth_mode="bearer_plus_mtls_required",
        tokens={**tokens, "kind": "service"},
        service_allow_list=listed,
    )
    claims = {"jti": "1", "service_id": "orders", "sub": "spiffe://prod.example/ns/default/sa/orders"}

    def token(authz, leaf, kind):
        return bearer(authz.issuer.token(leaf, typ=kind, **claims))

    assert outcome(service.ask("/auth/traefik", token(service, device, "at+jwt"), forwarded(device))) == 200
    names = {"trust_domain": "prod.example"}
    for mode in ("bearer_only", "bearer_plus_mtls_optional", "bearer_plus_mtls_required"):
        anybody = start(inbound_auth_mode=mode, service_names=names, service_allow_list=listed)
        for leaf in (None, device):
            answer = anybody.ask("/auth/traefik", token(anybody, leaf, "JWT"), forwarded(device))
            expected = (401, "sender_binding_mismatch") if mode.endswith("required") and not leaf else refused
            assert outcome(answer) == expected, (mode, leaf)


@pytest.mark.parametrize("made", ["expired", "strange_app"])
def test_certificates_are_judged_here_as_well(world, start, tmp_path, made):
    authorities = tmp_path / "authorities.pem"
    authorities.write_text(world.platform.chain_pem)
    authz = start(inbound_auth_mode="mtls_only", client_ca=str(authorities))
    assert outcome(authz.ask("/auth/traefik", forwarded(world.frontend))) == 200
    expected = {"expired": "certificate_expired", "strange_app": "certificate_untrusted"}[made]
    assert outcome(authz.ask("/auth/traefik", forwarded(getattr(world, made)))) == (401, expected)


def test_changes_are_taken_up_and_bad_ones_are_not(world, start):
    rules = [{"subject": {"CN": "{name}"}, "arn": "arn:crud:iam:::old/{name}"}]
    authz = start(inbound_auth_mode="mtls_only", rules=rules)

    def identity():
        return authz.ask("/auth/traefik", forwarded(world.partner_device))[1]["X-Countersign-Identity"]

    assert identity() == "arn:crud:iam:::old/device-7"
    authz.write_rules([{"subject": {"CN": "{name}"}, "arn": "arn:crud:iam:::new/{name}"}])
    until(lambda: identity() == "arn:crud:iam:::new/device-7", 10, "the new rules")
    authz.write_rules([{"subject": {"CN": "{name}"}, "arn": "arn:crud:iam:::{nam}"}])
    refused = authz.reload("configuration refused")
    assert "mappings.yaml:1:" in refused["reason"] or "mappings.yaml:2:" in refused["reason"]
    assert identity() == "arn:crud:iam:::new/device-7"
    assert "refused" in authz.admin("/health")[2]


def is_refused(port):
    """Whether nobody listens any more."""
    try:
        socket.create_connection(("127.0.0.1", port), 10).close()
    except OSError as error:
        return isinstance(error, ConnectionRefusedError)
    return False


def test_requests_in_hand_are_answered_before_the_end(world, start):
    authz = start(inbound_auth_mode="mtls_only")
    name, value = forwarded(world.partner_device)
    head = f"GET /auth/traefik HTTP/1.1\r\nHost: a\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /\r\n{name}: {value}"
    with socket.create_connection(("127.0.0.1", authz.port), 10) as connection:
        connection.sendall(f"{head}\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n".encode())
        # It is in hand once its content is asked for, and the end has begun once nobody else is let in.
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        authz.signal(signal.SIGTERM)
        until(lambda: is_refused(authz.port), 10, "the end of the listener")
        connection.sendall(b"x")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert authz.stop() == 0


@pytest.mark.parametrize(
    ("section", "found"),
    [
        ({"inbound_auth_mode": "mtls_onyl"}, 'did you mean "mtls_only"?'),
        ({"inbound_auth_mode": "bearer_only", "tokens": None}, 'say in "tokens" whose are good'),
        ({"forwarded_client_cert_header": "X-My-Cert"}, "forwarded_client_cert_format"),
        ({"forwarded_client_cert_header": "X-Client-Cert-Subject"}, "which has no digest"),
        ({"trusted_proxy_cidrs": ["10.0.0.1/8"]}, "has address bits beyond its prefix"),
        ({"service_allow_list": [{"from": "a/b/c"}]}, "as name, or as namespace/name"),
        ({"service_allow_list": [{"from": "a/b"}]}, "the trust domain of named services is not said"),
        ({"service_allow_list": [{"from": "orders"}]}, "say in service_names which trust_domain is meant"),
        ({"service_names": {"namespace": "shop"}}, "authz.service_names.trust_domain"),
        ({"service_names": {"trust_domain": "a.example", "namespace": "a/b"}}, "a namespace has no slash"),
        ({"cert_identity_mappings": "absent.yaml"}, "does not exist"),
        ({"crls": "x.pem"}, "does not exist"),
        ({"binding_required_paths": ["execute"]}, 'begin with "/"'),
        ({"binding_required_paths": ["/execute*"]}, "is no path with all below it"),
        ({"unauthenticated_paths": ["health"]}, 'begin with "/"'),
        ({"unauthenticated_paths": ["/my%20health"]}, "no request would fit"),
        ({"unauthenticated_paths": ["/health/*"]}, "no request would fit"),
        ({"service_allow_list": [{"from": "spiffe://a.example/x", "paths": ["/v1/a%20b"]}]}, "no request would fit"),
        ({"service_allow_list": [{"from": "spiffe://a.example/x", "paths": ["/v1//*"]}]}, "no request would fit"),
        ({"tokens": {"keys": "issuer.jwks", "issuer": "x"}}, "authz.tokens.audiences"),
    ],
)
def test_bad_configurations_are_refused_with_what_would_be_right(tmp_path, section, found):
    made = Authz(tmp_path, **{"inbound_auth_mode": "bearer_plus_mtls_required", **section})
    check = countersign("config", "check", "--config", made.path, "--role", "authz")
    assert check.returncode == 1 and found in check.stdout, check.stdout
    run = countersign("authz", "--config", made.path)
    assert run.returncode == 78 and found in run.stderr


def test_a_port_in_use_is_named(tmp_path):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        made = Authz(tmp_path, inbound_auth_mode="mtls_only")
        made.port = port
        made.write(inbound_auth_mode="mtls_only")
        run = countersign("authz", "--config", made.path)
    assert run.returncode != 0 and "authz.listen" in run.stderr
