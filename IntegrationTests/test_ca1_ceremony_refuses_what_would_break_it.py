"""`countersign ca`: every step refuses what would leave a hierarchy weak or wrong, writes nothing and says why."""

import shutil

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from harness.ceremony import PASSPHRASE, Ceremony
from harness.pki import Authority, ec_key, rsa_key, subject
from harness.tools import countersign, run


@pytest.fixture(scope="module")
def performed(tmp_path_factory):
    return Ceremony(tmp_path_factory.mktemp("performed")).perform()


@pytest.fixture
def ceremony(performed, tmp_path):
    """A ceremony that has been performed up to the signing, in a folder of its own."""
    copy = Ceremony(tmp_path / "copy")
    shutil.copytree(performed.offline, copy.offline)
    shutil.copytree(performed.online, copy.online)
    copy.certificate.unlink()
    return copy


def refused(done, *words, code=2):
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    for secret in ("PRIVATE KEY", "horse"):
        assert secret not in done.stdout + done.stderr


def write_request(path, key, *extensions, name=(("CN", "Some Intermediate"),)):
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(*name))
    for extension in extensions:
        builder = builder.add_extension(extension, False)
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


AUTHORITY = x509.BasicConstraints(True, 0)


@pytest.mark.parametrize(
    "text, word",
    [("elevenchars", "at least 12"), ("", "empty"), ("aaaaaaaaaaaaaaaaaa", "different"), ("one\ntwo", "one line")],
    ids=["short", "empty", "of one letter", "two lines"],
)
def test_weak_passphrase(tmp_path, text, word):
    ceremony = Ceremony(tmp_path)
    ceremony.set_passphrase(text)
    refused(ceremony.init_root(), word)
    assert not ceremony.offline.exists()


def test_passphrase_file_that_others_may_read(tmp_path):
    ceremony = Ceremony(tmp_path)
    ceremony.set_passphrase(PASSPHRASE, mode=0o644)
    refused(ceremony.init_root(), "chmod 600")
    assert not ceremony.offline.exists()


def test_passphrase_in_argument_environment_or_pipe_is_not_taken(tmp_path):
    out = tmp_path / "new"
    made = countersign("ca", "init-root", "--out", out, "--passphrase", PASSPHRASE)
    assert made.returncode == 2 and "--passphrase" in made.stderr
    # In a session of its own there is no terminal, and nothing else is asked.
    command = ["setsid", "--wait", "env", f"PASSPHRASE={PASSPHRASE}"]
    from harness.tools import COUNTERSIGN

    done = run(*command, COUNTERSIGN, "ca", "init-root", "--out", out, input=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    refused(done, "no terminal", "--passphrase-file")
    assert not out.exists()


@pytest.mark.parametrize("there", ["root.pem", "root-key.pem"])
def test_root_in_the_way_is_kept(tmp_path, there):
    ceremony = Ceremony(tmp_path)
    ceremony.offline.mkdir()
    (ceremony.offline / there).write_text("mine")
    refused(ceremony.init_root(), there, "--force")
    assert [path.name for path in ceremony.offline.iterdir()] == [there]
    assert (ceremony.offline / there).read_text() == "mine"
    assert ceremony.init_root("--force").returncode == 0
    assert (ceremony.offline / there).read_text() != "mine"


def test_intermediate_in_the_way_is_kept(ceremony):
    before = ceremony.key.read_bytes()
    refused(ceremony.init_intermediate(), "already there", "--force")
    assert ceremony.key.read_bytes() == before
    ceremony.certificate.write_text("mine")
    refused(ceremony.sign(), "already there", "--force")
    assert ceremony.certificate.read_text() == "mine"
    assert ceremony.sign("--force").returncode == 0


@pytest.mark.parametrize(
    "options",
    [
        ["--key", "rsa1024"],
        ["--days", "0"],
        ["--days", "20000"],
        ["--path-length", "-1"],
        ["--kdf", "md5"],
        ["--name", ""],
        ["--name", "x" * 65],
        ["--name", "a\nb"],
        ["--country", "DEU"],
    ],
    ids=lambda options: " ".join(options)[:20],
)
def test_options_that_make_no_root(tmp_path, options):
    ceremony = Ceremony(tmp_path)
    done = ceremony.init_root(*options)
    assert done.returncode == 2 and done.stderr
    assert not ceremony.offline.exists()


@pytest.mark.parametrize(
    "options", [["--trust-domain", "Not A Domain"], ["--key", "dsa"], ["--passphrase-file", "x"]], ids=" ".join
)
def test_options_that_make_no_request(tmp_path, options):
    ceremony = Ceremony(tmp_path)
    assert ceremony.init_intermediate(*options).returncode == 2
    assert not ceremony.online.exists()


def test_wrong_passphrase(ceremony):
    ceremony.set_passphrase("wrong horse battery")
    refused(ceremony.sign(), "root-key.pem", "passphrase does not open")
    assert not ceremony.certificate.exists()


def test_root_key_that_others_may_read(ceremony):
    ceremony.root_key.chmod(0o640)
    refused(ceremony.sign(), "chmod 600")


def test_key_of_another_root(ceremony, tmp_path):
    other = Ceremony(tmp_path / "other")
    assert other.init_root().returncode == 0
    refused(ceremony.sign(key=other.root_key), "does not belong to")


def write_root(path, authority):
    path.with_suffix(".key").write_text(
        authority.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )
    path.with_suffix(".key").chmod(0o600)
    path.write_text(authority.pem)
    return dict(root=path, key=path.with_suffix(".key"))


ROOTS = {
    "an intermediate": (lambda: Authority.root("Up").intermediate("Down"), "not self-signed", 2),
    "expired": (lambda: Authority.root("Old", lifetime=(-120, -60)), "expired", 2),
    "not yet valid": (lambda: Authority.root("Young", lifetime=(60, 120)), "not valid before", 2),
    "of path length 0": (lambda: Authority.root("Short", path_length=0), "path length", 1),
}


@pytest.mark.parametrize("case", ROOTS)
def test_root_that_cannot_sign_an_intermediate(ceremony, tmp_path, case):
    make, word, code = ROOTS[case]
    refused(ceremony.sign(**write_root(tmp_path / "other.pem", make())), word, code=code)
    assert not ceremony.certificate.exists()


def test_root_that_may_sign(ceremony, tmp_path):
    good = Authority.root("Good", path_length=1)
    assert ceremony.sign(**write_root(tmp_path / "other.pem", good)).returncode == 0


def root_key_of(ceremony):
    return serialization.load_pem_private_key(ceremony.root_key.read_bytes(), PASSPHRASE.encode())


REQUESTS = {
    "of a leaf": (lambda c, p: write_request(p, ec_key()), "CA:TRUE"),
    "with the root's own key": (lambda c, p: write_request(p, root_key_of(c), AUTHORITY), "key of its own"),
    "with the root's own name": (
        lambda c, p: write_request(p, ec_key(), AUTHORITY, name=[("CN", "Countersign Root")]),
        "root's own name",
    ),
    "with a weak key": (lambda c, p: write_request(p, rsa_key(1024), AUTHORITY), "RSA 1024"),
    "without a name": (lambda c, p: write_request(p, ec_key(), AUTHORITY, name=[]), "name"),
    "with the ID of a workload": (
        lambda c, p: write_request(
            p, ec_key(), AUTHORITY, x509.SubjectAlternativeName([x509.UniformResourceIdentifier("spiffe://a/b")])
        ),
        "spiffe://a/b",
    ),
    "with a DNS name": (
        lambda c, p: write_request(p, ec_key(), AUTHORITY, x509.SubjectAlternativeName([x509.DNSName("a.b")])),
        "a.b",
    ),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_request_that_no_root_should_sign(ceremony, tmp_path, case):
    make, word = REQUESTS[case]
    refused(ceremony.sign(request=make(ceremony, tmp_path / "bad.csr")), word, code=1)
    assert not ceremony.certificate.exists()
    good = write_request(tmp_path / "good.csr", ec_key(), AUTHORITY)
    assert ceremony.sign(request=good).returncode == 0


def test_request_with_a_broken_signature(ceremony, tmp_path):
    request = x509.load_pem_x509_csr(ceremony.request.read_bytes())
    der = bytearray(request.public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    (tmp_path / "bad.csr").write_bytes(der)
    refused(ceremony.sign(request=tmp_path / "bad.csr"), "not signed by the key", code=1)


@pytest.mark.parametrize(
    "options, word",
    [
        (["--path-length", "1"], "path length"),
        (["--permit-dns", "*.example.com"], "not a domain"),
        (["--crl-url", "ca.example.com"], "not an http"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_options_that_contradict_the_root_or_themselves(ceremony, options, word):
    refused(ceremony.sign(*options), word, code=1)
    assert not ceremony.certificate.exists()


@pytest.mark.parametrize(
    "options",
    [["--permit-trust-domain", "A B"], ["--days", "0"], ["--days", "-1"], ["--path-length", "x"]],
    ids=" ".join,
)
def test_options_that_do_not_parse(ceremony, options):
    assert ceremony.sign(*options).returncode == 2
    assert not ceremony.certificate.exists()


def test_trust_domain_outside_what_is_permitted(ceremony):
    assert ceremony.init_intermediate("--trust-domain", "a.internal", "--force").returncode == 0
    refused(ceremony.sign("--permit-trust-domain", "b.internal"), "a.internal", code=1)
    assert ceremony.sign("--permit-trust-domain", "a.internal").returncode == 0


@pytest.mark.parametrize("name", ["root", "key", "request"])
def test_files_that_are_not_what_they_should_be(ceremony, tmp_path, name):
    bad = tmp_path / "bad.pem"
    refused(ceremony.sign(**{name: bad}), "bad.pem")
    bad.write_text("hello\n")
    bad.chmod(0o600)
    refused(ceremony.sign(**{name: bad}), "bad.pem")
    assert not ceremony.certificate.exists()


@pytest.mark.parametrize("cost", [2**20, 2**30])
def test_key_file_whose_parameters_would_take_minutes(ceremony, cost):
    """The cost that the file states is raised in place; reading it must refuse before it derives anything."""
    import base64

    lines = ceremony.root_key.read_text().splitlines()
    der = bytearray(base64.b64decode("".join(lines[1:-1])))
    place = der.find(bytes([0x02, 0x02, 0x40, 0x00]))
    assert place > 0
    number = cost.to_bytes((cost.bit_length() + 8) // 8, "big")
    grown = bytes(der[:place]) + bytes([0x02, len(number)]) + number + bytes(der[place + 4 :])
    # Every SEQUENCE around the number grows with it.
    delta = len(number) - 2
    fixed = bytearray(grown)
    _grow(fixed, place, delta)
    text = base64.encodebytes(bytes(fixed)).decode()
    ceremony.root_key.write_text(f"{lines[0]}\n{text}{lines[-1]}\n")
    refused(ceremony.sign(), "memory or time")


def _grow(der, place, delta):
    """Adds `delta` to the length of every field that contains `place`."""
    position = 0
    while position < place:
        head, length = 2, der[position + 1]
        if length & 0x80:
            head = 2 + (length & 0x7F)
            length = int.from_bytes(der[position + 2 : position + head], "big")
        if position + head + length <= place:
            position += head + length
            continue
        if head == 2:
            der[position + 1] = length + delta
        else:
            der[position + 2 : position + head] = (length + delta).to_bytes(head - 2, "big")
        position += head
