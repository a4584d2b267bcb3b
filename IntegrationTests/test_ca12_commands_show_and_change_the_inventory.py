"""`countersign certs`, `services`, `tokens` and `audit`: tables for people, JSON for programs, and exit codes."""

import json

import pytest

from harness.authority_api import ADMIN
from harness.ports import free_port
from harness.tools import countersign, run

DONE, REFUSED, UNUSABLE, UNREACHABLE = 0, 1, 2, 3


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


@pytest.fixture(scope="module")
def holders(authority):
    agent = authority.agent("user-svc", "billing", name="host-a")
    return [authority.issue(service, agent) for service in ("user-svc", "user-svc", "billing")]


@pytest.fixture
def command(authority):
    """Runs a command as the first administrator."""

    def called(*arguments, token_file=None, url=None, **options):
        environment = {
            "COUNTERSIGN_URL": url or f"http://127.0.0.1:{authority.admin_port}",
            "COUNTERSIGN_TOKEN_FILE": str(token_file or authority.token_file),
        }
        return countersign(*arguments, environment=environment, **options)

    return called


@pytest.fixture
def as_auditor(authority, command, tmp_path):
    path = tmp_path / "auditor.token"
    path.touch(mode=0o600)
    path.write_text(authority.bearer("auditor").token)
    return lambda *arguments: command(*arguments, token_file=path)


def table(done):
    """The rows of a table, each by its titles, once its columns were found to be aligned."""
    assert done.returncode == DONE and not done.stderr, done.stderr
    header, *lines = done.stdout.splitlines()
    titles = [title for title in header.split("  ") if title.strip()]
    starts = [header.index(title.strip()) for title in titles]
    rows = []
    for line in lines:
        for start in starts[1:]:
            assert line[start - 1] == " " and line[start] != " ", f"columns are not aligned:\n{done.stdout}"
        ends = [*starts[1:], None]
        rows.append({t.strip(): line[s:e].strip() for t, s, e in zip(titles, starts, ends, strict=True)})
    return rows


def document(done):
    assert done.returncode == DONE and not done.stderr, done.stderr
    return json.loads(done.stdout)


def failed(done, code, *words):
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert not done.stdout
    assert done.stderr.startswith("error: ") and "\n" not in done.stderr.rstrip("\n"), done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


LISTS = [
    (("certs", "list"), ("SERIAL", "SERVICE", "STATE", "PROFILE", "NOT AFTER", "CHANNEL", "SPIFFE ID"), "serial"),
    (("services", "list"), ("NAME", "NAMESPACE", "PROFILE", "OWNER", "ORIGIN", "DNS NAMES", "SPIFFE ID"), "name"),
    (("tokens", "list"), ("NAME", "KIND", "ROLE", "AGENT", "SERVICES", "EXPIRES", "USED", "CREATOR"), "name"),
    (("audit",), ("DATE", "ACTOR", "ADDRESS", "ACTION", "TARGET", "OUTCOME", "DETAIL"), "date"),
]


@pytest.mark.parametrize("arguments, titles, key", LISTS, ids=lambda value: str(value))
def test_list_is_a_table_for_people_and_an_array_for_programs(command, as_auditor, holders, arguments, titles, key):
    rows = table(as_auditor(*arguments))
    assert rows and all(tuple(row) == titles for row in rows)
    elements = document(as_auditor(*arguments, "--json"))
    assert isinstance(elements, list) and {row[titles[0]] for row in rows} <= {e[key] for e in elements}


def test_certificates_are_filtered_and_shown(command, holders):
    serials = [holder.serial for holder in holders]
    rows = table(command("certs", "list", "--service", "user-svc", "--state", "active"))
    assert [row["SERIAL"] for row in rows] == [serials[1], serials[0]]
    assert len(table(command("certs", "list", "--limit", "1"))) == 1
    assert document(command("certs", "list", "--service", "nobody", "--json")) == []
    shown = command("certs", "show", serials[2])
    assert shown.returncode == DONE and f"serial: {serials[2]}\n" in shown.stdout
    assert "service: billing\n" in shown.stdout and "-----BEGIN CERTIFICATE-----" in shown.stdout
    assert document(command("certs", "show", serials[2], "--json"))["service"] == "billing"


def test_more_than_a_page_is_listed_when_asked_for(authority, command):
    for number in range(4):
        authority.admin.get(f"{ADMIN}/services/nobody-{number}")
    lines = document(command("audit", "--outcome", "refused", "--limit", "1100", "--json"))
    assert len(lines) >= 4 and lines == sorted(lines, key=lambda line: -line["sequence"])


def test_certificates_are_held_released_and_revoked(authority, command, holders):
    serial = holders[0].serial
    for verb, state in (("hold", "held"), ("release", "active"), ("revoke", "revoked")):
        done = command("certs", verb, "user-svc", "--serial", serial)
        assert done.returncode == DONE and serial in done.stdout, done.stderr
        assert authority.state(serial) == state
    failed(command("certs", "revoke", "user-svc", "--serial", serial), REFUSED, "(409)")
    failed(command("certs", "release", "user-svc", "--serial", serial), REFUSED, "(409)")
    failed(command("certs", "revoke", "billing", "--serial", serial), REFUSED, "(404)")
    failed(command("certs", "revoke", "user-svc", "--reason", "boredom"), REFUSED, "error: --reason: ", "(400)")
    assert authority.state(holders[1].serial) == "active"
    line = table(command("audit", "--action", "certificate.revoke", "--limit", "1"))[0]
    assert line["OUTCOME"] == "refused"


def test_revocation_brings_a_certificate_in_its_place_or_does_not_happen(authority, command, tmp_path):
    revoked, other = authority.issue("api-gateway"), authority.issue("billing")
    place = tmp_path / "new"
    failed(
        command("certs", "revoke", "api-gateway", "--serial", other.serial, "--replace", str(place)), REFUSED, "(404)"
    )
    assert not any(place.iterdir())
    done = command("certs", "revoke", "api-gateway", "--reason", "keyCompromise", "--replace", str(place))
    wrote = [f"wrote {place}/{name}.pem" for name in ("key", "cert", "ca")]
    assert done.returncode == DONE and done.stdout.splitlines() == [f"{revoked.serial} revoked", *wrote], done.stderr
    assert (place / "key.pem").stat().st_mode & 0o777 == 0o600
    chain = str(place / "cert.pem")
    checked = run("openssl", "verify", "-CAfile", str(place / "ca.pem"), "-untrusted", chain, chain)
    assert checked.returncode == 0, checked.stderr
    keys = [run("openssl", "pkey", "-in", str(place / "key.pem"), "-pubout").stdout]
    assert keys == [run("openssl", "x509", "-in", chain, "-noout", "-pubkey").stdout]
    failed(command("certs", "revoke", "api-gateway", "--replace", str(place)), UNUSABLE, "--replace", "already there")
    assert [c["state"] for c in authority.certificates(service="api-gateway")] == ["active", "revoked"]
    told = document(command("certs", "revoke", "api-gateway", "--replace", str(tmp_path / "newer"), "--json"))
    assert len(told["revoked"]) == 1 and "private_key" not in told["replacement"]
    assert command("certs", "revoke", "api-gateway").returncode == DONE


def test_refusals_name_the_options_of_the_command(command):
    for arguments, name in (
        (("certs", "list", "--state", "lost"), "--state"),
        (("certs", "list", "--expires-before", "tomorrow"), "--expires-before"),
        (("certs", "show", "xyz"), "<serial>"),
        (("certs", "revoke", "billing", "--serial", "xyz"), "--serial"),
        (("audit", "--outcome", "maybe"), "--outcome"),
        (("services", "add", "a/b"), "<service>"),
        (("services", "add", "c", "--ip", "1.2.3"), "--ip"),
        (("services", "add", "c", "--dns", "a b"), "--dns"),
        (("tokens", "bearer", "..", "--role", "auditor"), "<name>"),
        (("tokens", "bearer", "x", "--role", "king"), "--role"),
        (("tokens", "bearer", "x", "--ttl", "99999d"), "--ttl"),
        (("tokens", "join", "a/b"), "<agent>"),
    ):
        failed(command(*arguments), REFUSED, f"error: {name}: ", "(400)")


@pytest.mark.parametrize("limit", ["0", "-1"])
@pytest.mark.parametrize("command_line", [("certs", "list"), ("audit",)], ids=lambda value: value[0])
def test_list_of_nothing_is_no_list(command, command_line, limit):
    done = command(*command_line, f"--limit={limit}")
    assert done.returncode == UNUSABLE and "--limit: expected 1 or more" in done.stderr and not done.stdout
    assert len(table(command(*command_line, "--limit=1"))) == 1


def test_rotation_is_asked_for(command):
    done = command("certs", "rotate", "user-svc")
    assert done.returncode == DONE and done.stdout.startswith("rotation of user-svc asked for at 20")
    assert document(command("certs", "rotate", "user-svc", "--json"))["service"] == "user-svc"
    failed(command("certs", "rotate", "nobody"), REFUSED, "'nobody'", "(404)")


def test_services_are_added_shown_and_removed(command):
    added = command(
        *("services", "add", "ledger", "--owner", "pay", "--dns", "ledger.example.com", "--ip", "10.0.0.7"),
        *("--label", "tier=1", "--namespace", "money"),
    )
    assert added.returncode == DONE and "spiffe://link.internal/ns/money/sa/ledger" in added.stdout, added.stderr
    shown = document(command("services", "show", "ledger", "--json"))
    assert (shown["owner"], shown["labels"], shown["ip_addresses"]) == ("pay", {"tier": "1"}, ["10.0.0.7"])
    row = next(row for row in table(command("services", "list")) if row["NAME"] == "ledger")
    assert (row["DNS NAMES"], row["ORIGIN"]) == ("ledger.example.com", "api")
    failed(command("services", "add", "ledger"), REFUSED, "already", "(409)")
    failed(command("services", "add", "a/b"), REFUSED, "(400)")
    assert command("services", "remove", "ledger").stdout == "ledger is removed\n"
    failed(command("services", "remove", "ledger"), REFUSED, "(404)")
    failed(command("services", "remove", "user-svc"), REFUSED, "configuration file", "(409)")


def test_tokens_are_made_and_removed(authority, command, tmp_path):
    made = command("tokens", "bearer", "watcher", "--role", "auditor", "--ttl", "60")
    assert made.returncode == DONE and made.stdout.startswith("csb_") and made.stdout.count("\n") == 1
    path = tmp_path / "watcher.token"
    path.touch(mode=0o600)
    path.write_text(made.stdout)
    assert command("services", "list", token_file=path).returncode == DONE
    failed(command("services", "remove", "billing", token_file=path), REFUSED, "token/watcher", "(403)")
    joined = document(command("tokens", "join", "host-b", "--service", "user-svc", "--json"))
    assert joined["token"].startswith("csj_") and joined["agent"] == "host-b"
    listed = command("tokens", "list", "--json").stdout
    assert joined["token"] not in listed and made.stdout.strip() not in listed
    failed(command("tokens", "join", "host-c", "--service", "nobody"), REFUSED, "'nobody'")
    row = next(row for row in table(command("tokens", "list")) if row["NAME"] == "watcher")
    assert row["EXPIRES"], row
    assert command("tokens", "remove", "watcher").returncode == DONE
    assert command("tokens", "bearer", "x", "--ttl", "soon").returncode == UNUSABLE
    failed(command("tokens", "remove", "file"), REFUSED, "last token", "(409)")
    failed(command("services", "list", token_file=path), REFUSED, "(401)")
    failed(command("tokens", "remove", "watcher"), REFUSED, "(404)")


def test_auditor_reads_and_changes_nothing(authority, as_auditor, holders):
    assert as_auditor("certs", "show", holders[2].serial).returncode == DONE
    for arguments in (
        ("certs", "rotate", "user-svc"),
        ("certs", "revoke", "billing"),
        ("services", "add", "fresh"),
        ("services", "remove", "billing"),
        ("tokens", "bearer", "x"),
        ("tokens", "remove", "x"),
    ):
        failed(as_auditor(*arguments), REFUSED, "(403)")
    assert authority.state(holders[2].serial) == "active"


def test_same_commands_work_over_https_with_a_certificate(start_authority, tmp_path):
    administrators = [{"spiffe_id": "spiffe://link.internal/ns/default/sa/ops", "role": "operator"}]
    authority = start_authority(services=[{"name": "ops"}, {"name": "web"}], administrators=administrators)
    chain, key = authority.issue("ops").paths
    access = ["--url", f"https://127.0.0.1:{authority.port}", "--ca", authority.root_path, "--cert", chain]
    done = countersign("services", "list", *access, "--key", key)
    assert {row["NAME"] for row in table(done)} == {"ops", "web"}
    failed(countersign("services", "remove", "web", *access, "--key", key), REFUSED, "(403)")
    failed(countersign("services", "list", *access), UNUSABLE, "--key")
    failed(countersign("services", "list", *access[:2]), UNUSABLE, "--ca")
    other = start_authority()
    strange = ["--url", f"https://127.0.0.1:{authority.port}", "--ca", other.root_path]
    failed(countersign("services", "list", *strange, "--cert", chain, "--key", key), UNREACHABLE)


def test_what_cannot_be_used_and_what_cannot_be_reached(authority, command, tmp_path):
    failed(command("services", "list", url=f"http://127.0.0.1:{free_port()}"), UNREACHABLE, "cannot be reached")
    failed(command("services", "list", url="ftp://x"), UNUSABLE, "--url")
    failed(command("services", "list", url="http://authority.example.com:9090"), UNUSABLE, "https")
    failed(command("services", "list", token_file=tmp_path / "absent"), UNUSABLE, "absent")
    readable = tmp_path / "readable.token"
    readable.write_text(authority.token_file.read_text())
    readable.chmod(0o644)
    failed(command("services", "list", token_file=readable), UNUSABLE, "readable.token holds a token", "chmod 600")
    empty = tmp_path / "empty.token"
    empty.touch(mode=0o600)
    failed(command("services", "list", token_file=empty), UNUSABLE, "no token")
    for arguments in (
        ["certs", "revoke"],
        ["certs", "dance"],
        ["services", "add", "x", "--label", "y"],
        ["certs", "-x"],
    ):
        done = command(*arguments)
        assert done.returncode == UNUSABLE and done.stderr and not done.stdout, arguments


def test_trail_has_what_the_commands_did(authority, command):
    command("services", "add", "noted")
    command("services", "remove", "noted")
    command("services", "remove", "noted")
    # A refusal is told before its line can be read.
    authority.audited(3, target="noted")
    lines = document(command("audit", "--target", "noted", "--json"))
    assert [(line["action"], line["outcome"]) for line in lines] == [
        ("service.delete", "refused"),
        ("service.delete", "done"),
        ("service.create", "done"),
    ]
    assert {line["actor"] for line in lines} == {"token/file"}
    rows = table(command("audit", "--target", "noted", "--actor", "token/file", "--outcome", "done"))
    assert [row["ACTION"] for row in rows] == ["service.delete", "service.create"]
    failed(command("audit", "--outcome", "maybe"), REFUSED, "outcome", "(400)")


def test_text_of_others_cannot_play_tricks_on_the_terminal(authority, command):
    authority.admin.post(f"{ADMIN}/services", {"name": "odd", "owner": "a\x1b[2J\nb\u202e"}).ok(201)
    done = command("services", "list")
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    assert len(table(done)) == len(document(command("services", "list", "--json")))
