"""nginx as a backend: with mutual TLS, and behind proxies that say who the client is."""

import shutil
import socket
import subprocess
from pathlib import Path

from harness.ports import free_port
from harness.waiting import until

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"

_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{server}
}}
"""

_MUTUAL_TLS = """
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_client_certificate {roots};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_verify_client on;
        ssl_verify_depth 3;
        location / {{
            default_type text/plain;
            return 200 "$ssl_client_verify $ssl_client_serial $ssl_protocol $ssl_session_reused $connection_requests";
        }}
    }}
"""

_BEHIND_PROXIES = """
    server {{
        listen 127.0.0.1:{port} proxy_protocol;
        location / {{
            default_type text/plain;
            set $server "$proxy_protocol_server_addr $proxy_protocol_server_port";
            return 200 "$proxy_protocol_addr $proxy_protocol_port $server";
        }}
    }}
"""


class Nginx:
    """Serves until it is stopped; each answer says what nginx knows of the caller."""

    def __init__(self, folder, chain, key, roots):
        self._prepare(folder, _MUTUAL_TLS, chain=chain, key=key, roots=roots)

    def _prepare(self, folder, server, **values):
        self.folder, self.port = Path(folder), free_port()
        self.folder.mkdir(parents=True)
        text = _CONFIGURATION.format(
            folder=self.folder, server=server.format(port=self.port, folder=self.folder, **values)
        )
        (self.folder / "nginx.conf").write_text(text)

    def __enter__(self):
        self._process = subprocess.Popen(
            [NGINX, "-p", self.folder, "-e", self.folder / "error.log", "-c", self.folder / "nginx.conf"],
            stdin=subprocess.DEVNULL,
        )
        until(self._answers, 10, "nginx listening")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)

    def _answers(self):
        assert self._process.poll() is None, (self.folder / "error.log").read_text()
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0


class NginxAs(Nginx):
    """Serves with a section `server` of the caller's; `{port}`, `{folder}` and other names in braces are filled in."""

    def __init__(self, folder, server, **values):
        self._prepare(folder, server, **values)


class NginxBehindProxies(Nginx):
    """Believes the PROXY protocol header of whoever connects, and answers with what it says."""

    def __init__(self, folder):
        self._prepare(folder, _BEHIND_PROXIES)
