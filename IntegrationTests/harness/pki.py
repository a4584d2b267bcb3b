"""Certificate authorities and leaves, minted in memory; nothing here is ever committed."""

import datetime
import hashlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER_AUTH = ExtendedKeyUsageOID.SERVER_AUTH
CODE_SIGNING = ExtendedKeyUsageOID.CODE_SIGNING

_ATTRIBUTES = {
    "CN": NameOID.COMMON_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "C": NameOID.COUNTRY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "L": NameOID.LOCALITY_NAME,
}


def ec_key(curve=None):
    return ec.generate_private_key(curve or ec.SECP256R1())


def rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def subject(*pairs):
    """A distinguished name of one relative name per pair, in the given order: `subject(("CN", "a"), ("OU", "b"))`."""
    return x509.Name([x509.NameAttribute(_ATTRIBUTES[kind], value) for kind, value in pairs])


def minutes_from_now(minutes):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)


def key_usage(**wanted):
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{name: wanted.get(name, False) for name in names})


SIGNING = key_usage(digital_signature=True)


@dataclass
class Leaf:
    """An end-entity certificate with its key and the intermediates that its holder sends along."""

    certificate: x509.Certificate
    key: object
    intermediates: list

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def sha256(self):
        return hashlib.sha256(self.der).hexdigest()

    @property
    def chain_pem(self):
        return self.pem + "".join(pem_of(certificate) for certificate in self.intermediates)

    @property
    def key_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def without_intermediates(self):
        return Leaf(self.certificate, self.key, [])

    def save(self, directory, name):
        """Writes `name.pem` (leaf first, then intermediates) and `name-key.pem` (0600), and answers both paths."""
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        chain, key = directory / f"{name}.pem", directory / f"{name}-key.pem"
        chain.write_text(self.chain_pem)
        key.touch(mode=0o600)
        key.write_text(self.key_pem)
        return chain, key


class Authority:
    """A certificate authority that signs whatever a test asks for, wrong things included."""

    def __init__(self, certificate, key, parents, top=None):
        """`parents` are what a leaf's holder sends along; `top` is the root, None where this is the root itself."""
        self.certificate, self.key, self.parents, self.top = certificate, key, parents, top

    @classmethod
    def root(cls, common_name, key=None, path_length=None, name_constraints=None, lifetime=(-60 * 24, 60 * 24 * 365)):
        key = key or ec_key()
        name = subject(("O", "Countersign Tests"), ("CN", common_name))
        builder = _builder(name, name, key.public_key(), *lifetime)
        builder = builder.add_extension(x509.BasicConstraints(True, path_length), True)
        builder = builder.add_extension(key_usage(key_cert_sign=True, crl_sign=True), True)
        builder = _with_key_identifiers(builder, key.public_key(), key.public_key())
        if name_constraints:
            builder = builder.add_extension(name_constraints, True)
        return cls(builder.sign(key, hashes.SHA256()), key, [])

    @property
    def pem(self):
        return pem_of(self.certificate)

    @property
    def chain_pem(self):
        """The authority's certificate and all above it, the root included."""
        above = self.parents[1:] + ([self.top] if self.top else [])
        return self.pem + "".join(pem_of(certificate) for certificate in above)

    def intermediate(
        self,
        common_name,
        key=None,
        is_authority=True,
        signs_certificates=True,
        path_length=None,
        name_constraints=None,
        lifetime=(-60, 60 * 24 * 30),
        basic_constraints=True,
    ):
        key = key or ec_key()
        name = subject(("O", "Countersign Tests"), ("CN", common_name))
        builder = _builder(name, self.certificate.subject, key.public_key(), *lifetime)
        if basic_constraints:
            builder = builder.add_extension(x509.BasicConstraints(is_authority, path_length), True)
        usage = key_usage(key_cert_sign=signs_certificates, crl_sign=True, digital_signature=not signs_certificates)
        builder = builder.add_extension(usage, True)
        builder = _with_key_identifiers(builder, key.public_key(), self.key.public_key())
        if name_constraints:
            builder = builder.add_extension(name_constraints, True)
        certificate = builder.sign(self.key, hashes.SHA256())
        return Authority(certificate, key, [certificate] + self.parents, self.top or self.certificate)

    def leaf(
        self,
        name,
        key=None,
        dns=(),
        uris=(),
        ips=(),
        emails=(),
        purposes=(CLIENT_AUTH, SERVER_AUTH),
        usage=SIGNING,
        is_authority=False,
        lifetime=(-5, 24 * 60),
        digest=None,
    ):
        """`name` is a common name or the result of `subject`; `lifetime` is minutes from now, both ends."""
        key = key or ec_key()
        name = subject(("CN", name)) if isinstance(name, str) else name
        builder = _builder(name, self.certificate.subject, key.public_key(), *lifetime)
        builder = builder.add_extension(x509.BasicConstraints(is_authority, None), True)
        if usage is not None:
            builder = builder.add_extension(usage, True)
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), False)
        builder = _with_key_identifiers(builder, key.public_key(), self.key.public_key())
        names = [x509.DNSName(value) for value in dns]
        names += [x509.UniformResourceIdentifier(value) for value in uris]
        names += [x509.IPAddress(ipaddress.ip_address(value)) for value in ips]
        names += [x509.RFC822Name(value) for value in emails]
        if names:
            # RFC 5280 section 4.2.1.6: critical where there is no subject.
            builder = builder.add_extension(x509.SubjectAlternativeName(names), not list(name))
        certificate = builder.sign(self.key, digest or hashes.SHA256())
        return Leaf(certificate, key, list(self.parents))

    def cloud_foundry(self, app, space, org, name="9a1c5d12-instance", **options):
        """An instance identity as Cloud Foundry's Diego mints them: the identity is in the organizational units."""
        units = [("OU", f"organization:{org}"), ("OU", f"space:{space}"), ("OU", f"app:{app}")]
        return self.leaf(subject(("CN", name), *units), **options)

    def revocation_list(self, *leaves, lifetime=(-5, 24 * 60), key=None, number=1, made=None):
        """A revocation list in PEM that names the leaves; `key` signs it in place of the authority's own.

        `made` is the moment of its making, where several lists are to have the same.
        """
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(made or minutes_from_now(lifetime[0])).next_update(minutes_from_now(lifetime[1]))
        for leaf in leaves:
            entry = x509.RevokedCertificateBuilder().serial_number(leaf.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(minutes_from_now(-1)).build())
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(identifier, False).add_extension(x509.CRLNumber(number), False)
        return pem_of(builder.sign(key or self.key, hashes.SHA256()))

    def save(self, directory, name):
        path = Path(directory) / f"{name}.pem"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.pem)
        return path


def self_signed(name, **options):
    """A certificate that vouches for itself: nobody's CA, its own issuer."""
    key = ec_key()
    template = Authority.root("unused")
    leaf = template.leaf(name, key=key, **options)
    builder = _builder(leaf.certificate.subject, leaf.certificate.subject, key.public_key(), -5, 60)
    for extension in leaf.certificate.extensions:
        if not isinstance(extension.value, x509.AuthorityKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    return Leaf(builder.sign(key, hashes.SHA256()), key, [])


def pem_of(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _builder(name, issuer, public_key, starts, ends):
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(minutes_from_now(starts))
        .not_valid_after(minutes_from_now(ends))
    )


def _with_key_identifiers(builder, own, issuers):
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own), False)
    return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers), False)
