"""`countersign authority` as a process, with an intermediate of its own below a root that the tests keep."""

import os
import subprocess
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization

from harness.pki import Authority
from harness.ports import free_port
from harness.tools import COUNTERSIGN, countersign
from harness.waiting import until


class AuthorityProcess:
    """Keeps its files over restarts; `admin` calls the command line with its administrator's token."""

    def __init__(self, directory, services=("user-svc",), profile=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True)
        self.root = Authority.root("Link Root")
        issuer = self.root.intermediate("Link Issuer", path_length=0)
        self.ca_path = self.root.save(self.directory, "root")
        issuer.save(self.directory, "issuer")
        key = issuer.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        key_path = self.directory / "issuer-key.pem"
        key_path.touch(mode=0o600)
        key_path.write_bytes(key)
        self.port, self.public_port, self.admin_port = free_port(), free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.token_file = self.directory / "admin-token"
        self.log = self.directory / "authority.log"
        self._process = None
        section = {
            "trust_domain": "link.internal",
            "domain": "link.internal",
            "listen": f"127.0.0.1:{self.port}",
            "public_listen": f"127.0.0.1:{self.public_port}",
            "public_url": f"http://127.0.0.1:{self.public_port}",
            "intermediate": {"cert_path": "issuer.pem", "key_path": "issuer-key.pem"},
            "trust_bundle": "root.pem",
            "store": {"sqlite": "authority.db"},
            "profiles": {"default": profile or {"ttl": "1h"}},
            "services": [{"name": name} for name in services],
        }
        admin = {"listen": f"127.0.0.1:{self.admin_port}", "token_file": "admin-token"}
        (self.directory / "authority.yaml").write_text(yaml.safe_dump({"authority": section, "admin": admin}))

    def start(self):
        begun = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [COUNTERSIGN, "authority", "--config", "authority.yaml"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
            )
        until(lambda: self._process.poll() is not None or self._is_serving(begun), 30, "the authority serving")
        assert self._process.poll() is None, self.log.read_text()
        return self

    def _is_serving(self, begun):
        return b"authority is serving" in self.log.read_bytes()[begun:]

    def kill(self):
        self._process.kill()
        self._process.wait(10)

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)

    def admin(self, *arguments):
        """Runs a command over the admin API and answers what it printed."""
        environment = {
            "COUNTERSIGN_URL": f"http://127.0.0.1:{self.admin_port}",
            "COUNTERSIGN_TOKEN_FILE": os.fspath(self.token_file),
        }
        done = countersign(*arguments, environment=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def join_token(self, agent, *services):
        options = [option for service in services for option in ("--service", service)]
        return self.admin("tokens", "join", agent, *options).strip()
