"""`countersign certs issue` and `certs sign`: certificates of a running authority, for keys that stay on this host."""

import json

import pytest
from cryptography import x509

from harness.authority_api import API, CERTIFICATES
from harness.authority_holdings import csr, key_pem
from harness.pki import ec_key, rsa_key
from harness.stand_in_authority import public_key_of
from harness.tools import countersign, run

DONE, REFUSED, UNUSABLE = 0, 1, 2
ADMINISTRATORS = [
    {"spiffe_id": "spiffe://link.internal/ns/default/sa/ops", "role": "admin"},
    {"spiffe_id": "spiffe://link.internal/ns/default/sa/oncall", "role": "operator"},
]
SERVICES = [{"name": name} for name in ("ops", "oncall", "user-svc", "billing")]
PROFILES = {"default": {"ttl": "1h"}, "long": {"ttl": "90d", "renew_before": "14d"}}


@pytest.fixture
def authority(start_authority):
    return start_authority(services=SERVICES, administrators=ADMINISTRATORS, profiles=PROFILES)


@pytest.fixture
def command(authority, tmp_path):
    """Runs a command as the bearer of a token of that role."""

    def run(*arguments, role="operator"):
        path = tmp_path / f"{role}.token"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(authority.bearer(role).token)
        url = f"http://127.0.0.1:{authority.admin_port}"
        return countersign("certs", *arguments, "--url", url, "--token-file", path, cwd=tmp_path)

    return run


def failed(done, code, *words):
    assert done.returncode == code and not done.stdout, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.startswith("error: ") and all(word in done.stderr for word in words), done.stderr


def private(path, key):
    path.touch(mode=0o600)
    path.write_text(key_pem(key))
    return path


def test_key_is_made_here_and_certified_through_registry_inventory_and_audit(authority, command, tmp_path):
    done = command("issue", "user-svc", "--out-dir", "web")
    assert done.returncode == DONE, done.stderr
    chain, key, roots = (tmp_path / "web" / name for name in ("cert.pem", "key.pem", "ca.pem"))
    assert key.stat().st_mode & 0o777 == 0o600 and "PRIVATE" not in done.stdout
    assert public_key_of(chain.read_bytes()) == public_key_of(key.read_bytes())
    assert roots.read_text() == authority.hierarchy.root.pem
    checked = run("openssl", "verify", "-x509_strict", "-CAfile", roots, "-untrusted", chain, chain)
    assert checked.returncode == 0, checked.stderr
    [entry] = authority.certificates(service="user-svc")
    assert f"serial {entry['serial']}, valid until {entry['not_after']}\n" in done.stdout
    assert (entry["channel"], entry["requester"]) == ("command", "token/operator-1")
    assert "spiffe://link.internal/ns/default/sa/user-svc" == entry["spiffe_id"]
    [line] = authority.audited(action="certificate.issue", target="service/user-svc")
    assert (line["outcome"], line["actor"], line["detail"]) == ("done", "token/operator-1", entry["serial"])
    assert authority.metric("mtls_cert_issuances_total", channel="command", result="success") == 1


def test_key_may_be_one_that_is_there_and_profile_and_lifetime_may_be_chosen(authority, command, tmp_path):
    key = private(tmp_path / "own.pem", rsa_key())
    done = command("issue", "user-svc", "--use-key", "own.pem", "--profile", "long", "--ttl", "2d", "--dns", "user-svc")
    assert done.returncode == DONE, done.stderr
    certificate = x509.load_pem_x509_certificate(done.stdout.encode())
    assert public_key_of(done.stdout.encode()) == public_key_of(key.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["user-svc"]
    [entry] = authority.certificates(service="user-svc")
    assert entry["profile"] == "long" and 86_400 < entry["remaining_seconds"] <= 2 * 86_400
    made = json.loads(command("issue", "user-svc", "--use-key", "own.pem", "--json").stdout)
    assert made["service"] == "user-svc" and "private_key" not in made
    typed = command("issue", "user-svc", "--key-type", "p384", "--cert-out", "c.pem", "--key-out", "k.pem")
    assert typed.returncode == DONE and authority.state(made["serial"]) == "active"


def test_request_is_signed(authority, command, tmp_path):
    key = ec_key()
    (tmp_path / "user.csr").write_text(csr(key, "user-svc", dns=["user-svc"]))
    done = command("sign", "user-svc", "--csr", "user.csr")
    assert done.returncode == DONE, done.stderr
    assert public_key_of(done.stdout.encode()) == public_key_of(key_pem(key).encode())
    written = command("sign", "user-svc", "--csr", "user.csr", "--cert-out", "user.pem")
    assert written.returncode == DONE and (tmp_path / "user.pem").read_text().startswith("-----BEGIN CERTIFICATE")
    assert {entry["channel"] for entry in authority.certificates(service="user-svc")} == {"command"}


def test_what_the_registry_does_not_allow_is_refused_and_recorded(authority, command, tmp_path):
    (tmp_path / "foreign.csr").write_text(csr(ec_key(), "user-svc", dns=["billing.example.com"]))
    failed(command("sign", "user-svc", "--csr", "foreign.csr"), REFUSED, "billing.example.com", "(422)")
    [line] = authority.audited(action="certificate.issue", target="service/user-svc")
    assert line["outcome"] == "refused" and "billing.example.com" in line["detail"]
    for arguments, words in [
        (("nobody",), ("'nobody'", "(404)")),
        (("user-svc", "--dns", "billing"), ("'billing'", "(422)")),
        (("user-svc", "--profile", "golden"), ("golden", "(422)")),
        (("user-svc", "--ttl", "2h"), ("3600", "(400)")),
    ]:
        failed(command("issue", *arguments, "--out-dir", "web"), REFUSED, *words)
    assert not (tmp_path / "web").exists()
    assert not authority.certificates(service="user-svc")


def test_key_that_was_reported_compromised_is_refused(authority, command, tmp_path):
    private(tmp_path / "own.pem", ec_key())
    arguments = ("issue", "user-svc", "--use-key", "own.pem")
    assert command(*arguments).returncode == DONE
    authority.revoke("user-svc", reason="keyCompromise").ok()
    failed(command(*arguments), REFUSED, "compromised", "(422)")


def test_role_decides(authority, command, tmp_path):
    failed(command("issue", "user-svc", "--out-dir", "a", role="auditor"), REFUSED, "role", "(403)")
    failed(command("issue", "ops", "--out-dir", "b"), REFUSED, "(403)")
    assert command("issue", "oncall", "--out-dir", "c").returncode == DONE
    assert command("issue", "ops", "--out-dir", "d", role="admin").returncode == DONE
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()
    API(authority.admin_port).post(f"{CERTIFICATES}/user-svc/sign", {"csr": "x"}).problem(401, "unauthenticated")


def test_service_gets_its_own_by_its_certificate_and_no_other_nor_another_profile(authority, tmp_path):
    chain, key = authority.issue("user-svc").paths
    access = ("--url", authority.url, "--ca", authority.root_path, "--cert", chain, "--key", key)
    done = countersign("certs", "issue", "user-svc", "--out-dir", tmp_path / "own", *access)
    assert done.returncode == DONE, done.stderr
    assert authority.certificates(service="user-svc")[0]["requester"] == "service/user-svc"
    failed(countersign("certs", "issue", "billing", "--out-dir", tmp_path / "no", *access), REFUSED, "(403)")
    longer = ("--profile", "long", "--out-dir", tmp_path / "no")
    failed(countersign("certs", "issue", "user-svc", *longer, *access), REFUSED, "another profile", "(403)")
    agent = authority.agent("user-svc")
    document = {"csr": csr(ec_key())}
    authority.native(agent).post(f"{CERTIFICATES}/user-svc/sign", document).problem(403, "forbidden")


def test_what_cannot_be_used_is_refused_before_anything_is_asked_for(authority, command, tmp_path):
    private(tmp_path / "own.pem", ec_key())
    (tmp_path / "open.pem").write_text(key_pem(ec_key()))
    (tmp_path / "bad.csr").write_text("no request")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "key.pem").write_text("precious")
    for arguments, words in [
        (("issue", "user-svc"), ("--out-dir",)),
        (("issue", "user-svc", "--out-dir", "taken"), ("key.pem", "--force")),
        (("issue", "user-svc", "--out-dir", "web", "--key-type", "dsa"), ("--key-type", "p256")),
        (("issue", "user-svc", "--out-dir", "web", "--ttl", "soon"), ("--ttl", "30m")),
        (("issue", "user-svc", "--use-key", "open.pem"), ("open.pem", "chmod 600")),
        (("issue", "user-svc", "--use-key", "own.pem", "--key-out", "k.pem"), ("--key-out", "--use-key")),
        (("issue", "user-svc", "--use-key", "own.pem", "--cert-out", "own.pem"), ("own.pem", "--use-key")),
        (("issue", "user-svc", "--use-key", "absent.pem"), ("absent.pem",)),
        (("sign", "user-svc", "--csr", "bad.csr"), ("bad.csr",)),
        (("sign", "user-svc", "--csr", "absent.csr"), ("absent.csr",)),
    ]:
        failed(command(*arguments), UNUSABLE, *words)
    assert (tmp_path / "taken" / "key.pem").read_text() == "precious" and not (tmp_path / "web").exists()
    assert not authority.certificates(service="user-svc")


def test_request_that_cannot_be_read_is_a_problem(authority):
    sign = f"{CERTIFICATES}/user-svc/sign"
    authority.admin.post(sign, {}).problem(400, "malformed_request")
    authority.admin.post(sign, {"csr": "no request"}).problem(400, "malformed_request")
    authority.admin.post(sign, {"csr": csr(ec_key()), "names": []}).problem(400, "malformed_request")
    authority.admin.post(f"{CERTIFICATES}/nobody/sign", {"csr": csr(ec_key())}).problem(404, "unknown_service")
