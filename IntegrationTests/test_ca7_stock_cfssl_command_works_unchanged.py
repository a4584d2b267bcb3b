"""CA-7: what the stock `cfssl` command asks of a remote authority, it gets; what is not registered, it does not."""

import pytest
from cryptography import x509

from harness import cfssl
from harness.cfssl_authority import AuthorityProcess
from harness.linters import assert_clean, assert_openssl_verifies

SERVICES = [
    {"name": "web", "dns_names": ["web.example.com", "www.example.com"]},
    {"name": "ledger", "dns_names": ["ledger.example.com"], "profile": "authenticated"},
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    section = {
        "cfssl": {
            "allow_unauthenticated": True,
            "auth_keys": {"current": {"key": cfssl.KEY}, "before": {"key": cfssl.PREVIOUS_KEY}},
        },
        "profiles": {
            "short": {"ttl": "10m"},
            "authenticated": {"ttl": "24h", "auth_key": "current", "prev_auth_key": "before"},
        },
    }
    with AuthorityProcess(tmp_path_factory.mktemp("authority"), SERVICES, section) as process:
        yield process


@pytest.fixture
def command(authority, tmp_path):
    return cfssl.Command(tmp_path, authority.cfssl_url)


def remote(authority):
    return ("-remote", authority.cfssl_url)


def csr_json(hosts, common_name=None, **members):
    # As `cfssl print-defaults csr` has it: subjects of this kind are everywhere.
    names = [{"C": "US", "ST": "CA", "L": "San Francisco"}]
    return {
        "CN": common_name or hosts[0],
        "hosts": hosts,
        "key": {"algo": "ecdsa", "size": 256},
        "names": names,
        **members,
    }


class TestInfo:
    def test_tells_the_signing_certificate_and_the_profile(self, authority, command):
        told = cfssl.output(command.run("info", *remote(authority), "-profile", "short"))
        assert told["certificate"] == authority.intermediate.pem.strip()
        assert told["expiry"] == "10m" and "server auth" in told["usages"]

    def test_an_unknown_profile_is_an_error(self, authority, command):
        done = command.run("info", *remote(authority), "-profile", "nothing")
        assert done.returncode != 0 and "5400" in done.stdout + done.stderr


class TestSign:
    def test_a_request_is_signed(self, authority, command, tmp_path):
        request = command.file("web.csr", cfssl.signing_request("web.example.com", dns=["web.example.com"]))
        pem = cfssl.output(command.run("sign", *remote(authority), request))["cert"]
        assert cfssl.dns_names(pem) == ["web.example.com"] and cfssl.common_name(pem) == "web.example.com"
        assert cfssl.uris(pem) == ["spiffe://cluster.local/ns/default/sa/web"]
        intermediate = tmp_path / "intermediate.pem"
        intermediate.write_text(authority.intermediate.pem)
        assert_openssl_verifies(pem, tmp_path / "leaf.pem", authority.root_file, intermediate)
        assert_openssl_verifies(pem, tmp_path / "leaf.pem", authority.root_file, intermediate, purpose="sslclient")
        assert_clean(pem, tmp_path / "leaf.pem")

    def test_the_host_name_option_replaces_the_names_of_the_request(self, authority, command):
        request = command.file("web.csr", cfssl.signing_request("web", dns=["web.example.com"]))
        pem = cfssl.output(command.run("sign", *remote(authority), "-hostname", "www.example.com", request))["cert"]
        assert cfssl.dns_names(pem) == ["www.example.com"]

    def test_the_subject_file_replaces_the_common_name(self, authority, command):
        request = command.file("web.csr", cfssl.signing_request("web.example.com", dns=["web.example.com"]))
        subject = command.file("subject.json", {"CN": "www.example.com", "names": [{"O": "Somebody"}]})
        pem = cfssl.output(command.run("sign", *remote(authority), request, subject))["cert"]
        assert cfssl.common_name(pem) == "www.example.com"
        # Who somebody is, the registration says and nobody else.
        assert not cfssl.certificate(pem).subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)

    def test_the_profile_decides_the_lifetime(self, authority, command):
        request = command.file("web.csr", cfssl.signing_request("web"))
        pem = cfssl.output(command.run("sign", *remote(authority), "-profile", "short", request))["cert"]
        certificate = cfssl.certificate(pem)
        assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).total_seconds() == 630

    @pytest.mark.parametrize("names", [["other.example.com"], ["web.example.com", "ledger.example.com"]])
    def test_names_beyond_one_registration_are_refused(self, authority, command, names):
        request = command.file("web.csr", cfssl.signing_request(dns=names))
        done = command.run("sign", *remote(authority), request)
        assert done.returncode != 0 and "register it first" in done.stdout + done.stderr

    def test_an_unknown_profile_is_an_error_and_not_the_default_one(self, authority, command):
        request = command.file("web.csr", cfssl.signing_request("web"))
        done = command.run("sign", *remote(authority), "-profile", "nothing", request)
        assert done.returncode != 0 and "5400" in done.stdout + done.stderr


class TestGencert:
    @pytest.mark.parametrize("algorithm, size", [("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("rsa", 2048)])
    def test_a_key_is_certified(self, authority, command, tmp_path, algorithm, size):
        request = csr_json(["web.example.com", "www.example.com"], key={"algo": algorithm, "size": size})
        made = cfssl.output(command.run("gencert", *remote(authority), command.file("csr.json", request)))
        assert cfssl.dns_names(made["cert"]) == ["web.example.com", "www.example.com"]
        assert_clean(made["cert"], tmp_path / "leaf.pem")

    def test_a_spiffe_id_among_the_hosts_is_the_registered_one(self, authority, command):
        # This version writes URIs into the request as if they were DNS names.
        identity = "spiffe://cluster.local/ns/default/sa/web"
        request = csr_json([identity, "web.example.com"], common_name="web")
        made = cfssl.output(command.run("gencert", *remote(authority), command.file("csr.json", request)))
        assert cfssl.uris(made["cert"]) == [identity] and cfssl.dns_names(made["cert"]) == ["web.example.com"]

    def test_another_spiffe_id_is_refused(self, authority, command):
        request = csr_json(["spiffe://cluster.local/ns/default/sa/ledger", "web.example.com"], common_name="web")
        done = command.run("gencert", *remote(authority), command.file("csr.json", request))
        assert done.returncode != 0 and "register it first" in done.stdout + done.stderr


class TestAuthenticatedSigning:
    @pytest.mark.parametrize("key", [cfssl.KEY, cfssl.PREVIOUS_KEY])
    def test_the_key_of_the_profile_and_the_one_before_are_good(self, authority, command, key):
        configuration = command.remote_configuration("authenticated", key)
        request = command.file("csr.json", csr_json(["ledger.example.com"]))
        made = cfssl.output(command.run("gencert", "-config", configuration, "-profile", "authenticated", request))
        assert cfssl.dns_names(made["cert"]) == ["ledger.example.com"]

    def test_sign_uses_the_key_as_well(self, authority, command):
        configuration = command.remote_configuration("authenticated")
        request = command.file("ledger.csr", cfssl.signing_request("ledger"))
        made = cfssl.output(command.run("sign", "-config", configuration, "-profile", "authenticated", request))
        assert cfssl.common_name(made["cert"]) == "ledger"

    def test_another_key_is_refused(self, authority, command):
        configuration = command.remote_configuration("authenticated", cfssl.OTHER_KEY)
        request = command.file("csr.json", csr_json(["ledger.example.com"]))
        done = command.run("gencert", "-config", configuration, "-profile", "authenticated", request)
        assert done.returncode != 0 and "invalid token" in done.stdout + done.stderr

    def test_no_key_is_refused(self, authority, command):
        request = command.file("csr.json", csr_json(["ledger.example.com"]))
        done = command.run("gencert", *remote(authority), "-profile", "authenticated", request)
        assert done.returncode != 0 and "authentication required" in done.stdout + done.stderr

    def test_leaving_the_profile_out_is_no_way_around_the_key(self, authority, command):
        request = command.file("csr.json", csr_json(["ledger.example.com"]))
        done = command.run("gencert", *remote(authority), request)
        assert done.returncode != 0 and "authentication required" in done.stdout + done.stderr


class TestCertinfo:
    def test_what_was_issued_can_be_read(self, authority, command):
        request = command.file("web.csr", cfssl.signing_request("web", dns=["web.example.com"]))
        pem = cfssl.output(command.run("sign", *remote(authority), request))["cert"]
        theirs = cfssl.output(command.run("certinfo", "-cert", command.file("web.pem", pem)))
        ours = cfssl.call(authority.cfssl_url, "certinfo", {"certificate": pem}).result
        # The command of this version drops the leading zero of a byte, and counts addresses among the names.
        identifiers = ("authority_key_id", "subject_key_id")
        for name in identifiers:
            theirs[name] = ":".join(f"{int(byte, 16):02X}" for byte in theirs[name].split(":"))
        assert ours == theirs


class TestFront:
    def test_a_cfssl_server_signs_through_this_authority(self, authority, command):
        """`cfssl serve` with a remote signer: the field's usual way of putting a registration in front."""
        from harness.ports import free_port
        from harness.processes import running
        from harness.waiting import until

        port = free_port()
        configuration = command.remote_configuration("authenticated")
        arguments = ["cfssl", "serve", "-address", "127.0.0.1", "-port", str(port), "-config", configuration]
        with running(arguments, cwd=command.directory):
            base = f"http://127.0.0.1:{port}"

            def sign():
                try:
                    content = {"certificate_request": cfssl.signing_request("ledger"), "profile": "authenticated"}
                    return cfssl.call(base, "sign", content)
                except OSError:
                    return None

            answer = until(sign, 10, "an answer of cfssl serve")
            assert cfssl.common_name(answer.result["certificate"]) == "ledger"
