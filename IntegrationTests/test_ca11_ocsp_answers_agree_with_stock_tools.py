"""OCSP by POST and GET, with a nonce and without: what OpenSSL, a linter and caches make of it."""

import base64
import email.utils
import re
import urllib.parse

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from harness.authority_process import AuthorityProcess, Hierarchy
from harness.linters import ocsp_findings
from harness.pki import Authority, ec_key, rsa_key
from harness.tools import run

KINDS = {"p256": ec_key, "p384": lambda: ec_key(ec.SECP384R1()), "rsa2048": rsa_key}
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


@pytest.fixture(scope="module", params=KINDS)
def responder(request, tmp_path_factory):
    """An authority whose root and intermediate have keys of that kind."""
    make = KINDS[request.param]
    process = AuthorityProcess(tmp_path_factory.mktemp("authority"), Hierarchy(root_key=make(), key=make())).start()
    yield process
    print(*process.raw_log[-40:], sep="\n")
    process.stop()


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


def openssl(authority, *about, issuer=None, options=()):
    """What `openssl ocsp` says about certificates: its exit code and everything that it prints."""
    issuer_path = authority.directory / "issuer.pem"
    issuer_path.write_text((issuer or authority.hierarchy.intermediate).pem)
    done = run(
        *("openssl", "ocsp", "-url", f"http://127.0.0.1:{authority.public_port}/ocsp", "-issuer", issuer_path),
        *about,
        *("-CAfile", authority.root_path, "-verify_other", issuer_path, *options),
    )
    return done.returncode, done.stdout + done.stderr


def status(authority, holder, *options):
    """`good`, `revoked` or `unknown`, with the reason where there is one; the answer has to verify."""
    code, said = openssl(authority, "-cert", holder.chain_path, options=options)
    assert code == 0 and "Response verify OK" in said, said
    reason = re.search(r"Reason: (\S+)", said)
    return re.search(rf"{re.escape(holder.chain_path)}: (\S+)", said)[1], reason and reason[1]


def request_for(holder, issuer, nonce=None):
    builder = ocsp.OCSPRequestBuilder().add_certificate(holder.certificate, issuer.certificate, hashes.SHA1())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), False)
    return builder.build().public_bytes(serialization.Encoding.DER)


def get(authority, der, encode=lambda text: urllib.parse.quote(text, safe=""), **fields):
    return authority.public.call("GET", "/ocsp/" + encode(base64.b64encode(der).decode()), **fields)


def post(authority, der):
    return authority.public.call("POST", "/ocsp", body=der, Content_Type="application/ocsp-request")


def read(answer):
    assert answer.status == 200 and answer.headers["content-type"] == "application/ocsp-response", answer
    return ocsp.load_der_ocsp_response(answer.body)


@pytest.mark.parametrize("options", [(), ("-no_nonce",)], ids=["nonce", "no nonce"])
def test_openssl_is_told_what_became_of_a_certificate(responder, options):
    agent = responder.agent("user-svc")
    lost, held, other = (responder.issue("user-svc", agent) for _ in range(3))
    assert [status(responder, holder, *options) for holder in (lost, held, other)] == [("good", None)] * 3
    responder.revoke("user-svc", serial=lost.serial, reason="keyCompromise").ok()
    responder.revoke("user-svc", serial=held.serial, reason="certificateHold").ok()
    assert status(responder, lost, *options) == ("revoked", "keyCompromise")
    assert status(responder, held, *options) == ("revoked", "certificateHold")
    responder.revoke("user-svc", serial=held.serial, reason="removeFromCRL").ok()
    assert status(responder, held, *options) == ("good", None)
    assert status(responder, other, *options) == ("good", None)


def test_linter_finds_nothing_in_the_answers(responder, tmp_path):
    lost = responder.issue("user-svc")
    issuer = responder.hierarchy.intermediate
    answers = [get(responder, request_for(lost, issuer)), post(responder, request_for(lost, issuer, b"n" * 32))]
    responder.revoke("user-svc", serial=lost.serial, reason="superseded").ok()
    answers += [get(responder, request_for(lost, issuer)), post(responder, b"not a request")]
    for answer in answers:
        (tmp_path / "answer.der").write_bytes(answer.body)
        assert ocsp_findings(tmp_path / "answer.der") == []


def test_linter_would_tell(authority, tmp_path):
    """The same answer with a status that does not exist, so that silence means something."""
    der = bytearray(post(authority, request_for(authority.issue("user-svc"), authority.hierarchy.intermediate)).body)
    place = der.find(b"\x0a\x01\x00")
    assert place > 0
    der[place + 2] = 4
    (tmp_path / "answer.der").write_bytes(der)
    assert ocsp_findings(tmp_path / "answer.der") != []


def test_nonce_is_repeated_and_its_answer_kept_by_nobody(authority):
    der = request_for(authority.issue("user-svc"), authority.hierarchy.intermediate, b"only once, please")
    for answer in (get(authority, der), post(authority, der)):
        assert read(answer).extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"only once, please"
        assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: urllib.parse.quote(text, safe=""),
        lambda text: text,
        lambda text: text.rstrip("=").replace("+", "-").replace("/", "_"),
    ],
    ids=["escaped", "as it is", "URL-safe"],
)
def test_get_is_answered_however_the_request_is_written(authority, encode):
    der = request_for(authority.issue("user-svc"), authority.hierarchy.intermediate)
    assert read(get(authority, der, encode)).certificate_status == GOOD


def test_caches_may_keep_an_answer_for_a_short_time(authority):
    holder = authority.issue("user-svc")
    der = request_for(holder, authority.hierarchy.intermediate)
    answer = get(authority, der)
    response = read(answer)
    age = int(re.search(r"public, max-age=(\d+)", answer.headers["cache-control"])[1])
    assert 0 < age <= 60
    times = {name: email.utils.parsedate_to_datetime(answer.headers[name]) for name in ("last-modified", "expires")}
    assert times["last-modified"] == response.this_update_utc
    assert response.this_update_utc < times["expires"] <= response.next_update_utc
    known = {"If_None_Match": answer.headers["etag"]}
    unchanged = get(authority, der, **known)
    assert unchanged.status == 304 and not unchanged.body and "expires" in unchanged.headers
    assert get(authority, der, If_Modified_Since=answer.headers["last-modified"]).status == 304
    assert post(authority, der).headers["cache-control"] == "no-store"
    authority.revoke("user-svc", serial=holder.serial).ok()
    assert read(get(authority, der, **known)).certificate_status == REVOKED


def test_serial_that_nobody_issued_is_unknown_and_never_good(authority):
    code, said = openssl(authority, "-serial", "0x1234567890")
    assert code == 0 and "Response verify OK" in said and "0x1234567890: unknown" in said, said


def test_several_certificates_are_answered_in_one(authority):
    agent = authority.agent("user-svc")
    holders = [authority.issue("user-svc", agent) for _ in range(2)]
    authority.revoke("user-svc", serial=holders[1].serial).ok()
    about = [item for holder in holders for item in ("-cert", holder.chain_path)] + ["-serial", "0x77"]
    code, said = openssl(authority, *about)
    assert code == 0 and "Response verify OK" in said
    assert f"{holders[0].chain_path}: good" in said and f"{holders[1].chain_path}: revoked" in said
    assert "0x77: unknown" in said


def test_other_issuers_certificates_are_not_answered_for(authority):
    holder = authority.issue("user-svc")
    for issuer in (authority.hierarchy.root, Authority.root("Somebody Else")):
        _, said = openssl(authority, "-serial", f"0x{holder.serial}", issuer=issuer)
        assert "unauthorized (6)" in said, said
    der = request_for(holder, authority.hierarchy.root)
    answer = post(authority, der)
    assert read(answer).response_status == ocsp.OCSPResponseStatus.UNAUTHORIZED
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x30\x00",
        b"\x30\x03\x02\x01\x05",
        b"\x30\x82\xff\xff" + bytes(100),
        bytes(20_000),
        b"\x30\x0e\x30\x0c\xa0\x0a\x02\x08\x7f" + b"\xff" * 7,
    ],
    ids=["empty", "text", "empty sequence", "no request", "cut short", "too large", "largest version"],
)
def test_what_is_no_request_is_called_malformed(authority, content):
    answers = [post(authority, content)] + ([get(authority, content)] if 0 < len(content) < 5000 else [])
    for answer in answers:
        assert read(answer).response_status == ocsp.OCSPResponseStatus.MALFORMED_REQUEST
        assert answer.headers["cache-control"] == "no-store"


def test_content_beyond_all_bounds_and_other_methods_are_refused(authority):
    assert authority.public.call("POST", "/ocsp", body=bytes(2 * 1024 * 1024)).status == 413
    assert authority.public.call("PUT", "/ocsp", body=b"x").status == 405
    assert authority.public.call("GET", "/ocsp/%%%").status in (200, 400)
    assert status(authority, authority.issue("user-svc")) == ("good", None)


def test_metric_counts_answers_by_status(authority):
    holder = authority.issue("user-svc")
    before = {word: authority.metric("mtls_ocsp_responses_total", status=word) for word in ("good", "malformed")}
    status(authority, holder)
    post(authority, b"hello")
    for word, count in before.items():
        assert authority.metric("mtls_ocsp_responses_total", status=word) == count + 1
