"""Calls of the CFSSL API: the bare HTTP ones, and what the stock `cfssl` command makes of them."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from harness.pki import ec_key, subject
from harness.tools import run

KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
OTHER_KEY = "f0" * 32
PREVIOUS_KEY = "5a" * 32


@dataclass
class Answer:
    status: int
    headers: dict
    text: str

    @property
    def envelope(self):
        return json.loads(self.text)

    @property
    def result(self):
        assert self.status == 200 and self.envelope["success"], self.text
        return self.envelope["result"]

    @property
    def error(self):
        """Status, code and message of a refusal, whose form is checked on the way."""
        envelope = self.envelope
        assert list(envelope) == ["success", "result", "errors", "messages"], self.text
        assert envelope["success"] is False and envelope["result"] is None and envelope["messages"] == []
        assert self.headers["Content-Type"] == "text/plain; charset=utf-8"
        (error,) = envelope["errors"]
        return self.status, error["code"], error["message"]


def call(base, endpoint, content=None, method="POST", **options):
    """One call; `content` is JSON unless it is bytes."""
    if content is not None and not isinstance(content, bytes):
        content = json.dumps(content).encode()
    url = f"{base}/api/v1/cfssl/{endpoint}"
    answer = requests.request(method, url, data=content, timeout=20, **options)
    return Answer(answer.status_code, answer.headers, answer.text)


def signing_request(common_name=None, dns=(), uris=(), ips=(), key=None, extra=()):
    """A certificate request in PEM."""
    key = key or ec_key()
    names = ([("CN", common_name)] if common_name else []) + list(extra)
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(*names))
    alternatives = [x509.DNSName(name) for name in dns] + [x509.UniformResourceIdentifier(uri) for uri in uris]
    alternatives += [x509.IPAddress(ip) for ip in ips]
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def authenticated(content, key=KEY, **members):
    """The content of `authsign` for a sign request, with the token of a key."""
    inner = json.dumps(content).encode()
    token = hmac.new(bytes.fromhex(key), inner, hashlib.sha256).digest()
    return {"token": base64.b64encode(token).decode(), "request": base64.b64encode(inner).decode(), **members}


def certificate(pem):
    return x509.load_pem_x509_certificate(pem.encode())


def dns_names(pem):
    names = certificate(pem).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName)


def uris(pem):
    names = certificate(pem).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.UniformResourceIdentifier)


def common_name(pem):
    (name,) = certificate(pem).subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return name.value


class Command:
    """The stock `cfssl` command with files in a folder of its own."""

    def __init__(self, directory, url):
        self.directory, self.url = Path(directory), url
        self.directory.mkdir(parents=True, exist_ok=True)

    def file(self, name, content):
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def run(self, *arguments):
        return run("cfssl", *arguments, cwd=self.directory)

    def remote_configuration(self, profile, key=KEY):
        """A configuration that has the command authenticate its requests with a key."""
        usages = ["signing", "server auth", "client auth"]
        own = {"usages": usages, "expiry": "1h", "auth_remote": {"remote": "authority", "auth_key": "k"}}
        return self.file(
            "config.json",
            {
                # The default as well, or the command looks for a signing key of its own.
                "signing": {"default": own, "profiles": {profile: own}},
                "auth_keys": {"k": {"type": "standard", "key": key}},
                "remotes": {"authority": self.url},
            },
        )


def output(done):
    """What a command printed, which has to have succeeded."""
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)
