"""The control plane of an authority, and routers that follow it."""

import copy
import subprocess

from harness.authority_process import AuthorityProcess
from harness.tools import COUNTERSIGN
from harness.waiting import until

DOMAIN = "apps.mtls.internal"
SERVICES = (
    {"name": "edge-router", "labels": {"role": "router"}},
    {"name": "other-router", "labels": {"role": "router"}},
    {"name": "user-svc"},
)


class ControlPlane:
    """An authority with the section `control`, and what tests make there."""

    def __init__(self, directory, **control):
        self.database = directory / "control-run" / "control.db"
        self.database.parent.mkdir(parents=True, exist_ok=True)
        section = {"store": str(self.database), "create": True, **control}
        self.authority = AuthorityProcess(directory, services=SERVICES, control=section)

    def start(self):
        self.authority.start()
        return self

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.authority.stop()

    @property
    def api(self):
        return self.authority.admin

    def ok(self, method, path, document=None, status=None):
        answer = self.api.call(method, path, document)
        wanted = status or {"POST": 201, "DELETE": 204}.get(method, 200)
        return answer.ok(wanted)

    def error(self, method, path, document=None):
        """Status, code, title and detail of a refusal, in the form that all refusals have."""
        answer = self.api.call(method, path, document)
        assert answer.headers["content-type"] == "application/json"
        (found,) = answer.document.pop("errors")
        assert sorted(found) == ["code", "detail", "title"]
        return answer.status, found["code"], found["title"], found["detail"]

    def domain(self, name=DOMAIN, scope="any", **options):
        document = {"name": name, **options}
        if scope:
            document |= {"enforce_route_policies": True, "route_policies_scope": scope}
        return self.ok("POST", "/v3/domains", document)["guid"]

    def route(self, domain, host, *destinations, path="", **options):
        document = {
            "host": host,
            "path": path,
            "relationships": {"domain": {"data": {"guid": domain}}},
            "destinations": [self.destination(each) for each in destinations],
            **options,
        }
        return self.ok("POST", "/v3/routes", document)["guid"]

    @staticmethod
    def destination(backend, **options):
        if isinstance(backend, dict):
            return backend
        host, _, port = backend.address.rpartition(":")
        return {"host": host, "port": int(port), **options}

    @staticmethod
    def policy_document(route, source, **options):
        return {"source": source, "relationships": {"route": {"data": {"guid": route}}}, **options}

    def policy(self, route, source, side="route", **options):
        return self.ok("POST", f"/v3/{side}_policies", self.policy_document(route, source, **options))["guid"]

    def list(self, path, **query):
        return self.api.get(path, **query).ok()

    # Routers

    def feed(self, directory, service="edge-router"):
        """The section `router.control` of a registered router."""
        holder = self.authority.issue(service)
        return {
            "authority": self.authority.url,
            "ca_certs": str(self.authority.ca_path),
            "cert_chain": holder.paths[0],
            "private_key": holder.paths[1],
            "copy": str(directory / f"{service}.routes"),
        }

    def run(self, *arguments, code=0):
        """What a command of the first administrator prints."""
        done = self.refused(*arguments)
        assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, *arguments):
        """The whole outcome of a command."""
        options = ["--url", f"http://127.0.0.1:{self.authority.admin_port}"]
        options += ["--token-file", str(self.authority.token_file)]
        command = [COUNTERSIGN, *arguments, *options]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)


class Gateway:
    """A router that follows a control plane, and callers of it."""

    def __init__(self, world, start_router, feed, domains=None, **router):
        self.world = world
        self.configuration = world.configuration([], domains=domains, control=feed, **router)
        # A router fills in ports of its own, which another one must not take over.
        self.router = start_router(copy.deepcopy(self.configuration))

    def status(self, host, caller, path="/"):
        with self.world.connect(self.router, host, caller) as connection:
            return connection.get(host, path).status

    def wait_for(self, status, host, caller, path="/"):
        return until(lambda: self.status(host, caller, path) == status, 15, f"{status} of {host}{path}")
