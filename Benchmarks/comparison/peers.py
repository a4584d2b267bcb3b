"""The proxies and their configurations: one worker each, the same work for all.

TLS 1.3 with X25519 and AES-128-GCM, a client certificate that is required and verified, Host routed, an incoming
X-Forwarded-Client-Cert replaced, X-Forwarded-For set, HTTP/1.1 with keep-alive to the backend. In the rows of HTTP/2
clients are offered that as well.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from .certificates import APP, HOST, Certificates
from .servers import free_port


@dataclass(frozen=True)
class Site:
    """Where a proxy keeps its files, listens, and forwards to."""

    folder: Path
    port: int
    backend_port: int
    certificates: Certificates
    user: str
    countersign: str
    offers_http2: bool

    def write(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content)
        return str(path)


def countersign(site: Site) -> list[str]:
    configuration = f"""
router:
  listen: ["127.0.0.1:{site.port}"]
  workers: 1
  access_log: {{ path: {site.folder}/access.log, format: json }}
  tls:
    certificates:
      - {{ cert_chain: {site.certificates.server.chain}, private_key: {site.certificates.server.key} }}
    min_version: TLSv1.3
  domains:
    - name: "*.apps.mtls.internal"
      ca_certs: {site.certificates.client.root}
      forwarded_client_cert: sanitize_set
      xfcc_format: envoy
      authorization: {{ mode: cf_identity }}
  routes:
    - route: {HOST}
      endpoints: ["127.0.0.1:{site.backend_port}"]
      options: {{ mtls_allowed_apps: "{APP}" }}
admin: {{ listen: "127.0.0.1:{free_port()}" }}
log: {{ level: warning, format: json }}
"""
    return [site.countersign, "router", "--config", site.write("countersign.yaml", configuration)]


def haproxy(site: Site) -> list[str]:
    alpn = "alpn h2,http/1.1" if site.offers_http2 else ""
    configuration = f"""
global
    nbthread 1
    maxconn 5000
    ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256
defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    option http-keep-alive
    http-reuse always
frontend clients
    bind 127.0.0.1:{site.port} backlog 4096 ssl crt {site.certificates.server.combined} \
ca-file {site.certificates.client.root} verify required ssl-min-ver TLSv1.3 curves X25519 {alpn}
    http-request del-header X-Forwarded-Client-Cert
    http-request set-header X-Forwarded-Client-Cert %[ssl_c_der,base64]
    option forwardfor
    acl known hdr(host) -i {HOST}
    http-request deny deny_status 404 unless known
    default_backend application
backend application
    server one 127.0.0.1:{site.backend_port}
"""
    return ["haproxy", "-db", "-f", site.write("haproxy.cfg", configuration)]


def nginx(site: Site) -> list[str]:
    folder = site.folder
    http2 = "http2" if site.offers_http2 else ""
    configuration = f"""
{site.user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 25000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream application {{
        server 127.0.0.1:{site.backend_port};
        keepalive 256;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{site.port} ssl {http2} backlog=4096;
        server_name {HOST};
        ssl_certificate {site.certificates.server.chain};
        ssl_certificate_key {site.certificates.server.key};
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
        ssl_ecdh_curve X25519;
        ssl_client_certificate {site.certificates.client.root};
        ssl_verify_client on;
        ssl_verify_depth 3;
        ssl_session_cache shared:sessions:10m;
        location / {{
            proxy_pass http://application;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_max_temp_file_size 0;
            proxy_set_header Host $host;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-Client-Cert $ssl_client_escaped_cert;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""
    return ["nginx", "-e", "stderr", "-c", site.write("nginx.conf", configuration)]


def envoy(site: Site) -> list[str]:
    program = shutil.which("envoy") or str(Path(sys.executable).with_name("envoy"))
    configuration = site.write("envoy.json", json.dumps(envoy_bootstrap(site), indent=2))
    return [program, "-c", configuration, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]


def envoy_bootstrap(site: Site) -> dict:
    limits = {"max_connections": 20000, "max_pending_requests": 20000, "max_requests": 20000}
    cluster = {
        "name": "application",
        "type": "STATIC",
        "connect_timeout": "5s",
        "circuit_breakers": {"thresholds": [limits]},
        "load_assignment": {
            "cluster_name": "application",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": envoy_address(site.backend_port)}}]}],
        },
    }
    chain = {
        "transport_socket": {"name": "tls", "typed_config": envoy_tls(site)},
        "filters": [{"name": "http", "typed_config": envoy_http(site)}],
    }
    listener = {"name": "clients", "address": envoy_address(site.port), "filter_chains": [chain]}
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def envoy_tls(site: Site) -> dict:
    certificates = site.certificates
    return {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "require_client_certificate": True,
        "common_tls_context": {
            "tls_params": {
                "tls_minimum_protocol_version": "TLSv1_3",
                "tls_maximum_protocol_version": "TLSv1_3",
                "ecdh_curves": ["X25519"],
            },
            "tls_certificates": [
                {
                    "certificate_chain": {"filename": str(certificates.server.chain)},
                    "private_key": {"filename": str(certificates.server.key)},
                }
            ],
            "validation_context": {"trusted_ca": {"filename": str(certificates.client.root)}},
            "alpn_protocols": ["h2", "http/1.1"] if site.offers_http2 else [],
        },
    }


def envoy_http(site: Site) -> dict:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "application", "timeout": "0s"}}
    router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
    return {
        "@type": "type.googleapis.com/"
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "clients",
        "codec_type": "AUTO" if site.offers_http2 else "HTTP1",
        "use_remote_address": True,
        "generate_request_id": False,
        "forward_client_cert_details": "SANITIZE_SET",
        "set_current_client_cert_details": {"subject": True},
        "route_config": {"virtual_hosts": [{"name": "application", "domains": [HOST], "routes": [route]}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }


def envoy_address(port: int) -> dict:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


COMMANDS = {"countersign": countersign, "haproxy": haproxy, "nginx": nginx, "envoy": envoy}


def nginx_user() -> str:
    """Workers that a root process starts would otherwise not be able to read a private folder."""
    return "user root;" if os.getuid() == 0 else ""
