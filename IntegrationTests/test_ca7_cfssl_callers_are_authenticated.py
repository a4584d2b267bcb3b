"""CA-7: whatever the CFSSL API makes or changes, it does for callers who have proven who they are, once a token."""

import copy
import time

import pytest

from harness import cfssl
from harness.cfssl_authority import AuthorityProcess

SERVICES = [{"name": "web", "dns_names": ["web.example.com"]}, {"name": "ledger", "profile": "authenticated"}]
SECTION = {
    "cfssl": {"auth_keys": {"current": {"key": cfssl.KEY}, "other": {"key": cfssl.OTHER_KEY}}},
    "profiles": {"authenticated": {"ttl": "24h", "auth_key": "current"}, "else": {"auth_key": "other"}},
}


def section(**cfssl_options):
    changed = copy.deepcopy(SECTION)
    changed["cfssl"].update(cfssl_options)
    return changed


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """Without `allow_unauthenticated`."""
    with AuthorityProcess(tmp_path_factory.mktemp("closed"), SERVICES, section()) as process:
        yield process


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory):
    with AuthorityProcess(tmp_path_factory.mktemp("encrypted"), SERVICES, section(tls=True)) as process:
        yield process


def web():
    return {"certificate_request": cfssl.signing_request("web")}


def ledger(**members):
    return {"certificate_request": cfssl.signing_request("ledger"), "profile": "authenticated", **members}


def bearer(authority):
    return {"Authorization": f"Bearer {authority.token}"}


class TestWithoutProof:
    @pytest.mark.parametrize(
        "endpoint, content",
        [
            ("sign", web()),
            ("newkey", {"CN": "web"}),
            ("newcert", {"request": {"CN": "web"}}),
            ("revoke", {"serial": "1", "authority_key_id": "00", "reason": "superseded"}),
        ],
    )
    def test_nothing_is_made_or_changed(self, closed, endpoint, content):
        assert cfssl.call(closed.cfssl_url, endpoint, content).error == (400, 400, "authentication required")

    def test_what_is_public_can_be_read(self, closed):
        assert cfssl.call(closed.cfssl_url, "info", {}).result["certificate"]
        assert cfssl.call(closed.cfssl_url, "health", method="GET").result == {"healthy": True}
        assert cfssl.call(closed.cfssl_url, "crl", method="GET").result

    def test_a_page_in_a_browser_is_not_the_host_itself(self, tmp_path):
        with AuthorityProcess(tmp_path, SERVICES, section(allow_unauthenticated=True)) as authority:
            assert cfssl.call(authority.cfssl_url, "sign", web()).result["certificate"]
            answer = cfssl.call(authority.cfssl_url, "sign", web(), headers={"Origin": "https://example.com"})
            assert answer.error == (400, 400, "authentication required")


class TestTokens:
    def sign(self, authority, content, key=cfssl.KEY, **members):
        return cfssl.call(authority.cfssl_url, "authsign", cfssl.authenticated(content, key, **members))

    def test_the_key_of_the_profile_is_good(self, closed):
        assert cfssl.common_name(self.sign(closed, ledger()).result["certificate"]) == "ledger"

    def test_keys_of_no_profile_and_of_another_profile_are_not(self, closed):
        assert self.sign(closed, ledger(), "ab" * 32).error == (400, 400, "invalid token")
        assert self.sign(closed, ledger(), cfssl.OTHER_KEY).error == (400, 400, "invalid token")

    def test_a_token_of_another_request_is_not(self, closed):
        mixed = {**cfssl.authenticated(ledger()), "request": cfssl.authenticated(ledger())["request"]}
        assert cfssl.call(closed.cfssl_url, "authsign", mixed).error == (400, 400, "invalid token")

    @pytest.mark.parametrize("token", ["", "AAAA"])
    def test_a_token_of_another_length_is_not(self, closed, token):
        content = {**cfssl.authenticated(ledger()), "token": token}
        assert cfssl.call(closed.cfssl_url, "authsign", content).error == (400, 400, "invalid token")

    def test_a_token_is_good_once(self, closed):
        content = cfssl.authenticated(ledger())
        assert cfssl.call(closed.cfssl_url, "authsign", content).result
        status, code, message = cfssl.call(closed.cfssl_url, "authsign", content).error
        assert (status, code) == (400, 400) and message.startswith("invalid token: this request was made before")

    def test_times_within_the_window_are_taken_and_others_refused(self, closed):
        now = int(time.time())
        assert self.sign(closed, ledger(), timestamp=now - 200).result
        for timestamp in (now - 400, now + 400):
            status, _, message = self.sign(closed, ledger(), timestamp=timestamp).error
            assert status == 400 and message.startswith("invalid token: its timestamp")

    def test_a_profile_without_a_key_has_no_tokens(self, closed):
        content = {**web(), "profile": "default"}
        assert self.sign(closed, content).error == (400, 400, "no authentication provider")

    def test_the_key_does_not_lift_the_registration(self, closed):
        assert self.sign(closed, ledger(hosts=["web.example.com"])).error[:2] == (400, 5500)

    def test_the_key_of_two_profiles_gets_the_registered_one_alone(self, tmp_path):
        both = section()
        both["profiles"]["longer"] = {"ttl": "480h", "auth_key": "current"}
        with AuthorityProcess(tmp_path, SERVICES, both) as authority:
            wanted = {**ledger(), "profile": "longer"}
            status, code, message = self.sign(authority, wanted).error
            assert status == 403 and "registered with the profile 'authenticated'" in message, (code, message)
            assert self.sign(authority, ledger()).result["certificate"]
            by_administrator = cfssl.call(authority.cfssl_url, "sign", wanted, headers=bearer(authority))
            assert by_administrator.result["certificate"]

    def test_what_is_no_request_is_refused(self, closed):
        status, _, message = cfssl.call(closed.cfssl_url, "authsign", {"token": "AAAA", "request": "AAAA"}).error
        assert status == 400 and message.startswith("Unable to parse authenticated sign request")


class TestIdentities:
    def test_an_administrators_token_is_good_for_every_profile(self, closed):
        for content in (web(), ledger()):
            assert cfssl.call(closed.cfssl_url, "sign", content, headers=bearer(closed)).result["certificate"]
        wrong = {"Authorization": "Bearer csb_" + "0" * 64}
        assert cfssl.call(closed.cfssl_url, "sign", web(), headers=wrong).error[0] == 400

    def test_an_administrators_token_revokes(self, closed):
        pem = cfssl.call(closed.cfssl_url, "sign", web(), headers=bearer(closed)).result["certificate"]
        info = cfssl.call(closed.cfssl_url, "certinfo", {"certificate": pem}).result
        order = {"serial": info["serial_number"], "authority_key_id": info["authority_key_id"], "reason": "superseded"}
        assert cfssl.call(closed.cfssl_url, "revoke", order).error == (400, 400, "authentication required")
        assert cfssl.call(closed.cfssl_url, "revoke", order, headers=bearer(closed)).result == {}

    def test_a_service_has_certificates_for_itself_by_its_certificate(self, encrypted, tmp_path):
        base = f"https://127.0.0.1:{encrypted.cfssl_port}"
        trusting = {"verify": str(encrypted.root_file)}
        assert cfssl.call(base, "sign", web(), **trusting).error == (400, 400, "authentication required")
        made = cfssl.call(base, "newcert", {"request": {"CN": "web"}}, headers=bearer(encrypted), **trusting).result
        chain, key = tmp_path / "web.pem", tmp_path / "web-key.pem"
        chain.write_text(made["certificate"] + encrypted.intermediate.pem)
        key.write_text(made["private_key"])
        client = {"cert": (str(chain), str(key)), **trusting}
        renewed = cfssl.call(base, "sign", web(), **client).result["certificate"]
        assert cfssl.common_name(renewed) == "web"
        assert cfssl.call(base, "sign", ledger(), **client).error[:2] == (403, 403)
        # A revoked certificate proves nothing any more, on the connection that it opened as on any other.
        info = cfssl.call(base, "certinfo", {"certificate": made["certificate"]}, **trusting).result
        order = {"serial": info["serial_number"], "authority_key_id": info["authority_key_id"], "reason": "superseded"}
        assert cfssl.call(base, "revoke", order, **client).result == {}
        try:
            assert cfssl.call(base, "sign", web(), **client).status != 200
        except OSError:
            pass


class TestAudit:
    def test_refusals_are_recorded(self, closed):
        content = {**web(), "hosts": ["ledger.link.internal", "web.example.com"]}
        assert cfssl.call(closed.cfssl_url, "sign", content, headers=bearer(closed)).error[:2] == (400, 5500)
        line = closed.log.wait_for(lambda line: line.get("message") == "certificate refused", 10, "the refusal")
        assert line["level"] == "warning" and "register it first" in line["reason"]

    def test_no_key_and_no_token_is_ever_told(self, closed):
        told = "\n".join(closed.raw_log)
        assert cfssl.KEY not in told and cfssl.OTHER_KEY not in told and closed.token not in told
