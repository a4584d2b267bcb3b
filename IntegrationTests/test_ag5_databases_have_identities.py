"""Certificates of the authority in a real PostgreSQL: exchanged under load, and refused when they must be."""

import contextlib
import os
import socket
import ssl
import struct
import time
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from psycopg_pool import ConnectionPool

from harness.databases import (
    KEY,
    PSQL,
    REVOKED_WITHIN,
    PostgreSQL,
    agent_in_strange_folder,
    authority_with_lists,
    open_folder,
    parameters,
    quoted,
    rotate,
    shell,
    stolen,
)
from harness.pki import Authority, subject
from harness.pool_load import PoolLoad
from harness.tools import countersign, run
from harness.waiting import until

SERVER, CLIENT, OTHER = "orders-db", "orders", "reports"


@pytest.fixture(scope="module")
def folder():
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def authority(folder):
    services = [{"name": SERVER, "ip_addresses": ["127.0.0.1"]}, {"name": CLIENT}, {"name": OTHER}]
    with authority_with_lists(folder, services) as authority:
        yield authority


@pytest.fixture(scope="module")
def database(folder):
    database = PostgreSQL(folder / "postgresql")
    yield database
    database.stop()


@pytest.fixture(scope="module")
def agent(folder, authority, database):
    server = {
        "name": SERVER,
        "key": KEY,
        "reload": {"signal": "HUP", "pid_file": str(database.pid_file), "crl": True},
    }
    with agent_in_strange_folder(folder, authority, [server, CLIENT, OTHER]) as agent:
        yield agent


@pytest.fixture(scope="module", autouse=True)
def served(agent, database):
    """The server runs with nothing but what was printed, and the roles that may log in."""
    roles = ["--user", "orders_rw"]
    database.start(
        parameters(agent, "postgresql.conf", SERVER),
        parameters(agent, "pg_hba.conf", CLIENT, *roles),
        parameters(agent, "pg_ident.conf", CLIENT, *roles),
    )
    for role in ("orders_rw", "reports"):
        database.admin(f'CREATE ROLE "{role}" LOGIN')


@pytest.fixture
def url(agent, database):
    return parameters(agent, "libpq-url", CLIENT, *where(database, "127.0.0.1")).strip()


def where(database, host=SERVER):
    return ["--host", host, "--port", str(database.port), "--user", "orders_rw", "--dbname", "postgres"]


def refusal(url, **options):
    with pytest.raises(psycopg.OperationalError) as found:
        psycopg.connect(url, connect_timeout=10, **options).close()
    return str(found.value)


def stolen_options(agent, folder):
    """The options of a connection with a copy of the client's identity."""
    chain, key = stolen(agent, CLIENT, folder)
    return {"sslcert": chain, "sslkey": key}


def serial_of_server(database, agent):
    """The serial number of the certificate that the server shows to a new connection."""
    context = ssl.create_default_context(cafile=agent.file("ca.pem"))
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", database.port), timeout=10) as plain:
        plain.sendall(struct.pack("!II", 8, 80877103))
        assert plain.recv(1) == b"S"
        with context.wrap_socket(plain) as tls:
            return x509.load_der_x509_certificate(tls.getpeercert(True)).serial_number


SERIAL = "SELECT client_serial::text, client_dn, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def test_client_is_the_role_that_its_certificate_says(agent, url):
    with psycopg.connect(url) as connection:
        serial, name, version = connection.execute(SERIAL).fetchone()
        assert int(serial) == agent.serial(CLIENT) and version == "TLSv1.3" and "orders" in name
        assert connection.execute("SELECT current_user").fetchone() == ("orders_rw",)


def test_key_is_the_servers_own(agent):
    key = agent.file(f"{SERVER}/key.pem").stat()
    assert key.st_mode & 0o777 == 0o600
    assert Path(agent.file(f"{SERVER}/key.pem")).owner() == KEY.get("owner", Path(agent.certificates).owner())
    assert agent.file(f"{CLIENT}/key.pem").stat().st_uid == os.getuid()


def test_pasted_parameters_work_in_a_shell(agent, database):
    # The name that the certificate has, at the address that it is found by here.
    address = {"PGHOSTADDR": "127.0.0.1"}
    query = "-Atc 'SELECT current_user'"
    command = parameters(agent, "psql", CLIENT, *where(database)).strip()
    url = parameters(agent, "libpq-url", CLIENT, *where(database)).strip()
    variables = parameters(agent, "libpq-env", CLIENT, *where(database))
    for text in (f"{command} {query}", f"{quoted(PSQL, url)} {query}", f"{variables}psql {query}"):
        done = shell(text, **address)
        assert (done.returncode, done.stdout, done.stderr) == (0, "orders_rw\n", ""), text
    assert "sslcrl" in url and "verify-full" in url


def test_client_that_is_not_who_it_must_be_is_refused(agent, authority, url, tmp_path):
    psycopg.connect(url).close()
    intermediate, stranger = authority.hierarchy.intermediate, Authority.root("Stranger Root")

    def by(leaf, name):
        chain, key = leaf.save(tmp_path, name)
        key.chmod(0o600)
        return {"sslcert": str(chain), "sslkey": str(key)}

    good = by(intermediate.leaf(subject(("CN", CLIENT))), "good")
    psycopg.connect(url, **good).close()
    assert "requires a valid client certificate" in refusal(url, sslcert="/absent", sslkey="/absent")
    assert "unknown ca" in refusal(url, **by(stranger.leaf(subject(("CN", CLIENT))), "stranger"))
    expired = intermediate.leaf(subject(("CN", CLIENT)), lifetime=(-20, -10))
    assert "certificate expired" in refusal(url, **by(expired, "expired"))
    other = {"sslcert": str(agent.file(f"{OTHER}/cert.pem")), "sslkey": str(agent.file(f"{OTHER}/key.pem"))}
    assert "certificate authentication failed" in refusal(url, **other)
    assert "no pg_hba.conf entry" in refusal(url, user="reports", **other)
    # Without TLS there is nobody to ask.
    assert "no pg_hba.conf entry" in refusal(url, sslmode="disable")


def test_server_that_is_not_who_it_must_be_is_refused(agent, database, url, tmp_path):
    psycopg.connect(url).close()
    stranger = Authority.root("Stranger Root").save(tmp_path, "stranger")
    assert "certificate verify failed" in refusal(url, sslrootcert=str(stranger), sslcrl="")
    assert "does not match host name" in refusal(url, host="another-db", hostaddr="127.0.0.1")


def test_pool_under_load_outlives_rotation_of_both_sides(agent, authority, database, url):
    with ConnectionPool(url, min_size=4, max_size=4, open=True, timeout=10) as pool:
        pool.wait(20)
        check_rotations(authority, agent, database, url, pool)


def check_rotations(authority, agent, database, url, pool):
    def query():
        with pool.connection(timeout=10) as connection:
            connection.execute("SELECT pg_sleep(0.001)")

    with PoolLoad(query) as load:
        started = load.count

        def connections():
            text = "SELECT pid, client_serial FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
            rows = database.admin(f"{text} WHERE usename = 'orders_rw'").stdout.split()
            return dict(row.split("|") for row in rows)

        before = connections()
        assert set(before.values()) == {str(agent.serial(CLIENT))} and len(before) == 4
        old_server = serial_of_server(database, agent)
        for _ in range(3):
            client, server = rotate(authority, agent, CLIENT), rotate(authority, agent, SERVER)
            until(lambda server=server: serial_of_server(database, agent) == server, 10, "the server's new certificate")
            # New connections use the new certificates, and those that are there go on with theirs.
            with psycopg.connect(url) as connection:
                assert int(connection.execute(SERIAL).fetchone()[0]) == client
            assert before.items() <= connections().items()
        assert serial_of_server(database, agent) != old_server
        reached = load.count
        until(lambda: load.count > reached + 100, 20, "the load going on")
        # A connection that the pool makes anew is made with the new certificate, too.
        with pool.connection() as connection:
            victim = str(connection.info.backend_pid)
            connection.close()
        until(lambda: victim not in connections() and len(connections()) == 4, 20, "the pool being full again")
        assert str(client) in connections().values()
    assert not load.failures, load.failures[:3]
    print(f"{load.count - started} queries over six rotations, none failed")


def test_revoked_client_is_refused_and_its_successor_let_in(agent, authority, database, url, tmp_path):
    old = stolen_options(agent, tmp_path)
    psycopg.connect(url, **old).close()
    serial = agent.serial(CLIENT)
    authority.revoke(CLIENT, serial=f"{serial:x}", reason="keyCompromise").ok()
    revoked_at = time.monotonic()

    def error():
        try:
            psycopg.connect(url, **old).close()
        except psycopg.OperationalError as error:
            return str(error)

    assert "certificate revoked" in until(error, REVOKED_WITHIN, "the refusal of the revoked certificate")
    print(f"refused {time.monotonic() - revoked_at:.2f} s after the revocation")
    agent.wait_for_certificate(CLIENT, other_than=serial)
    psycopg.connect(url).close()
    assert "certificate revoked" in refusal(url, **old)


def ended(connection):
    with contextlib.suppress(psycopg.OperationalError):
        connection.execute("SELECT 1")
    return connection.broken


def terminate(*arguments):
    done = countersign("infra", "terminate", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_open_connections_of_a_certificate_are_ended_by_its_number(agent, database, url):
    with psycopg.connect(url) as connection:
        serial = agent.serial(CLIENT)
        # One `t` is the server's for having its lists read again, each further one that of a connection.
        assert database.admin(terminate(f"{serial + 1:x}")).stdout.split() == ["t"] and not ended(connection)
        assert database.admin(terminate("00", f"{serial:x}")).stdout.split() == ["t", "t"]
        assert ended(connection)
        assert str(serial) in terminate(f"{serial:x}")


def test_open_connections_of_what_the_lists_name_are_ended(agent, authority, database, url):
    first = psycopg.connect(url)
    serial = agent.serial(CLIENT)
    authority.revoke(CLIENT, serial=f"{serial:x}", reason="superseded").ok()
    agent.wait_for_certificate(CLIENT, other_than=serial)
    assert str(serial) in terminate(f"{serial:x}", "--config", agent.path)
    with psycopg.connect(url) as second:
        assert not ended(first)
        database.admin(terminate("--config", agent.path))
        assert ended(first) and not ended(second)


def test_connections_are_not_ended_before_a_list_keeps_them_from_coming_back(agent):
    serial = f"{agent.serial(CLIENT):x}"
    done = countersign("infra", "terminate", serial, "--wait", "1", "--config", agent.path)
    assert done.returncode == 1 and done.stdout == ""
    assert f"does not name {serial}, which opens connections still" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["xyz"],
        ["-"],
        ["1" * 200],
        ["462836205374095051173385501148359256266974151262"],
        ["--dir", "/nowhere"],
        ["0a", "--dir", "/nowhere"],
        [],
        # Nothing that is waited for.
        ["0a", "--wait", "1"],
        ["--wait", "1", "--dir", "/nowhere"],
    ],
)
def test_numbers_that_are_none_end_nothing(arguments):
    done = countersign("infra", "terminate", *arguments)
    assert done.returncode != 0 and done.stdout == "" and done.stderr


def test_hold_ends_with_the_list(agent, authority, url):
    serial = f"{agent.serial(OTHER):x}"
    other = {"sslcert": str(agent.file(f"{OTHER}/cert.pem")), "sslkey": str(agent.file(f"{OTHER}/key.pem"))}
    assert "certificate authentication failed" in refusal(url, **other)
    authority.revoke(OTHER, serial=serial, reason="certificateHold").ok()
    until(lambda: "certificate revoked" in refusal(url, **other), REVOKED_WITHIN, "the refusal of what is on hold")
    authority.revoke(OTHER, serial=serial, reason="removeFromCRL").ok()
    until(lambda: "authentication failed" in refusal(url, **other), REVOKED_WITHIN, "the end of the hold")


def test_server_whose_certificate_is_revoked_is_refused_by_its_clients(agent, authority, database, url):
    psycopg.connect(url).close()
    # The server goes on with what it has: it is its clients who look.
    server, text = agent.serial(SERVER), agent.file("crl.pem").read_text()
    authority.revoke(SERVER, serial=f"{server:x}", reason="certificateHold").ok()
    until(lambda: agent.file("crl.pem").read_text() != text, REVOKED_WITHIN, "the new list")
    assert "certificate verify failed" in refusal(url)
    authority.revoke(SERVER, serial=f"{server:x}", reason="removeFromCRL").ok()

    def is_served():
        try:
            return psycopg.connect(url).close() is None
        except psycopg.OperationalError:
            return False

    until(is_served, REVOKED_WITHIN, "the end of the hold")


def test_lists_in_the_directory_are_those_of_the_whole_chain(agent):
    assert agent.file("crl.pem").read_text().count("BEGIN X509 CRL") == 2
    done = run(
        "openssl", "verify", "-crl_check_all", "-CAfile", agent.file("ca.pem"), "-CRLfile", agent.file("crl.pem"),
        "-untrusted", agent.file(f"{SERVER}/cert.pem"), agent.file(f"{SERVER}/cert.pem"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_agent_that_is_started_again_tells_the_server_of_lists_that_it_missed(agent, authority, url, tmp_path):
    old = stolen_options(agent, tmp_path)
    serial = agent.serial(CLIENT)
    agent.stop()
    authority.revoke(CLIENT, serial=f"{serial:x}", reason="keyCompromise").ok()
    psycopg.connect(url, **old).close()
    agent.start()
    until(lambda: refused(url, old), 15, "the refusal of the revoked certificate")
    agent.wait_for_certificate(CLIENT, other_than=serial)


def refused(url, identity):
    try:
        psycopg.connect(url, **identity).close()
    except psycopg.OperationalError as error:
        return "certificate revoked" in str(error)
    return False
