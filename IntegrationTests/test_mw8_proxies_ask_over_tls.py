"""`countersign authz` that is asked over TLS, and knows its proxies by their certificates."""

import os
import shutil
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request

import pytest

from harness.authz import Authz
from harness.nginx import NginxAs
from harness.tools import COUNTERSIGN, run
from harness.waiting import until

HEADER = "ssl-client-cert"


def put(leaf, folder):
    """Writes `cert.pem` and `key.pem`, as the agent does."""
    folder.mkdir(exist_ok=True)
    chain, key = leaf.save(folder, "new")
    os.replace(key, folder / "key.pem")
    os.replace(chain, folder / "cert.pem")


@pytest.fixture
def start(world, tmp_path):
    made = []

    def start_it(**tls):
        put(world.server_root.leaf("authz", ips=["127.0.0.1"], dns=["authz.internal"]), tmp_path / "tls")
        section = {"enabled": True, "cert_dir": str(tmp_path / "tls"), **tls}
        options = {"inbound_auth_mode": "mtls_only", "forwarded_client_cert_header": HEADER}
        made.append(Authz(tmp_path / "authz", tls=section, **options))
        return made[-1].__enter__()

    yield start_it
    for each in made:
        each.__exit__()


def ask(authz, roots, client=None, directory=None):
    """Asks as Traefik does, over TLS; answers the status."""
    context = ssl.create_default_context(cafile=roots)
    if client:
        context.load_cert_chain(*client.save(directory, "proxy"))
    asked = {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/", "X-Forwarded-Host": "crud.local"}
    request = urllib.request.Request(f"https://{authz.address}/auth/traefik", headers=asked)
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def served(authz):
    """The certificate that is shown."""
    host, port = authz.address.split(":")
    plain = socket.create_connection((host, int(port)), timeout=10)
    with ssl._create_unverified_context().wrap_socket(plain) as stream:
        return stream.getpeercert(binary_form=True)


def test_proxies_ask_over_tls_and_only_so(world, start):
    authz = start()
    assert ask(authz, world.server_roots) == 401
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(authz, world.partner_roots)
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        authz.ask()


def test_proxies_show_a_certificate_where_that_is_wanted(world, start, tmp_path):
    authz = start(ca_file=str(world.platform_roots))
    # The proxy's certificate opens the door, and makes nobody a caller.
    assert ask(authz, world.server_roots, world.frontend, tmp_path) == 401
    assert authz.log.wait_for(lambda line: line.get("reason") == "certificate_missing")
    for stranger in (None, world.partner_device, world.expired):
        with pytest.raises((urllib.error.URLError, ConnectionError, ssl.SSLError)):
            ask(authz, world.server_roots, stranger, tmp_path)
    assert authz.log.wait_for(lambda line: line["message"] == "TLS handshake of a proxy failed")


_ASKING = """
    server {{
        listen 127.0.0.1:{port};
        location = /content {{
            auth_request /_auth;
            proxy_pass http://127.0.0.1:{port}/empty;
        }}
        location = /empty {{ return 204; }}
        location = /_auth {{
            internal;
            proxy_pass https://{authz}/auth/nginx;
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate {roots};
            proxy_ssl_name authz.internal;
            proxy_ssl_certificate {chain};
            proxy_ssl_certificate_key {key};
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Original-Host $host;
            proxy_set_header X-Original-URI $request_uri;
            proxy_set_header ssl-client-verify SUCCESS;
            proxy_set_header ssl-client-cert $http_x_test_certificate;
        }}
    }}
"""


def test_nginx_asks_over_mutual_tls(world, start, tmp_path):
    authz = start(ca_file=str(world.platform_roots))
    chain, key = world.frontend.save(tmp_path, "proxy")
    names = {"authz": authz.address, "roots": world.server_roots, "chain": chain, "key": key}
    with NginxAs(tmp_path / "nginx", _ASKING, **names) as nginx:

        def status(*fields):
            request = urllib.request.Request(f"http://127.0.0.1:{nginx.port}/content", headers=dict(fields))
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code

        assert status() == 401
        assert status(("X-Test-Certificate", urllib.parse.quote(world.partner_device.pem))) == 204


def test_a_renewed_certificate_is_shown_without_a_restart(world, start, tmp_path):
    authz = start()
    renewed = world.server_root.leaf("authz", ips=["127.0.0.1"])
    put(renewed, tmp_path / "tls")
    until(lambda: served(authz) == renewed.der, what="the renewed certificate")
    assert ask(authz, world.server_roots) == 401


def test_a_certificate_without_its_key_changes_nothing(world, start, tmp_path):
    authz = start()
    before = served(authz)
    other = world.server_root.leaf("authz", ips=["127.0.0.1"])
    (tmp_path / "tls" / "cert.pem").write_text(other.chain_pem)
    authz.log.wait_for(lambda line: line["message"] == "configuration refused")
    assert served(authz) == before and "degraded" in authz.admin("/health")[2]


@pytest.mark.parametrize("fault", ["no folder", "no key", "key open to others", "expired"])
def test_what_cannot_be_shown_is_refused(world, tmp_path, fault):
    leaf = world.expired if fault == "expired" else world.server_root.leaf("authz", ips=["127.0.0.1"])
    put(leaf, tmp_path / "tls")
    if fault == "no folder":
        shutil.rmtree(tmp_path / "tls")
    elif fault == "no key":
        (tmp_path / "tls" / "key.pem").unlink()
    elif fault == "key open to others":
        (tmp_path / "tls" / "key.pem").chmod(0o644)
    section = {"enabled": True, "cert_dir": str(tmp_path / "tls")}
    options = {"inbound_auth_mode": "mtls_only", "forwarded_client_cert_header": HEADER}
    authz = Authz(tmp_path / "authz", tls=section, **options)
    for arguments in (["config", "check", "--role", "authz", authz.path], ["authz", "--config", authz.path]):
        ended = run(COUNTERSIGN, *arguments, within=10)
        assert ended.returncode != 0 and "authz" in ended.stdout + ended.stderr
