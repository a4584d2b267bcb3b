"""`countersign authz` as a process, and an issuer of tokens for it."""

import base64
import json
import os
import resource
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from harness.pki import ec_key
from harness.ports import free_port
from harness.tools import COUNTERSIGN
from harness.waiting import Journal


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """Signs tokens with ES256."""

    name = "https://issuer.example.com"

    def __init__(self):
        self._key = ec_key()

    def key_set(self):
        numbers = self._key.public_key().public_numbers()
        point = {"x": base64url(numbers.x.to_bytes(32)), "y": base64url(numbers.y.to_bytes(32))}
        return {"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one", **point}]}

    def token(self, leaf=None, lifetime=300, typ="JWT", **claims):
        """A token that is bound to a certificate, or to none."""
        now = int(time.time())
        payload = {"iss": self.name, "aud": "crud", "sub": "user-1", "iat": now, "exp": now + lifetime}
        if leaf:
            payload["cnf"] = {"x5t#S256": base64url(bytes.fromhex(leaf.sha256))}
        parts = [{"alg": "ES256", "kid": "one", "typ": typ}, {**payload, **claims}]
        content = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = self._key.sign(content.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(signature)
        return f"{content}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"


class Authz:
    """`countersign authz --config FILE` on free loopback ports.

    `section` is added to a configuration that trusts this host as a proxy and takes the issuer's tokens; `descriptors`
    is how many files and connections the process may have open.
    """

    def __init__(self, directory, issuer=None, environment=None, rules=None, descriptors=None, **section):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port, self.admin_port, self.grpc_port = free_port(), free_port(), free_port()
        self.path = self.directory / "authz.yaml"
        self.issuer = issuer or Issuer()
        self.log, self.raw_log = Journal(), []
        self._environment = environment or {}
        self._descriptors = descriptors
        (self.directory / "issuer.jwks").write_text(json.dumps(self.issuer.key_set()))
        if rules is not None:
            self.write_rules(rules)
            section["cert_identity_mappings"] = "mappings.yaml"
        self.write(**section)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def write_rules(self, rules):
        (self.directory / "mappings.yaml").write_text(yaml.safe_dump({"rules": rules}))

    def write(self, audit=None, **section):
        tokens = {"keys": "issuer.jwks", "issuer": Issuer.name, "audiences": "crud"}
        whole = {"trusted_proxy_cidrs": ["127.0.0.1/32"], "tokens": tokens, **section, "listen": self.address}
        whole["grpc_listen"] = f"127.0.0.1:{self.grpc_port}"
        self.configuration = {
            "authz": {key: value for key, value in whole.items() if value is not None},
            "admin": {"listen": f"127.0.0.1:{self.admin_port}"},
            "log": {"level": "info", "format": "json"},
        }
        if audit is not None:
            self.configuration["audit"] = audit
        self.path.write_text(yaml.safe_dump(self.configuration))

    def __enter__(self):
        mark = len(self.log.entries)
        self._process = subprocess.Popen(
            [COUNTERSIGN, "authz", "--config", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **self._environment},
            preexec_fn=self._limit if self._descriptors else None,
        )
        streams = self._process.stdout, self._process.stderr
        self._collectors = [threading.Thread(target=self._collect, args=(stream,), daemon=True) for stream in streams]
        for collector in self._collectors:
            collector.start()
        first = self.log.wait_for(
            lambda line: line.get("message") in ("authz is serving", "(exited)"), 20, "the ready line of authz", mark
        )
        assert first["message"] == "authz is serving", "\n".join(self.raw_log)
        return self

    def _limit(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self._descriptors, self._descriptors))

    def __exit__(self, *_):
        code = self.stop()
        print(f"--- log of authz in {self.directory}", *self.raw_log[-40:], sep="\n")
        assert code == 0, f"authz ended with {code}"

    def kill(self):
        """Ends the process as a crash does; it can be entered again."""
        self._process.kill()
        code = self._process.wait(15)
        # What this process said last is not taken for the next one's words.
        for collector in self._collectors:
            collector.join(15)
        return code

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(15)

    def signal(self, number):
        self._process.send_signal(number)

    @property
    def process_id(self):
        return self._process.pid

    def health(self):
        """The component `audit` of the health report."""
        return json.loads(self.admin("/health")[2])["components"]["audit"]

    def reload(self, message="configuration reloaded"):
        mark = len(self.log.entries)
        self._process.send_signal(signal.SIGHUP)
        return self.log.wait_for(lambda line: line.get("message") == message, 10, message, mark)

    def _collect(self, stream):
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip("\n")
            self.raw_log.append(text)
            try:
                self.log.add(json.loads(text))
            except ValueError:
                self.log.add({"message": None, "raw": text})
        if stream is self._process.stderr:
            self._process.wait()
            self.log.add({"message": "(exited)"})

    def ask(self, path="/auth/traefik", *fields, uri="/", method="GET", host="crud.local"):
        """Asks as Traefik does; answers status, headers and content."""
        request = urllib.request.Request(f"http://{self.address}{path}")
        asked = {"X-Forwarded-Method": method, "X-Forwarded-Uri": uri, "X-Forwarded-Host": host}
        for name, value in [*asked.items(), *fields]:
            request.add_header(name, value)
        return _answer(request)

    def admin(self, path):
        return _answer(urllib.request.Request(f"http://127.0.0.1:{self.admin_port}{path}"))

    def metric(self, name):
        """The value of a sample, named with its labels."""
        _, _, text = self.admin("/metrics")
        [value] = [line.rpartition(" ")[2] for line in text.splitlines() if line.rpartition(" ")[0] == name]
        return float(value)


def _answer(request):
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()
