"""HAProxy in front of the router and behind it."""

import shutil
import socket
import subprocess
from pathlib import Path

from harness.ports import free_port
from harness.waiting import until

HAPROXY = shutil.which("haproxy") or "/usr/sbin/haproxy"

_COMMON = """
global
    maxconn 500
    log stderr format raw local0
defaults
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""

# Passes TLS through unopened, and says in a header who the client is.
FRONT = (
    _COMMON
    + """
frontend clients
    mode tcp
    bind 127.0.0.1:{port}
    default_backend router
backend router
    mode tcp
    server router 127.0.0.1:{target} send-proxy-v2 proxy-v2-options crc32c,unique-id
"""
)

# Believes the header of its peer, and answers with what it says.
BEHIND = (
    _COMMON
    + """
frontend routers
    mode http
    bind 127.0.0.1:{port} accept-proxy
    http-request set-var-fmt(txn.client) "%[src] %[src_port] %[dst_port]"
    http-request set-var-fmt(txn.said) "%[fc_pp_authority] %[fc_pp_unique_id]"
    http-request return status 200 content-type text/plain lf-string "%[var(txn.client)] %[var(txn.said)]"
"""
)


class HAProxy:
    """Runs with one of the configurations above until it is stopped."""

    def __init__(self, folder, configuration, target=0):
        self.folder, self.port = Path(folder), free_port()
        self.folder.mkdir(parents=True)
        (self.folder / "haproxy.cfg").write_text(configuration.format(port=self.port, target=target))

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        self._process = subprocess.Popen(
            [HAPROXY, "-db", "-f", self.folder / "haproxy.cfg"],
            stdin=subprocess.DEVNULL,
            stderr=(self.folder / "haproxy.log").open("wb"),
        )
        until(self._answers, 10, "haproxy listening")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)

    def _answers(self):
        assert self._process.poll() is None, (self.folder / "haproxy.log").read_text()
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0
