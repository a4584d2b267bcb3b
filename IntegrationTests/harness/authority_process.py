"""The authority as a process: its hierarchy, its configuration, its start and end, and callers of its APIs."""

import json
import os
import re
import signal
import ssl
import subprocess
import threading
from pathlib import Path

import yaml
from cryptography import x509

from harness.authority_api import ADMIN, API, CERTIFICATES
from harness.authority_holdings import Holder, csr, key_pem
from harness.pki import Authority, ec_key
from harness.ports import free_port
from harness.tools import COUNTERSIGN
from harness.waiting import Journal, until

TRUST_DOMAIN = "link.internal"
SERVICES = (
    {"name": "user-svc", "owner": "users-team"},
    {"name": "api-gateway", "namespace": "edge"},
    {"name": "billing", "ip_addresses": ["10.1.2.3"], "labels": {"tier": "1"}},
)


class Hierarchy:
    """A root that stays offline and the intermediate that the authority signs with."""

    def __init__(self, root_key=None, **intermediate):
        self.root = Authority.root("Link Root", key=root_key, path_length=1)
        self.intermediate = self.root.intermediate("Link Intermediate", **{"path_length": 0, **intermediate})

    def save(self, directory):
        """Writes chain, key and root, and answers the section `intermediate`."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "root.pem").write_text(self.root.pem)
        (directory / "int.pem").write_text(self.intermediate.chain_pem)
        key = directory / "int-key.pem"
        key.touch(mode=0o600)
        key.write_text(key_pem(self.intermediate.key))
        return {"cert_path": str(directory / "int.pem"), "key_path": str(key)}


class AuthorityProcess:
    """`countersign authority --config FILE` on free loopback ports; it may be stopped, killed and started again."""

    def __init__(self, directory, hierarchy=None, services=SERVICES, environment=None, log_level="info", **section):
        self.directory = Path(directory)
        self.hierarchy = hierarchy or Hierarchy()
        self.port, self.public_port, self.admin_port = free_port(), free_port(), free_port()
        self.path = self.directory / "authority.yaml"
        self.database = self.directory / "run" / "authority.db"
        self.token_file = self.directory / "run" / "admin.token"
        self.root_path = self.directory / "root.pem"
        self.log = Journal()
        self.raw_log = []
        self.is_expected_to_run = False
        self._environment = environment or {}
        self._process = None
        self._collectors = []
        self._serial = 0
        self._contexts = {}
        self.database.parent.mkdir(parents=True, exist_ok=True)
        public = f"127.0.0.1:{self.public_port}"
        self.configuration = {
            "authority": {
                "trust_domain": TRUST_DOMAIN,
                "listen": f"127.0.0.1:{self.port}",
                "public_listen": public,
                "public_url": f"http://{public}",
                "intermediate": self.hierarchy.save(self.directory),
                "store": {"sqlite": str(self.database), "create": True},
                "profiles": {"default": {"ttl": "1h"}, "long": {"ttl": "90d", "renew_before": "14d"}},
                "services": list(services),
                **section,
            },
            "admin": {"listen": f"127.0.0.1:{self.admin_port}", "token_file": str(self.token_file)},
            "log": {"level": log_level, "format": "json"},
        }
        self.write_configuration()

    def write_configuration(self):
        self.path.write_text(yaml.safe_dump(self.configuration, sort_keys=False))

    # The process

    def spawn(self):
        """Starts the process without waiting for it to serve."""
        self._process = subprocess.Popen(
            [COUNTERSIGN, "authority", "--config", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **self._environment},
            cwd=self.directory,
        )
        streams = (self._process.stdout, self._process.stderr)
        self._collectors = [
            threading.Thread(target=self._collect, args=(self._process, stream), daemon=True) for stream in streams
        ]
        for collector in self._collectors:
            collector.start()

    def start(self):
        mark = len(self.log.entries)
        self.spawn()
        self.log.wait_for(self._is_started_or_over, 30, "the authority serving", mark)
        assert self._process.poll() is None, "the authority ended at its start:\n" + "\n".join(self.raw_log[-20:])
        self.is_expected_to_run = True
        return self

    def _is_started_or_over(self, line):
        # What is heard late of the process before is not about this one.
        over = line.get("message") == "(exited)" and line["pid"] == self.pid
        return line.get("message") == "authority is serving" or over

    def refusal(self):
        """Starts a process that has to refuse; answers its exit code and what it said on standard error."""
        done = subprocess.run(
            [COUNTERSIGN, "authority", "--config", str(self.path)],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, **self._environment},
            cwd=self.directory,
        )
        return done.returncode, done.stderr

    def stop(self):
        self.is_expected_to_run = False
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                return self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError("the authority does not end") from None
        return self._process.returncode if self._process else None

    def kill(self):
        """Ends the process as a power failure does, and waits for the last that it said: the next one begins anew."""
        self.is_expected_to_run = False
        self._process.kill()
        self._process.wait(15)
        for collector in self._collectors:
            collector.join(15)

    def signal(self, number):
        self._process.send_signal(number)

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self):
        return self._process.pid

    def _collect(self, process, stream):
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip("\n")
            self.raw_log.append(text)
            try:
                self.log.add(json.loads(text))
            except ValueError:
                self.log.add({"message": None, "raw": text})
        if stream is process.stderr:
            process.wait()
            self.log.add({"message": "(exited)", "status": process.returncode, "pid": process.pid})

    # Callers

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_path(self):
        """What recognizes the authority."""
        return self.root_path

    @property
    def admin(self):
        """The first administrator on the admin listener."""
        return API(self.admin_port, token=self.token_file.read_text().strip())

    def bearer(self, role, name=None, **options):
        """A new bearer token's caller on the admin listener."""
        name = name or self._name(role)
        token = self.admin.post(f"{ADMIN}/tokens", {"name": name, "kind": "bearer", "role": role, **options}).ok(201)
        return API(self.admin_port, token=token["token"])

    @property
    def stranger(self):
        """A caller of the admin listener without credentials."""
        return API(self.admin_port)

    @property
    def public(self):
        return API(self.public_port)

    def native(self, holder=None):
        """A caller of the native listener, with the holder's certificate or with none."""
        key = holder.paths if holder else None
        if key not in self._contexts:
            made = ssl.create_default_context(cafile=self.root_path)
            if holder:
                made.load_cert_chain(*holder.paths)
            self._contexts[key] = made
        return API(self.port, context=self._contexts[key])

    def forget_trust(self):
        """Has callers read the trusted roots again, which a test has changed."""
        self._contexts.clear()

    def join_token(self, agent, *services, **options):
        document = {"name": self._name("join"), "kind": "join", "agent": agent, "services": list(services), **options}
        return self.admin.post(f"{ADMIN}/tokens", document).ok(201)["token"]

    def agent(self, *services, name=None):
        """An agent that has joined and may have certificates for the services."""
        name = name or self._name("host")
        key = ec_key()
        token = self.join_token(name, *services)
        document = {"token": token, "csr": csr(key, name)}
        return self.holder(self.native().post("/v1/join", document).ok(201), key)

    def issue(self, service, via=None, **options):
        """A certificate for a service, signed on the request of an agent."""
        agent = via or self.agent(service)
        key = ec_key()
        document = {"service": service, "csr": csr(key, service), **options}
        return self.holder(self.native(agent).post("/v1/sign", document).ok(201), key)

    def holder(self, issuance, key):
        """What an issuance and its key are on disk."""
        self._serial += 1
        chain = self.directory / f"holder-{self._serial}.pem"
        chain.write_text(issuance["chain"])
        path = self.directory / f"holder-{self._serial}-key.pem"
        path.touch(mode=0o600)
        path.write_text(key_pem(key))
        return Holder(issuance, key, str(chain), str(path))

    def revoke(self, service, **document):
        return self.admin.post(f"{CERTIFICATES}/{service}/revoke", document)

    def state(self, serial):
        return self.admin.get(f"{ADMIN}/security/serials/{serial}").ok()["state"]

    def certificates(self, **query):
        """Every certificate of the inventory that the filters match, newest first."""
        return self.admin.pages(CERTIFICATES, "certificates", **query)

    def audit(self, **query):
        return self.admin.get(f"{ADMIN}/audit", limit=1000, **query).ok()["audit"]

    def audited(self, count=1, **query):
        """Waits for that many lines of the audit trail and answers them; a refusal is told before its line is read."""

        def lines():
            found = self.audit(**query)
            return found if len(found) >= count else None

        return until(lines, 10, f"{count} lines of the audit trail with {query}")

    def crl(self, kind=""):
        """The published revocation list; the delta list for `-delta`."""
        answer = self.public.get(f"/crl/{self.key_id}{kind}.crl")
        assert answer.status == 200, answer
        return x509.load_der_x509_crl(answer.body)

    @property
    def key_id(self):
        extensions = self.hierarchy.intermediate.certificate.extensions
        return extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()

    def metric(self, name, **labels):
        """The sum of the samples of `name` whose labels include `labels`."""
        total = 0.0
        for line in API(self.admin_port).get("/metrics").body.decode().splitlines():
            match = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", line)
            if (
                match
                and match[1] == name
                and labels.items() <= dict(re.findall(r'(\w+)="(.*?)"', match[2] or "")).items()
            ):
                total += float(match[3])
        return total

    def _name(self, kind):
        self._serial += 1
        return f"{kind}-{self._serial}"
