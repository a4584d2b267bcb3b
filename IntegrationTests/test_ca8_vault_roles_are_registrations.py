"""CA-8: roles of the Vault API are registered services and profiles, and promise no more than the registry keeps."""

import hvac.exceptions
import pytest
from cryptography import x509

from harness import vault
from harness.authority_holdings import csr
from harness.authority_process import AuthorityProcess
from harness.pki import ec_key
from harness.ports import free_port


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = []

    def start(**options):
        made.append(AuthorityProcess(tmp_path_factory.mktemp("authority"), **options).start())
        return made[0]

    yield vault.started(start)
    made[0].stop()


@pytest.fixture(scope="module")
def admin(authority):
    return vault.client(authority, vault.token(authority, "admin"))


@pytest.fixture(scope="module")
def operator(authority):
    return vault.client(authority, vault.token(authority, "operator"))


def dns_names(pem):
    extensions = x509.load_pem_x509_certificate(pem.encode()).extensions
    return extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)


class TestRoles:
    def test_a_role_is_registered_used_changed_and_removed(self, admin, operator):
        made = admin.secrets.pki.create_or_update_role("shop", {"allowed_domains": "shop.example.com"})
        assert made["data"]["allowed_domains"] == ["shop.example.com"]
        data = operator.secrets.pki.generate_certificate("shop", "shop.example.com")["data"]
        assert dns_names(data["certificate"]) == ["shop.example.com"]
        admin.secrets.pki.create_or_update_role("shop", {"allowed_domains": ["new.example.com"], "max_ttl": "720h"})
        role = operator.secrets.pki.read_role("shop")["data"]
        assert role["allowed_domains"] == ["new.example.com"] and role["max_ttl"] == 3600
        assert role["allowed_uri_sans"] == ["spiffe://link.internal/ns/default/sa/shop"]
        with pytest.raises(hvac.exceptions.InvalidRequest, match="register it first"):
            operator.secrets.pki.generate_certificate("shop", "shop.example.com")
        assert "shop" in operator.secrets.pki.list_roles()["data"]["keys"]
        admin.secrets.pki.delete_role("shop")
        with pytest.raises(hvac.exceptions.InvalidPath):
            operator.secrets.pki.read_role("shop")
        admin.secrets.pki.delete_role("shop")

    @pytest.mark.parametrize(
        "options, reason",
        [
            ({"allow_any_name": True}, "registered one by one"),
            ({"allow_subdomains": "true", "allowed_domains": "a.example.com"}, "registered one by one"),
            ({"enforce_hostnames": False}, "enforce_hostnames"),
            ({"no_store": True}, "every certificate is recorded"),
            ({"max_ttl": "1m"}, "lifetimes are the profile's"),
            ({"allowed_domains": "web.example.com"}, "already carries"),
            ({"allowed_domains": "not a name"}, "allowed_domains"),
            ({"allowed_uri_sans": "spiffe://elsewhere/x"}, "allowed_uri_sans"),
            ({"allowed_uri_sans": "spiffe://link.internal/agent/one"}, "allowed_uri_sans"),
            ({"profile": "nothing"}, "no profile"),
        ],
    )
    def test_a_role_that_promises_too_much_is_refused(self, admin, options, reason):
        with pytest.raises(hvac.exceptions.InvalidRequest, match=reason):
            admin.secrets.pki.create_or_update_role("bad", options)
        with pytest.raises(hvac.exceptions.InvalidPath):
            admin.secrets.pki.read_role("bad")

    def test_what_the_profile_says_is_told(self, admin):
        made = admin.secrets.pki.create_or_update_role("told", {"organization": ["Example"], "key_type": "rsa"})
        assert "organization" in made["warnings"][0] and made["data"]["organization"] == []

    def test_what_the_configuration_says_is_changed_there(self, admin):
        for attempt in (
            lambda: admin.secrets.pki.create_or_update_role("web", {"allowed_domains": "x.example.com"}),
            lambda: admin.secrets.pki.delete_role("web"),
            lambda: admin.secrets.pki.delete_role("default"),
            lambda: admin.secrets.pki.create_or_update_role("default", {}),
        ):
            with pytest.raises(hvac.exceptions.InvalidRequest, match="configuration file"):
                attempt()


class TestTLS:
    def test_over_tls_services_prove_themselves_by_certificate(self, start_authority):
        process = vault.started(start_authority, vault={"tls": True})
        agent = process.agent("web")
        holder = process.issue("web", via=agent)
        own = vault.hvac.Client(
            f"https://127.0.0.1:{process.vault_port}", cert=holder.paths, verify=str(process.root_path)
        )
        data = own.secrets.pki.sign_certificate("web", csr(ec_key(), "web"), "web")["data"]
        own.secrets.pki.revoke_certificate(data["serial_number"])
        with pytest.raises(hvac.exceptions.Forbidden):
            own.secrets.pki.sign_certificate("ledger", csr(ec_key(), "ledger"), "ledger")
        with pytest.raises(hvac.exceptions.Forbidden):
            own.secrets.pki.list_certificates()


def test_another_mount_is_served_where_it_is_said(start_authority):
    process = vault.started(start_authority, vault={"mount": "pki/int"})
    made = vault.client(process, vault.token(process, "operator"))
    assert made.secrets.pki.generate_certificate("web", "web", mount_point="pki/int")["data"]["certificate"]
    with pytest.raises(hvac.exceptions.InvalidPath, match="no handler for route"):
        made.secrets.pki.generate_certificate("web", "web")


def test_tokens_are_for_tls_or_this_host(tmp_path):
    process = AuthorityProcess(tmp_path, vault={"listen": f"0.0.0.0:{free_port()}", "tls": False})
    code, said = process.refusal()
    assert code != 0 and "over TLS only" in said
