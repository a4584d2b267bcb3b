"""CA-9: an outside CA signs what the registry allows; what it signs is held against the order first."""

import pytest
from cryptography import x509

from harness import cfssl, vault
from harness.authority_holdings import csr
from harness.outside_cfssl import OutsideCFSSL
from harness.pki import ec_key
from harness.ports import free_port
from harness.waiting import until

SERVICES = [{"name": "web", "dns_names": ["web.example.com"]}]


def sign(front, **changes):
    """The answer to an agent's request for a certificate of `web`."""
    agent = front.agent("web")
    document = {"service": "web", "csr": csr(ec_key(), "web"), **changes}
    return front.native(agent).post("/v1/sign", document)


def certificate(issuance):
    return x509.load_pem_x509_certificate(issuance["certificate"].encode())


def inventory(process):
    """The certificates of services."""
    found = process.admin.get("/api/admin/security/certificates", limit=100).ok()["certificates"]
    return [line for line in found if line["service"]]


def cfssl_signer(url, roots, key=cfssl.KEY, **options):
    signer = {"backend": "cfssl", "url": url, "ca_certs": str(roots), "auth_key": key, "timeout": "10s", "attempts": 1}
    return {**signer, **options}


class TestCFSSL:
    @pytest.fixture
    def outside(self, start_authority):
        def start(lifetime="1h"):
            port = free_port()
            section = {"listen": f"127.0.0.1:{port}", "auth_keys": {"k": {"key": cfssl.KEY}}}
            profiles = {"default": {"ttl": lifetime, "auth_key": "k"}}
            process = start_authority(services=SERVICES, cfssl=section, profiles=profiles)
            process.cfssl_url = f"http://127.0.0.1:{port}"
            return process

        return start

    @pytest.fixture
    def front(self, start_authority):
        def start(outside, key=cfssl.KEY, roots=None, **options):
            signer = cfssl_signer(outside.cfssl_url, roots or outside.root_path, key, **options)
            return start_authority(services=SERVICES, signer=signer)

        return start

    def test_what_is_ordered_is_signed_outside_and_recorded_on_both_sides(self, outside, front):
        other = outside()
        process = front(other)
        issuance = sign(process).ok(201)
        made = certificate(issuance)
        made.verify_directly_issued_by(other.hierarchy.intermediate.certificate)
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["web.example.com"]
        assert names.get_values_for_type(x509.UniformResourceIdentifier) == [issuance["spiffe_id"]]
        assert other.hierarchy.root.pem.strip() in issuance["trust_bundle"]
        assert [line["serial"] for line in inventory(process)] == [issuance["serial"]]
        (line,) = inventory(other)
        assert line["serial"] == issuance["serial"] and line["requester"] == "key/k"

    def test_what_is_not_registered_never_reaches_it(self, outside, front):
        other = outside()
        process = front(other)
        assert sign(process, dns_names=["other.example.com"]).problem(422, "name_not_allowed")
        assert inventory(process) == [] and inventory(other) == []
        assert other.audit(action="certificate.issue") == []

    @pytest.mark.parametrize(
        "lifetime, options, reason",
        [("24h", {}, "the profile allows 3600"), ("1h", {"key": cfssl.OTHER_KEY}, "invalid token")],
        ids=["lives too long", "takes no such key"],
    )
    def test_what_was_not_ordered_is_given_to_nobody(self, outside, front, lifetime, options, reason):
        process = front(outside(lifetime), **options)
        assert reason in sign(process).problem(500, "signing_failed")
        assert inventory(process) == []

    def test_a_certificate_of_another_root_is_given_to_nobody(self, outside, front, start_authority):
        process = front(outside(), roots=start_authority(services=SERVICES).root_path)
        assert "configured roots" in sign(process).problem(500, "signing_failed")
        assert inventory(process) == []


class TestStockCFSSL:
    """The packaged server is of a version that makes DNS names of URIs, so that none of its certificates is right."""

    @pytest.mark.parametrize(
        "key, names, reason",
        [
            (cfssl.KEY, "hosts", "'spiffe://link.internal/ns/default/sa/web', which was not ordered"),
            (cfssl.KEY, "extension", "is not among its names"),
            (cfssl.OTHER_KEY, "hosts", "invalid token"),
        ],
        ids=["a DNS name for an identity", "no names", "no such key"],
    )
    def test_what_was_not_ordered_is_given_to_nobody(self, start_authority, tmp_path, key, names, reason):
        with OutsideCFSSL(tmp_path / "outside") as outside:
            signer = cfssl_signer(outside.url, outside.root_path, key, names=names)
            process = start_authority(services=SERVICES, signer=signer)
            assert reason in sign(process).problem(500, "signing_failed")
            assert inventory(process) == []

    def test_its_absence_is_told(self, start_authority, tmp_path):
        outside = OutsideCFSSL(tmp_path / "outside")
        process = start_authority(services=SERVICES, signer=cfssl_signer(outside.url, outside.root_path))
        assert sign(process).problem(503, "unavailable")
        with outside:
            assert sign(process).problem(500, "signing_failed")


class TestVault:
    @pytest.fixture
    def outside(self, start_authority):
        return vault.started(start_authority, services=SERVICES)

    @pytest.fixture
    def front(self, start_authority):
        def start(outside, token, role="web", **options):
            signer = {"backend": "vault", "url": f"http://127.0.0.1:{outside.vault_port}", "role": role}
            signer |= {"ca_certs": str(outside.root_path), "timeout": "5s", "attempts": 1, **options}
            if token:
                signer["token"] = token
            return start_authority(services=SERVICES, signer=signer)

        return start

    def test_what_is_ordered_is_signed_outside_and_recorded_on_both_sides(self, outside, front):
        process = front(outside, vault.token(outside, "operator"))
        issuance = sign(process).ok(201)
        made = certificate(issuance)
        made.verify_directly_issued_by(outside.hierarchy.intermediate.certificate)
        assert [line["serial"] for line in inventory(process)] == [issuance["serial"]]
        (line,) = inventory(outside)
        assert line["serial"] == issuance["serial"] and line["channel"] == "vault"

    def test_a_key_may_be_made_here(self, outside, front):
        process = front(outside, vault.token(outside, "operator"))
        answer = process.native(process.agent("web")).post("/v1/issue", {"service": "web"}).ok(201)
        assert "PRIVATE KEY" in answer["private_key"]
        certificate(answer).verify_directly_issued_by(outside.hierarchy.intermediate.certificate)

    def test_a_profile_serves_as_the_role(self, outside, front):
        process = front(outside, vault.token(outside, "operator"), role="default")
        assert sign(process).ok(201)

    def test_a_revocation_is_passed_on(self, outside, front):
        process = front(outside, vault.token(outside, "operator"))
        issuance = sign(process).ok(201)
        process.revoke("web", reason="keyCompromise").ok()
        assert process.state(issuance["serial"]) == "revoked"
        until(lambda: outside.state(issuance["serial"]) == "revoked", 10, "the revocation outside")

    @pytest.mark.parametrize(
        "role, token, reason",
        [("nobody", None, "unknown role"), ("web", "csb_" + "0" * 64, "permission denied")],
    )
    def test_a_refusal_is_told_and_nothing_recorded(self, outside, front, role, token, reason):
        process = front(outside, token or vault.token(outside, "operator"), role=role)
        assert reason in sign(process).problem(500, "signing_failed")
        assert inventory(process) == [] and inventory(outside) == []

    def test_an_auditor_of_the_outside_authority_signs_nothing(self, outside, front):
        process = front(outside, vault.token(outside, "auditor"))
        assert "permission denied" in sign(process).problem(500, "signing_failed")
        assert inventory(outside) == []

    def test_its_absence_is_told_and_survived(self, outside, front):
        process = front(outside, vault.token(outside, "operator"))
        outside.stop()
        assert sign(process).problem(503, "unavailable")
        outside.start()
        assert sign(process).ok(201)

    def test_a_token_file_is_read_anew(self, outside, front, tmp_path):
        file = tmp_path / "token"
        file.touch(mode=0o600)
        file.write_text("csb_" + "0" * 64)
        process = front(outside, None, token_file=str(file))
        assert sign(process).problem(500, "signing_failed")
        file.write_text(vault.token(outside, "operator") + "\n")
        assert sign(process).ok(201)
