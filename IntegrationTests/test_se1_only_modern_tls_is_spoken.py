"""TLS 1.2 and 1.3 with forward secrecy and AEAD; nothing older, no renegotiation, no compression."""

import re
import socket

import pytest

from harness.client_hello import X25519, X25519MLKEM768, ask
from harness.pki import SERVER_AUTH, key_usage, rsa_key
from harness.tls_client import TLS12, TLS13, Connection, Refused
from harness.tools import run
from harness.world import route

HOST = "plain.example.com"
MTLS = "a.apps.mtls.internal"


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(
        world.configuration([route(HOST, module_backend), route(MTLS, module_backend, mtls_allow_any=True)])
    )


def s_client(router, world, *options, sni=HOST, input=""):
    return run(
        "openssl",
        "s_client",
        "-connect",
        f"127.0.0.1:{router.port}",
        "-servername",
        sni,
        "-CAfile",
        world.server_roots,
        *options,
        input=input,
    )


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
def test_modern_versions_are_spoken(world, router, version):
    with world.connect(router, HOST, version=version) as connection:
        assert connection.get(HOST).status == 200
        assert connection.tls.version() == {TLS12: "TLSv1.2", TLS13: "TLSv1.3"}[version]


def test_newest_version_is_preferred(world, router):
    with world.connect(router, HOST) as connection:
        assert connection.tls.version() == "TLSv1.3"


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
@pytest.mark.parametrize("sni", [HOST, MTLS])
def test_old_versions_are_refused_with_an_alert(world, router, option, sni):
    done = s_client(router, world, option, "-cipher", "ALL:@SECLEVEL=0", sni=sni)
    assert "alert protocol version" in done.stderr
    assert "Cipher is (NONE)" in done.stdout


def test_minimum_can_be_raised_to_1_3(world, start_router, backend):
    configuration = world.configuration([route(HOST, backend)])
    configuration["router"]["tls"]["min_version"] = "TLSv1.3"
    router = start_router(configuration)
    with world.connect(router, HOST, version=TLS13) as connection:
        assert connection.get(HOST).status == 200
    with pytest.raises(Refused) as refused:
        world.connect(router, HOST, version=TLS12)
    assert refused.value.alert == 70


GOOD = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"]
BAD = [
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA384",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-SHA",
    "AES256-SHA256",
    "DHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-CCM8",
    "ADH-AES128-GCM-SHA256",
    "ECDHE-ECDSA-NULL-SHA",
]


@pytest.mark.parametrize("cipher", GOOD)
def test_cipher_with_forward_secrecy_and_aead_is_accepted(world, router, cipher):
    context = world.context(version=TLS12, ciphers=f"{cipher}:@SECLEVEL=0")
    with Connection(router.port, HOST, context) as connection:
        assert connection.tls.cipher()[0] == cipher


@pytest.mark.parametrize("cipher", BAD)
def test_any_other_cipher_is_refused(world, router, cipher):
    done = s_client(router, world, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert "Cipher is (NONE)" in done.stdout
    assert "alert handshake failure" in done.stderr


def test_rsa_server_certificate_gets_forward_secrecy_too(world, start_router, backend, tmp_path):
    leaf = world.server_root.leaf(
        "rsa",
        key=rsa_key(),
        dns=[HOST],
        purposes=[SERVER_AUTH],
        usage=key_usage(digital_signature=True, key_encipherment=True),
    )
    chain, key = leaf.save(tmp_path, "rsa")
    configuration = world.configuration([route(HOST, backend)])
    configuration["router"]["tls"]["certificates"] = [{"cert_chain": str(chain), "private_key": str(key)}]
    router = start_router(configuration)
    with world.connect(router, HOST, version=TLS12) as connection:
        assert re.fullmatch(r"ECDHE-RSA-(AES(128|256)-GCM-SHA\d+|CHACHA20-POLY1305)", connection.tls.cipher()[0])
        assert connection.get(HOST).status == 200
    for cipher in ("AES128-GCM-SHA256", "AES256-SHA", "ECDHE-RSA-AES128-SHA"):
        done = s_client(router, world, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
        assert "Cipher is (NONE)" in done.stdout, cipher


def test_renegotiation_is_refused(world, router):
    done = s_client(router, world, "-tls1_2", input="R\n")
    assert "RENEGOTIATING" in done.stdout + done.stderr
    assert re.search(r"no renegotiation|alert|unexpected|closed|error", done.stderr)
    assert "Verify return code: 0" in done.stdout


def test_compression_is_not_offered(world, router):
    assert "Compression: NONE" in s_client(router, world, "-tls1_2", "-comp").stdout


def test_post_quantum_hybrid_is_chosen_where_the_client_offers_it(router):
    answer = ask(router.port, HOST, groups=[X25519MLKEM768, X25519], shares=[X25519])
    assert answer.group in (X25519MLKEM768, X25519)
    asked = ask(router.port, HOST, groups=[X25519MLKEM768], shares=[])
    assert (asked.is_retry, asked.group) == (True, X25519MLKEM768)


def test_tls_1_3_offer_of_old_groups_only_is_refused(router):
    ffdhe2048 = 0x0100
    assert ask(router.port, HOST, groups=[ffdhe2048], shares=[]).alert in (40, 47)


@pytest.mark.parametrize(
    "junk, alert",
    [
        (b"\x16\x03\x01\x00\x04\x02\x00\x00\x00", 50),
        (b"\x16\x03\x01\x00\x00", 50),
        (b"\x16\x03\x01\x00\x08\x01\x00\x00\x04\x03\x03\x00\x00", 50),
        (b"\x15\x03\x03\x00\x02\x02\x28", 10),
        (b"\x17\x03\x03\x00\x05hello", 10),
        (b"\x14\x03\x03\x00\x01\x01", 10),
    ],
    ids=["other message", "empty record", "short hello", "alert", "application data", "change cipher spec"],
)
def test_tls_that_cannot_be_read_is_answered_with_an_alert(world, router, junk, alert):
    with socket.create_connection(("127.0.0.1", router.port), 10) as plain:
        plain.sendall(junk)
        plain.shutdown(socket.SHUT_WR)
        data = b""
        while chunk := plain.recv(4096):
            data += chunk
    assert data == bytes([21, 3, 3, 0, 2, 2, alert])
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST).status == 200


@pytest.mark.parametrize(
    "junk", [b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 100, b"\x80\x2e\x01", b"\0" * 600]
)
def test_bytes_that_are_no_tls_end_the_connection(world, router, junk):
    with socket.create_connection(("127.0.0.1", router.port), 10) as plain:
        plain.sendall(junk)
        data = b""
        try:
            plain.shutdown(socket.SHUT_WR)
            while chunk := plain.recv(4096):
                data += chunk
        except OSError:  # It was reset, which is an end as well.
            pass
    assert b"HTTP/1.1 200" not in data
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST).status == 200
