"""Other makes of proxies: nginx, Envoy and Traefik ending mutual TLS in front of a backend, or of the router."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

from harness.nginx import NGINX
from harness.ports import free_port
from harness.waiting import until


def program(name):
    return shutil.which(name) or str(Path(sys.executable).with_name(name))


class Proxy:
    """Takes TLS with client certificates on a loopback port, and tells its backend of them as its make does.

    `backend` is an address; with `outgoing`, paths of a chain, a key and roots, it is reached over mutual TLS under
    the name `server_name`.
    """

    def __init__(self, folder, chain, key, roots, backend, outgoing=None, server_name=""):
        self.folder, self.port = Path(folder), free_port()
        self.chain, self.key, self.roots = chain, key, roots
        self.backend, self.outgoing, self.server_name = backend, outgoing, server_name
        self.folder.mkdir(parents=True)

    def __enter__(self):
        self._log = open(self.folder / "log", "wb")
        self._process = subprocess.Popen(
            self.command(), stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, cwd=self.folder
        )
        until(self._answers, 20, f"{type(self).__name__} listening")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def _answers(self):
        assert self._process.poll() is None, (self.folder / "log").read_text()
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
        try:
            # A proxy may listen before it has read its certificate.
            with socket.create_connection(("127.0.0.1", self.port), 10) as plain, made.wrap_socket(plain) as secure:
                shown = ssl.DER_cert_to_PEM_cert(secure.getpeercert(binary_form=True))
                return Path(self.chain).read_text().startswith(shown.strip())
        except OSError:
            return False

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)


class NginxProxy(Proxy):
    """Writes the headers that ingress controllers made of nginx write."""

    def command(self):
        scheme, tls = "http", ""
        if self.outgoing:
            chain, key, roots = self.outgoing
            scheme = "https"
            tls = f"""
                proxy_ssl_certificate {chain};
                proxy_ssl_certificate_key {key};
                proxy_ssl_trusted_certificate {roots};
                proxy_ssl_verify on;
                proxy_ssl_server_name on;
                proxy_ssl_name {self.server_name};
            """
        text = f"""
        daemon off; master_process off; pid {self.folder}/nginx.pid;
        error_log {self.folder}/error.log info;
        events {{ worker_connections 256; }}
        http {{
            access_log off;
            client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy;
            fastcgi_temp_path {self.folder}/fastcgi; uwsgi_temp_path {self.folder}/uwsgi;
            scgi_temp_path {self.folder}/scgi;
            server {{
                listen 127.0.0.1:{self.port} ssl;
                ssl_certificate {self.chain}; ssl_certificate_key {self.key};
                ssl_client_certificate {self.roots};
                ssl_verify_client on; ssl_verify_depth 3;
                location / {{
                    proxy_pass {scheme}://{self.backend};
                    proxy_http_version 1.1;
                    proxy_set_header Host $host;
                    proxy_set_header ssl-client-cert $ssl_client_escaped_cert;
                    proxy_set_header ssl-client-verify $ssl_client_verify;
                    proxy_set_header ssl-client-subject-dn $ssl_client_s_dn;
                    proxy_set_header ssl-client-issuer-dn $ssl_client_i_dn;
                    {tls}
                }}
            }}
        }}
        """
        configuration = self.write("nginx.conf", text)
        return [NGINX, "-p", str(self.folder), "-e", str(self.folder / "error.log"), "-c", configuration]


class EnvoyProxy(Proxy):
    """Writes X-Forwarded-Client-Cert; `mode` and `details` are those of its connection manager."""

    mode = "SANITIZE_SET"
    details = ("subject", "cert", "chain", "uri", "dns")

    def command(self):
        router = {"@type": _type("extensions.filters.http.router.v3.Router")}
        manager = {
            "@type": _type("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": "clients",
            "codec_type": "HTTP1",
            "forward_client_cert_details": self.mode,
            "set_current_client_cert_details": {detail: True for detail in self.details},
            "route_config": {
                "virtual_hosts": [
                    {
                        "name": "all",
                        "domains": ["*"],
                        "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "backend"}}],
                    }
                ]
            },
            "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
        }
        server = {
            "@type": _type("extensions.transport_sockets.tls.v3.DownstreamTlsContext"),
            "require_client_certificate": True,
            "common_tls_context": _tls(self.chain, self.key, self.roots),
        }
        chain = {
            "transport_socket": {"name": "tls", "typed_config": server},
            "filters": [{"name": "http", "typed_config": manager}],
        }
        host, _, port = self.backend.rpartition(":")
        cluster = {
            "name": "backend",
            "type": "STATIC",
            "connect_timeout": "5s",
            "load_assignment": {
                "cluster_name": "backend",
                "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(host, int(port))}}]}],
            },
        }
        if self.outgoing:
            client = {
                "@type": _type("extensions.transport_sockets.tls.v3.UpstreamTlsContext"),
                "sni": self.server_name,
                "common_tls_context": _tls(*self.outgoing),
            }
            cluster["transport_socket"] = {"name": "tls", "typed_config": client}
        listener = {"name": "clients", "address": _address("127.0.0.1", self.port), "filter_chains": [chain]}
        bootstrap = {"static_resources": {"listeners": [listener], "clusters": [cluster]}}
        configuration = self.write("envoy.json", json.dumps(bootstrap))
        return [program("envoy"), "-c", configuration, "--use-dynamic-base-id", "--concurrency", "1", "-l", "warning"]


class EnvoyBehindProxies(EnvoyProxy):
    """Passes on what the proxy before it wrote of a client, and adds that proxy's own certificate."""

    mode = "APPEND_FORWARD"
    details = ("subject", "uri")


class TraefikProxy(Proxy):
    """Writes X-Forwarded-Tls-Client-Cert and -Info with its middleware passTLSClientCert."""

    def command(self):
        names = {name: True for name in ("country", "province", "locality", "organization", "commonName")}
        subject = {**names, "organizationalUnit": True, "serialNumber": True, "domainComponent": True}
        info = {
            "notAfter": True,
            "notBefore": True,
            "sans": True,
            "serialNumber": True,
            "subject": subject,
            "issuer": {**names, "serialNumber": True, "domainComponent": True},
        }
        every = {"rule": "PathPrefix(`/`)", "service": "backend", "middlewares": ["tell"], "tls": {}}
        service = {"servers": [{"url": f"{'https' if self.outgoing else 'http'}://{self.backend}"}]}
        dynamic = {
            "http": {
                "routers": {"all": every},
                "middlewares": {"tell": {"passTLSClientCert": {"pem": True, "info": info}}},
                "services": {"backend": {"loadBalancer": service}},
            },
            "tls": {
                "certificates": [{"certFile": self.chain, "keyFile": self.key}],
                "options": {
                    "default": {"clientAuth": {"caFiles": [self.roots], "clientAuthType": "RequireAndVerifyClientCert"}}
                },
            },
        }
        if self.outgoing:
            chain, key, roots = self.outgoing
            service["serversTransport"] = "router"
            dynamic["http"]["serversTransports"] = {
                "router": {
                    "serverName": self.server_name,
                    "rootCAs": [roots],
                    "certificates": [{"certFile": chain, "keyFile": key}],
                }
            }
        static = {
            "entryPoints": {"clients": {"address": f"127.0.0.1:{self.port}"}},
            "providers": {"file": {"filename": self.write("dynamic.yml", json.dumps(dynamic))}},
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        }
        return [program("traefik"), f"--configFile={self.write('traefik.yml', json.dumps(static))}"]


def _type(name):
    return f"type.googleapis.com/envoy.{name}"


def _address(host, port):
    return {"socket_address": {"address": host, "port_value": port}}


def _tls(chain, key, roots):
    return {
        "tls_certificates": [{"certificate_chain": {"filename": chain}, "private_key": {"filename": key}}],
        "validation_context": {"trusted_ca": {"filename": roots}},
    }
