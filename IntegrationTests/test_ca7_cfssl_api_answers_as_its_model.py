"""CA-7: envelopes, codes, statuses and content types are those that clients of CFSSL were written against."""

import base64
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from harness import cfssl
from harness.cfssl_authority import AuthorityProcess
from harness.linters import assert_clean

SERVICES = [{"name": "web", "dns_names": ["web.example.com", "www.example.com"]}]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    section = {"cfssl": {"allow_unauthenticated": True}, "profiles": {"odd": {"ttl": "90m", "usage": "server"}}}
    with AuthorityProcess(tmp_path_factory.mktemp("authority"), SERVICES, section) as process:
        yield process


@pytest.fixture
def call(authority):
    return lambda endpoint, content=None, method="POST", **options: cfssl.call(
        authority.cfssl_url, endpoint, content, method, **options
    )


def sign(call, **members):
    return call("sign", {"certificate_request": cfssl.signing_request("web", **members)})


class TestEnvelope:
    def test_success_has_its_members_in_order(self, call):
        answer = call("health", method="GET")
        assert answer.text == '{"success":true,"result":{"healthy":true},"errors":[],"messages":[]}\n'
        assert answer.headers["Content-Type"] == "application/json"

    def test_another_method_is_405(self, call):
        assert call("sign", method="GET").error == (405, 405, 'Method is not allowed:"GET"')
        assert call("crl").error == (405, 405, 'Method is not allowed:"POST"')

    @pytest.mark.parametrize("endpoint", ["init_ca", "bundle", "scan", "scaninfo", "gencrl", "nothing", "sign/more"])
    def test_what_is_not_served_is_a_plain_404(self, call, endpoint):
        answer = call(endpoint, {})
        assert (answer.status, answer.text) == (404, "404 page not found\n")

    @pytest.mark.parametrize("endpoint", ["info", "newkey", "newcert", "certinfo", "authsign"])
    def test_no_content_is_told_so(self, call, endpoint):
        assert call(endpoint, b"").error == (400, 400, "unexpected end of JSON input")

    @pytest.mark.parametrize(
        "endpoint, prefix", [("sign", "Unable to parse sign request"), ("revoke", "Unable to parse revocation request")]
    )
    def test_some_endpoints_have_a_complaint_of_their_own(self, call, endpoint, prefix):
        status, code, message = call(endpoint, b"{").error
        assert (status, code) == (400, 400) and message.startswith(prefix)


class TestInfo:
    def test_members(self, call, authority):
        told = call("info", {"label": "", "profile": ""}).result
        assert list(told) == ["certificate", "usages", "expiry"]
        assert told["usages"] == ["digital signature", "server auth", "client auth"] and told["expiry"] == "1h"
        assert told["certificate"] == authority.intermediate.pem.strip()

    def test_a_profile(self, call):
        told = call("info", {"profile": "odd"}).result
        assert told["usages"] == ["digital signature", "server auth"] and told["expiry"] == "90m"
        assert call("info", {"profile": "nothing"}).error[:2] == (400, 5400)


class TestSign:
    def test_the_answer_is_one_certificate(self, call):
        answer = sign(call)
        assert list(answer.result) == ["certificate"] and answer.result["certificate"].endswith("-----\n")
        assert answer.envelope["messages"] == []

    def test_a_bundle_on_request(self, call, authority):
        content = {"certificate_request": cfssl.signing_request("web"), "bundle": True}
        result = call("sign", content).result
        assert result["bundle"]["bundle"] == result["certificate"] + authority.intermediate.pem.strip()
        assert result["bundle"]["root"] == authority.root.pem.strip()

    def test_no_names_means_all_names_of_the_service(self, call):
        assert cfssl.dns_names(sign(call).result["certificate"]) == ["web.example.com", "www.example.com"]

    @pytest.mark.parametrize("member", [{"hosts": ["www.example.com"]}, {"hostname": "www.example.com"}])
    def test_hosts_replace_the_names(self, call, member):
        content = {"certificate_request": cfssl.signing_request("web", dns=["web.example.com"]), **member}
        assert cfssl.dns_names(call("sign", content).result["certificate"]) == ["www.example.com"]

    @pytest.mark.parametrize(
        "host", ["10.0.0.1", "someone@example.com", "https://web.example.com", "*.example.com", "web.example.com:443"]
    )
    def test_hosts_that_are_not_registered_are_refused(self, call, host):
        content = {"certificate_request": cfssl.signing_request("web"), "hosts": ["web.example.com", host]}
        status, code, message = call("sign", content).error
        assert (status, code) == (400, 5500) and "register it first" in message

    def test_names_in_the_request_that_are_not_registered_are_refused_though_replaced(self, call):
        content = {"certificate_request": cfssl.signing_request("web", dns=["other.example.com"])}
        assert call("sign", {**content, "hosts": ["web.example.com"]}).error[:2] == (400, 5500)

    def test_members_that_mean_nothing_here_are_ignored(self, call):
        ignored = {"crl_override": "", "metadata": None, "serial": 7}
        assert call("sign", {"certificate_request": cfssl.signing_request("web"), **ignored}).result["certificate"]

    def test_refusals(self, call):
        assert call("sign", {}).error == (400, 400, "missing parameter 'certificate_request'")
        assert call("sign", {"certificate_request": "abc"}).error[:2] == (400, 9002)
        key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        assert call("sign", {"certificate_request": key.decode()}).error[:2] == (400, 9300)
        assert call("sign", {"certificate_request": _pem(b"\x30\x00")}).error[:2] == (400, 9003)
        weak = cfssl.signing_request("web", key=rsa.generate_private_key(65537, 1024))
        assert call("sign", {"certificate_request": weak}).error[:2] == (400, 9300)
        der = bytearray(x509.load_pem_x509_csr(cfssl.signing_request("web").encode()).public_bytes(_DER))
        der[-1] ^= 1
        assert call("sign", {"certificate_request": _pem(bytes(der))}).error[:2] == (400, 9300)
        assert call("sign", {"certificate_request": cfssl.signing_request()}).error[:2] == (400, 400)

    def test_a_request_to_be_an_authority_is_refused(self, call):
        builder = x509.CertificateSigningRequestBuilder().subject_name(cfssl.subject(("CN", "web")))
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
        pem = builder.sign(cfssl.ec_key(), cfssl.hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
        assert call("sign", {"certificate_request": pem}).error[:2] == (400, 5500)


class TestNewKey:
    @pytest.mark.parametrize(
        "key, label, kind",
        [
            (None, "EC", ec.EllipticCurvePrivateKey),
            ({"algo": "ecdsa", "size": 384}, "EC", ec.EllipticCurvePrivateKey),
            ({"algo": "ecdsa", "size": 521}, "EC", ec.EllipticCurvePrivateKey),
            ({"algo": "rsa", "size": 2048}, "RSA", rsa.RSAPrivateKey),
            ({"algo": "ed25519", "size": 0}, None, ed25519.Ed25519PrivateKey),
        ],
    )
    def test_a_key_in_the_form_of_its_kind_and_a_request_for_it(self, call, tmp_path, key, label, kind):
        content = {
            "CN": "any",
            "hosts": ["any.example.com", "10.0.0.1", "spiffe://td/any"],
            **({"key": key} if key else {}),
        }
        made = call("newkey", content).result
        assert list(made) == ["private_key", "certificate_request", "sums"]
        assert made["private_key"].startswith(f"-----BEGIN {label + ' ' if label else ''}PRIVATE KEY-----\n")
        private = serialization.load_pem_private_key(made["private_key"].encode(), None)
        request = x509.load_pem_x509_csr(made["certificate_request"].encode())
        assert isinstance(private, kind) and request.is_signature_valid
        assert request.public_key() == private.public_key()
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["any.example.com"]
        sums = made["sums"]["certificate_request"]
        der = request.public_bytes(serialization.Encoding.DER)
        assert sums == {
            "md5": hashlib.md5(der).hexdigest().upper(),
            "sha-1": hashlib.sha1(der).hexdigest().upper(),
            "sha-256": hashlib.sha256(der).hexdigest().upper(),
        }

    @pytest.mark.parametrize(
        "key, message",
        [
            ({"algo": "rsa", "size": 1024}, "RSA key is too weak"),
            ({"algo": "rsa", "size": 16384}, "RSA key size too large"),
            ({"algo": "ecdsa", "size": 123}, "invalid curve"),
            ({"algo": "dsa", "size": 2048}, "invalid algorithm"),
        ],
    )
    def test_keys_that_are_not_made(self, call, key, message):
        assert call("newkey", {"CN": "any", "key": key}).error == (400, 2400, message)

    def test_no_authority_is_made(self, call):
        assert call("newkey", {"ca": {}}).error == (400, 400, "ca section only permitted in initca")


class TestNewCert:
    def test_members(self, call, tmp_path):
        answer = call("newcert", {"request": {"CN": "web", "hosts": ["web.example.com"]}})
        made = answer.result
        assert list(made) == ["certificate", "certificate_request", "private_key", "sums"]
        assert list(made["sums"]) == ["certificate", "certificate_request"] and answer.envelope["messages"] == []
        key = serialization.load_pem_private_key(made["private_key"].encode(), None)
        assert cfssl.certificate(made["certificate"]).public_key() == key.public_key()
        assert_clean(made["certificate"], tmp_path / "leaf.pem")

    def test_no_hosts_is_worth_a_message(self, call):
        answer = call("newcert", {"request": {"CN": "web", "hosts": []}})
        assert answer.result and [message["code"] for message in answer.envelope["messages"]] == [5300]

    def test_refusals(self, call):
        assert call("newcert", {}).error == (400, 400, "missing request section")
        assert call("newcert", {"request": {"CN": "other"}}).error[:2] == (400, 5500)
        assert call("newcert", {"request": {"CN": "web"}, "profile": "nothing"}).error[:2] == (400, 5400)
        weak = {"CN": "web", "key": {"algo": "rsa", "size": 1024}}
        assert call("newcert", {"request": weak}).error == (400, 2400, "RSA key is too weak")


class TestInventory:
    @pytest.fixture
    def issued(self, call):
        pem = sign(call).result["certificate"]
        info = call("certinfo", {"certificate": pem}).result
        return pem, info, info["authority_key_id"].replace(":", "").lower()

    def test_certinfo_by_serial_number(self, call, issued):
        pem, info, identifier = issued
        assert info["pem"] == pem and info["sans"] == ["web.example.com", "www.example.com"]
        found = call("certinfo", {"serial": info["serial_number"], "authority_key_id": info["authority_key_id"]})
        assert found.result == info
        other = {"serial": info["serial_number"], "authority_key_id": "00" * 20}
        assert call("certinfo", other).error == (400, 11200, "certificate not found")

    def test_certinfo_refusals(self, call):
        assert call("certinfo", {}).error == (400, 400, "no valid parameter sets found")
        assert call("certinfo", {"certificate": "x"}).error[:2] == (400, 1002)
        assert call("certinfo", {"domain": "example.com"}).error[:2] == (400, 400)

    def test_a_revoked_certificate_is_on_the_list(self, call, issued, tmp_path):
        from harness.waiting import until

        pem, info, identifier = issued
        order = {"serial": info["serial_number"], "authority_key_id": identifier, "reason": "KeyCompromise"}
        assert call("revoke", order).result == {}
        serial = int(info["serial_number"])

        def listed():
            content = base64.b64decode(call("crl", method="GET", params={"expiry": "168h"}).result)
            return x509.load_der_x509_crl(content).get_revoked_certificate_by_serial_number(serial)

        entry = until(listed, 10, "the certificate on the list")
        assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
        assert call("revoke", order).result == {}, "a second time changes nothing"

    def test_reasons_by_number_and_none(self, call, issued):
        _, info, identifier = issued
        order = {"serial": info["serial_number"], "authority_key_id": identifier}
        assert call("revoke", {**order, "reason": "4"}).result == {}

    def test_revocation_refusals(self, call, issued):
        _, info, identifier = issued
        order = {"serial": info["serial_number"], "authority_key_id": identifier, "reason": "superseded"}
        assert call("revoke", {**order, "reason": "boredom"}).error == (400, 400, "Invalid reason code")
        assert call("revoke", {**order, "serial": ""}).error[:2] == (400, 400)
        assert call("revoke", {**order, "serial": "0x12"}).error[:2] == (400, 400)
        assert call("revoke", {**order, "serial": "1"}).error == (400, 11200, "certificate not found")
        assert call("revoke", {**order, "authority_key_id": ""}).error == (400, 11200, "certificate not found")

    def test_the_list_for_no_length_of_time_is_refused(self, call):
        assert call("crl", method="GET", params={"expiry": "soon"}).error[:2] == (400, 400)


_DER = serialization.Encoding.DER


def _pem(der):
    text = base64.b64encode(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}\n-----END CERTIFICATE REQUEST-----\n"
