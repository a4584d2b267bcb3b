"""The authorities that are compared at issuing: one key, one profile of 24 hours, plain HTTP on loopback."""

import contextlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .certificates import authority, pem, private_pem
from .servers import free_port

SERVICE = "web"
NAME = "web.link.internal"
TRUST_DOMAIN = "link.internal"
REQUESTS = 64


@dataclass(frozen=True)
class IssuingSite:
    """Where an authority keeps its files and listens."""

    folder: Path
    port: int
    public_port: int
    countersign: str

    @classmethod
    def make(cls, folder: Path, countersign: str) -> "IssuingSite":
        """A site with a signing certificate in its folder; what is there from before stays."""
        folder.mkdir(parents=True, exist_ok=True)
        site = cls(folder, free_port(), free_port(), countersign)
        if not site.certificate.exists():
            root = authority("benchmark root", None)
            intermediate = authority("benchmark intermediate", root)
            site.certificate.write_bytes(pem(intermediate.certificate) + pem(root.certificate))
            site.root.write_bytes(pem(root.certificate))
            site.key.touch(mode=0o600)
            site.key.write_bytes(private_pem(intermediate.key))
        return site

    @property
    def certificate(self) -> Path:
        return self.folder / "intermediate.pem"

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    @property
    def key(self) -> Path:
        return self.folder / "intermediate-key.pem"

    @property
    def database(self) -> Path:
        return self.folder / "authority.db"


def countersign(site: IssuingSite) -> list[str]:
    configuration = {
        "authority": {
            "trust_domain": TRUST_DOMAIN,
            "listen": f"127.0.0.1:{free_port()}",
            "public_listen": f"127.0.0.1:{site.public_port}",
            "public_url": f"http://127.0.0.1:{site.public_port}",
            "intermediate": {"cert_path": str(site.certificate), "key_path": str(site.key)},
            "store": {"sqlite": str(site.database), "create": True},
            "cfssl": {"listen": f"127.0.0.1:{site.port}", "allow_unauthenticated": True},
            "profiles": {"default": {"ttl": "24h"}},
            "services": [{"name": SERVICE}],
        },
        "admin": {"listen": f"127.0.0.1:{free_port()}"},
    }
    path = site.folder / "authority.yaml"
    # JSON is YAML.
    path.write_text(json.dumps(configuration))
    return [site.countersign, "authority", "--config", str(path)]


def cfssl(site: IssuingSite, *options: str) -> list[str]:
    usages = ["digital signature", "server auth", "client auth"]
    path = site.folder / "cfssl.json"
    path.write_text(json.dumps({"signing": {"default": {"usages": usages, "expiry": "24h"}}}))
    own = site.folder / "own.pem"
    own.write_bytes(pem(x509.load_pem_x509_certificate(site.certificate.read_bytes())))
    files = [f"-ca={own}", f"-ca-key={site.key}", f"-config={path}", *options]
    return ["env", "GOMAXPROCS=1", "cfssl", "serve", "-address=127.0.0.1", f"-port={site.port}", "-loglevel=2", *files]


def cfssl_recording(site: IssuingSite) -> list[str]:
    """The same with a database, in which each certificate is before it is handed out."""
    with contextlib.closing(sqlite3.connect(site.database)) as database, database:
        columns = ", ".join(f"{name} {kind}" for name, kind in CERTIFICATE_COLUMNS.items())
        key = "PRIMARY KEY (serial_number, authority_key_identifier)"
        database.execute(f"CREATE TABLE IF NOT EXISTS certificates ({columns}, {key})")
    path = site.folder / "database.json"
    path.write_text(json.dumps({"driver": "sqlite3", "data_source": str(site.database)}))
    return cfssl(site, f"-db-config={path}")


#: What cfssl writes of a certificate into its database (its package `certdb`, for SQLite).
CERTIFICATE_COLUMNS = {
    **dict.fromkeys(("serial_number", "authority_key_identifier", "status"), "BLOB NOT NULL"),
    **dict.fromkeys(("ca_label", "pem"), "BLOB"),
    "reason": "INTEGER",
    **dict.fromkeys(("expiry", "revoked_at", "issued_at", "not_before"), "TIMESTAMP"),
    **dict.fromkeys(("metadata", "sans", "common_name"), "TEXT"),
}

RECORDING = "cfssl, recording"
ISSUERS = {"countersign": countersign, "cfssl": cfssl, RECORDING: cfssl_recording}


def sign_bodies() -> list[bytes]:
    """Contents of `sign`, each with a P-256 request of its own."""
    return [json.dumps({"certificate_request": signing_request(), "hosts": [NAME]}).encode() for _ in range(REQUESTS)]


def newcert_bodies() -> list[bytes]:
    request = {"CN": SERVICE, "hosts": [NAME], "key": {"algo": "ecdsa", "size": 256}}
    return [json.dumps({"request": request}).encode()]


def signing_request() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SERVICE)])
    names = x509.SubjectAlternativeName([x509.DNSName(NAME)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name).add_extension(names, critical=False)
    request = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return pem(request).decode()
