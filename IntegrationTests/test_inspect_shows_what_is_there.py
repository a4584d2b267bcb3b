"""`countersign inspect`: certificates, chains, requests, lists and keys, from files and from a live host."""

import json
import os
import socket
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from harness.pki import Authority, ec_key, minutes_from_now, rsa_key, subject
from harness.tools import COUNTERSIGN, countersign, run
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

SPIFFE = "spiffe://cluster.local/ns/default/sa/shop"


@pytest.fixture(scope="module")
def issuer():
    return Authority.root("Inspected Root").intermediate("Inspected Issuer", path_length=0)


@pytest.fixture(scope="module")
def leaf(issuer):
    return issuer.cloud_foundry(
        APP_FRONTEND,
        SPACE_SHOP,
        ORG_SHOP,
        name="shop-0",
        dns=["shop", "shop.example"],
        uris=[SPIFFE],
        ips=["192.0.2.7"],
    )


def inspect(*arguments):
    done = countersign("inspect", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [item["content"] for item in json.loads(done.stdout)["items"]]


def test_certificate_in_pem_and_der_says_the_same(leaf, tmp_path):
    (tmp_path / "leaf.pem").write_text(leaf.pem)
    (tmp_path / "leaf.der").write_bytes(leaf.der)
    [from_pem], [from_der] = inspect(tmp_path / "leaf.pem"), inspect(tmp_path / "leaf.der")
    assert from_pem == from_der
    assert from_pem["subject"] == leaf.certificate.subject.rfc4514_string()
    assert from_pem["issuer"] == leaf.certificate.issuer.rfc4514_string()
    assert from_pem["serial"] == str(leaf.certificate.serial_number)
    assert from_pem["sha256"].replace(":", "").lower() == leaf.sha256
    assert from_pem["not_after"] == leaf.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert from_pem["is_ca"] is False
    assert from_pem["identity"]["app"] == APP_FRONTEND
    assert from_pem["identity"]["space"] == SPACE_SHOP
    assert from_pem["identity"]["organization"] == ORG_SHOP
    assert from_pem["identity"]["spiffe_id"] == SPIFFE
    for name in ("shop", "shop.example", SPIFFE, "192.0.2.7"):
        assert [found for found in from_pem["alternative_names"] if found.endswith(name)], name


def test_text_is_for_people(leaf, tmp_path):
    (tmp_path / "leaf.pem").write_text(leaf.pem)
    done = countersign("inspect", tmp_path / "leaf.pem")
    assert done.returncode == 0
    for words in ("shop-0", SPIFFE, APP_FRONTEND, "shop.example", "Inspected Issuer"):
        assert words in done.stdout


def test_chain_is_shown_in_order_and_its_links_are_checked(leaf, issuer, tmp_path):
    (tmp_path / "chain.pem").write_text(leaf.pem + issuer.chain_pem)
    items = inspect(tmp_path / "chain.pem")
    assert [item["is_ca"] for item in items] == [False, True, True]
    assert items[1]["path_length"] == 0
    assert "issued by the next certificate" in countersign("inspect", tmp_path / "chain.pem").stdout
    (tmp_path / "wrong.pem").write_text(leaf.pem + Authority.root("Unrelated").pem)
    assert "NOT issued by the next certificate" in countersign("inspect", tmp_path / "wrong.pem").stdout


@pytest.mark.parametrize("make", [ec_key, rsa_key], ids=["ec", "rsa"])
def test_key_is_recognized_and_never_shown(issuer, tmp_path, make):
    leaf = issuer.leaf("holder", key=make())
    (tmp_path / "both.pem").write_text(leaf.pem + leaf.key_pem)
    text = countersign("inspect", tmp_path / "both.pem").stdout
    assert "the next one belongs to it" in text
    shown = text + countersign("inspect", tmp_path / "both.pem", "--json").stdout
    assert leaf.key_pem.splitlines()[1] not in shown and "PRIVATE KEY-----" not in shown
    if make is ec_key:
        assert f"{leaf.key.private_numbers().private_value:x}" not in shown.lower().replace(":", "")


FORMS = {
    "PKCS#8": (serialization.PrivateFormat.PKCS8, [ec_key, rsa_key]),
    "SEC1 or PKCS#1": (serialization.PrivateFormat.TraditionalOpenSSL, [ec_key, rsa_key]),
}


@pytest.mark.parametrize("form", FORMS)
def test_key_in_der_is_recognized_in_every_usual_form(tmp_path, form):
    encoding, makers = FORMS[form]
    for make, kind in zip(makers, ("P-256", "RSA"), strict=True):
        path = tmp_path / "key.der"
        path.write_bytes(make().private_bytes(serialization.Encoding.DER, encoding, serialization.NoEncryption()))
        [item] = inspect(path)
        assert item["kind"] == "private_key" and kind in item["key"]


@pytest.mark.parametrize("cut", [3, 200, -1])
def test_der_that_is_cut_off_is_told_so(leaf, tmp_path, cut):
    path = tmp_path / "cut.der"
    path.write_bytes(leaf.der[:cut])
    done = countersign("inspect", path)
    assert done.returncode == 2 and "cut.der" in done.stderr
    assert "cut short" in done.stderr, done.stderr


def test_live_host_that_sends_a_byte_now_and_then_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def drip():
            listener.settimeout(5)
            connection, _ = listener.accept()
            with connection:
                for byte in b"\x16\x03\x03\x40\x00" + bytes(1000):
                    if done.wait(0.05):
                        return
                    try:
                        connection.sendall(bytes([byte]))
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        result = countersign(
            "inspect", "--connect", f"127.0.0.1:{listener.getsockname()[1]}", "--timeout", "1s", within=10
        )
        done.set()
        thread.join(10)
    assert result.returncode == 2 and "in time" in result.stderr


def test_live_host_without_an_address_is_told_once():
    done = countersign("inspect", "--connect", "nobody.invalid:443")
    assert done.returncode == 2
    assert done.stderr == "error: nobody.invalid:443: the host does not resolve to an address\n"


def test_request(tmp_path):
    names = x509.SubjectAlternativeName([x509.DNSName("asked.example")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(("CN", "asker"))).add_extension(names, False)
    path = tmp_path / "request.pem"
    path.write_bytes(builder.sign(ec_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    [item] = inspect(path)
    assert item["subject"] == "CN=asker"
    assert item["proves_possession"] is True
    assert "asked.example" in str(item["alternative_names"])


def test_revocation_list(issuer, tmp_path):
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(minutes_from_now(-5)).next_update(minutes_from_now(60))
    entry = x509.RevokedCertificateBuilder().serial_number(4711).revocation_date(minutes_from_now(-1)).build()
    crl = builder.add_revoked_certificate(entry).sign(issuer.key, hashes.SHA256())
    path = tmp_path / "list.crl"
    path.write_bytes(crl.public_bytes(serialization.Encoding.PEM))
    assert "Inspected Issuer" in str(inspect(path))
    assert "4711" in str(inspect(path)) or "1267" in str(inspect(path))


def test_live_host(world, start_router, backend):
    router = start_router(world.configuration([route("plain.example.com", backend)]))
    for options in (["--servername", "plain.example.com"], ["--servername", "a.apps.mtls.internal"], []):
        items = inspect("--connect", f"127.0.0.1:{router.port}", *options)
        assert len(items) == 2
        assert items[0]["sha256"].replace(":", "").lower() == world.server.sha256


def test_hostile_names_cannot_write_to_the_terminal(issuer, tmp_path):
    leaf = issuer.leaf(subject(("CN", "evil\x1b[2J\nserial: 1\u202e")))
    (tmp_path / "leaf.pem").write_text(leaf.pem)
    done = countersign("inspect", tmp_path / "leaf.pem")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout and "\nserial: 1" not in done.stdout
    json.loads(countersign("inspect", tmp_path / "leaf.pem", "--json").stdout)


@pytest.mark.parametrize(
    "content", ["", "hello\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\0" * 100]
)
def test_what_is_none_of_it_is_told_with_the_files_name(tmp_path, content):
    path = tmp_path / "strange.pem"
    path.write_text(content)
    done = countersign("inspect", path)
    assert done.returncode == 2
    assert "strange.pem" in done.stderr


def test_pipe_that_nobody_writes_to_is_refused_and_one_of_the_shell_is_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = countersign("inspect", tmp_path / "pipe", within=10)
    assert done.returncode == 2
    assert "is a named pipe; a file is expected" in done.stderr
    (tmp_path / "cert.pem").write_text(Authority.root("Piped").pem)
    done = run("bash", "-c", f"{COUNTERSIGN} inspect <(cat cert.pem)", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Piped" in done.stdout


@pytest.mark.parametrize("option", [("--servername", "a.example"), ("--timeout", "5s")])
def test_option_for_a_live_host_needs_one(tmp_path, option):
    (tmp_path / "cert.pem").write_text(Authority.root("Some Root").pem)
    assert countersign("inspect", "cert.pem", cwd=tmp_path).returncode == 0
    done = countersign("inspect", "cert.pem", *option, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{option[0]} needs --connect" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["absent.pem"],
        ["--connect", "127.0.0.1:1"],
        ["--connect", "127.0.0.1:x"],
        ["--connect", "a:1", "--timeout", "0s"],
    ],
)
def test_unusable_arguments(tmp_path, arguments):
    done = countersign("inspect", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr
