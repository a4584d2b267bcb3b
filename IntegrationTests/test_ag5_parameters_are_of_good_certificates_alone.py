"""`countersign infra params`: what is missing, expired, revoked or in doubt is passed over with a warning."""

import datetime
import json
import os
import re
import shutil

import pytest

from harness import documents
from harness.agent import Agent
from harness.authority_process import Hierarchy
from harness.databases import USER_ID, agent_in_strange_folder, authority_with_lists, ready
from harness.pki import CLIENT_AUTH, SERVER_AUTH
from harness.tools import countersign, run
from harness.waiting import until

SERVICES = ("user-svc", "api-gateway", "billing")


@pytest.fixture
def authority(start_authority):
    hierarchy = Hierarchy()
    return start_authority(hierarchy=hierarchy, crl={"offline": hierarchy.root.revocation_list()})


@pytest.fixture
def agent(authority, join_agent):
    return ready(join_agent(authority, *SERVICES, name="host-1"), authority)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """An agent for tests that spoil copies of what it has, and the authority that signs for it."""
    folder = tmp_path_factory.mktemp("shared")
    with authority_with_lists(folder, [{"name": name} for name in SERVICES]) as authority:
        with agent_in_strange_folder(folder, authority, list(SERVICES)) as agent:
            yield agent, authority.hierarchy.intermediate


def params(agent, *services, form="libpq-url", output=None):
    host = [] if form.endswith(("conf", "cfg")) else ["--host", "db"]
    to = ["--output", output] if output else []
    return countersign("infra", "params", form, *services, "--dir", agent.certificates, *host, *to)


def copied(agent, tmp_path):
    """The directory as it is now, for a test to spoil."""
    folder = tmp_path / "spoilt"
    shutil.copytree(agent.certificates, folder, symlinks=True)
    agent.certificates = folder
    return folder


def passed_over(done, service, code):
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert f"warning: {service} is passed over ({code})" in done.stderr, done.stderr
    assert f"/{service}/" not in done.stdout


def test_good_ones_are_printed(agent):
    done = params(agent, *SERVICES)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split("@")[0] for line in done.stdout.splitlines()] == [f"postgresql://{name}" for name in SERVICES]


def test_missing_one_is_passed_over_and_the_others_are_printed(agent):
    done = params(agent, "user-svc", "nobody", "billing")
    passed_over(done, "nobody", "missing")
    assert len(done.stdout.splitlines()) == 2


def test_revoked_one_and_one_on_hold_are_passed_over(agent, authority):
    for reason in ("certificateHold", "removeFromCRL"):
        text = agent.file("crl.pem").read_text()
        authority.revoke("user-svc", serial=f"{agent.serial():x}", reason=reason).ok()
        until(lambda text=text: agent.file("crl.pem").read_text() != text, 10, "the new list")
        done = params(agent, "user-svc", "billing")
        if reason == "certificateHold":
            passed_over(done, "user-svc", "revoked")
            assert len(done.stdout.splitlines()) == 1
        else:
            assert (done.returncode, done.stderr) == (0, "")


def test_revoked_for_good_is_passed_over(agent, authority, tmp_path):
    folder = copied(agent, tmp_path)
    source = agent.directory / "certs"
    authority.revoke("user-svc", serial=f"{agent.serial():x}", reason="keyCompromise").ok()
    before = (folder / "crl.pem").read_text()
    until(lambda: (source / "crl.pem").read_text() != before, 10, "the new list")
    assert params(agent, "user-svc").returncode == 0
    shutil.copy(source / "crl.pem", folder / "crl.pem")
    passed_over(params(agent, "user-svc"), "user-svc", "revoked")
    # What is known is not passed over by taking what is not.
    done = countersign(
        "infra", "params", "pg_ident.conf", "user-svc", "--dir", folder, "--dangerous-unknown-revocation"
    )
    passed_over(done, "user-svc", "revoked")


def test_expired_one_is_passed_over(agent, authority, tmp_path):
    folder = copied(agent, tmp_path)
    issuer = authority.hierarchy.intermediate
    leaf = issuer.leaf("billing", lifetime=(-20, -1))
    chain, key = leaf.save(tmp_path, "expired")
    for name, source in (("cert.pem", chain), ("key.pem", key)):
        shutil.copy(source, folder / "billing" / name)
    passed_over(params(agent, "billing", "user-svc"), "billing", "expired")


def test_one_that_nobody_vouches_for_is_passed_over(agent, tmp_path):
    folder = copied(agent, tmp_path)
    (folder / "ca.pem").write_text(Hierarchy().root.pem)
    passed_over(params(agent, "user-svc"), "user-svc", "unusable")


def test_one_in_doubt_is_passed_over(agent, authority, tmp_path):
    folder = copied(agent, tmp_path)
    # A list that should have been replaced by now says nothing of what was revoked since.
    hierarchy = authority.hierarchy
    stale = hierarchy.intermediate.revocation_list(lifetime=(-20, -10)) + hierarchy.root.revocation_list()
    (folder / "crl.pem").write_text(stale)
    passed_over(params(agent, "user-svc"), "user-svc", "revocation_unknown")
    (folder / "crl.pem").unlink()
    passed_over(params(agent, "user-svc"), "user-svc", "revocation_unknown")
    done = countersign(
        "infra", "params", "postgresql.conf", "user-svc", "--dir", folder, "--dangerous-unknown-revocation"
    )
    # Printed, and not with a list that is not there.
    assert done.returncode == 0 and "ssl_crl_file" not in done.stdout and "until they expire" in done.stderr


def test_list_that_does_not_cover_the_root_is_not_left_out_in_silence(agent, authority, tmp_path):
    folder = copied(agent, tmp_path)
    (folder / "crl.pem").write_text(authority.hierarchy.intermediate.revocation_list())
    # A server that has it would refuse everybody.
    for form in ("postgresql.conf", "haproxy.cfg", "psql"):
        done = params(agent, "user-svc", form=form)
        passed_over(done, "user-svc", "revocation_lists_incomplete")
        assert "crl.offline" in done.stderr and done.stdout == ""
    # One that looks at none does not need them.
    assert params(agent, "user-svc", form="redis.conf").returncode == 0
    for form, mark in (("postgresql.conf", "ssl_crl_file"), ("haproxy.cfg", "crl-file")):
        done = countersign("infra", "params", form, "user-svc", "--dir", folder, "--dangerous-unknown-revocation")
        assert done.returncode == 0 and mark not in done.stdout
        # Whoever reads the file later is told, too.
        assert "# revocation lists are left out" in done.stdout and "until they expire" in done.stderr


FORMS = ("psql", "libpq-url", "postgresql.conf", "redis.conf", "redis-cli", "haproxy.cfg", "swift")


def spoil(folder, what, issuer):
    """Spoils what user-svc has; the files are those of all formats."""
    service = folder / "user-svc"
    key, one = service / "key.pem", service / "identity.pem"
    if what == "key of another":
        other = issuer.leaf("other").key_pem
        key.write_text(other)
        one.write_text((service / "cert.pem").read_text() + other)
    elif what == "junk for a key":
        key.write_text("junk")
        one.write_text((service / "cert.pem").read_text() + "junk")
    elif what == "open key":
        key.chmod(0o644)
        one.chmod(0o644)
    elif what == "no key":
        key.unlink()
        one.unlink()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", ["key of another", "junk for a key", "open key", "no key"])
def test_key_that_no_program_could_use_is_found(shared, tmp_path, form, what):
    agent, issuer = shared
    folder = tmp_path / "spoilt"
    shutil.copytree(agent.certificates, folder, symlinks=True)

    def print_it():
        host = [] if form.endswith(("conf", "cfg")) else ["--host", "db"]
        return countersign("infra", "params", form, "user-svc", "--dir", folder, *host)

    assert print_it().returncode == 0
    spoil(folder, what, issuer)
    passed_over(print_it(), "user-svc", "missing" if what == "no key" else "unusable")


@pytest.mark.parametrize(("form", "works"), [("psql", False), ("postgresql.conf", False), ("redis.conf", True)])
def test_key_of_a_group_is_for_programs_that_take_one(shared, tmp_path, form, works):
    agent, _ = shared
    folder = tmp_path / "grouped"
    shutil.copytree(agent.certificates, folder, symlinks=True)
    key = folder / "user-svc" / "key.pem"
    os.chown(key, USER_ID, -1)
    key.chmod(0o640)
    host = ["--host", "db"] if form == "psql" else []
    arguments = ["infra", "params", form, "user-svc", "--dir", folder, *host]
    done = countersign(*arguments)
    # PostgreSQL takes a key that a group may read from root alone.
    assert (done.returncode == 0) == works and works or "0640 when it is root's" in done.stderr, done.stderr
    key.chmod(0o600)
    assert countersign(*arguments).returncode == 0


PURPOSES = [
    ("postgresql.conf", SERVER_AUTH, CLIENT_AUTH),
    ("redis.conf", SERVER_AUTH, CLIENT_AUTH),
    ("haproxy.cfg", SERVER_AUTH, CLIENT_AUTH),
    ("psql", CLIENT_AUTH, SERVER_AUTH),
    ("redis-url", CLIENT_AUTH, SERVER_AUTH),
    ("pg_hba.conf", CLIENT_AUTH, SERVER_AUTH),
    ("swift", CLIENT_AUTH, SERVER_AUTH),
]


@pytest.mark.parametrize(("form", "right", "wrong"), PURPOSES)
def test_certificate_has_to_be_for_what_it_is_printed_for(shared, tmp_path, form, right, wrong):
    agent, issuer = shared
    folder = tmp_path / "purposes"
    shutil.copytree(agent.certificates, folder, symlinks=True)
    host = [] if form.endswith(("conf", "cfg")) else ["--host", "db"]
    for purpose in (right, wrong):
        leaf = issuer.leaf("user-svc", purposes=[purpose])
        texts = {"cert.pem": leaf.chain_pem, "key.pem": leaf.key_pem, "identity.pem": leaf.chain_pem + leaf.key_pem}
        for name, text in texts.items():
            (folder / "user-svc" / name).write_text(text)
        done = countersign("infra", "params", form, "user-svc", "--dir", folder, *host)
        if purpose == right:
            assert (done.returncode, done.stderr) == (0, "")
        else:
            passed_over(done, "user-svc", "unusable")
            assert "serverAuth" in done.stderr or "clientAuth" in done.stderr


def test_output_takes_the_place_of_a_file_when_all_is_good_and_never_in_part(shared, tmp_path):
    agent, _ = shared
    path = tmp_path / "countersign.conf"
    for _ in range(2):
        done = params(agent, "user-svc", form="postgresql.conf", output=path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert path.read_text().count("ssl_key_file") == 1 and path.stat().st_mode & 0o777 == 0o644
    before = path.read_text()
    passed_over(params(agent, "billing", "nobody", form="postgresql.conf", output=path), "nobody", "missing")
    assert path.read_text() == before and sorted(each.name for each in tmp_path.iterdir()) == [path.name]


def test_json_says_what_was_printed_and_what_was_not(agent):
    done = countersign(
        "infra", "params", "redis-url", "user-svc", "nobody", "--config", agent.path, "--host", "cache", "--json"
    )
    assert done.returncode == 1
    document = json.loads(done.stdout)
    (found,), (skipped,) = document["parameters"], document["skipped"]
    assert found["service"] == found["common_name"] == "user-svc" and found["text"].startswith("rediss://cache:6379/0?")
    assert int(found["serial"], 16) == agent.serial() and found["crl"].endswith("/crl.pem")
    assert datetime.datetime.fromisoformat(found["not_after"]) > datetime.datetime.now(datetime.timezone.utc)
    assert (skipped["service"], skipped["code"]) == ("nobody", "missing")
    assert "PRIVATE KEY" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["psql", "user-svc", "--dir", "x"], "needs --host"),
        (["psql", "user-svc", "--host", "db"], "name the certificate directory"),
        (["psql", "../x", "--dir", "x", "--host", "db"], "no name of a service"),
        (["psql", "user-svc", "--dir", "x", "--host", "db", "--user", "a\nb"], "control characters"),
        (["pg_hba.conf", "user-svc", "--dir", "x", "--user", "/."], "makes it a pattern"),
        *[
            (["psql", "user-svc", "--dir", "x", "--host", host], "no name or address of one server")
            for host in ("/run/postgresql", "@abstract", "one,two")
        ],
        (["psql", "--dir", "x", "--host", "db"], "services"),
        (["mysql", "user-svc", "--dir", "x"], "mysql"),
    ],
)
def test_arguments_that_cannot_be_used_are_told(arguments, words):
    done = countersign("infra", "params", *arguments)
    assert done.returncode == 2 and words in done.stderr and done.stdout == ""


def test_key_for_an_account_that_is_not_there_is_refused_at_the_start(authority, tmp_path):
    key = {"owner": "nobody-of-this-name", "group": "none-of-this-name", "mode": "0640"}
    done = Agent(tmp_path, authority, [{"name": "user-svc", "key": key}]).run_to_its_end()
    assert done.returncode == 78
    assert "this system has no user nobody-of-this-name" in done.stderr
    assert "this system has no group none-of-this-name" in done.stderr


EXAMPLE = documents.DOCS.parent / "Examples" / "Services" / "Sources" / "redis-client" / "main.swift"


def test_swift_values_are_those_of_the_example_that_is_built(shared, tmp_path):
    agent, _ = shared
    folder = tmp_path / "certs"
    folder.symlink_to(agent.certificates)
    done = countersign("infra", "params", "swift", "user-svc", "--dir", folder, "--host", "cache.internal")
    assert done.returncode == 0, done.stderr
    printed = done.stdout.replace(str(folder), "/var/lib/countersign").replace("user-svc", "orders")
    head, _, rest = printed.partition("\n\n")
    lines = [line for line in rest.splitlines() if "the certificate is good until" not in line]
    example = EXAMPLE.read_text()
    assert head == "import CountersignNIO" and head in example
    assert "\n".join(lines) in example, lines


# The compiler's time counts as well.
@pytest.mark.timeout(300)
def test_swift_values_quote_what_is_in_a_path(shared, tmp_path):
    agent, _ = shared
    strange = tmp_path / 'a "b" \\(c) é'
    shutil.copytree(agent.certificates, strange, symlinks=True)
    done = countersign("infra", "params", "swift", "user-svc", "--dir", strange, "--host", 'x"\\(y)')
    assert done.returncode == 0, done.stderr
    source = tmp_path / "main.swift"
    literals = re.findall(r'agentDirectory\((".*"), service: (".*")\)|\.host\((".*")\)\)', done.stdout)
    words = [word for found in literals for word in found if word]
    source.write_text("".join(f"print({word})\n" for word in words))
    ran = run("swiftc", "-swift-version", "5", source, "-o", tmp_path / "values", within=120)
    assert ran.returncode == 0, ran.stderr
    assert run(tmp_path / "values").stdout.splitlines() == [str(strange), "user-svc", 'x"\\(y)']
