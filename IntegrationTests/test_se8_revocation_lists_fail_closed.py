"""With `crls` on a domain: revoked callers are refused, and so is everybody whose status cannot be told."""

import pytest
import yaml

from harness.http import Cut
from harness.pki import ec_key, minutes_from_now
from harness.tls_client import TLS12, TLS13, Connection, Refused
from harness.tools import countersign
from harness.waiting import until
from harness.world import route

HOST, PLAIN = "a.apps.mtls.internal", "plain.example.com"
REVOKED, UNKNOWN = 44, 46
VERSIONS = pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])


@pytest.fixture
def start(world, start_router, backend, tmp_path):
    """Starts a router whose platform domain has a revocation list with this content, and answers router and file."""

    def start_it(text):
        path = tmp_path / "platform.crl"
        path.write_text(text)
        return start_router(configuration(world, backend, path)), path

    return start_it


def configuration(world, backend, path):
    domains = [world.platform_domain(crls=str(path)), world.partner_domain()]
    routes = [route(HOST, backend, mtls_allow_any=True), route(PLAIN, backend), route("partner.example.com", backend)]
    return world.configuration(routes, domains)


def outcome(world, router, identity, version=TLS13):
    """The status of a request, or the alert that ended the handshake."""
    try:
        with world.connect(router, HOST, identity, version) as connection:
            return connection.get(HOST).status
    except Refused as refused:
        return -refused.alert
    except OSError as error:
        reason = getattr(error, "reason", "") or ""
        return {"SSLV3_ALERT_CERTIFICATE_REVOKED": -REVOKED, "SSLV3_ALERT_CERTIFICATE_UNKNOWN": -UNKNOWN}.get(reason, 0)


@VERSIONS
def test_revoked_caller_is_refused_and_others_are_served(world, start, version):
    router, _ = start(world.platform.revocation_list(world.other_app))
    assert outcome(world, router, world.frontend, version) == 200
    assert outcome(world, router, world.other_app, version) == -REVOKED
    line = router.wait_for_line("handshake refused")
    assert line["reason"] == "revoked"
    assert router.metric("mtls_auth_failure_total", reason="revoked") == 1


@pytest.mark.parametrize("older_first", [True, False])
def test_of_two_lists_of_the_same_second_the_higher_number_counts(world, start_router, backend, tmp_path, older_first):
    made = minutes_from_now(-5)
    older = world.platform.revocation_list(world.frontend, made=made, number=9)
    newer = world.platform.revocation_list(world.other_app, made=made, number=10)
    path = tmp_path / "platform.crl"
    path.write_text(older + newer if older_first else newer + older)
    router = start_router(configuration(world, backend, path))
    assert outcome(world, router, world.other_app) == -REVOKED
    assert outcome(world, router, world.frontend) == 200


UNUSABLE = {
    "of another issuer": lambda world: world.partner.revocation_list(),
    "forged": lambda world: world.platform.revocation_list(key=ec_key()),
}


@pytest.mark.parametrize("list_", UNUSABLE)
def test_list_that_cannot_be_used_refuses_everybody_on_its_domain_and_nobody_else(world, start, list_):
    router, _ = start(UNUSABLE[list_](world))
    assert outcome(world, router, world.frontend) == -UNKNOWN
    assert router.wait_for_line("handshake refused")["reason"] == "crl_unusable"
    with world.connect(router, PLAIN) as connection:
        assert connection.get(PLAIN).status == 200
    with world.connect(router, "partner.example.com", world.partner_device) as connection:
        assert connection.get("partner.example.com").status == 200


def test_list_that_expires_while_the_router_runs_refuses_everybody_from_then_on(world, start):
    router, _ = start(world.platform.revocation_list(lifetime=(-5, 10 / 60)))
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
        until(lambda: outcome(world, router, world.frontend) == -UNKNOWN, 20, "the list being too old")
        try:
            assert connection.get(HOST).status == 421
        except (Cut, OSError):
            pass


NO_LISTS = {
    "empty": lambda world: "",
    "no PEM": lambda world: "hello\n",
    "no DER": lambda world: "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
    "a certificate": lambda world: world.platform.pem,
    "expired": lambda world: world.platform.revocation_list(lifetime=(-120, -60)),
    "not valid yet": lambda world: world.platform.revocation_list(lifetime=(60, 120)),
}


@pytest.mark.parametrize("content", NO_LISTS)
def test_file_without_a_current_list_keeps_the_router_from_starting(world, tmp_path, content):
    path = tmp_path / "platform.crl"
    path.write_text(NO_LISTS[content](world))
    made = configuration(world, "127.0.0.1:9", path)
    made["router"]["listen"] = ["127.0.0.1:1"]
    file = tmp_path / "router.yaml"
    file.write_text(yaml.safe_dump(made))
    for command in (["config", "check", "--config", file], ["router", "--config", file]):
        done = countersign(*command)
        assert done.returncode in (1, 78)
        assert "platform.crl" in done.stdout + done.stderr


def test_list_that_is_missing_keeps_the_router_from_starting(world, tmp_path):
    file = tmp_path / "router.yaml"
    file.write_text(yaml.safe_dump(configuration(world, "127.0.0.1:9", tmp_path / "absent.crl")))
    done = countersign("config", "check", "--config", file)
    assert done.returncode == 1 and "absent.crl" in done.stdout + done.stderr


def test_replaced_list_is_taken_up_without_a_signal(world, start):
    router, path = start(world.platform.revocation_list())
    assert outcome(world, router, world.frontend) == 200
    path.with_suffix(".new").write_text(world.platform.revocation_list(world.frontend))
    path.with_suffix(".new").replace(path)
    until(lambda: outcome(world, router, world.frontend) == -REVOKED, 10, "the new list being in force")
    assert outcome(world, router, world.other_app) == 200


def test_revocation_ends_open_connections_and_their_sessions(world, start, backend):
    router, path = start(world.platform.revocation_list())
    context = world.context(world.frontend, TLS13, fresh=True)
    with Connection(router.port, HOST, context) as connection:
        assert connection.get(HOST).status == 200
        session = connection.session
        path.write_text(world.platform.revocation_list(world.frontend))
        router.apply(router.configuration)
        backend.forget()
        try:
            assert connection.get(HOST).status in (403, 421)
        except (Cut, OSError):
            pass
    with Connection(router.port, HOST, context, session=session) as resumed:
        assert resumed.expect_refusal() == REVOKED
    assert backend.seen() == []


def test_bad_list_on_reload_is_refused_and_the_old_one_kept(world, start):
    router, path = start(world.platform.revocation_list(world.other_app))
    mark = len(router.log.entries)
    path.write_text("")
    router.reload_and_wait("configuration refused", mark)
    assert outcome(world, router, world.other_app) == -REVOKED
    assert outcome(world, router, world.frontend) == 200
