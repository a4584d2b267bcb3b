"""CA-7: the `cfssl` client of the Python package index gets what it asks for, and an exception where it must not."""

import base64

import pytest
from cfssl import CFSSL
from cfssl.exceptions import CFSSLRemoteException
from cfssl.models.certificate_request import CertificateRequest
from cfssl.models.config_key import ConfigKey
from cfssl.models.host import Host
from cfssl.models.subject_info import SubjectInfo

from harness import cfssl
from harness.cfssl_authority import AuthorityProcess
from harness.linters import assert_clean, assert_openssl_verifies

WEB = Host("web", "web.example.com")
OTHER = Host("other", "other.example.com")
SUBJECT = SubjectInfo("Example", "Unit", "City", "State", "US")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    services = [{"name": "web", "dns_names": ["web.example.com"]}, {"name": "ledger", "profile": "authenticated"}]
    section = {
        "cfssl": {"allow_unauthenticated": True, "auth_keys": {"current": {"key": cfssl.KEY}}},
        "profiles": {"authenticated": {"ttl": "24h", "auth_key": "current"}},
    }
    with AuthorityProcess(tmp_path_factory.mktemp("authority"), services, section) as process:
        yield process


@pytest.fixture
def client(authority):
    return CFSSL("127.0.0.1", authority.cfssl_port, ssl=False)


def test_info(authority, client):
    told = client.info("primary")
    assert told["certificate"] == authority.intermediate.pem.strip() and told["expiry"] == "1h"
    with pytest.raises(CFSSLRemoteException, match="5400"):
        client.info("primary", "nothing")


def test_sign(authority, client, tmp_path):
    request = cfssl.signing_request("web", dns=["web.example.com"])
    pem = client.sign(request, hosts=[WEB])
    intermediate = tmp_path / "intermediate.pem"
    intermediate.write_text(authority.intermediate.pem)
    assert_openssl_verifies(pem, tmp_path / "leaf.pem", authority.root_file, intermediate)
    assert_clean(pem, tmp_path / "leaf.pem")
    with pytest.raises(CFSSLRemoteException, match="register it first"):
        client.sign(request, hosts=[OTHER])


def test_auth_sign(client):
    request = {"certificate_request": cfssl.signing_request("ledger"), "profile": "authenticated"}
    good = cfssl.authenticated(request)
    assert cfssl.common_name(client.auth_sign(good["token"], good["request"])["certificate"]) == "ledger"
    with pytest.raises(CFSSLRemoteException, match="invalid token"):
        client.auth_sign(base64.b64encode(bytes(32)).decode(), good["request"])


def test_new_key(client):
    made = client.new_key([WEB], [SUBJECT], "web", ConfigKey("ecdsa", 384))
    assert "BEGIN EC PRIVATE KEY" in made["private_key"] and made["sums"]["certificate_request"]["sha-1"]
    with pytest.raises(CFSSLRemoteException, match="2400"):
        client.new_key([WEB], [SUBJECT], "web", ConfigKey("rsa", 1024))


def test_new_cert(client):
    made = client.new_cert(CertificateRequest("web", [SUBJECT], [WEB], ConfigKey("rsa", 2048)))
    assert cfssl.dns_names(made["certificate"]) == ["web.example.com"]
    assert "BEGIN RSA PRIVATE KEY" in made["private_key"]
    with pytest.raises(CFSSLRemoteException, match="register it first"):
        client.new_cert(CertificateRequest("other", [SUBJECT], [OTHER], ConfigKey("ecdsa", 256)))


def test_revoke(authority, client):
    pem = client.sign(cfssl.signing_request("web"), hosts=[WEB])
    info = cfssl.call(authority.cfssl_url, "certinfo", {"certificate": pem}).result
    identifier = info["authority_key_id"].replace(":", "").lower()
    assert client.revoke(info["serial_number"], identifier, "superseded") == {}
    with pytest.raises(CFSSLRemoteException, match="Invalid reason code"):
        client.revoke(info["serial_number"], identifier, "boredom")
    with pytest.raises(CFSSLRemoteException, match="11200"):
        client.revoke("12345", identifier, "superseded")


def test_what_this_authority_does_not_do_is_not_there(client):
    for ask in (lambda: client.scan_info(), lambda: client.bundle("certificate"), lambda: client.init_ca(_empty())):
        with pytest.raises(ValueError):
            ask()


def _empty():
    return CertificateRequest("web", [], [], ConfigKey("ecdsa", 256))
