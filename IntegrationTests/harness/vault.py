"""Callers of the Vault API: the stock client, and the requests of another one's source, one by one."""

import json
from dataclasses import dataclass

import hvac
import requests

from harness.ports import free_port

PROFILES = {"default": {"ttl": "1h"}, "long": {"ttl": "90d"}}
SERVICES = (
    {"name": "web", "dns_names": ["web.example.com", "www.example.com"], "ip_addresses": ["192.0.2.7"]},
    {"name": "ledger", "profile": "long", "dns_names": ["ledger.example.com"]},
)


def started(start_authority, services=SERVICES, **section):
    """An authority with the Vault API, whose port is `vault_port`."""
    port = free_port()
    vault = {"listen": f"127.0.0.1:{port}", **section.pop("vault", {})}
    process = start_authority(services=services, profiles=PROFILES, vault=vault, **section)
    process.vault_port = port
    return process


def token(process, role):
    return process.bearer(role).token


def client(process, token=None, **options):
    return hvac.Client(f"http://127.0.0.1:{process.vault_port}", token=token, **options)


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def document(self):
        # The stock client reads errors only under exactly this type.
        assert self.headers["Content-Type"] == "application/json", self.headers
        return json.loads(self.body)

    @property
    def data(self):
        assert self.status == 200, f"{self.status}: {self.body[:500]!r}"
        return self.document["data"]

    def refused(self, status):
        """The errors of a refusal, whose form is checked on the way."""
        assert self.status == status, f"{self.status}: {self.body[:500]!r}"
        assert list(self.document) == ["errors"]
        return "; ".join(self.document["errors"])


def call(process, method, path, parameters=None, token=None, body=None, **headers):
    """One call as the client library in Go makes it."""
    fields = {"X-Vault-Request": "true", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if token:
        fields["X-Vault-Token"] = token
    if parameters is not None:
        body = json.dumps(parameters).encode()
    url = f"http://127.0.0.1:{process.vault_port}/v1/{path}"
    answer = requests.request(method, url, data=body, headers=fields, timeout=20)
    return Answer(answer.status_code, answer.headers, answer.content)
