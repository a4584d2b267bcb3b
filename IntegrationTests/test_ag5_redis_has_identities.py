"""Certificates of the authority in a real Redis: exchanged under load; revocation by lifetime, or by HAProxy."""

import socket
import ssl
import subprocess
import time

import pytest
import redis
from cryptography import x509

from harness.databases import (
    KEY,
    REDIS_CLI,
    REVOKED_WITHIN,
    STRANGE,
    Redis,
    agent_in_strange_folder,
    authority_with_lists,
    open_folder,
    parameters,
    rotate,
    shell,
    stolen,
)
from harness.haproxy import HAPROXY
from harness.pki import Authority, subject
from harness.pool_load import PoolLoad
from harness.ports import free_port
from harness.waiting import until

SERVER, GUARD, CLIENT, SHORT = "cache", "cache-guard", "orders", "reports"
SHORT_LIFETIME = 12


@pytest.fixture(scope="module")
def folder():
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def authority(folder):
    services = [{"name": name, "ip_addresses": ["127.0.0.1"]} for name in (SERVER, GUARD)]
    services += [{"name": CLIENT}, {"name": SHORT, "profile": "short"}]
    profiles = {"default": {"ttl": "1h"}, "short": {"ttl": f"{SHORT_LIFETIME}s"}}
    with authority_with_lists(folder, services, profiles=profiles) as authority:
        yield authority


@pytest.fixture(scope="module")
def cache(folder):
    cache = Redis(folder / "redis")
    yield cache
    cache.stop()


@pytest.fixture(scope="module")
def agent(folder, authority, cache):
    paths = {name: str(folder / STRANGE / SERVER / f"{name}.pem") for name in ("cert", "key")}
    command = [REDIS_CLI, "-e", "-s", str(cache.socket), "CONFIG", "SET", "tls-cert-file", paths["cert"]]
    command += ["tls-key-file", paths["key"], "tls-ca-cert-file", str(folder / STRANGE / "ca.pem")]
    services = [
        {"name": SERVER, "key": KEY, "reload": {"command": command}},
        {"name": GUARD, "reload": {"signal": "USR2", "pid_file": str(folder / "haproxy.pid"), "crl": True}},
        CLIENT,
        SHORT,
    ]
    with agent_in_strange_folder(folder, authority, services) as agent:
        cache.start(parameters(agent, "redis.conf", SERVER, "--port", cache.port))
        yield agent


@pytest.fixture(scope="module")
def guard(folder, agent, cache):
    """HAProxy before Redis, with what was printed."""
    port = free_port()
    common = f"global\n    pidfile {folder}/haproxy.pid\ndefaults\n    timeout connect 5s\n    timeout client 60s\n"
    section = parameters(agent, "haproxy.cfg", GUARD, "--port", port, "--host", f"unix@{cache.socket}")
    path = folder / "haproxy.cfg"
    path.write_text(f"{common}    timeout server 60s\n{section}")
    checked = subprocess.run([HAPROXY, "-c", "-f", path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen([HAPROXY, "-W", "-f", path, "-p", folder / "haproxy.pid"], stderr=subprocess.DEVNULL)
    until(lambda: is_open(port), 10, "HAProxy listening")
    yield port
    process.terminate()
    process.wait(20)


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def url(agent, port, service=CLIENT):
    return parameters(agent, "redis-url", service, "--host", "127.0.0.1", "--port", port).strip()


def ask(address, **options):
    """Whether a new connection is answered, or the error."""
    try:
        with redis.Redis.from_url(address, socket_timeout=10, **options) as client:
            return client.ping()
    except (redis.RedisError, OSError) as error:
        return str(error)


def shown_by(address, chain, key):
    """The URL with another identity."""
    return f"{address.split('&ssl_certfile')[0]}&ssl_certfile={chain}&ssl_keyfile={key}"


def serial_of_server(agent, port):
    context = ssl.create_default_context(cafile=agent.file("ca.pem"))
    context.load_cert_chain(agent.file(f"{CLIENT}/cert.pem"), agent.file(f"{CLIENT}/key.pem"))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
            return x509.load_der_x509_certificate(tls.getpeercert(True)).serial_number


def test_pasted_parameters_work(agent, cache):
    assert ask(url(agent, cache.port)) is True
    command = parameters(agent, "redis-cli", CLIENT, "--host", "127.0.0.1", "--port", cache.port).strip()
    done = shell(f"{command} PING")
    assert (done.returncode, done.stdout, done.stderr) == (0, "PONG\n", "")
    # It does not look at the server's name, as the page on databases says; redis-py does.
    assert shell(f"{command.replace('-h 127.0.0.1', '-h localhost')} PING").stdout == "PONG\n"
    assert ask(url(agent, cache.port).replace("127.0.0.1", "localhost")) is not True


def alert(agent, port, *identity):
    """Why a server refuses a client; in TLS 1.2, where that is told within the handshake."""
    context = ssl.create_default_context(cafile=agent.file("ca.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if identity:
        context.load_cert_chain(*identity)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1"):
                return None
    except ssl.SSLError as error:
        return error.reason


def test_who_is_not_who_they_must_be_is_refused(agent, authority, cache, tmp_path):
    address = url(agent, cache.port)
    assert ask(address) is True
    assert ask(f"redis://127.0.0.1:{cache.port}/0") is not True
    assert ask(address.split("&ssl_certfile")[0]) is not True
    intermediate, stranger = authority.hierarchy.intermediate, Authority.root("Stranger Root")

    def by(issuer, name, **options):
        return issuer.leaf(subject(("CN", CLIENT)), **options).save(tmp_path, name)

    assert alert(agent, cache.port, *by(intermediate, "good")) is None
    assert alert(agent, cache.port) == "SSLV3_ALERT_HANDSHAKE_FAILURE"
    assert alert(agent, cache.port, *by(stranger, "stranger")) == "TLSV1_ALERT_UNKNOWN_CA"
    expired = by(intermediate, "expired", lifetime=(-20, -10))
    assert alert(agent, cache.port, *expired) == "SSLV3_ALERT_CERTIFICATE_EXPIRED"
    # And the server, by its clients.
    roots = stranger.save(tmp_path, "roots")
    assert "certificate verify failed" in ask(f"rediss://127.0.0.1:{cache.port}/0?ssl_ca_certs={roots}").lower()
    assert "certificate verify failed" in ask(address.replace("127.0.0.1", "localhost")).lower()


def test_pool_under_load_outlives_rotation_of_both_sides(agent, authority, cache):
    address = url(agent, cache.port)
    pool = redis.ConnectionPool.from_url(address, max_connections=8)
    with redis.Redis(connection_pool=pool) as client, PoolLoad(lambda: client.incr("count")) as load:
        until(lambda: load.count > 50, 20, "the load")

        def connections():
            lines = cache.admin("CLIENT", "LIST").stdout.splitlines()
            return {line.split()[0] for line in lines if "unixsocket" not in line and "addr=127.0.0.1" in line}

        before = connections()
        for _ in range(3):
            rotate(authority, agent, CLIENT)
            server = rotate(authority, agent, SERVER)
            until(lambda server=server: serial_of_server(agent, cache.port) == server, 10, "the server's certificate")
            assert ask(address) is True
        assert before <= connections()
        reached = load.count
        until(lambda: load.count > reached + 100, 20, "the load going on")
    assert not load.failures, load.failures[:3]
    print(f"{load.count} commands over six rotations, none failed")


def test_redis_itself_refuses_what_was_revoked_when_it_expires(agent, authority, cache, tmp_path):
    until(lambda: agent.certificate(SHORT) is not None, 10, "the short certificate")
    held = agent.certificate(SHORT)
    old = stolen(agent, SHORT, tmp_path)
    address = shown_by(url(agent, cache.port, SHORT), *old)
    authority.revoke(SHORT, serial=f"{held.serial_number:x}", reason="keyCompromise").ok()
    revoked_at = time.monotonic()
    # It looks at no list: this is what short lifetimes are for.
    assert ask(address) is True
    until(lambda: ask(address) is not True, SHORT_LIFETIME + 5, "the end of the certificate")
    assert alert(agent, cache.port, *old) == "SSLV3_ALERT_CERTIFICATE_EXPIRED"
    print(f"refused {time.monotonic() - revoked_at:.1f} s after the revocation, lifetime {SHORT_LIFETIME} s")
    agent.wait_for_certificate(SHORT, other_than=held.serial_number)
    until(lambda: ask(url(agent, cache.port, SHORT)) is True, 10, "the successor being let in")


def test_haproxy_in_front_refuses_what_was_revoked(agent, authority, guard, tmp_path):
    address = url(agent, guard)
    assert ask(address) is True
    serial = agent.serial(CLIENT)
    old = stolen(agent, CLIENT, tmp_path)
    shown = shown_by(address, *old)
    assert ask(shown) is True
    assert ask(address.split("&ssl_certfile")[0]) is not True
    authority.revoke(CLIENT, serial=f"{serial:x}", reason="keyCompromise").ok()
    revoked_at = time.monotonic()
    until(lambda: ask(shown) is not True, REVOKED_WITHIN, "the refusal of the revoked certificate")
    print(f"refused {time.monotonic() - revoked_at:.2f} s after the revocation")
    agent.wait_for_certificate(CLIENT, other_than=serial)
    until(lambda: ask(address) is True, 10, "the successor being let in")
    assert alert(agent, guard, *old) == "SSLV3_ALERT_CERTIFICATE_REVOKED"


def test_haproxy_shows_the_new_certificate_after_a_rotation(agent, authority, guard):
    server = rotate(authority, agent, GUARD)
    until(lambda: serial_of_server(agent, guard) == server, 10, "the new certificate")
