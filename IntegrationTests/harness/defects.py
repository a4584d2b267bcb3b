"""Client certificates with exactly one thing wrong, each with the reason and the alert that the router owes it."""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from harness.pki import CODE_SIGNING, SERVER_AUTH, Authority, Leaf, ec_key, key_usage, pem_of, rsa_key, self_signed

BAD_CERTIFICATE, UNSUPPORTED, EXPIRED, UNKNOWN, UNKNOWN_CA = 42, 43, 45, 46, 48

UNITS = (
    "d76446a1-f429-4444-8797-be2f78b75b08",
    "5f1c9f7a-3d61-4f31-a9a4-0d5f54c1a7c1",
    "6e424e4e-5e46-419a-9cb6-eac9de2794e8",
)


@dataclass(frozen=True)
class Defect:
    """`mint` takes the domain's root authority and answers the defective leaf."""

    name: str
    reasons: tuple
    alerts: tuple
    mint: object
    openssl_verify_fails: bool = True

    def __str__(self):
        return self.name


def _instance(authority, **options):
    return authority.cloud_foundry(*UNITS, **options)


def _below(root, **options):
    return _instance(root.intermediate("Defective Issuer", **options))


def _wrong_signature(root):
    leaf = _instance(root.intermediate("Honest Issuer"))
    der = bytearray(leaf.der)
    der[-1] ^= 0x01
    return Leaf(x509.load_der_x509_certificate(bytes(der)), leaf.key, leaf.intermediates)


def _impostor(root):
    """Signed with another key by somebody who took the honest issuer's name."""
    honest = root.intermediate("Honest Issuer")
    impostor = Authority(honest.certificate, ec_key(), honest.parents)
    return _instance(impostor)


def _path_too_long(root):
    first = root.intermediate("Issuer Of Leaves Only", path_length=0)
    return _instance(first.intermediate("One Too Many"))


def _name_constraints_violated(root):
    allowed = x509.NameConstraints([x509.DNSName("allowed.example")], None)
    issuer = root.intermediate("Constrained Issuer", name_constraints=allowed)
    return _instance(issuer, dns=["elsewhere.example"])


def _leaf_as_issuer(root):
    """A leaf that signs another leaf, as a stolen client certificate would."""
    holder = _instance(root.intermediate("Honest Issuer"), usage=key_usage(digital_signature=True, key_cert_sign=True))
    fake = Authority(holder.certificate, holder.key, [holder.certificate, *holder.intermediates])
    return _instance(fake)


def _endless_chain(root):
    issuer = root
    for number in range(30):
        issuer = issuer.intermediate(f"Issuer {number}")
    return _instance(issuer)


def _signed_with_sha1(root):
    issuer = root.intermediate("Old Issuer")
    key = ec_key()
    template = Leaf(issuer.certificate, issuer.key, [])
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        issuer_chain, issuer_key = template.save(folder, "issuer")
        _, own_key = Leaf(issuer.certificate, key, []).save(folder, "own")
        extensions = folder / "extensions"
        extensions.write_text(
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\nbasicConstraints=critical,CA:FALSE\n"
        )
        subject = "/CN=old" + "".join(
            f"/OU={kind}:{guid}" for kind, guid in zip(("app", "space", "organization"), UNITS, strict=True)
        )
        _openssl("req", "-new", "-key", own_key, "-subj", subject, "-out", folder / "request")
        _openssl(
            "x509",
            "-req",
            "-sha1",
            "-in",
            folder / "request",
            "-CA",
            issuer_chain,
            "-CAkey",
            issuer_key,
            "-days",
            "1",
            "-extfile",
            extensions,
            "-out",
            folder / "leaf.pem",
        )
        certificate = x509.load_pem_x509_certificate((folder / "leaf.pem").read_bytes())
    return Leaf(certificate, key, [issuer.certificate])


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


DEFECTS = [
    Defect("expired", ("expired",), (EXPIRED,), lambda root: _instance(root.intermediate("I"), lifetime=(-120, -60))),
    Defect(
        "not_yet_valid",
        ("not_yet_valid",),
        (BAD_CERTIFICATE, EXPIRED, UNKNOWN),
        lambda root: _instance(root.intermediate("I"), lifetime=(60, 120)),
    ),
    Defect("self_signed", ("self_signed", "unknown_issuer"), (UNKNOWN_CA,), lambda root: self_signed("nobody")),
    Defect("wrong_authority", ("unknown_issuer",), (UNKNOWN_CA,), lambda root: _below(Authority.root("Somebody Else"))),
    Defect(
        "same_name_other_authority",
        ("unknown_issuer", "bad_signature"),
        (UNKNOWN_CA, BAD_CERTIFICATE, 51),
        lambda root: _below(Authority.root("Platform Root")),
    ),
    Defect(
        "missing_intermediate", ("unknown_issuer",), (UNKNOWN_CA,), lambda root: _below(root).without_intermediates()
    ),
    Defect("bad_signature", ("bad_signature", "unknown_issuer"), (BAD_CERTIFICATE, UNKNOWN_CA, 51), _wrong_signature),
    Defect("impostor_issuer", ("bad_signature", "unknown_issuer"), (BAD_CERTIFICATE, UNKNOWN_CA, 51), _impostor),
    Defect(
        "server_certificate_only",
        ("wrong_purpose",),
        (UNSUPPORTED, BAD_CERTIFICATE),
        lambda root: _instance(root.intermediate("I"), purposes=[SERVER_AUTH]),
    ),
    Defect(
        "code_signing_only",
        ("wrong_purpose",),
        (UNSUPPORTED, BAD_CERTIFICATE),
        lambda root: _instance(root.intermediate("I"), purposes=[CODE_SIGNING]),
    ),
    Defect(
        "key_may_not_sign",
        ("key_usage",),
        (UNSUPPORTED, BAD_CERTIFICATE, 47),
        lambda root: _instance(root.intermediate("I"), usage=key_usage(key_agreement=True)),
        False,
    ),
    Defect(
        "leaf_is_an_authority",
        ("leaf_is_authority", "key_usage", "not_a_leaf"),
        (BAD_CERTIFICATE, UNSUPPORTED, 47),
        lambda root: _instance(
            root.intermediate("I"), is_authority=True, usage=key_usage(digital_signature=True, key_cert_sign=True)
        ),
        False,
    ),
    Defect(
        "intermediate_is_no_authority",
        ("not_authority",),
        (BAD_CERTIFICATE, UNKNOWN_CA),
        lambda root: _below(root, is_authority=False),
    ),
    Defect(
        "intermediate_without_basic_constraints",
        ("not_authority",),
        (BAD_CERTIFICATE, UNKNOWN_CA),
        lambda root: _below(root, basic_constraints=False),
    ),
    Defect(
        "intermediate_may_not_sign",
        ("key_usage", "not_authority"),
        (BAD_CERTIFICATE, UNKNOWN_CA, UNSUPPORTED),
        lambda root: _below(root, signs_certificates=False),
    ),
    Defect("leaf_signed_by_leaf", ("not_authority",), (BAD_CERTIFICATE, UNKNOWN_CA), _leaf_as_issuer),
    Defect("expired_intermediate", ("expired",), (EXPIRED,), lambda root: _below(root, lifetime=(-120, -60))),
    Defect("path_length_exceeded", ("path_length_exceeded",), (BAD_CERTIFICATE, UNKNOWN_CA), _path_too_long),
    Defect("name_constraint_violated", ("name_constraint",), (BAD_CERTIFICATE, UNKNOWN_CA), _name_constraints_violated),
    Defect(
        "too_many_certificates",
        ("too_many_certificates", "path_length_exceeded"),
        (BAD_CERTIFICATE, UNKNOWN_CA),
        _endless_chain,
        False,
    ),
    Defect(
        "rsa_1024",
        ("weak_key",),
        (BAD_CERTIFICATE, UNSUPPORTED, 71),
        lambda root: _instance(root.intermediate("I"), key=rsa_key(1024)),
        False,
    ),
    Defect("sha1_signature", ("weak_signature",), (BAD_CERTIFICATE, UNSUPPORTED, 71), _signed_with_sha1, False),
]

SOUND = {
    "ecdsa_p256": lambda root: _below(root),
    "ecdsa_p384": lambda root: _instance(root.intermediate("I"), key=ec_key(ec.SECP384R1())),
    "rsa_2048": lambda root: _instance(root.intermediate("I"), key=rsa_key(2048)),
    "two_intermediates": lambda root: _instance(root.intermediate("First").intermediate("Second")),
    "directly_below_the_root": lambda root: _instance(root),
    "path_length_just_enough": lambda root: _instance(
        root.intermediate("First", path_length=1).intermediate("Second", path_length=0)
    ),
    "name_constraint_met": lambda root: _instance(
        root.intermediate(
            "Constrained", name_constraints=x509.NameConstraints([x509.DNSName("allowed.example")], None)
        ),
        dns=["app.allowed.example"],
    ),
}


def chain_text(leaf):
    """The intermediates alone, as PEM."""
    return "".join(pem_of(certificate) for certificate in leaf.intermediates)
