"""Audit events of `countersign authz` in a file: what they say and do not say, who may read it, full disks."""

import fcntl
import json
import os
import stat

import pytest

from harness.audit_trail import VALIDATOR, disk_at, events, fill
from harness.audited import HEADER, forwarded
from harness.authz import Authz
from harness.pki import subject
from harness.tools import COUNTERSIGN, run
from harness.waiting import until


@pytest.fixture
def tiny_disk(tmp_path):
    with disk_at(tmp_path / "tiny") as folder:
        yield folder


def test_every_decision_is_one_event_of_the_documented_form(world, start_filed, tmp_path):
    rules = [{"subject": {"CN": "{name}"}, "arn": "arn:crud:iam:::device/{name}"}]
    authz = start_filed(rules=rules, inbound_auth_mode="bearer_plus_mtls_required")
    bound = "Authorization", f"Bearer {authz.issuer.token(world.partner_device)}"
    asked = [
        ([bound, forwarded(world.partner_device)], 200),
        ([bound], 401),
        ([forwarded(world.partner_device)], 401),
        ([bound, forwarded(world.frontend)], 401),
        ([bound, (HEADER, "MIIB")], 400),
    ]
    for fields, status in asked:
        assert authz.ask("/auth/traefik", *fields, uri="/execute?secret=1")[0] == status
    kept = events(authz.directory / "audit.jsonl")
    for event in kept:
        VALIDATOR.validate(event)
    assert [event["event"] for event in kept] == ["mtls_auth_success"] + ["mtls_auth_failure"] * 4
    reasons = [event.get("reason") for event in kept]
    assert reasons == [
        None, "certificate_missing", "token_missing", "sender_binding_mismatch", "certificate_malformed",
    ]  # fmt: skip
    assert kept[0]["thumbprint"] == world.partner_device.sha256 and "thumbprint" not in kept[1]
    assert kept[0]["caller"] == "arn:crud:iam:::device/device-7"
    assert {event["path"] for event in kept} == {"/execute"} and {event["host"] for event in kept} == {"crud.local"}
    numbers = [int(event["id"].rpartition("-")[2], 16) for event in kept]
    assert numbers == list(range(1, 6)) and len({event["id"] for event in kept}) == 5
    assert authz.metric('audit_events_total{result="success"}') == 1
    assert authz.metric('audit_events_total{result="failure"}') == 4
    assert authz.metric("audit_file_events_total") == 5
    assert authz.health() == {"status": "ok"}


def test_a_refusal_says_which_certificate_was_shown(world, start_filed, tmp_path):
    revoked = world.platform.leaf(world.frontend.certificate.subject)
    (tmp_path / "ca.pem").write_text(world.platform.pem + world.platform_root.pem)
    (tmp_path / "crl.pem").write_text(world.platform.revocation_list(revoked))
    authz = start_filed(client_ca=str(tmp_path / "ca.pem"), crls=str(tmp_path / "crl.pem"))
    wanted = {
        "/revoked": (revoked, "certificate_revoked"),
        "/expired": (world.expired, "certificate_expired"),
        "/stranger": (world.strange_app, "certificate_untrusted"),
    }
    for uri, (leaf, reason) in wanted.items():
        status, _, content = authz.ask("/auth/traefik", forwarded(leaf), uri=uri)
        assert (status, json.loads(content)["code"]) == (401, reason)
    # Beside a field that services take for another one, and where none can be read.
    authz.ask("/auth/traefik", forwarded(world.frontend), ("X_Countersign_Identity", "a"), uri="/disguised")
    authz.ask("/auth/traefik", (HEADER, "MIIB"), uri="/malformed")
    wanted["/disguised"] = world.frontend, "invalid_request"
    kept = {event["path"]: event for event in events(authz.directory / "audit.jsonl")}
    authz.log.wait_for(lambda line: line.get("path") == "/malformed")
    logged = {line["path"]: line for line in authz.log.snapshot() if line["message"] == "request refused"}
    for uri, (leaf, reason) in wanted.items():
        VALIDATOR.validate(kept[uri])
        assert (kept[uri]["thumbprint"], kept[uri]["reason"]) == (leaf.sha256, reason) and "caller" not in kept[uri]
        assert logged[uri]["thumbprint"] == leaf.sha256 and logged[uri]["mtls_thumbprint_present"] in (True, "true")
    assert "thumbprint" not in kept["/malformed"] and "thumbprint" not in logged["/malformed"]
    assert logged["/malformed"]["mtls_thumbprint_present"] in (False, "false")


def test_nothing_secret_is_in_an_event(world, start_filed):
    authz = start_filed(inbound_auth_mode="bearer_plus_mtls_required")
    token = authz.issuer.token(world.partner_device)
    secrets = ["hunter2", token, token.split(".")[2], forwarded(world.partner_device)[1][:60]]
    for uri in (
        "/a/b?password=hunter2",
        "/a/b;jsessionid=hunter2/c",
        "/a#hunter2",
        "https://user:hunter2@crud.local/a?x",
        "HTTPS://user:hunter2@crud.local/a",
        "user:hunter2@crud.local:443",
        "/a%3Ftoken=hunter2",
        "/a%3bjsessionid=hunter2/b",
        "/proxy/http://user:hunter2@crud.local/a",
        "/x%2f%2fhunter2%40crud.local",
        "/cb/https:/hunter2@crud.local",
        "/a%253Ftoken=hunter2",
    ):
        fields = ("Authorization", f"Bearer {token}"), forwarded(world.partner_device), ("Cookie", "hunter2")
        authz.ask("/auth/traefik", *fields, uri=uri, host="user:hunter2@crud.local")
    path = authz.directory / "audit.jsonl"
    kept = ["/a/b", "/a/b/c", "/a", "/a", "/a", "crud.local:443", "/a", "/a/b", "/proxy/http://crud.local/a"]
    kept += ["/x%2f%2fcrud.local", "/cb/https:/crud.local", "/a"]
    assert [event["path"] for event in events(path)] == kept
    until(lambda: sum("path" in line for line in authz.log.snapshot()) >= len(kept), what="the lines of the log")
    logged = [line for line in authz.log.snapshot() if "path" in line]
    assert [line["path"] for line in logged] == kept and {line["host"] for line in logged} == {"crud.local"}
    for secret in secrets:
        assert secret not in path.read_text() and secret not in "\n".join(authz.raw_log)


def test_long_texts_are_cut_and_marked(world, start_filed):
    authz = start_filed()
    authz.ask("/auth/traefik", forwarded(world.partner_device), uri="/" + "ä" * 4000, method="M" * 100, host="h" * 400)
    authz.ask("/auth/traefik", forwarded(world.partner_device), uri='/a"\\b', method="GET")
    long, short = events(authz.directory / "audit.jsonl")
    VALIDATOR.validate(long)
    assert long["truncated"] is True and "truncated" not in short
    assert len(long["path"].encode()) <= 1024 and len(long["method"]) == 32 and len(long["host"]) == 255
    assert short["path"] == '/a"\\b'


def test_what_was_let_through_unenforced_says_what_was_waived(world, start_filed):
    authz = start_filed(environment={"MTLS_ENFORCE": "false"})
    assert authz.ask()[0] == 200
    [event] = events(authz.directory / "audit.jsonl")
    VALIDATOR.validate(event)
    assert event["event"] == "mtls_auth_success" and event["waived"] == "certificate_missing"


def test_an_identity_that_nobody_vouches_for_is_no_caller(world, start_filed, tmp_path):
    """What was waived is told with the thumbprint; the same certificate of a known authority has a name."""
    forged = world.stranger.leaf(subject(("CN", "x")), uris=["spiffe://prod.example/ns/ops/sa/root"])
    (tmp_path / "stranger.pem").write_text(world.stranger.pem)
    told = {}
    for name, authority in (("waived", world.platform_roots), ("vouched", tmp_path / "stranger.pem")):
        authz = start_filed(client_ca=str(authority), mtls_enforce=False)
        assert authz.ask("/auth/traefik", forwarded(forged))[0] == 200
        [told[name]] = events(authz.directory / "audit.jsonl")
        VALIDATOR.validate(told[name])
    waived, vouched = told["waived"], told["vouched"]
    assert waived["waived"] == "certificate_untrusted" and "caller" not in waived
    assert waived["thumbprint"] == forged.sha256 == vouched["thumbprint"]
    assert vouched["caller"] == "spiffe://prod.example/ns/ops/sa/root" and "waived" not in vouched


@pytest.mark.parametrize("mode", ["0640", "0600", None])
def test_the_file_has_the_mode_that_is_asked_for(start_filed, mode):
    file = {"path": "audit.jsonl"} | ({"mode": mode} if mode else {})
    authz = start_filed({"file": file})
    assert stat.S_IMODE(os.stat(authz.directory / "audit.jsonl").st_mode) == int(mode or "0640", 8)


def test_a_file_that_has_another_mode_keeps_it_and_the_log_says_so(start_filed, tmp_path):
    folder = tmp_path / "authz-0"
    folder.mkdir()
    (folder / "audit.jsonl").touch()
    (folder / "audit.jsonl").chmod(0o600)
    authz = start_filed()
    told = authz.log.wait_for(lambda line: "the audit file has another mode" in (line["message"] or ""))
    assert (told["mode"], told["wanted"]) == ("0600", "0640")
    assert stat.S_IMODE(os.stat(folder / "audit.jsonl").st_mode) == 0o600
    authz.ask()
    assert len(events(folder / "audit.jsonl")) == 1


def lead_astray(path, way):
    """Has a path lead to what others may write to, or to what is none of the audit's; answers what must stay."""
    victim = path.with_name("victim")
    victim.write_text("secret\n")
    victim.chmod(0o600)
    if way == "symbolic link":
        path.symlink_to(victim)
    else:
        path.touch()
        path.chmod({"everybody may write": 0o666, "its group may write": 0o660}.get(way, 0o640))
        if way == "belongs to user 12345":
            os.chown(path, 12345, 12345)
    return victim


every_wrong_way = pytest.mark.parametrize(
    "way", ["symbolic link", "everybody may write", "its group may write", "belongs to user 12345"]
)


@every_wrong_way
def test_a_file_that_others_may_change_is_refused_at_start(tmp_path, way):
    path = tmp_path / "audit.jsonl"
    victim = lead_astray(path, way)
    options = {"inbound_auth_mode": "mtls_only", "forwarded_client_cert_header": HEADER}
    authz = Authz(tmp_path / "authz", audit={"file": {"path": str(path)}}, **options)
    ended = run(COUNTERSIGN, "authz", "--config", authz.path, within=10)
    assert ended.returncode != 0
    assert str(path) in ended.stdout + ended.stderr and way in ended.stdout + ended.stderr
    assert victim.read_text() == "secret\n" and stat.S_IMODE(victim.stat().st_mode) == 0o600


@every_wrong_way
def test_a_file_that_others_may_change_is_a_lost_sink_when_it_comes_later(world, start_filed, way):
    authz = start_filed({"file": {"path": "audit.jsonl"}, "on_full": "refuse_requests"})
    path = authz.directory / "audit.jsonl"
    asked = "/auth/traefik", forwarded(world.partner_device)
    assert authz.ask(*asked)[0] == 200
    other = authz.directory / "other"
    victim = lead_astray(other, way)
    other.rename(path)
    assert authz.ask(*asked)[0] == 503
    until(lambda: way in authz.health().get("reason", ""), what="degraded health")
    assert authz.metric('audit_dropped_total{reason="file_error"}') == 1
    assert victim.read_text() == "secret\n" and stat.S_IMODE(victim.stat().st_mode) == 0o600
    assert path.read_text() == ("secret\n" if way == "symbolic link" else "")
    path.unlink()
    assert authz.ask(*asked)[0] == 200
    assert len(events(path)) == 1


def test_two_processes_never_share_a_file(start_filed, tmp_path):
    first = start_filed()
    path = first.directory / "audit.jsonl"
    options = {"inbound_auth_mode": "mtls_only", "forwarded_client_cert_header": HEADER}
    second = Authz(tmp_path / "second", audit={"file": {"path": str(path)}}, **options)
    ended = run(COUNTERSIGN, "authz", "--config", second.path, within=10)
    assert ended.returncode != 0 and f"{path}, to which another process writes" in ended.stdout + ended.stderr
    first.ask()
    assert len(events(path)) == 1


@pytest.mark.parametrize("lock", [fcntl.flock, fcntl.lockf])
def test_readers_that_lock_the_file_keep_nobody_from_writing(start_filed, tmp_path, lock):
    path = tmp_path / "audit.jsonl"
    path.touch()
    with path.open() as reader:
        lock(reader, (fcntl.LOCK_EX if lock is fcntl.flock else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        authz = start_filed({"file": {"path": str(path)}})
        authz.ask()
        assert len(events(path)) == 1 and authz.health() == {"status": "ok"}


def test_a_line_that_a_crash_has_cut_off_stays_alone(start_filed, tmp_path):
    folder = tmp_path / "authz-0"
    folder.mkdir()
    (folder / "audit.jsonl").write_text('{"version":1,"id":"00')
    authz = start_filed()
    authz.ask()
    lines = (folder / "audit.jsonl").read_text().splitlines()
    assert len(lines) == 2 and json.loads(lines[1])["event"] == "mtls_auth_failure"


def test_a_full_disk_is_told_loudly_and_holds_up_nobody(start_filed, tiny_disk):
    authz = start_filed({"file": {"path": str(tiny_disk / "audit.jsonl")}})
    authz.ask(uri="/first")
    filler = fill(tiny_disk)
    until(lambda: authz.ask()[0] == 401 and authz.health()["status"] == "degraded", what="the alarm")
    alarm = authz.log.wait_for(lambda line: line["message"] == "AUDIT EVENTS ARE BEING LOST")
    assert alarm["level"] == "error" and "No space left" in json.dumps(alarm)
    assert authz.metric('audit_dropped_total{reason="file_error"}') >= 1
    assert authz.admin("/health/ready")[0] == 200
    filler.unlink()
    until(lambda: authz.ask(uri="/last") and authz.health()["status"] == "ok", what="the end of the alarm")
    # Half lines would not parse.
    paths = [event["path"] for event in events(tiny_disk / "audit.jsonl")]
    assert paths[0] == "/first" and paths[-1] == "/last"
    authz.log.wait_for(lambda line: line["message"] == "audit events are kept again")
    told = [line["message"] for line in authz.log.snapshot() if line["message"] != "request refused"]
    assert len(told) < 100


def test_requests_without_an_event_are_refused_where_that_is_wanted(world, start_filed, tiny_disk):
    audit = {"file": {"path": str(tiny_disk / "audit.jsonl")}, "on_full": "refuse_requests"}
    authz = start_filed(audit)
    asked = "/auth/traefik", forwarded(world.partner_device)
    assert authz.ask(*asked)[0] == 200
    filler = fill(tiny_disk)
    until(lambda: authz.ask(*asked)[0] == 503, what="a refusal")
    status, headers, content = authz.ask(*asked)
    assert (status, json.loads(content)["code"]) == (503, "audit_unavailable")
    assert "WWW-Authenticate" not in headers and "X-Countersign-Identity" not in headers
    assert authz.metric("audit_refused_requests_total") >= 2
    assert authz.metric('mtls_auth_failure_total{reason="audit_unavailable"}') >= 2
    filler.unlink()
    assert authz.ask(*asked)[0] == 200


@pytest.mark.parametrize(
    "audit, words",
    [
        ({}, "neither file nor kafka"),
        ({"file": {"path": "a.jsonl", "mode": "0644"}}, "0640"),
        ({"file": {"path": "."}}, None),
        ({"kafka": {"brokers": ["127.0.0.1:9092"], "topic": "a"}}, "spool"),
        ({"kafka": {"brokers": [], "topic": "a"}, "spool": {"path": "s"}}, "at least one broker"),
        ({"kafka": {"brokers": ["localhost"], "topic": "a"}, "spool": {"path": "s"}}, "host and a port"),
        ({"kafka": {"brokers": ["localhost:1"], "topic": "a b"}, "spool": {"path": "s"}}, "expected a topic"),
        ({"file": {"path": "a.jsonl"}, "spool": {"path": "s"}}, "there is no kafka"),
        ({"file": {"path": "a.jsonl"}, "on_full": "drop_oldest"}, "drop_newest"),
        (
            {"kafka": {"brokers": ["h:1"], "topic": "a", "ca_certs": "x.pem"}, "spool": {"path": "s"}},
            "tls_enabled: true",
        ),
        (
            {
                "kafka": {
                    "brokers": ["h:1"],
                    "topic": "a",
                    "sasl": {"mechanism": "PLAIN", "username": "u", "password": "hunter2"},
                },
                "spool": {"path": "s"},
            },
            "password_file",
        ),
    ],
)
def test_sections_that_say_nothing_good_are_refused(tmp_path, audit, words):
    authz = Authz(tmp_path, audit=audit, inbound_auth_mode="mtls_only", forwarded_client_cert_header=HEADER)
    ended = run(COUNTERSIGN, "authz", "--config", authz.path, within=10)
    assert ended.returncode != 0 and (words or "directory") in ended.stdout + ended.stderr
    assert "hunter2" not in ended.stdout + ended.stderr
