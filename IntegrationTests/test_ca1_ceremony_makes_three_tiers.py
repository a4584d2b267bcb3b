"""`countersign ca`: the offline ceremony, step by step, read back with OpenSSL."""

import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from harness.ceremony import PASSPHRASE, Ceremony
from harness.terminal import Terminal
from harness.tools import COUNTERSIGN, countersign, run


@pytest.fixture
def ceremony(tmp_path):
    return Ceremony(tmp_path)


def certificate(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def extension(path, kind):
    return certificate(path).extensions.get_extension_for_class(kind)


def openssl_verify(root, leaf, *intermediates):
    untrusted = [item for path in intermediates for item in ("-untrusted", path)]
    return run("openssl", "verify", "-x509_strict", "-CAfile", root, *untrusted, leaf)


def issue(ceremony, *names):
    out = ceremony.online / "leaf"
    done = countersign(
        *("issue", "--ca-cert", ceremony.certificate, "--ca-key", ceremony.key, "--out-dir", out, "--force", *names)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "cert.pem"


@pytest.mark.parametrize("kind", ["p384", "p256", "rsa4096"])
def test_openssl_accepts_the_chain_and_opens_the_root_key_with_the_passphrase_alone(ceremony, kind):
    ceremony.perform(root=["--key", kind, "--org", "Acme", "--country", "DE"], intermediate=["--name", "Acme Issuing"])
    leaf = issue(ceremony, "--dns", "a.example.com")
    for path, above in [(ceremony.certificate, ()), (leaf, (ceremony.certificate,))]:
        done = openssl_verify(ceremony.root, path, *above)
        assert done.returncode == 0, done.stdout + done.stderr
    opened = run("openssl", "pkey", "-in", ceremony.root_key, "-passin", f"file:{ceremony.passphrase_file}", "-noout")
    assert opened.returncode == 0, opened.stderr
    refused = run("openssl", "pkey", "-in", ceremony.root_key, "-passin", "pass:wrong horse battery", "-noout")
    assert refused.returncode != 0
    assert certificate(ceremony.root).subject.rfc4514_string() == "CN=Countersign Root,O=Acme,C=DE"
    assert certificate(ceremony.certificate).subject.rfc4514_string() == "CN=Acme Issuing"


def test_certificates_say_what_each_tier_may_do(ceremony):
    ceremony.perform()
    for path, length in [(ceremony.root, 1), (ceremony.certificate, 0)]:
        constraints, usage = extension(path, x509.BasicConstraints), extension(path, x509.KeyUsage)
        assert constraints.critical and constraints.value == x509.BasicConstraints(True, length)
        assert usage.critical and usage.value.key_cert_sign and usage.value.crl_sign
    root, intermediate = certificate(ceremony.root), certificate(ceremony.certificate)
    assert root.issuer == root.subject == intermediate.issuer
    assert (root.not_valid_after_utc - root.not_valid_before_utc).days == 3650
    assert (intermediate.not_valid_after_utc - intermediate.not_valid_before_utc).days == 1825


def test_private_keys_are_for_their_owner_alone_and_the_root_key_is_encrypted(ceremony):
    ceremony.perform()
    for path in (ceremony.root_key, ceremony.key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ceremony.root_key.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    dump = run("openssl", "asn1parse", "-in", ceremony.root_key).stdout
    assert "scrypt" in dump and "aes-256-cbc" in dump
    key = serialization.load_pem_private_key(ceremony.root_key.read_bytes(), PASSPHRASE.encode())
    assert key.public_key() == certificate(ceremony.root).public_key()
    serialization.load_pem_private_key(ceremony.key.read_bytes(), None)


def test_pbkdf2_is_there_for_readers_without_scrypt(ceremony):
    ceremony.perform(root=["--kdf", "pbkdf2"])
    dump = run("openssl", "asn1parse", "-in", ceremony.root_key).stdout
    assert "PBKDF2" in dump and "hmacWithSHA256" in dump and "0927C0" in dump, "600,000 iterations"


@pytest.mark.parametrize(
    "options",
    [
        ["-scrypt"],
        ["-v2", "aes-128-cbc", "-iter", "100000"],
        ["-v2", "aes-256-cbc"],
        ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
        ["-nocrypt"],
    ],
    ids=" ".join,
)
def test_root_key_that_openssl_wrote_signs_as_well(ceremony, tmp_path, options):
    ceremony.perform()
    theirs = tmp_path / "theirs.pem"
    # Of one file for both passphrases, OpenSSL would take two lines.
    again = tmp_path / "again"
    again.write_text(ceremony.passphrase_file.read_text())
    passphrases = ["-passin", f"file:{ceremony.passphrase_file}"]
    passphrases += [] if "-nocrypt" in options else ["-passout", f"file:{again}"]
    done = run("openssl", "pkcs8", "-topk8", *options, "-in", ceremony.root_key, *passphrases, "-out", theirs)
    assert done.returncode == 0, done.stderr
    theirs.chmod(0o600)
    done = ceremony.sign("--force", key=theirs)
    assert done.returncode == 0, done.stderr
    assert openssl_verify(ceremony.root, ceremony.certificate).returncode == 0


def test_passphrase_is_asked_for_twice_and_never_shown(tmp_path):
    typed = PASSPHRASE + "\n"
    done = Terminal(COUNTERSIGN, "ca", "init-root", "--out", tmp_path / "new", answers=[typed, typed])
    assert done.returncode == 0, done.shown
    assert "correct" not in done.shown
    key = (tmp_path / "new" / "root-key.pem").read_bytes()
    serialization.load_pem_private_key(key, PASSPHRASE.encode())


def test_passphrase_is_asked_for_once_when_the_key_is_there(ceremony, tmp_path):
    ceremony.perform()
    sign = ["ca", "sign-intermediate", "--root-cert", ceremony.root, "--root-key", ceremony.root_key]
    sign += ["--csr", ceremony.request, "--out", tmp_path / "new.pem"]
    assert Terminal(COUNTERSIGN, *sign, answers=["wrong horse battery\n"]).returncode == 2
    assert not (tmp_path / "new.pem").exists()
    done = Terminal(COUNTERSIGN, *sign, answers=[PASSPHRASE + "\n"])
    assert done.returncode == 0, done.shown
    assert openssl_verify(ceremony.root, tmp_path / "new.pem").returncode == 0


@pytest.mark.parametrize(
    "answers",
    [[PASSPHRASE + "\n", "another passphrase\n"], ["too short\n"], ["aaaaaaaaaaaaaaaaa\n"], ["corr\x03"], ["\n"]],
    ids=["two different", "short", "of one letter", "interrupted", "empty"],
)
def test_answers_that_will_not_do_write_nothing(tmp_path, answers):
    done = Terminal(COUNTERSIGN, "ca", "init-root", "--out", tmp_path / "new", answers=answers)
    assert done.returncode == 2
    assert "error: " in done.shown and "corr" not in done.shown
    assert not (tmp_path / "new").exists()


def test_intermediate_binds_what_lies_below_it_to_its_trust_domain(ceremony):
    ceremony.perform(
        intermediate=["--trust-domain", "link.internal"],
        signing=["--permit-trust-domain", "link.internal", "--permit-dns", "link.internal"],
    )
    names = extension(ceremony.certificate, x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://link.internal"]
    assert extension(ceremony.certificate, x509.NameConstraints).critical
    good = issue(ceremony, "--spiffe-id", "spiffe://link.internal/a", "--dns", "a.link.internal")
    assert openssl_verify(ceremony.root, good, ceremony.certificate).returncode == 0
    for names in (["--spiffe-id", "spiffe://other.internal/a"], ["--dns", "a.other.internal"]):
        bad = issue(ceremony, *names)
        assert "permitted subtree violation" in openssl_verify(ceremony.root, bad, ceremony.certificate).stderr
        ours = ["--roots", ceremony.root, "--intermediates", ceremony.certificate, "--leaf", bad]
        assert countersign("verify", *ours).returncode == 1


def test_locations_are_written_where_asked_for(ceremony):
    urls = ["--crl-url", "http://ca.example.com/root.crl", "--ocsp-url", "http://ca.example.com/ocsp"]
    ceremony.perform(signing=[*urls, "--issuer-url", "http://ca.example.com/root.cer"])
    assert "root.crl" in str(extension(ceremony.certificate, x509.CRLDistributionPoints).value)
    access = str(extension(ceremony.certificate, x509.AuthorityInformationAccess).value)
    assert "/ocsp" in access and "root.cer" in access


def test_intermediate_never_outlives_the_root(ceremony):
    ceremony.perform(root=["--days", "10"], signing=["--days", "3650"])
    assert certificate(ceremony.certificate).not_valid_after_utc == certificate(ceremony.root).not_valid_after_utc


def test_fingerprint_of_the_key_is_the_same_on_both_machines(ceremony):
    done = [ceremony.init_root(), ceremony.init_intermediate(), ceremony.sign()]
    told = [line for step in done[1:] for line in step.stdout.splitlines() if line.startswith("SHA-256 of the key")]
    assert len(told) == 2 and told[0] == told[1]


def test_key_of_an_intermediate_can_be_encrypted(ceremony):
    assert ceremony.init_intermediate("--encrypt", "--passphrase-file", ceremony.passphrase_file).returncode == 0
    serialization.load_pem_private_key(ceremony.key.read_bytes(), PASSPHRASE.encode())


def test_during_a_roll_over_two_roots_vouch_for_two_intermediates(tmp_path):
    old = Ceremony(tmp_path / "old").perform(root=["--name", "Root 2020"])
    new = Ceremony(tmp_path / "new").perform(root=["--name", "Root 2026"])
    both = tmp_path / "roots.pem"
    both.write_text(old.root.read_text() + new.root.read_text())
    for ceremony, other in [(old, new), (new, old)]:
        leaf = issue(ceremony, "--dns", "a.example.com")
        assert openssl_verify(both, leaf, ceremony.certificate).returncode == 0
        assert openssl_verify(other.root, leaf, ceremony.certificate).returncode != 0
