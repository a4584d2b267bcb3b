"""The proxies and their configurations: one worker each, the same work for all.

TLS 1.3 with X25519 and AES-128-GCM, a client certificate that is required and verified, Host routed, an incoming
X-Forwarded-Client-Cert replaced, X-Forwarded-For set, HTTP/1.1 with keep-alive to the backend. In the rows of HTTP/2
clients are offered that as well.
"""

from .caddy import caddy
from .countersign import countersign
from .envoy import envoy
from .haproxy import haproxy
from .nginx import nginx
from .site import Setting, Site, nginx_user, program
from .traefik import traefik

COMMANDS = {
    "countersign": countersign,
    "haproxy": haproxy,
    "nginx": nginx,
    "envoy": envoy,
    "traefik": traefik,
    "caddy": caddy,
}

__all__ = ["COMMANDS", "Setting", "Site", "nginx_user", "program"]
