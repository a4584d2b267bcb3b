"""What every proxy forwards to: nginx, plain HTTP/1.1 with keep-alive."""

from collections.abc import Iterable
from pathlib import Path

SMALL_BYTES = 100
LARGE_BYTES = 1 << 20

CONFIGURATION = """
{user}
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
    client_body_buffer_size 2m;
    open_file_cache max=20;
    # A head with a certificate may be longer than the 1 KiB of the default, and then takes two reads: it is to cost the
    # backend one, whichever proxy wrote it.
    client_header_buffer_size 8k;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        default_type text/plain;
        root {folder}/files;
        location = / {{ return 200 "{small}"; }}
        set $told "$http_x_forwarded_client_cert$http_x_forwarded_tls_client_cert";
        location = /seen {{ return 200 "$told\\n$http_x_forwarded_for\\n$host\\n"; }}
        location = /mebibyte {{ sendfile on; }}
        # Reads the whole body before it answers, which `return` would not.
        location = /upload {{
            proxy_pass http://127.0.0.1:{port}/;
            proxy_pass_request_body off;
            proxy_method GET;
            proxy_set_header Content-Length "";
        }}
    }}
}}
"""


def command(folder: Path, port: int, user: str, sizes: Iterable[int] = ()) -> list[str]:
    """The command of a backend that has a file `/body-SIZE` of each of the sizes."""
    files = folder / "files"
    files.mkdir(parents=True)
    for name, size in {"mebibyte": LARGE_BYTES, **{f"body-{size}": size for size in sizes}}.items():
        (files / name).write_bytes(b"x" * size)
    configuration = folder / "backend.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, user=user, small="x" * SMALL_BYTES))
    return ["nginx", "-e", "stderr", "-c", str(configuration)]
