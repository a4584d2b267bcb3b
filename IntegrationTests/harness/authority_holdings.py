"""What callers hold of an authority and read from it: keys, requests, certificates, revocation lists."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from harness.pki import subject


@dataclass
class Holder:
    """A certificate of the authority with its key, on disk as well."""

    issuance: dict
    key: object
    chain_path: str
    key_path: str

    @property
    def certificate(self):
        return x509.load_pem_x509_certificate(self.issuance["certificate"].encode())

    @property
    def serial(self):
        return self.issuance["serial"]

    @property
    def paths(self):
        return self.chain_path, self.key_path


def key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def csr(key, name=None, dns=(), uris=(), extensions=(), names=()):
    """A signing request in PEM."""
    pairs = ([("CN", name)] if name else []) + list(names)
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(*pairs))
    alternatives = [x509.DNSName(value) for value in dns] + [x509.UniformResourceIdentifier(value) for value in uris]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
    for extension in extensions:
        builder = builder.add_extension(extension, True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def crl_number(crl):
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def crl_serials(crl):
    """The revoked serial numbers in the inventory's form, with their reasons."""
    found = {}
    for entry in crl:
        try:
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
        except x509.ExtensionNotFound:
            reason = "unspecified"
        found[serial_text(entry.serial_number)] = reason
    return found


def serial_text(number):
    text = f"{number:x}"
    return text if len(text) % 2 == 0 else "0" + text
