"""nginx, as Debian has it."""

from ..certificates import HOST
from .site import Site


def nginx(site: Site) -> list[str]:
    folder = site.folder
    http2 = "http2" if site.setting.http2 else ""
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
        keepalive 16384;
        keepalive_requests 1000000000;
    }}
    ssl_certificate {site.certificates.server.chain};
    ssl_certificate_key {site.certificates.server.key};
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
    ssl_ecdh_curve X25519;
    ssl_client_certificate {site.certificates.client.root};
    ssl_verify_client on;
    ssl_verify_depth 3;
    ssl_session_cache shared:sessions:10m;
    server {{
        listen 127.0.0.1:{site.port} ssl {http2} default_server backlog=4096;
        return 404;
    }}
    server {{
        listen 127.0.0.1:{site.port} ssl {http2};
        server_name {HOST};
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
