"""Audit events to brokers that are spoken to by TLS: certificates of both sides, and those that must be refused."""

import functools
import json
import ssl

import pytest

from harness.authz import Authz
from harness.kafka import TOPIC, Kafka
from harness.tansu import Tansu
from harness.tools import COUNTERSIGN, run
from harness.waiting import until


class Brokers:
    """Kafka behind TLS with the certificate `broker`, wanting certificates of `clients`; and authz that reaches it."""

    def __init__(self, world, directory, broker, clients, make=Kafka):
        chain, key = broker.save(directory, "broker")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=clients.pem)
        self._world, self._directory = world, directory
        self.kafka = make(context).start()

    def section(self, roots, client=None):
        kafka = {"brokers": [self.kafka.address], "topic": TOPIC, "tls_enabled": True, "ca_certs": str(roots)}
        if client:
            chain, key = client.save(self._directory, "client")
            kafka |= {"cert_chain": str(chain), "private_key": str(key)}
        return {"kafka": kafka, "spool": {"path": "spool"}, "drain_timeout": "0s"}

    def authz(self, *arguments):
        options = {"inbound_auth_mode": "mtls_only", "forwarded_client_cert_header": "ssl-client-cert"}
        return Authz(self._directory / "authz", audit=self.section(*arguments), **options)


@pytest.fixture
def brokers(world, tmp_path):
    made = []

    def make(broker=None, clients=None, **options):
        broker = broker or world.server_root.leaf("broker", ips=["127.0.0.1"])
        made.append(Brokers(world, tmp_path, broker, clients, **options))
        return made[-1]

    yield make
    for each in made:
        each.kafka.__exit__()


@pytest.mark.parametrize("make", [Kafka, Tansu])
def test_events_go_over_mutual_tls(world, brokers, make):
    reached = brokers(clients=world.partner_root, make=make)
    with reached.authz(world.server_roots, world.partner_device) as authz:
        assert authz.ask()[0] == 401
        reached.kafka.wait_for(1)
        until(lambda: authz.health()["status"] == "ok", what="good health")


@pytest.mark.parametrize("fault", ["no client certificate", "another client authority", "another root", "another name"])
def test_a_connection_without_trust_on_both_sides_carries_nothing(world, brokers, fault):
    name = {"dns": ["elsewhere.internal"]} if fault == "another name" else {"ips": ["127.0.0.1"]}
    reached = brokers(world.server_root.leaf("broker", **name), world.partner_root)
    roots = world.platform_roots if fault == "another root" else world.server_roots
    client = {"no client certificate": None, "another client authority": world.strange_app}.get(
        fault, world.partner_device
    )
    with reached.authz(roots, client) as authz:
        assert authz.ask()[0] == 401
        authz.log.wait_for(
            lambda line: line["message"] == "Kafka cannot be reached as it should" and "SSL" in line["reason"].upper()
        )
        until(lambda: authz.health()["status"] == "degraded", what="degraded health")
        until(lambda: authz.metric("audit_spool_events") == 1, what="an event in the spool")
        assert authz.metric("audit_delivered_total") == 0 and not reached.kafka.messages


def test_a_renewed_certificate_is_taken_up_without_a_restart(world, brokers):
    reached = brokers(clients=world.partner_root)
    with reached.authz(world.server_roots, world.strange_app) as authz:
        assert authz.ask()[0] == 401
        until(lambda: authz.health()["status"] == "degraded", what="degraded health")
        world.partner_device.save(authz.directory.parent, "client")
        authz.log.wait_for(lambda line: line["message"] == "audit events go to Kafka by new settings")
        reached.kafka.wait_for(1)


def test_certificates_that_do_not_fit_are_refused_before_anything_starts(world, brokers, tmp_path):
    reached = brokers()
    authz = reached.authz(world.server_roots, world.partner_device)
    (_, other_key) = world.frontend.save(tmp_path, "other")
    kafka = authz.configuration["audit"]["kafka"] | {"private_key": str(other_key)}
    authz.write({**authz.configuration["audit"], "kafka": kafka}, inbound_auth_mode="mtls_only")
    for arguments in (["authz", "--config", authz.path], ["config", "check", "--role", "authz", authz.path]):
        ended = run(COUNTERSIGN, *arguments, within=10)
        said = ended.stdout + ended.stderr
        assert ended.returncode != 0 and "audit.kafka" in said, said
        assert "PRIVATE" not in said


USERS = {"no users": Kafka, "another user": functools.partial(Tansu, authentication=True)}


@pytest.mark.parametrize("known", USERS)
def test_passwords_are_in_files_and_nowhere_else(world, brokers, tmp_path, known):
    """The one broker knows no users at all, the other does not know this one."""
    reached = brokers(make=USERS[known])
    authz = reached.authz(world.server_roots)
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("hunter2-is-secret\n")
    user = {"mechanism": "SCRAM-SHA-256", "username": "countersign", "password_file": str(password)}
    kafka = authz.configuration["audit"]["kafka"] | {"sasl": user}
    options = {"inbound_auth_mode": "mtls_only", "forwarded_client_cert_header": "ssl-client-cert"}
    authz.write({**authz.configuration["audit"], "kafka": kafka}, **options)
    authz.configuration["log"]["level"] = "debug"
    authz.path.write_text(json.dumps(authz.configuration))
    with authz:
        assert authz.ask()[0] == 401
        authz.log.wait_for(lambda line: line["message"] == "Kafka cannot be reached as it should", 15)
        until(lambda: "SASL" in json.dumps(authz.log.snapshot()).upper(), what="a word about SASL")
        until(lambda: authz.health()["status"] == "degraded", what="degraded health")
        assert authz.metric("audit_delivered_total") == 0
    assert "hunter2" not in "\n".join(authz.raw_log)
