"""The authority takes an intermediate, from files or the environment, and refuses all else before it listens."""

import pytest
import yaml
from cryptography.hazmat.primitives import serialization

from harness.authority_holdings import key_pem
from harness.authority_process import AuthorityProcess, Hierarchy
from harness.pki import Authority, ec_key, rsa_key
from harness.tools import countersign

CERTIFICATE, KEY = "MTLS_INTERMEDIATE_CA_CERT_PEM", "MTLS_INTERMEDIATE_CA_KEY_PEM"


def encrypted(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"correct horse battery"),
    ).decode()


def root():
    made = Authority.root("Link Root")
    return made.pem, key_pem(made.key)


def below(**options):
    made = Authority.root("Link Root", path_length=1).intermediate("Link Intermediate", **options)
    return made.chain_pem, key_pem(made.key)


def leaf():
    made = Authority.root("Link Root").leaf("no-authority")
    return made.pem, made.key_pem


def of_another_root():
    made, other = (Authority.root("Link Root", path_length=1) for _ in range(2))
    issuer = made.intermediate("Link Intermediate")
    return issuer.pem + other.pem, key_pem(issuer.key)


def intermediate_with_the_root_behind_it_and_the_roots_key():
    made = Authority.root("Link Root", path_length=1)
    return made.intermediate("Link Intermediate").chain_pem, key_pem(made.key)


# What is refused, and the words that no other refusal has.
REFUSED = {
    "a root": (root, "belongs to a root: the certificate '"),
    "a root's key beside an intermediate": (
        intermediate_with_the_root_behind_it_and_the_roots_key,
        "belongs to a root: the certificate '",
    ),
    "no authority": (leaf, "is not a certificate authority"),
    "an authority in all but its constraints": (
        lambda: below(is_authority=False, signs_certificates=False),
        "is not a certificate authority",
    ),
    "expired": (lambda: below(lifetime=(-120, -60)), "expired at"),
    "not yet valid": (lambda: below(lifetime=(60, 120)), "is not valid before"),
    "a key that does not match": (lambda: (below()[0], key_pem(ec_key())), "does not belong to"),
    "a key of another kind": (lambda: (below()[0], key_pem(rsa_key())), "does not belong to"),
    "a weak key": (lambda: below(key=rsa_key(1024)), "RSA"),
    "a chain that is none": (of_another_root, "is not signed by"),
    "an encrypted key": (lambda: (below()[0], encrypted(ec_key())), "encrypted"),
    "no certificate": (lambda: ("hello\n", below()[1]), "PEM"),
    "no key": (lambda: (below()[0], below()[0]), "key"),
}


def settings_without_intermediate(process):
    del process.configuration["authority"]["intermediate"]
    process.write_configuration()


def assert_refused(process, secret, word):
    code, said = process.refusal()
    assert code not in (0, None) and word in said, said
    assert secret.splitlines()[1] not in said
    assert not process.database.exists() and not process.token_file.exists()
    return said


@pytest.mark.parametrize("case", REFUSED)
def test_authority_does_not_start_with(tmp_path, case):
    make, word = REFUSED[case]
    process = AuthorityProcess(tmp_path)
    chain, key = make()
    (tmp_path / "int.pem").write_text(chain)
    (tmp_path / "int-key.pem").write_text(key)
    said = assert_refused(process, key, word)
    assert "int.pem" in said or "int-key.pem" in said
    others = {other for _, other in REFUSED.values() if other not in ("PEM", "key", "RSA", "encrypted")} - {word}
    assert not [other for other in others if other in said], said
    checked = countersign("config", "check", "--config", process.path)
    assert checked.returncode == 1 and word in checked.stdout, checked.stdout


@pytest.mark.parametrize("case", ["a root", "no authority", "expired", "a key that does not match", "no key"])
def test_authority_does_not_start_with_what_the_environment_has(tmp_path, case):
    make, word = REFUSED[case]
    chain, key = make()
    process = AuthorityProcess(tmp_path, environment={CERTIFICATE: chain, KEY: key})
    settings_without_intermediate(process)
    assert_refused(process, key, word)


@pytest.mark.parametrize("absent", [[CERTIFICATE], [KEY], [CERTIFICATE, KEY]], ids=" ".join)
def test_half_of_a_pair_in_the_environment_is_told(tmp_path, absent):
    chain, key = below()
    environment = {name: text for name, text in ((CERTIFICATE, chain), (KEY, key)) if name not in absent}
    process = AuthorityProcess(tmp_path, environment=environment)
    settings_without_intermediate(process)
    assert_refused(process, key, KEY)


def test_authority_signs_with_the_intermediate_of_the_environment(start_authority):
    hierarchy = Hierarchy()
    secret = key_pem(hierarchy.intermediate.key)
    # The files hold another hierarchy: the environment goes before them.
    environment = {CERTIFICATE: hierarchy.intermediate.chain_pem, KEY: secret}
    authority = start_authority(environment=environment)
    authority.root_path.write_text(hierarchy.root.pem)
    holder = authority.issue("user-svc")
    assert holder.certificate.issuer == hierarchy.intermediate.certificate.subject
    holder.certificate.verify_directly_issued_by(hierarchy.intermediate.certificate)
    assert authority.public.get("/v1/bundle").body.decode() == hierarchy.root.pem
    authority.stop()
    for line in secret.splitlines()[1:-1]:
        assert not any(line in said for said in authority.raw_log)


def test_authority_signs_with_each_kind_of_key_and_each_form(start_authority):
    forms = (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL)
    for key in (ec_key(), rsa_key()):
        for form in forms:
            hierarchy = Hierarchy(key=key)
            text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
            authority = start_authority(
                hierarchy=hierarchy, environment={CERTIFICATE: hierarchy.intermediate.chain_pem, KEY: text}
            )
            holder = authority.issue("user-svc")
            holder.certificate.verify_directly_issued_by(hierarchy.intermediate.certificate)
            authority.stop()


def test_key_file_that_others_may_read_is_refused(tmp_path):
    process = AuthorityProcess(tmp_path)
    (tmp_path / "int-key.pem").chmod(0o644)
    code, said = process.refusal()
    assert code != 0 and "int-key.pem" in said and "600" in said, said


def test_bundle_that_does_not_lead_to_the_intermediate_is_refused(tmp_path):
    process = AuthorityProcess(tmp_path)
    other = tmp_path / "other.pem"
    other.write_text(Authority.root("Another Root").pem)
    process.configuration["authority"]["trust_bundle"] = str(other)
    process.path.write_text(yaml.safe_dump(process.configuration))
    code, said = process.refusal()
    assert code != 0 and "is not signed by any of the trusted roots" in said, said
    other.write_text(process.hierarchy.root.pem + Authority.root("Another Root").pem)
    process.start()
    assert process.stop() == 0


def test_chain_without_a_root_is_warned_about_where_no_trust_bundle_is_named(tmp_path):
    def said():
        authority.write_configuration()
        done = countersign("config", "check", "--config", authority.path, "--role", "authority")
        assert done.returncode == 0, done.stdout
        return done.stdout

    authority = AuthorityProcess(tmp_path / "authority")
    warning = "is the topmost one and no root, and would be handed out as the trust bundle"
    assert warning not in said()
    chain = tmp_path / "authority" / "int.pem"
    chain.write_text(authority.hierarchy.intermediate.pem)
    assert warning in said() and "Link Intermediate" in said()
    authority.start()
    try:
        authority.log.wait_for(lambda line: warning in line.get("problem", ""), 10, "the warning")
    finally:
        authority.stop()
    authority.configuration["authority"]["trust_bundle"] = str(authority.root_path)
    assert warning not in said()
