"""The authority as a process, with an intermediate of a root that the tests hold."""

import json
import os
import subprocess
import threading
from pathlib import Path

import yaml

from harness.pki import Authority
from harness.ports import free_port
from harness.tools import COUNTERSIGN
from harness.waiting import Journal

TRUST_DOMAIN = "cluster.local"


class AuthorityProcess:
    """`countersign authority --config FILE`, started on free loopback ports and stopped with the test.

    `authority` holds keys of the configuration's section `authority` in place of the standard ones.
    """

    def __init__(self, directory, services=(), authority=None, signer=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port, self.admin_port, self.cfssl_port = free_port(), free_port(), free_port()
        self.root = Authority.root("Authority Tests Root")
        self.intermediate = signer or self.root.intermediate("Authority Tests Intermediate", path_length=0)
        self.root_file = self.root.save(self.directory, "root")
        self.token_file = self.directory / "admin.token"
        self.log = Journal()
        self.raw_log = []
        self._process = None
        self._write(services, authority or {})

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    @property
    def cfssl_url(self):
        return f"http://127.0.0.1:{self.cfssl_port}"

    @property
    def pid(self):
        return self._process.pid

    @property
    def token(self):
        """The bearer token of the first administrator."""
        return self.token_file.read_text().strip()

    def _write(self, services, authority):
        certificate = self.directory / "intermediate.pem"
        certificate.write_text(self.intermediate.pem)
        key = self.directory / "intermediate-key.pem"
        key.touch(mode=0o600)
        key.write_text(_key_pem(self.intermediate.key))
        section = {
            "trust_domain": TRUST_DOMAIN,
            "domain": "link.internal",
            "listen": f"127.0.0.1:{self.port}",
            "intermediate": {"cert_path": str(certificate), "key_path": str(key)},
            "trust_bundle": str(self.root_file),
            "store": {"sqlite": str(self.directory / "authority.db"), "create": True},
            "services": list(services),
            **authority,
        }
        configuration = {
            "authority": section,
            "admin": {"listen": f"127.0.0.1:{self.admin_port}", "token_file": str(self.token_file)},
        }
        if "cfssl" in section:
            section["cfssl"].setdefault("listen", f"127.0.0.1:{self.cfssl_port}")
        self.path = self.directory / "authority.yaml"
        self.path.touch(mode=0o600)
        self.path.write_text(yaml.safe_dump(configuration, sort_keys=False))

    def start(self):
        self._process = subprocess.Popen(
            [COUNTERSIGN, "authority", "--config", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ,
            cwd=self.directory,
        )
        for stream in (self._process.stdout, self._process.stderr):
            threading.Thread(target=self._collect, args=(stream,), daemon=True).start()
        self.log.wait_for(
            lambda line: line.get("message") in ("authority is serving", "(exited)"), 20, "the authority's start"
        )
        assert self._process.poll() is None, "the authority ended at its start:\n" + "\n".join(self.raw_log)
        return self

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

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
            self.log.add({"message": "(exited)", "status": self._process.returncode})


def _key_pem(key):
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
