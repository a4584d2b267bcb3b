"""`countersign issue`: leaf profiles from an authority in files, read back with another implementation."""

import datetime
import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from harness.pki import Authority, ec_key, rsa_key, subject
from harness.tools import countersign, run
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP

SERVICE = ["--trust-domain", "link.internal", "--namespace", "default", "--service", "shop"]
KEY_FORMATS = {
    "pkcs8": (serialization.PrivateFormat.PKCS8, [ec_key, rsa_key]),
    "traditional": (serialization.PrivateFormat.TraditionalOpenSSL, [ec_key, rsa_key]),
}


@pytest.fixture(scope="module")
def authority():
    return Authority.root("Issuing Root").intermediate("Issuing Intermediate")


@pytest.fixture
def issue(authority, tmp_path):
    """Runs the command with the authority's files and answers the process and the output folder."""

    def run_it(*options, signer=authority, key_mode=0o600, key_pem=None, out=("--out-dir", tmp_path / "out")):
        chain, key = tmp_path / "ca.pem", tmp_path / "ca-key.pem"
        chain.write_text(signer.chain_pem)
        key.write_text(key_pem or pem_key(signer.key, serialization.PrivateFormat.PKCS8))
        key.chmod(key_mode)
        return countersign("issue", "--ca-cert", chain, "--ca-key", key, *out, *options, cwd=tmp_path)

    return run_it


def pem_key(key, form):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def issued(tmp_path):
    return x509.load_pem_x509_certificate((tmp_path / "out" / "cert.pem").read_bytes())


def names(certificate, kind):
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(kind)


@pytest.mark.parametrize(
    "options, wanted",
    [
        (SERVICE, "spiffe://link.internal/ns/default/sa/shop"),
        (["--trust-domain", "link.internal", "--service", "shop"], "spiffe://link.internal/service/shop"),
        (["--spiffe-id", "spiffe://link.internal/any/path"], "spiffe://link.internal/any/path"),
    ],
)
def test_spiffe_profile(issue, tmp_path, options, wanted):
    done = issue(*options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert names(issued(tmp_path), x509.UniformResourceIdentifier) == [wanted]


def test_dns_and_address_profile(issue, tmp_path):
    assert (
        issue("--dns", "a.example", "--dns", "*.b.example", "--ip", "192.0.2.1", "--ip", "2001:db8::1").returncode == 0
    )
    certificate = issued(tmp_path)
    assert names(certificate, x509.DNSName) == ["a.example", "*.b.example"]
    assert [str(address) for address in names(certificate, x509.IPAddress)] == ["192.0.2.1", "2001:db8::1"]


def test_cloud_foundry_profile(issue, tmp_path):
    assert (
        issue("--cn", "instance", "--cf-app", APP_FRONTEND, "--cf-space", SPACE_SHOP, "--cf-org", ORG_SHOP).returncode
        == 0
    )
    units = [a.value for a in issued(tmp_path).subject.get_attributes_for_oid(x509.NameOID.ORGANIZATIONAL_UNIT_NAME)]
    assert sorted(units) == sorted([f"app:{APP_FRONTEND}", f"space:{SPACE_SHOP}", f"organization:{ORG_SHOP}"])


def test_subject_attributes(issue, tmp_path):
    done = issue("--cn", "shop", "--org", "Example", "--ou", "Sales", "--ou", "Online", "--country", "DE")
    assert done.returncode == 0, done.stderr
    found = [(name.oid._name, name.value) for name in issued(tmp_path).subject]
    assert found == [
        ("countryName", "DE"),
        ("organizationName", "Example"),
        ("organizationalUnitName", "Sales"),
        ("organizationalUnitName", "Online"),
        ("commonName", "shop"),
    ]


def test_lifetime_that_is_too_long_is_told_as_it_was_written(issue):
    done = issue(*SERVICE, "--ttl", "9999999d")
    assert done.returncode == 2
    assert "'9999999d'" in done.stderr and "3660d" in done.stderr and "863" not in done.stderr


def test_extensions_and_validity(issue, authority, tmp_path):
    done = issue(
        *SERVICE,
        "--ttl",
        "90d",
        "--crl-url",
        "http://ca.example/crl",
        "--ocsp-url",
        "http://ca.example/ocsp",
        signer=Authority.root("Long"),
    )
    assert done.returncode == 0, done.stderr
    certificate = issued(tmp_path)
    get = certificate.extensions.get_extension_for_class
    assert get(x509.BasicConstraints).value.ca is False
    assert get(x509.KeyUsage).critical and get(x509.KeyUsage).value.digital_signature
    assert not get(x509.KeyUsage).value.key_cert_sign
    assert set(get(x509.ExtendedKeyUsage).value) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    assert get(x509.SubjectKeyIdentifier) and get(x509.AuthorityKeyIdentifier)
    assert "http://ca.example/crl" in str(get(x509.CRLDistributionPoints).value)
    assert "http://ca.example/ocsp" in str(get(x509.AuthorityInformationAccess).value)
    now = datetime.datetime.now(datetime.timezone.utc)
    assert 20 < (now - certificate.not_valid_before_utc).total_seconds() < 60, "backdated by 30 s"
    assert abs((certificate.not_valid_after_utc - now).total_seconds() - 90 * 86400) < 60


def test_never_outlives_its_authority(issue, tmp_path):
    short = Authority.root("Short", lifetime=(-60, 60))
    done = issue(*SERVICE, "--ttl", "90d", signer=short)
    assert done.returncode == 1 or issued(tmp_path).not_valid_after_utc <= short.certificate.not_valid_after_utc


def test_files_fit_together_and_keys_are_private(issue, tmp_path):
    assert issue(*SERVICE).returncode == 0
    out = tmp_path / "out"
    assert stat.S_IMODE((out / "key.pem").stat().st_mode) == 0o600
    key = serialization.load_pem_private_key((out / "key.pem").read_bytes(), None)
    assert key.public_key() == issued(tmp_path).public_key()
    check = run(
        "openssl", "verify", "-x509_strict", "-CAfile", out / "ca.pem", "-untrusted", out / "cert.pem", out / "cert.pem"
    )
    assert check.returncode == 0, check.stdout + check.stderr
    ours = countersign(
        "verify", "--roots", out / "ca.pem", "--intermediates", out / "cert.pem", "--leaf", out / "cert.pem"
    )
    assert ours.returncode == 0, ours.stdout + ours.stderr


@pytest.mark.parametrize(
    "kind, check",
    [
        ("p256", (ec.EllipticCurvePublicKey, 256)),
        ("p384", (ec.EllipticCurvePublicKey, 384)),
        ("rsa2048", (rsa.RSAPublicKey, 2048)),
    ],
)
def test_kinds_of_keys(issue, tmp_path, kind, check):
    assert issue(*SERVICE, "--key-type", kind).returncode == 0
    key = issued(tmp_path).public_key()
    assert isinstance(key, check[0]) and key.key_size == check[1]
    usage = issued(tmp_path).extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_encipherment == (check[0] is rsa.RSAPublicKey)


@pytest.mark.parametrize("form", KEY_FORMATS)
@pytest.mark.parametrize("make", [ec_key, lambda: ec_key(ec.SECP384R1()), rsa_key], ids=["p256", "p384", "rsa"])
def test_authority_key_in_every_usual_form(issue, form, make):
    signer = Authority.root("Some Root", key=make())
    assert issue(*SERVICE, signer=signer, key_pem=pem_key(signer.key, KEY_FORMATS[form][0])).returncode == 0


def request_file(tmp_path, key, *extensions, name="requester"):
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(("CN", name)))
    for extension in extensions:
        builder = builder.add_extension(extension, False)
    path = tmp_path / "request.pem"
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


def test_request_is_signed_without_its_key(issue, tmp_path):
    key = ec_key()
    wanted = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("spiffe://link.internal/service/mine")])
    assert issue("--csr", request_file(tmp_path, key, wanted)).returncode == 0
    assert issued(tmp_path).public_key() == key.public_key()
    assert names(issued(tmp_path), x509.UniformResourceIdentifier) == ["spiffe://link.internal/service/mine"]
    assert not (tmp_path / "out" / "key.pem").exists()


def test_request_with_a_wrong_signature_or_a_weak_key_is_refused(issue, tmp_path):
    path = request_file(tmp_path, ec_key())
    request = x509.load_pem_x509_csr(path.read_bytes())
    der = bytearray(request.public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    (tmp_path / "broken.der").write_bytes(der)
    assert issue("--csr", tmp_path / "broken.der").returncode == 1
    assert issue("--csr", request_file(tmp_path, rsa_key(1024))).returncode == 1
    assert not (tmp_path / "out" / "cert.pem").exists()


def test_request_never_becomes_an_authority(issue, tmp_path):
    path = request_file(tmp_path, ec_key(), x509.BasicConstraints(True, None))
    if issue("--csr", path, *SERVICE).returncode == 0:
        assert issued(tmp_path).extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


REFUSED = {
    "key that others may read": dict(key_mode=0o644),
    "key of another authority": dict(key_pem=pem_key(ec_key(), serialization.PrivateFormat.PKCS8)),
    "key that is none": dict(key_pem="hello\n"),
    "expired authority": dict(signer=Authority.root("Old", lifetime=(-120, -60))),
}


@pytest.mark.parametrize("case", REFUSED)
def test_authority_that_cannot_sign_is_refused(issue, tmp_path, case):
    done = issue(*SERVICE, **REFUSED[case])
    assert done.returncode == 2
    assert done.stderr and "PRIVATE KEY" not in done.stderr
    assert not (tmp_path / "out" / "cert.pem").exists()


def test_leaf_is_no_authority(issue, authority, tmp_path):
    leaf = authority.leaf("not an authority")
    assert issue(*SERVICE, signer=Authority(leaf.certificate, leaf.key, [leaf.certificate])).returncode == 2


@pytest.mark.parametrize(
    "options, named",
    [
        ([], "--spiffe-id"),
        (["--service", "shop"], "--service"),
        (["--spiffe-id", "http://a/b"], "--spiffe-id: "),
        (["--dns", "a b"], "--dns: "),
        (["--ip", "300.1.1.1"], "--ip: "),
        (["--cn", ""], "--cn: "),
        (["--cf-app", "no guid"], "--cf-app: "),
        ([*SERVICE, "--country", "Germany"], "--country: "),
        ([*SERVICE, "--ou", "app:d76446a1-f429-4444-8797-be2f78b75b08"], "--ou: "),
        ([*SERVICE, "--crl-url", "ldap://a"], "--crl-url: "),
        ([*SERVICE, "--ocsp-url", "a b"], "--ocsp-url: "),
        ([*SERVICE, "--ttl", "soon"], "--ttl"),
        ([*SERVICE, "--ttl", "-1h"], "--ttl"),
        ([*SERVICE, "--key-type", "rsa1024"], "--key-type"),
        ([*SERVICE, "--usage", "juggling"], "--usage"),
        (["--cf-space", SPACE_SHOP], "--cf-space"),
        (["--csr", "absent.pem"], "absent.pem"),
        ([*SERVICE, "--cn", "a", "--cn", "b"], "--cn is given more than once"),
        (["--trust-domain", "link.internal", "--dns", "a.example"], "--trust-domain"),
        (["--trust-domain", "link.internal", "--spiffe-id", "spiffe://link.internal/a"], "--trust-domain"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_option_that_cannot_be_used_is_named_and_nothing_written(issue, tmp_path, options, named):
    done = issue(*options)
    assert_refused(done, tmp_path, 2)
    assert named in done.stderr


def test_certificate_that_the_authority_does_not_sign_ends_with_1(issue, tmp_path):
    servers = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    request = request_file(tmp_path, ec_key(), servers)
    done = issue("--csr", request, "--cn", "another", "--usage", "client")
    assert_refused(done, tmp_path, 1)
    assert issue("--csr", request).returncode == 0


def test_help_tells_the_exit_codes():
    told = " ".join(countersign("issue", "--help").stdout.split())
    assert "1 when the authority refuses to sign" in told and "2 when an option or a file cannot be used" in told


def test_outputs_never_replace_one_another_or_the_authority(issue, authority, tmp_path):
    wrong = [
        ("--cert-out", "new", "--key-out", "new"),
        ("--cert-out", "new", "--key-out", f"{tmp_path}/./new"),
        ("--cert-out", "ca-key.pem", "--key-out", "new"),
        ("--out-dir", "."),
    ]
    for out in wrong:
        for force in ([], ["--force"]):
            done = issue(*SERVICE, *force, out=out)
            assert done.returncode == 2
            assert "every file needs a place of its own" in done.stderr
            assert sorted(path.name for path in tmp_path.iterdir()) == ["ca-key.pem", "ca.pem"]
    assert (tmp_path / "ca.pem").read_text() == authority.chain_pem
    assert issue(*SERVICE, out=("--cert-out", "new", "--key-out", "another")).returncode == 0


def test_key_given_as_an_argument_is_never_told(issue, authority):
    pem = pem_key(authority.key, serialization.PrivateFormat.PKCS8)
    bare = "".join(pem.splitlines()[1:-1])
    advice = "give the path of a file, not the PEM text itself"
    for arguments in (
        ["issue", "--ca-cert", "ca.pem", "--ca-key", pem, "--out-dir", "out"],
        ["issue", f"--ca-key={pem}"],
        ["inspect", pem],
        ["verify", "--leaf", pem, "--roots", "x"],
        ["router", "--config", pem],
        ["config", "check", pem],
    ):
        done = countersign(*arguments)
        assert done.returncode == 2
        assert advice in done.stderr and done.stdout == ""
        assert bare[20:40] not in done.stderr
    for arguments in (
        ["issue", "--ca-cert", "ca.pem", "--ca-key", bare, "--out-dir", "out"],
        ["issue", bare],
        ["issue", f"--{bare}"],
        ["inspect", bare],
        ["verify", "--leaf", bare, "--roots", bare],
        ["verify", f"--{bare}"],
    ):
        done = countersign(*arguments)
        assert done.returncode == 2
        assert bare[20:40] not in done.stderr + done.stdout, arguments


def assert_refused(done, tmp_path, code):
    assert done.returncode == code, done.stdout
    assert done.stderr
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []


def test_files_that_are_there_are_kept_unless_told_otherwise(issue, tmp_path):
    assert issue(*SERVICE).returncode == 0
    first = issued(tmp_path)
    assert issue(*SERVICE).returncode == 2
    assert issued(tmp_path) == first
    assert issue(*SERVICE, "--force").returncode == 0
    assert issued(tmp_path) != first
