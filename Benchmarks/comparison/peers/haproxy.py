"""HAProxy, as Debian has it."""

from ..certificates import HOST
from .site import Site


def haproxy(site: Site) -> list[str]:
    alpn = "alpn h2,http/1.1" if site.setting.http2 else ""
    configuration = f"""
global
    nbthread 1
    maxconn 12000
    # It reckons with two descriptors a connection; those to the backend are few, and all are kept.
    no strict-limits
    tune.pool-low-fd-ratio 100
    tune.pool-high-fd-ratio 100
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
    # What stays the same for a connection is made once for it.
    http-request set-var(sess.certificate) ssl_c_der,base64 if !{{ var(sess.certificate) -m found }}
    http-request set-header X-Forwarded-Client-Cert %[var(sess.certificate)]
    option forwardfor
    acl known hdr(host) -i {HOST}
    http-request deny deny_status 404 unless known
    default_backend application
backend application
    server one 127.0.0.1:{site.backend_port}
"""
    return ["haproxy", "-db", "-f", site.write("haproxy.cfg", configuration)]
