"""Mints what both sides present: ECDSA P-256, root -> intermediate -> leaf."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "backend.apps.mtls.internal"
APP = "d76446a1-f429-4444-8797-be2f78b75b08"
SPACE = "2b26e210-1b48-4e60-8432-f24bc5927789"
ORGANIZATION = "6e424e4e-5e46-419a-9cb6-eac9de2794e8"


def registered_host(number: int) -> str:
    """A host beside `HOST` that comes over the bus."""
    return f"app-{number}.apps.mtls.internal"


@dataclass(frozen=True)
class Files:
    """The PEM files of one side: the root that vouches for it, its chain and key, and both in one file."""

    root: Path
    chain: Path
    key: Path
    combined: Path


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Side:
    """Who one side is, and who vouches for it: enough to make more certificates of the same key."""

    files: Files
    subject: list
    names: list
    usage: x509.ObjectIdentifier
    key: ec.EllipticCurvePrivateKey
    issuer: Authority

    def leaf(self) -> x509.Certificate:
        builder = starting_point(self.subject, self.key, self.issuer)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(key_usage(digital_signature=True), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([self.usage]), critical=False)
        if self.names:
            builder = builder.add_extension(x509.SubjectAlternativeName(self.names), critical=False)
        return builder.sign(self.issuer.key, hashes.SHA256())


@dataclass(frozen=True)
class Certificates:
    server: Files
    client: Files
    stranger: Files
    caller: Side

    def newcomers(self, number: int) -> Path:
        """A file of new leaves of the client, which no server has seen."""
        path = self.client.chain.with_name("newcomers.pem")
        path.write_bytes(b"".join(pem(self.caller.leaf()) for _ in range(number)))
        return path


def mint(folder: Path) -> Certificates:
    folder.mkdir(parents=True, exist_ok=True)
    names = [x509.DNSName(HOST)]
    instance = [
        (NameOID.ORGANIZATIONAL_UNIT_NAME, f"app:{APP}"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, f"space:{SPACE}"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, f"organization:{ORGANIZATION}"),
        (NameOID.COMMON_NAME, "3a1b2c3d-0000-4000-8000-000000000001"),
    ]
    server = side(folder, "server", [(NameOID.COMMON_NAME, HOST)], names, ExtendedKeyUsageOID.SERVER_AUTH)
    client, stranger = (
        side(folder, label, instance, [], ExtendedKeyUsageOID.CLIENT_AUTH) for label in ("client", "stranger")
    )
    return Certificates(server.files, client.files, stranger.files, client)


def side(folder: Path, label: str, subject: list, names: list, usage: x509.ObjectIdentifier) -> Side:
    root = authority(f"{label} root", None)
    intermediate = authority(f"{label} intermediate", root)
    key = ec.generate_private_key(ec.SECP256R1())
    files = Files(*(folder / f"{label}-{part}.pem" for part in ("root", "chain", "key", "combined")))
    made = Side(files, subject, names, usage, key, intermediate)
    chain = pem(made.leaf()) + pem(intermediate.certificate)
    files.root.write_bytes(pem(root.certificate))
    files.chain.write_bytes(chain)
    for file, content in ((files.key, private_pem(key)), (files.combined, chain + private_pem(key))):
        file.touch(mode=0o600)
        file.write_bytes(content)
    return made


def authority(name: str, issuer: Authority | None) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = starting_point([(NameOID.COMMON_NAME, name)], key, issuer)
    constraints = x509.BasicConstraints(ca=True, path_length=0 if issuer else 1)
    builder = builder.add_extension(constraints, critical=True)
    builder = builder.add_extension(key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    return Authority(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def starting_point(subject: list, key: ec.EllipticCurvePrivateKey, issuer: Authority | None) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in subject])
    now = datetime.datetime.now(datetime.timezone.utc)
    issuer_key = issuer.key.public_key() if issuer else key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def key_usage(**true: bool) -> x509.KeyUsage:
    every = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
        " encipher_only decipher_only"
    )
    return x509.KeyUsage(**{name: true.get(name, False) for name in every.split()})


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
