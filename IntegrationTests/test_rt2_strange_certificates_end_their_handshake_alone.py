"""A chain whose certificates no reader can take ends the handshake that it came in, and nothing else."""

import base64
import ssl
import textwrap

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from harness.tls_client import Connection, Refused, context
from harness.world import route

HOST = "a.apps.mtls.internal"
REQUEST = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
VERSION_3 = bytes.fromhex("a003020102")


@pytest.fixture
def router(world, start_router, backend):
    return start_router(world.configuration([route(HOST, backend, mtls_allow_any=True)]))


def with_version(der, number):
    """The certificate with another version number; its signature is none of it any more."""
    integer = bytes([0x02, len(number)]) + number
    tagged = bytes([0xA0, len(integer)]) + integer
    outer, signed = 4, 8
    assert der[0] == der[outer] == 0x30 and der[1] == der[outer + 1] == 0x82 and der[signed:].startswith(VERSION_3)
    grown = len(tagged) - len(VERSION_3)
    lengths = [int.from_bytes(der[start + 2 : start + 4], "big") + grown for start in (0, outer)]
    heads = [b"\x30\x82" + length.to_bytes(2, "big") for length in lengths]
    return heads[0] + heads[1] + tagged + der[signed + len(VERSION_3) :]


def pem(der):
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("number", ["7fffffffffffffff", "8000000000000000", "00ffffffffffffffff", "03", "ff"])
def test_version_of_an_issuer_that_nobody_knows(world, router, tmp_path, number):
    issuer = world.frontend.intermediates[0].public_bytes(Encoding.DER)
    chain = tmp_path / "chain.pem"
    chain.write_text(world.frontend.pem + pem(with_version(issuer, bytes.fromhex(number))))
    key = tmp_path / "key.pem"
    key.write_text(world.frontend.key_pem)
    with pytest.raises((Refused, ssl.SSLError), match="(?i)bad.certificate"):
        # In TLS 1.3 the client has finished before the server judges it.
        with Connection(router.port, HOST, context(world.server_roots, (chain, key))) as connection:
            connection.exchange(REQUEST)
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.exchange(REQUEST).status == 200
