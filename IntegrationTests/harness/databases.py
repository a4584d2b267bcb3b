"""Real PostgreSQL and Redis servers with files of an agent, as another user where the suite runs as root."""

import contextlib
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.agent import Agent
from harness.authority_api import CERTIFICATES
from harness.authority_process import AuthorityProcess, Hierarchy
from harness.ports import free_port
from harness.tools import countersign
from harness.waiting import until

_DEBIAN = Path(sys.executable).parent.parent / "debian"
_POSTGRESQL = next(iter(sorted(_DEBIAN.glob("usr/lib/postgresql/*/bin"), reverse=True)), _DEBIAN)
PSQL = str(_POSTGRESQL / "psql")
REDIS_CLI = str(_DEBIAN / "usr/bin/redis-cli")
IS_ROOT = os.getuid() == 0
# PostgreSQL does not run as root; nobody is on every system.
USER = "nobody" if IS_ROOT else None
USER_ID = pwd.getpwnam("nobody").pw_uid if IS_ROOT else os.getuid()
KEY = {"owner": "nobody"} if IS_ROOT else {"mode": "0600"}
# What no program may take for anything but a part of a path.
STRANGE = 'certs of "it\'s" $HOME 100% \\ é'
# How many seconds a server may take to refuse what was revoked.
REVOKED_WITHIN = 15


@contextlib.contextmanager
def open_folder():
    """A folder that the server's user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@contextlib.contextmanager
def authority_with_lists(folder, services, **section):
    """An authority that hands out the root's revocation list beside its own."""
    hierarchy = Hierarchy()
    lists = {"offline": hierarchy.root.revocation_list()}
    authority = AuthorityProcess(folder / "authority", hierarchy, services=services, crl=lists, **section).start()
    try:
        yield authority
    finally:
        authority.stop()


@contextlib.contextmanager
def agent_in_strange_folder(folder, authority, services):
    """An agent that has certificates, lists and the authority's attention."""
    names = [service if isinstance(service, str) else service["name"] for service in services]
    token = authority.join_token("host-1", *names)
    agent = Agent(folder / "agent", authority, services, token=token, cert_dir=str(folder / STRANGE))
    agent.certificates = folder / STRANGE
    agent.start()
    try:
        yield ready(agent, authority)
    finally:
        print("--- log of the agent", *agent.raw_log[-60:], sep="\n")
        agent.stop()


def ready(agent, authority):
    """The agent, once it has everything that databases need and hears of revocations."""
    agent.wait_until_ready()
    until(lambda: agent.file("crl.pem").exists(), 15, "the revocation lists")
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    return agent


def rotate(authority, agent, service):
    """Has a service's certificate replaced; answers the new serial number."""
    before = agent.serial(service)
    authority.admin.post(f"{CERTIFICATES}/{service}/rotate", {}).ok(202)
    return agent.wait_for_certificate(service, other_than=before)


def stolen(agent, service, folder):
    """The paths of a copy of what a service has, which nobody replaces."""
    for name in ("cert.pem", "key.pem"):
        shutil.copy(agent.file(f"{service}/{name}"), folder / name)
    return str(folder / "cert.pem"), str(folder / "key.pem")


def parameters(agent, *arguments):
    """`countersign infra params` for an agent's directory; answers what it printed."""
    done = countersign("infra", "params", *arguments, "--config", agent.path)
    assert done.returncode == 0, done.stderr
    return done.stdout


class PostgreSQL:
    """A cluster in a folder of its own, with TLS alone; starts once its certificate is there."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700)
        self.data = self.folder / "data"
        self.port = free_port()
        self.log = self.folder / "log"
        self._process = None
        if IS_ROOT:
            subprocess.run(["chown", USER, self.folder], check=True)
        self._run(
            "initdb", "-D", self.data, "--no-locale", "--encoding=UTF8", "-A", "trust", "-U", "admin", "--no-sync"
        )

    @property
    def pid_file(self):
        return self.data / "postmaster.pid"

    def _run(self, program, *arguments):
        done = subprocess.run(
            [_POSTGRESQL / program, *map(str, arguments)],
            capture_output=True,
            text=True,
            user=USER,
            cwd="/",
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def configure(self, server_lines, hba_lines, ident_lines):
        """Writes the server's files; the administrator comes over a Unix socket."""
        own = f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{self.folder}'\n"
        own += "fsync = off\nlogging_collector = off\nlog_connections = on\n"
        self._write("postgresql.conf", own + server_lines)
        self._write("pg_hba.conf", "local all admin trust\n" + hba_lines)
        self._write("pg_ident.conf", ident_lines)

    def start(self, server_lines, hba_lines, ident_lines):
        """The lines are what `infra params` prints."""
        self.configure(server_lines, hba_lines, ident_lines)
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                [_POSTGRESQL / "postgres", "-D", self.data], stdout=log, stderr=log, user=USER, cwd="/"
            )
        until(self._is_ready, 30, "PostgreSQL being ready")
        return self

    def _write(self, name, text):
        path = self.data / name
        path.write_text(text)
        path.chmod(0o644)

    def _is_ready(self):
        assert self._process.poll() is None, self.log.read_text()[-2000:]
        return self.admin("SELECT 1", check=False).returncode == 0

    def admin(self, statement, check=True):
        done = subprocess.run(
            [PSQL, "-h", self.folder, "-p", str(self.port), "-U", "admin", "-d", "postgres", "-Atc", statement],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def reload(self):
        self._process.send_signal(signal.SIGHUP)

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(20)


class Redis:
    """A server with TLS alone, and a Unix socket for its administrator."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o755)
        self.socket = self.folder / "redis.sock"
        self.port = free_port()
        self._process = None
        if IS_ROOT:
            subprocess.run(["chown", USER, self.folder], check=True)

    def start(self, lines):
        """The lines are what `infra params` prints."""
        path = self.folder / "redis.conf"
        path.write_text(f'unixsocket "{self.socket}"\nunixsocketperm 777\ndir "{self.folder}"\nsave ""\n{lines}')
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [_DEBIAN / "usr/bin/redis-server", path], stdout=log, stderr=log, user=USER, cwd="/"
            )
        until(lambda: self.admin("PING").stdout.strip() == "PONG", 20, "Redis being ready")
        return self

    def admin(self, *arguments):
        assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
        return subprocess.run([REDIS_CLI, "-s", self.socket, *arguments], capture_output=True, text=True, timeout=20)

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


def shell(text, **environment):
    """Runs pasted text in a shell that finds the programs here."""
    path = f"{paths()}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", text], capture_output=True, text=True, timeout=30, env={**os.environ, "PATH": path, **environment}
    )


def paths():
    """What shells need in PATH to find the databases' programs."""
    return f"{_POSTGRESQL}:{_DEBIAN / 'usr/bin'}"


def quoted(*words):
    return shlex.join(map(str, words))
