"""`countersign infra params`: what is missing, expired, revoked or in doubt is passed over with a warning."""

import datetime
import json
import shutil

import pytest

from harness.agent import Agent
from harness.authority_process import Hierarchy
from harness.tools import countersign, run
from harness.waiting import until

SERVICES = ("user-svc", "api-gateway", "billing")


@pytest.fixture
def authority(start_authority):
    hierarchy = Hierarchy()
    return start_authority(hierarchy=hierarchy, crl={"offline": hierarchy.root.revocation_list()})


@pytest.fixture
def agent(authority, join_agent):
    agent = join_agent(authority, *SERVICES, name="host-1").wait_until_ready()
    until(lambda: agent.file("crl.pem").exists(), 15, "the revocation lists")
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    return agent


def params(agent, *services, form="libpq-url"):
    host = [] if form.endswith("conf") or form == "swift" else ["--host", "db"]
    return countersign("infra", "params", form, *services, "--dir", agent.certificates, *host)


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
    done = countersign("infra", "params", "swift", "user-svc", "--dir", folder, "--dangerous-unknown-revocation")
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


def test_list_that_does_not_cover_the_root_is_not_named(agent, authority, tmp_path):
    folder = copied(agent, tmp_path)
    own = (folder / "crl.pem").read_text().split("-----END X509 CRL-----\n")[0] + "-----END X509 CRL-----\n"
    (folder / "crl.pem").write_text(own)
    done = params(agent, "user-svc", form="postgresql.conf")
    # A server that has it would refuse everybody.
    assert done.returncode == 0 and "ssl_crl_file" not in done.stdout and "until they expire" in done.stderr


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


STAND_IN = """
struct NIOSSLCertificate { let path: String
    static func fromPEMFile(_ path: String) throws -> [NIOSSLCertificate] { [.init(path: path)] } }
struct NIOSSLPrivateKey { enum Format { case pem }
    let path: String
    init(file: String, format: Format) throws { path = file } }
struct TLSConfiguration {
    enum Source { case certificate(NIOSSLCertificate) }
    enum Key { case privateKey(NIOSSLPrivateKey) }
    enum Roots { case file(String) }
    enum Verification { case none, fullVerification }
    enum Version { case tlsv1, tlsv12 }
    var certificateChain: [Source] = [], privateKey: Key?, trustRoots: Roots?
    var certificateVerification = Verification.none, minimumTLSVersion = Version.tlsv1
    static func makeClientConfiguration() -> TLSConfiguration { .init() }
}
"""


def test_swift_values_compile_and_name_the_files(agent, tmp_path):
    folder = copied(agent, tmp_path)
    strange = tmp_path / 'a "b" \\(c) é'
    folder.rename(strange)
    agent.certificates = strange
    done = params(agent, "user-svc", form="swift")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("import NIOSSL\n")
    source = tmp_path / "main.swift"
    code = done.stdout.removeprefix("import NIOSSL\n")
    source.write_text(f"{STAND_IN}{code}print(identity.certificate, identity.privateKey, identity.authorities)\n")
    built = run("swiftc", "-swift-version", "5", source, "-o", tmp_path / "values", within=120)
    assert built.returncode == 0, built.stderr
    paths = [f"{strange}/user-svc/cert.pem", f"{strange}/user-svc/key.pem", f"{strange}/ca.pem"]
    assert run(tmp_path / "values").stdout == " ".join(paths) + "\n"
