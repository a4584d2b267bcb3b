"""The router, with everything on that it does: a policy for each route, metrics, and its access log."""

from ..certificates import APP, HOST
from .site import Site


def countersign(site: Site) -> list[str]:
    configuration = f"""
router:
  listen: ["127.0.0.1:{site.port}"]
  workers: {site.setting.workers}
  max_route_options_size: 65536
  access_log: {{ path: {site.folder}/access.log, format: json }}
  tls:
    certificates:
      - {{ cert_chain: {site.certificates.server.chain}, private_key: {site.certificates.server.key} }}
    min_version: TLSv1.3
  domains:
    - name: "*.apps.mtls.internal"
      ca_certs: {site.certificates.client.root}
      forwarded_client_cert: sanitize_set
      xfcc_format: {"envoy" if site.setting.digest else "raw"}
      authorization: {{ mode: cf_identity }}
  routes:
{routes(site)}
{bus(site)}
admin: {{ listen: "127.0.0.1:{site.admin_port}" }}
log: {{ level: warning, format: json }}
"""
    return [site.countersign, "router", "--config", site.write("countersign.yaml", configuration)]


def bus(site: Site) -> str:
    if not site.setting.registered:
        return ""
    # They are registered once, and stay for as long as is measured.
    hosts = f'[{{ hostname: "127.0.0.1", port: {site.bus_port} }}]'
    return f"nats: {{ hosts: {hosts}, droplet_stale_threshold: 3600s }}"


def routes(site: Site) -> str:
    """The route of the benchmark, which is the last, and as many others as the row asks for."""
    hosts = [f"app-{number}.apps.mtls.internal" for number in range(1, site.setting.routes)]
    others = [str(number) for number in range(1, site.setting.sources)]
    allowed = ",".join([*others, APP])
    return "\n".join(
        f"""    - route: {host}
      endpoints: ["127.0.0.1:{site.backend_port}"]
      options: {{ mtls_allowed_apps: "{allowed if host == HOST else APP}" }}"""
        for host in [*hosts, HOST]
    )
