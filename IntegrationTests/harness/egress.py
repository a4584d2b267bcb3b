"""`countersign egress` as a process, workloads of several users, and the router that they call through it."""

import json
import os
import subprocess
from pathlib import Path

from harness.http import Reader
from harness.ports import free_port
from harness.router import Router
from harness.tools import COUNTERSIGN, run
from harness.waiting import until

DOMAIN = "*.apps.mtls.internal"
HOST = "orders.apps.mtls.internal"
FRONTEND_USER, OTHER_USER, STRANGER_USER = 61001, 61002, 61003


def as_user(user, group=None):
    """What a command begins with that another user runs."""
    return ["setpriv", f"--reuid={user}", f"--regid={group or user}", "--clear-groups"]


class Egress(Router):
    """`countersign egress --config FILE`; a router in everything but its section, its ready line and its name."""

    def __init__(self, world, router, directory, prefix=(), **section):
        self.world = world
        self.certificates = Path(directory) / "certs"
        self.certificates.mkdir(parents=True, exist_ok=True)
        workloads = section.pop("workloads", None) or [
            {"service": "frontend", "uid": FRONTEND_USER},
            {"service": "other", "uid": OTHER_USER},
        ]
        configuration = {
            "egress": {
                "domains": [DOMAIN],
                "routers": [f"127.0.0.1:{router.port}"] if router else [f"127.0.0.1:{free_port()}"],
                "ca_certs": world.server_roots,
                "cert_dir": str(self.certificates),
                "workloads": workloads,
                **section,
            },
            "log": {"level": "info", "format": "json"},
        }
        super().__init__(configuration, directory, prefix=prefix)

    def complete(self, configuration):
        section = configuration["egress"]
        section.setdefault("listen", f"127.0.0.1:{self.port}")
        section.setdefault("access_log", {"path": str(self.access_log), "flush_interval": "20ms"})
        configuration.setdefault("admin", {}).setdefault("listen", f"127.0.0.1:{self.admin_port}")
        return configuration

    def start(self):
        self._process = subprocess.Popen(
            [*self._prefix, COUNTERSIGN, "egress", "--config", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.directory,
        )
        self.collect()
        self.log.wait_for(self._is_ready_line, 20, "the ready line of the egress proxy")
        assert self._process.poll() is None, "egress ended at its start:\n" + "\n".join(self.raw_log)
        self.has_served = True
        return self

    def _is_ready_line(self, line):
        return line.get("message") in ("egress is serving", "(exited)")

    def reload(self, **section):
        """Takes up other keys of the section."""
        self.configuration["egress"].update(section)
        mark = len(self.log.entries)
        self.write_configuration()
        self.reload_and_wait("configuration reloaded", mark)

    def give(self, service, leaf):
        """Puts a certificate in place as the agent does: another generation behind a link."""
        generation = self.certificates / ".generations" / f"{service}-{len(list(self._generations(service)))}"
        generation.mkdir(parents=True)
        (generation / "cert.pem").write_text(leaf.chain_pem)
        key = generation / "key.pem"
        key.touch(mode=0o600)
        key.write_text(leaf.key_pem)
        link = self.certificates / f".{service}.new"
        link.symlink_to(generation)
        os.replace(link, self.certificates / service)

    def take(self, service):
        (self.certificates / service).unlink()

    def _generations(self, service):
        return (self.certificates / ".generations").glob(f"{service}-*")

    def serial(self, service):
        """The serial number that health tells of a workload's certificate; None without one."""
        health = json.loads(self.admin("/health")[2])
        found = health.get("services", {}).get(service) or {}
        return found.get("cert_serial")

    def wait_for_serial(self, service, leaf):
        wanted = f"{leaf.certificate.serial_number:x}" if leaf else None
        until(lambda: _number(self.serial(service)) == _number(wanted), 10, f"the certificate of {service}")

    @property
    def proxy(self):
        return f"http://127.0.0.1:{self.port}"

    # Callers

    def curl(self, *arguments, user=FRONTEND_USER, **options):
        """curl as a workload: with nothing but HTTP_PROXY."""
        return self.as_user(user, "curl", "-sS", "--max-time", "20", *arguments, **options)

    def as_user(self, user, *command, group=None, within=60, input=None, environment=None):
        variables = {
            "http_proxy": self.proxy,
            "https_proxy": self.proxy,
            "HTTP_PROXY": self.proxy,
            "no_proxy": "",
            "HOME": "/",
            "TMPDIR": "/tmp",
        }
        prefix = as_user(user, group)
        return run(
            *prefix, *map(str, command), within=within, input=input, environment={**variables, **(environment or {})}
        )

    def status(self, url, *arguments, user=FRONTEND_USER):
        done = self.curl("-o", "/dev/null", "-w", "%{http_code}", *arguments, url, user=user)
        return int(done.stdout or 0)

    def problem(self, url, *arguments, user=FRONTEND_USER):
        """Status and problem document of a call."""
        done = self.curl("-w", "\n%{http_code} %{content_type}", *arguments, url, user=user)
        body, _, end = done.stdout.rpartition("\n")
        status, kind = end.split(" ", 1)
        assert kind == "application/problem+json", done.stdout + done.stderr
        return int(status), json.loads(body)

    def raw(self, user=FRONTEND_USER):
        return RawCaller(self.port, user)


def _number(text):
    return int(text, 16) if text else None


class RawCaller:
    """A connection to the proxy that a process of another user opened, byte for byte in the test's hands.

    Only the process holds the client's socket: it passes bytes between that and its standard streams.
    """

    def __init__(self, port, user):
        script = (
            "import os,socket,sys,threading\n"
            "s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n"
            "def up():\n"
            " while d:=os.read(0,65536): s.sendall(d)\n"
            " s.shutdown(socket.SHUT_WR)\n"
            "threading.Thread(target=up,daemon=True).start()\n"
            "try:\n"
            " while d:=s.recv(65536):\n"
            "  v=memoryview(d)\n"
            "  while v: v=v[os.write(1,v):]\n"
            "except ConnectionResetError: sys.exit(9)\n"
        )
        self._process = subprocess.Popen(
            [*as_user(user), "/usr/bin/python3", "-c", script, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        self.reader = Reader(self._read)

    def _read(self, count):
        return os.read(self._process.stdout.fileno(), count)

    def send(self, data):
        self._process.stdin.write(data if isinstance(data, bytes) else data.encode("latin-1"))

    def half_close(self):
        self._process.stdin.close()

    def wait_for_end(self, within=15):
        """Reads to the end of the connection; answers how it ended."""
        self._process.stdout.read()
        return "reset" if self._process.wait(within) == 9 else "closed"

    def stop(self):
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
