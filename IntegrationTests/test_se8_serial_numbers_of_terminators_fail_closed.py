"""Revocation lists behind a TLS terminator that tells serial numbers: current, stale, and in both bases."""

import json
import time

import pytest
from cryptography import x509

from harness.authz import Authz
from harness.tools import countersign
from harness.waiting import until

SUBJECT, SERIAL = "X-Client-Cert-Subject", "X-Client-Cert-Serial"


def made(directory, lists, **section):
    path = directory / "lists.pem"
    path.write_text(lists)
    options = {"forwarded_client_cert_header": SUBJECT, "inbound_auth_mode": "mtls_only", "tokens": None}
    return Authz(directory, **{**options, "crls": str(path), **section})


def outcome(authz, serial):
    status, _, content = authz.ask("/auth/traefik", (SUBJECT, "CN=orders"), (SERIAL, serial))
    return status if status == 200 else (status, json.loads(content)["code"])


@pytest.mark.parametrize("base", ["hexadecimal", "decimal"])
def test_the_base_of_serial_numbers_is_said(world, tmp_path, base):
    leaf, other = world.partner_device, world.partner.leaf("other")
    with made(tmp_path, world.partner.revocation_list(leaf), client_cert_serial_format=base) as authz:
        text = {"decimal": str, "hexadecimal": lambda number: f"{number:x}"}[base]
        assert outcome(authz, text(leaf.certificate.serial_number)) == (401, "certificate_revoked")
        assert outcome(authz, text(other.certificate.serial_number)) == 200
        if base == "hexadecimal":
            colons = leaf.certificate.serial_number.to_bytes(20).hex(":").upper()
            assert outcome(authz, colons) == (401, "certificate_revoked")
        else:
            assert outcome(authz, "0a1b") == (400, "certificate_malformed")


def test_without_it_lists_are_refused(world, tmp_path):
    authz = made(tmp_path, world.partner.revocation_list())
    check = countersign("config", "check", "--config", authz.path, "--role", "authz")
    assert check.returncode == 1 and "say which in client_cert_serial_format" in check.stdout


def test_a_list_counts_until_its_next_update(world, tmp_path):
    text = world.partner.revocation_list(lifetime=(-5, 0.1))
    ends = x509.load_pem_x509_crl(text.encode()).next_update_utc.timestamp()
    stale = (401, "certificate_untrusted")
    with made(tmp_path, text, client_cert_serial_format="hexadecimal") as authz:
        assert outcome(authz, "0a1b") == 200
        # Some clocks of the system are a tick behind others.
        until(lambda: time.time() > ends + 1.1, 15, "the next update")
        assert outcome(authz, "0a1b") == stale
        (tmp_path / "lists.pem").write_text(text + world.partner.revocation_list(number=2))
        authz.reload("configuration refused")
        assert outcome(authz, "0a1b") == stale
        (tmp_path / "lists.pem").write_text(world.partner.revocation_list(number=2))
        authz.reload()
        assert outcome(authz, "0a1b") == 200


def test_a_stale_list_is_refused_at_once(world, tmp_path):
    authz = made(tmp_path, world.partner.revocation_list(lifetime=(-9, -5)), client_cert_serial_format="decimal")
    check = countersign("config", "check", "--config", authz.path, "--role", "authz")
    assert check.returncode == 1 and "was due to be replaced" in check.stdout
