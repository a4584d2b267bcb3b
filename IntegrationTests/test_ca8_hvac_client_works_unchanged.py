"""CA-8: the `hvac` client of the Python package index gets what it asks for, and its exception where it must not."""

import base64

import hvac.exceptions
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from harness import vault
from harness.authority_holdings import csr
from harness.authority_process import AuthorityProcess
from harness.linters import assert_clean, assert_openssl_verifies
from harness.pki import ec_key
from harness.tools import run
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = []

    def start(**options):
        made.append(AuthorityProcess(tmp_path_factory.mktemp("authority"), **options).start())
        return made[0]

    yield vault.started(start)
    made[0].stop()


@pytest.fixture(scope="module")
def tokens(authority):
    return {role: vault.token(authority, role) for role in ("admin", "operator", "auditor")}


@pytest.fixture
def admin(authority, tokens):
    return vault.client(authority, tokens["admin"])


@pytest.fixture
def operator(authority, tokens):
    return vault.client(authority, tokens["operator"])


@pytest.fixture
def auditor(authority, tokens):
    return vault.client(authority, tokens["auditor"])


@pytest.fixture
def stranger(authority):
    return vault.client(authority, "csb_" + "0" * 64)


def certificate(pem):
    return x509.load_pem_x509_certificate(pem.encode())


def names(pem):
    return certificate(pem).extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def dns_names(pem):
    return names(pem).get_values_for_type(x509.DNSName)


class TestTheClient:
    def test_a_good_token_is_authenticated_and_others_are_not(self, authority, operator, stranger):
        assert operator.is_authenticated()
        assert not stranger.is_authenticated()
        assert not vault.client(authority).is_authenticated()

    def test_the_token_is_described_without_its_secret(self, authority, operator, tokens):
        told = operator.auth.token.lookup_self()
        assert told["data"]["policies"] == ["operator"] and told["data"]["renewable"] is False
        assert tokens["operator"] not in str(told)
        with pytest.raises(hvac.exceptions.InvalidRequest, match="not renewable"):
            operator.auth.token.renew_self()

    def test_the_health_is_good(self, authority, stranger):
        assert stranger.sys.is_initialized() and not stranger.sys.is_sealed()
        assert stranger.sys.read_health_status(method="GET")["sealed"] is False
        assert stranger.sys.read_health_status(method="HEAD").status_code == 200

    def test_a_login_by_role_and_secret_gives_the_token(self, authority, tokens):
        made = vault.client(authority)
        lookup = vault.client(authority, tokens["operator"]).auth.token.lookup_self()
        made.auth.approle.login(lookup["data"]["display_name"], tokens["operator"])
        assert made.is_authenticated() and made.token == tokens["operator"]
        for role, secret in [("other", tokens["operator"]), (lookup["data"]["display_name"], "csb_00")]:
            with pytest.raises(hvac.exceptions.InvalidRequest, match="invalid role or secret ID"):
                vault.client(authority).auth.approle.login(role, secret)

    def test_a_namespace_is_ignored(self, authority, tokens):
        assert vault.client(authority, tokens["operator"], namespace="team").is_authenticated()


class TestIssuing:
    def test_a_certificate_and_its_key_are_made(self, authority, operator, tmp_path):
        data = operator.secrets.pki.generate_certificate("web", "web.example.com")["data"]
        assert_openssl_verifies(
            data["certificate"] + "\n", tmp_path / "leaf.pem", authority.root_path, write(tmp_path, data["issuing_ca"])
        )
        assert_clean(data["certificate"] + "\n", tmp_path / "leaf.pem")
        key = serialization.load_pem_private_key(data["private_key"].encode(), None)
        made = certificate(data["certificate"])
        assert key.public_key() == made.public_key() and data["private_key_type"] == "ec"
        assert data["private_key"].startswith("-----BEGIN EC PRIVATE KEY-----")
        assert int(data["serial_number"].replace(":", ""), 16) == made.serial_number
        assert all(len(pair) == 2 for pair in data["serial_number"].split(":"))
        assert data["expiration"] == int(made.not_valid_after_utc.timestamp())
        assert dns_names(data["certificate"]) == ["web.example.com", "www.example.com"]
        assert names(data["certificate"]).get_values_for_type(x509.UniformResourceIdentifier) == [
            "spiffe://link.internal/ns/default/sa/web"
        ]

    def test_the_chain_leads_to_the_root_unless_that_is_not_wanted(self, authority, operator):
        data = operator.secrets.pki.generate_certificate("web", "web")["data"]
        assert (
            data["ca_chain"] == [pem.strip() for pem in chain_of(authority)]
            and data["issuing_ca"] == data["ca_chain"][0]
        )
        data = operator.secrets.pki.generate_certificate("web", "web", {"remove_roots_from_chain": True})["data"]
        assert data["ca_chain"] == [data["issuing_ca"]]

    def test_some_of_the_registered_names_are_enough(self, operator):
        extra = {"alt_names": "www.example.com", "ip_sans": "192.0.2.7", "exclude_cn_from_sans": "true"}
        data = operator.secrets.pki.generate_certificate("web", "web", extra)["data"]
        assert dns_names(data["certificate"]) == ["www.example.com"]
        assert [str(ip) for ip in names(data["certificate"]).get_values_for_type(x509.IPAddress)] == ["192.0.2.7"]

    def test_the_common_name_is_among_the_names_unless_that_is_not_wanted(self, operator):
        extra = {"alt_names": "www.example.com"}
        data = operator.secrets.pki.generate_certificate("web", "web.example.com", extra)["data"]
        assert sorted(dns_names(data["certificate"])) == ["web.example.com", "www.example.com"]
        data = operator.secrets.pki.generate_certificate(
            "web", "web.example.com", {**extra, "exclude_cn_from_sans": True}
        )["data"]
        assert dns_names(data["certificate"]) == ["www.example.com"]

    @pytest.mark.parametrize(
        "extra",
        [
            {"alt_names": "other.example.com"},
            {"alt_names": "ledger.example.com"},
            {"ip_sans": "192.0.2.8"},
            {"uri_sans": "spiffe://link.internal/ns/default/sa/ledger"},
            {"alt_names": "someone@example.com"},
            {"alt_names": "*.example.com"},
        ],
    )
    def test_no_name_goes_in_that_is_not_registered(self, operator, extra):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="register it first"):
            operator.secrets.pki.generate_certificate("web", "web", extra)

    def test_no_common_name_goes_in_that_is_not_registered(self, operator):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="register it first"):
            operator.secrets.pki.generate_certificate("web", "ledger")

    def test_a_role_that_is_not_there_signs_nothing(self, operator):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="unknown role: nobody"):
            operator.secrets.pki.generate_certificate("nobody", "web")

    def test_a_profile_as_a_role_serves_its_own_services(self, operator):
        data = operator.secrets.pki.generate_certificate("long", "ledger.example.com")["data"]
        assert data["expiration"] - data["not_before"] > 86_400
        with pytest.raises(hvac.exceptions.InvalidRequest, match="is of the profile 'default'"):
            operator.secrets.pki.generate_certificate("long", "web.example.com")

    def test_a_shorter_time_is_taken_and_a_longer_one_cut_with_a_warning(self, operator):
        made = operator.secrets.pki.generate_certificate("web", "web", {"ttl": "10m"})
        assert made["warnings"] is None
        assert 600 <= made["data"]["expiration"] - made["data"]["not_before"] <= 700
        made = operator.secrets.pki.generate_certificate("web", "web", {"ttl": "2160h0m0s"})
        assert 3600 <= made["data"]["expiration"] - made["data"]["not_before"] <= 3700
        assert "maxTTL is being used" in made["warnings"][0]

    @pytest.mark.parametrize("ttl", ["soon", "-1h", "-5", "1x", "99999999999999999999", "1h30"])
    def test_a_time_that_is_none_is_refused(self, operator, ttl):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="ttl: expected"):
            operator.secrets.pki.generate_certificate("web", "web", {"ttl": ttl})

    @pytest.mark.parametrize(
        "extra, wanted",
        [
            ({"other_sans": "1.2.3.4;UTF8:x"}, "other_sans"),
            ({"format": "p12"}, "format"),
            ({"private_key_format": "jks"}, "private_key_format"),
            ({"key_type": "rsa", "key_bits": 1024}, "key_bits"),
            ({"key_type": "dsa"}, "key_type"),
            ({"ip_sans": "somewhere"}, "ip_sans"),
            ({"not_after": "2099-01-01T00:00:00Z"}, "not_after"),
            ({"exclude_cn_from_sans": "perhaps"}, "exclude_cn_from_sans"),
        ],
    )
    def test_a_parameter_that_cannot_be_followed_is_refused_by_name(self, operator, extra, wanted):
        with pytest.raises(hvac.exceptions.InvalidRequest, match=wanted):
            operator.secrets.pki.generate_certificate("web", "web", extra)

    def test_forms(self, operator):
        data = operator.secrets.pki.generate_certificate("web", "web", {"format": "der"})["data"]
        made = x509.load_der_x509_certificate(base64.b64decode(data["certificate"]))
        key = serialization.load_der_private_key(base64.b64decode(data["private_key"]), None)
        assert key.public_key() == made.public_key()
        data = operator.secrets.pki.generate_certificate("web", "web", {"format": "pem_bundle"})["data"]
        assert data["certificate"].count("BEGIN CERTIFICATE") == 3 and "PRIVATE KEY" in data["certificate"]
        data = operator.secrets.pki.generate_certificate("web", "web", {"private_key_format": "pkcs8"})["data"]
        assert data["private_key"].startswith("-----BEGIN PRIVATE KEY-----")

    def test_kinds_of_keys(self, operator):
        data = operator.secrets.pki.generate_certificate("web", "web", {"key_type": "ec", "key_bits": 384})["data"]
        assert certificate(data["certificate"]).public_key().curve.name == "secp384r1"
        data = operator.secrets.pki.generate_certificate("web", "web", {"key_type": "rsa", "key_bits": "2048"})["data"]
        assert certificate(data["certificate"]).public_key().key_size == 2048 and data["private_key_type"] == "rsa"


class TestSigning:
    def test_a_request_is_signed(self, operator):
        key = ec_key()
        request = csr(key, "web.example.com", dns=["web.example.com"])
        data = operator.secrets.pki.sign_certificate("web", request, "web.example.com")["data"]
        assert certificate(data["certificate"]).public_key() == key.public_key() and "private_key" not in data
        assert dns_names(data["certificate"]) == ["web.example.com"]

    def test_a_request_for_other_names_is_refused(self, operator):
        request = csr(ec_key(), "web.example.com", dns=["other.example.com"])
        with pytest.raises(hvac.exceptions.InvalidRequest, match="register it first"):
            operator.secrets.pki.sign_certificate("web", request, "web.example.com")

    def test_other_names_beside_a_request_do_not_hide_its_own(self, operator):
        request = csr(ec_key(), "web.example.com", dns=["other.example.com"])
        with pytest.raises(hvac.exceptions.InvalidRequest, match="register it first"):
            operator.secrets.pki.sign_certificate("web", request, "web", {"alt_names": "web.example.com"})

    @pytest.mark.parametrize("request_pem", ["nonsense", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", "x" * 100_000])
    def test_what_is_no_request_is_refused(self, operator, request_pem):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="csr"):
            operator.secrets.pki.sign_certificate("web", request_pem, "web")

    def test_a_request_that_another_key_signed_is_refused(self, operator):
        request = x509.load_pem_x509_csr(csr(ec_key(), "web").encode())
        der = bytearray(request.public_bytes(serialization.Encoding.DER))
        der[-1] ^= 1
        label, content = "CERTIFICATE REQUEST-----\n", base64.encodebytes(der).decode()
        pem = f"-----BEGIN {label}{content}-----END {label}"
        with pytest.raises(hvac.exceptions.InvalidRequest, match="signed"):
            operator.secrets.pki.sign_certificate("web", pem, "web")

    def test_without_a_role_administrators_sign_what_is_registered(self, admin, operator):
        request = csr(ec_key(), "ledger.example.com", dns=["ledger.example.com"])
        data = admin.secrets.pki.sign_verbatim(request)["data"]
        assert dns_names(data["certificate"]) == ["ledger.example.com"]
        with pytest.raises(hvac.exceptions.Forbidden):
            operator.secrets.pki.sign_verbatim(request)
        with pytest.raises(hvac.exceptions.InvalidRequest, match="register it first"):
            admin.secrets.pki.sign_verbatim(csr(ec_key(), "stranger.example.com"))


class TestCallers:
    @pytest.mark.parametrize("token", [None, "csb_" + "0" * 64])
    def test_strangers_get_nothing(self, authority, token):
        pki = vault.client(authority, token).secrets.pki
        for attempt in (
            lambda: pki.generate_certificate("web", "web"),
            lambda: pki.sign_certificate("web", csr(ec_key(), "web"), "web"),
            lambda: pki.revoke_certificate("01:02"),
            lambda: pki.list_certificates(),
            lambda: pki.list_roles(),
            lambda: pki.create_or_update_role("new", {}),
            lambda: pki.delete_role("web"),
            lambda: pki.tidy(),
        ):
            with pytest.raises((hvac.exceptions.Forbidden, hvac.exceptions.RateLimitExceeded)):
                attempt()

    def test_auditors_read_and_change_nothing(self, auditor):
        assert auditor.secrets.pki.list_roles()["data"]["keys"]
        for attempt in (
            lambda: auditor.secrets.pki.generate_certificate("web", "web"),
            lambda: auditor.secrets.pki.sign_certificate("web", csr(ec_key(), "web"), "web"),
            lambda: auditor.secrets.pki.create_or_update_role("new", {}),
            lambda: auditor.secrets.pki.tidy(),
            lambda: auditor.secrets.pki.rotate_crl(),
        ):
            with pytest.raises(hvac.exceptions.Forbidden, match="permission denied"):
                attempt()

    def test_operators_register_and_remove_no_roles(self, operator):
        with pytest.raises(hvac.exceptions.Forbidden):
            operator.secrets.pki.create_or_update_role("new", {})
        with pytest.raises(hvac.exceptions.Forbidden):
            operator.secrets.pki.delete_role("web")

    def test_a_token_that_has_ended_is_none(self, authority):
        short = authority.bearer("operator", ttl_seconds=1)
        until(lambda: not vault.client(authority, short.token).is_authenticated(), 10, "the end of the token")

    def test_what_was_done_and_refused_is_in_the_audit_trail(self, authority, operator, auditor):
        actor = f"token/{auditor.auth.token.lookup_self()['data']['display_name']}"
        refusals = {"action": "certificate.issue", "outcome": "refused", "actor": actor}
        before = len(authority.audit(**refusals))
        operator.secrets.pki.generate_certificate("web", "web")
        with pytest.raises(hvac.exceptions.Forbidden):
            auditor.secrets.pki.generate_certificate("web", "web")
        assert authority.audited(before + 1, **refusals)[0]["target"] == "service/web"
        serials = authority.admin.get("/api/admin/security/certificates", limit=1).ok()["certificates"]
        assert serials[0]["channel"] == "vault" and serials[0]["requester"].startswith("token/operator")


class TestRevoking:
    def test_a_certificate_is_revoked_once_and_stays_so(self, authority, operator):
        data = operator.secrets.pki.generate_certificate("web", "web")["data"]
        serial = data["serial_number"]
        assert operator.secrets.pki.read_certificate(serial)["data"]["revocation_time"] == 0
        first = operator.secrets.pki.revoke_certificate(serial)["data"]
        assert first["state"] == "revoked" and first["revocation_time"] > 0
        assert operator.secrets.pki.revoke_certificate(serial)["data"]["revocation_time"] == first["revocation_time"]
        told = operator.secrets.pki.read_certificate(serial)["data"]
        assert told["revocation_time"] == first["revocation_time"] and told["certificate"] == data["certificate"]
        assert authority.state(serial.replace(":", "")) == "revoked"

    def test_what_is_not_there_cannot_be_revoked(self, operator):
        with pytest.raises(hvac.exceptions.InvalidRequest, match="no certificate"):
            operator.secrets.pki.revoke_certificate("01:02:03")
        with pytest.raises(hvac.exceptions.InvalidRequest, match="hexadecimal"):
            operator.secrets.pki.revoke_certificate("none")

    def test_auditors_revoke_nothing(self, operator, auditor):
        serial = operator.secrets.pki.generate_certificate("web", "web")["data"]["serial_number"]
        with pytest.raises(hvac.exceptions.Forbidden):
            auditor.secrets.pki.revoke_certificate(serial)
        assert operator.secrets.pki.read_certificate(serial)["data"]["revocation_time"] == 0

    def test_the_list_names_what_was_revoked(self, authority, operator):
        data = operator.secrets.pki.generate_certificate("web", "web")["data"]
        operator.secrets.pki.revoke_certificate(data["serial_number"])
        operator.secrets.pki.rotate_crl()
        number = certificate(data["certificate"]).serial_number

        def listed():
            crl = x509.load_pem_x509_crl(operator.secrets.pki.read_crl().encode())
            return crl.get_revoked_certificate_by_serial_number(number)

        until(listed, 10, "the revocation on the list")

    def test_tidying_answers_as_expected(self, operator):
        assert operator.secrets.pki.tidy({"tidy_cert_store": True}).status_code == 202


class TestReading:
    def test_authority_and_chain(self, authority, stranger):
        issuer, root = chain_of(authority)
        assert stranger.secrets.pki.read_ca_certificate() == issuer
        assert stranger.secrets.pki.read_ca_certificate_chain() == issuer + root
        assert stranger.secrets.pki.read_certificate("ca")["data"]["certificate"] == issuer.strip()
        assert stranger.secrets.pki.read_certificate("ca_chain")["data"]["certificate"] == (issuer + root).strip()
        with pytest.raises(hvac.exceptions.InvalidPath):
            stranger.secrets.pki.read_certificate("0a:0b:0c")

    def test_serial_numbers_are_listed(self, operator):
        serial = operator.secrets.pki.generate_certificate("web", "web")["data"]["serial_number"]
        assert operator.secrets.pki.list_certificates()["data"]["keys"][0] == serial

    def test_configuration(self, authority, operator):
        urls = operator.secrets.pki.read_urls()["data"]
        assert urls["crl_distribution_points"] == [
            f"http://127.0.0.1:{authority.public_port}/crl/{authority.key_id}.crl"
        ]
        assert operator.secrets.pki.read_crl_configuration()["data"]["disable"] is False
        for attempt in (
            lambda: operator.secrets.pki.set_urls({"crl_distribution_points": ["http://elsewhere.example.com"]}),
            lambda: operator.secrets.pki.generate_root("internal", "another"),
        ):
            with pytest.raises(hvac.exceptions.VaultError):
                attempt()


def chain_of(authority):
    """The issuing certificate and the root, each in PEM."""
    return authority.hierarchy.intermediate.pem, authority.hierarchy.root.pem


def write(folder, pem):
    path = folder / "issuer.pem"
    path.write_text(pem + "\n")
    return path


def test_openssl_reads_the_ocsp_answers(authority, operator, tmp_path):
    data = operator.secrets.pki.generate_certificate("web", "web")["data"]
    leaf, issuer = tmp_path / "leaf.pem", write(tmp_path, data["issuing_ca"])
    leaf.write_text(data["certificate"] + "\n")
    url = f"http://127.0.0.1:{authority.vault_port}/v1/pki/ocsp"
    arguments = ["-issuer", issuer, "-cert", leaf, "-CAfile", authority.root_path, "-url", url]
    done = run("openssl", "ocsp", *arguments)
    assert f"{leaf}: good" in done.stdout, done.stdout + done.stderr
    operator.secrets.pki.revoke_certificate(data["serial_number"])
    assert f"{leaf}: revoked" in run("openssl", "ocsp", *arguments).stdout
