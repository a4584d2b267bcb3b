"""`countersign ca sign-crl`: the root's own list, read with OpenSSL and a linter; nothing on it is ever taken back."""

import pytest
from cryptography import x509

from harness.authority_holdings import crl_number, crl_serials
from harness.ceremony import Ceremony
from harness.linters import revocation_list_findings
from harness.tools import countersign, run


@pytest.fixture(scope="module")
def ceremony(tmp_path_factory):
    return Ceremony(tmp_path_factory.mktemp("ceremony")).perform()


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Ceremony(tmp_path_factory.mktemp("other")).perform()


@pytest.fixture
def out(tmp_path):
    return tmp_path / "root.crl"


def sign(ceremony, out, *options):
    return countersign(
        *("ca", "sign-crl", "--root-cert", ceremony.root, "--root-key", ceremony.root_key, "--out", out),
        *("--passphrase-file", ceremony.passphrase_file, *options),
        within=60,
    )


def verify(ceremony, out):
    return run("openssl", "verify", "-crl_check_all", "-CAfile", ceremony.root, "-CRLfile", out, ceremony.certificate)


def serial(ceremony):
    return x509.load_pem_x509_certificate(ceremony.certificate.read_bytes()).serial_number


def read(out):
    return x509.load_pem_x509_crl(out.read_bytes())


def test_list_is_empty_at_first_and_then_names_what_is_revoked_for_good(ceremony, out):
    assert sign(ceremony, out).returncode == 0
    assert revocation_list_findings(out) == [] and crl_serials(read(out)) == {} and crl_number(read(out)) == 1
    assert verify(ceremony, out).returncode == 0
    done = sign(ceremony, out, "--revoke", ceremony.certificate, "--reason", "cACompromise")
    assert done.returncode == 0 and "number 2" in done.stdout, done.stderr
    checked = verify(ceremony, out)
    assert checked.returncode != 0 and "certificate revoked" in checked.stderr
    first = read(out)
    assert sign(ceremony, out, "--revoke", ceremony.certificate, "--reason", "superseded").returncode == 0
    assert sign(ceremony, out, "--days", "30").returncode == 0
    last = read(out)
    assert crl_number(last) == 4 and crl_serials(last) == crl_serials(first)
    assert set(crl_serials(last).values()) == {"cACompromise"}
    assert last[0].serial_number == serial(ceremony) and last[0].revocation_date_utc == first[0].revocation_date_utc
    assert (last.next_update_utc - last.last_update_utc).days == 30
    assert revocation_list_findings(out) == []


def refused(done, code, word):
    assert done.returncode == code and word in done.stderr, done.stderr
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


def test_what_the_root_did_not_sign_is_not_on_its_list(ceremony, other, out, tmp_path):
    refused(sign(ceremony, out, "--revoke", other.certificate), 1, "was not signed by")
    refused(sign(ceremony, out, "--revoke", ceremony.root), 1, "was not signed by")
    refused(sign(ceremony, out, "--revoke", tmp_path / "absent.pem"), 2, "absent.pem")
    assert not out.exists()


def test_list_of_somebody_else_or_no_list_is_not_continued(ceremony, other, out):
    assert sign(other, out).returncode == 0
    before = out.read_bytes()
    refused(sign(ceremony, out), 1, "was not signed by")
    assert out.read_bytes() == before
    out.write_text("hello\n")
    refused(sign(ceremony, out), 2, "root.crl")
    assert out.read_text() == "hello\n"


@pytest.mark.parametrize(
    "options, code",
    [
        (["--reason", "bored"], 2),
        (["--reason", "certificateHold"], 1),
        (["--reason", "removeFromCRL"], 1),
        (["--days", "0"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_that_make_no_list(ceremony, out, options, code):
    done = sign(ceremony, out, "--revoke", ceremony.certificate, *options)
    assert done.returncode == code and done.stderr
    assert not out.exists()
