"""The published lists: what is on them, in what order they come, and what OpenSSL makes of them."""

import datetime
import email.utils
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness import tools
from harness.authority_api import ADMIN
from harness.authority_holdings import crl_number, crl_serials
from harness.authority_process import Hierarchy
from harness.linters import revocation_list_findings
from harness.pki import Authority, ec_key, minutes_from_now, pem_of, rsa_key
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


@pytest.fixture(scope="module")
def agent(authority):
    return authority.agent("user-svc", "billing")


def published(authority, holder, is_there=True):
    """The list, once it has the certificate or no longer has it."""

    def crl():
        found = authority.crl()
        # In a list, as a revocation list that names nobody counts as false.
        return [found] if (holder.serial in crl_serials(found)) == is_there else None

    return until(crl, 5, "the list being published")[0]


def verify(authority, holder, crl=None, *options):
    """What `openssl verify` says of a certificate, with the lists of both its issuers where `crl` is one."""
    folder = authority.directory
    arguments = ["-CAfile", authority.root_path, "-untrusted", holder.chain_path, *options]
    if crl is not None:
        (folder / "int.crl").write_bytes(crl.public_bytes(serialization.Encoding.PEM))
        (folder / "root.crl").write_text(authority.hierarchy.root.revocation_list())
        arguments += ["-crl_check_all", "-CRLfile", folder / "int.crl", "-CRLfile", folder / "root.crl"]
    return tools.run("openssl", "verify", *arguments, holder.chain_path)


def test_openssl_agrees_before_and_after(authority, agent):
    holder, other = authority.issue("user-svc", agent), authority.issue("user-svc", agent)
    before = verify(authority, holder, authority.crl())
    assert before.returncode == 0, before.stderr
    authority.revoke("user-svc", serial=holder.serial, reason="keyCompromise").ok()
    crl = published(authority, holder)
    after = verify(authority, holder, crl)
    assert after.returncode != 0 and "certificate revoked" in after.stderr
    assert verify(authority, other, crl).returncode == 0


def test_list_is_well_formed_and_signed_by_the_issuer(authority, agent):
    holder = authority.issue("user-svc", agent)
    authority.revoke("user-svc", serial=holder.serial, reason="cessationOfOperation").ok()
    crl = published(authority, holder)
    issuer = authority.hierarchy.intermediate
    assert crl.is_signature_valid(issuer.key.public_key()) and crl.issuer == issuer.certificate.subject
    assert crl_serials(crl)[holder.serial] == "cessationOfOperation"
    lifetime = crl.next_update_utc - crl.last_update_utc
    assert lifetime == datetime.timedelta(hours=3)
    identifier = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert identifier.hex() == authority.key_id
    text = tools.run(
        "openssl", "crl", "-noout", "-text", input=crl.public_bytes(serialization.Encoding.PEM).decode()
    ).stdout
    assert "Version 2" in text and f"/crl/{authority.key_id}-delta.crl" in text


@pytest.mark.parametrize("make", [ec_key, lambda: ec_key(ec.SECP384R1()), rsa_key], ids=["p256", "p384", "rsa2048"])
def test_linter_finds_nothing_and_openssl_verifies_whatever_the_key(start_authority, make):
    authority = start_authority(hierarchy=Hierarchy(root_key=make(), key=make()))
    holders = [authority.issue("user-svc") for _ in range(3)]
    empty = authority.crl()
    for holder, reason in zip(holders, ("keyCompromise", "certificateHold", "unspecified"), strict=True):
        authority.revoke("user-svc", serial=holder.serial, reason=reason).ok()
    full = published(authority, holders[-1])
    for crl in (empty, full, authority.crl("-delta")):
        (authority.directory / "linted.crl").write_bytes(crl.public_bytes(serialization.Encoding.DER))
        assert revocation_list_findings(authority.directory / "linted.crl") == []
    assert "certificate revoked" in verify(authority, holders[0], full).stderr
    assert verify(authority, holders[0], empty).returncode == 0


def test_linter_would_tell(tmp_path):
    """A list without what every list has to have, so that silence means something."""
    root = Authority.root("Linted Root")
    builder = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
    builder = builder.last_update(minutes_from_now(-1)).next_update(minutes_from_now(60))
    (tmp_path / "bad.crl").write_text(pem_of(builder.sign(root.key, hashes.SHA256())))
    told = "\n".join(revocation_list_findings(tmp_path / "bad.crl"))
    assert "crl_number_missing" in told and "authority_key_identifier_missing" in told


def test_numbers_rise_with_each_list_and_over_restarts(start_authority):
    authority = start_authority()
    numbers = [crl_number(authority.crl())]
    for _ in range(3):
        holder = authority.issue("user-svc")
        authority.revoke("user-svc", serial=holder.serial).ok()
        numbers.append(crl_number(published(authority, holder)))
    for end in (authority.stop, authority.kill):
        end()
        authority.start()
        crl = authority.crl()
        numbers.append(crl_number(crl))
        assert len(crl_serials(crl)) == 3
    assert numbers == sorted(set(numbers))


def test_held_certificate_is_on_the_list_until_it_is_released(authority, agent):
    holder = authority.issue("user-svc", agent)
    authority.revoke("user-svc", serial=holder.serial, reason="certificateHold").ok()
    assert crl_serials(published(authority, holder))[holder.serial] == "certificateHold"
    authority.revoke("user-svc", serial=holder.serial, reason="removeFromCRL").ok()
    crl = published(authority, holder, is_there=False)
    assert verify(authority, holder, crl).returncode == 0


def delta_urls(crl):
    """Where a list says that what came after it can be had."""
    try:
        points = crl.extensions.get_extension_for_class(x509.FreshestCRL).value
    except x509.ExtensionNotFound:
        return []
    return [name.value for point in points for name in point.full_name]


def assert_is_empty_delta(authority, base):
    """Nobody knows what the holders of lists of an earlier run lack: the first delta is empty."""
    delta = authority.crl("-delta")
    indicator = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    assert indicator.value.crl_number < crl_number(base) == crl_number(delta) and crl_serials(delta) == {}
    assert delta_urls(base) == [f"http://127.0.0.1:{authority.public_port}/crl/{authority.key_id}-delta.crl"]


def test_delta_list_says_what_became_of_each_certificate_since_its_base(start_authority):
    authority = start_authority()
    base = authority.crl()
    assert_is_empty_delta(authority, base)
    revoked, released = authority.issue("user-svc"), authority.issue("user-svc")
    authority.revoke("user-svc", serial=revoked.serial, reason="superseded").ok()
    authority.revoke("user-svc", serial=released.serial, reason="certificateHold").ok()
    full = published(authority, released)
    delta = authority.crl("-delta")
    assert crl_number(delta) == crl_number(full)
    indicator = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    assert indicator.critical and indicator.value.crl_number <= crl_number(base)
    assert crl_serials(delta) == {revoked.serial: "superseded", released.serial: "certificateHold"}
    authority.revoke("user-svc", serial=released.serial, reason="removeFromCRL").ok()
    full = published(authority, released, is_there=False)
    delta = authority.crl("-delta")
    assert crl_serials(delta) == {revoked.serial: "superseded", released.serial: "removeFromCRL"}
    assert crl_serials(full) == {revoked.serial: "superseded"}
    assert delta.is_signature_valid(authority.hierarchy.intermediate.key.public_key())
    authority.kill()
    authority.start()
    assert crl_serials(authority.crl()) == {revoked.serial: "superseded"}
    assert_is_empty_delta(authority, authority.crl())


def test_openssl_takes_base_and_delta_together(start_authority):
    authority = start_authority()
    base, holder = authority.crl(), authority.issue("user-svc")
    authority.revoke("user-svc", serial=holder.serial, reason="keyCompromise").ok()
    published(authority, holder)
    delta = authority.directory / "delta.crl"
    delta.write_bytes(authority.crl("-delta").public_bytes(serialization.Encoding.PEM))
    assert verify(authority, holder, base).returncode == 0
    done = verify(authority, holder, base, "-CRLfile", delta, "-extended_crl", "-use_deltas")
    assert done.returncode != 0 and "certificate revoked" in done.stderr, done.stderr


def test_caches_are_told_how_long_a_list_may_be_kept(authority, agent):
    path = f"/crl/{authority.key_id}.crl"
    answer = authority.public.get(path)
    assert answer.headers["content-type"] == "application/pkix-crl"
    age = int(re.search(r"max-age=(\d+)", answer.headers["cache-control"])[1])
    assert 0 < age <= 60
    tag, modified = answer.headers["etag"], answer.headers["last-modified"]
    moment = email.utils.parsedate_to_datetime(modified)
    expires = email.utils.parsedate_to_datetime(answer.headers["expires"])
    assert moment < expires <= x509.load_der_x509_crl(answer.body).next_update_utc
    assert moment == x509.load_der_x509_crl(answer.body).last_update_utc
    for fields in ({"If_None_Match": tag}, {"If_None_Match": f'"other", {tag}'}, {"If_Modified_Since": modified}):
        unchanged = authority.public.call("GET", path, **fields)
        assert unchanged.status == 304 and not unchanged.body and unchanged.headers["etag"] == tag
    head = authority.public.call("HEAD", path)
    assert head.status == 200 and not head.body and int(head.headers["content-length"]) == len(answer.body)
    holder = authority.issue("user-svc", agent)
    authority.revoke("user-svc", serial=holder.serial).ok()
    published(authority, holder)
    changed = authority.public.call("GET", path, If_None_Match=tag)
    assert changed.status == 200 and changed.headers["etag"] != tag


def test_everything_else_there_is_public_is_found(authority):
    assert authority.public.get("/crl").body == authority.public.get(f"/crl/{authority.key_id}.crl").body
    certificate = authority.public.get(f"/ca/{authority.key_id}.crt")
    assert pem_of(x509.load_der_x509_certificate(certificate.body)) == authority.hierarchy.intermediate.pem
    assert authority.public.get("/v1/bundle").body.decode() == authority.hierarchy.root.pem
    assert authority.public.get("/crl/00.crl").status == 404
    assert authority.public.get(f"{ADMIN}/services").status == 404
    assert authority.public.call("POST", "/crl", body=b"x").status == 405


def test_revocations_without_pause_are_all_on_the_list_and_lists_stay_few(authority, agent):
    holders = [authority.issue("billing", agent) for _ in range(20)]
    before = crl_number(authority.crl())
    for holder in holders:
        authority.revoke("billing", serial=holder.serial).ok()
    crl = published(authority, holders[-1])
    assert {holder.serial for holder in holders} <= set(crl_serials(crl))
    assert crl_number(crl) - before <= 20


def test_metrics_tell_the_age_and_size_of_the_list(authority, agent):
    holder = authority.issue("user-svc", agent)
    authority.revoke("user-svc", serial=holder.serial, reason="keyCompromise").ok()
    crl = published(authority, holder)
    assert 0 <= authority.metric("mtls_crl_age_seconds") < 60
    assert authority.metric("mtls_cert_revocations_total", reason="keyCompromise") >= 1
    assert authority.metric("mtls_crl_number") == crl_number(crl)
