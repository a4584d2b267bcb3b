"""What docs/moving-over.md shows is so: its configurations are good, and Envoy and HAProxy hand one name over."""

import json
import re
import shutil

import pytest
import yaml

from harness.backend import Backend
from harness.documents import text
from harness.haproxy import HAProxy
from harness.pki import SERVER_AUTH, subject
from harness.proxies import EnvoyProxy
from harness.tls_client import request
from harness.tools import countersign

HOST, OLD = "orders.example.com", "old.example.com"
BLOCKS = re.findall(r"^```\w*\n(.*?)^```$", text("moving-over.md"), re.DOTALL | re.MULTILINE)
ROUTERS = [block for block in BLOCKS if block.startswith("# router.yaml")]
ENVOYS = [block for block in BLOCKS if block.startswith("# envoy.yaml")]
[HAPROXY] = [block for block in BLOCKS if block.startswith("frontend tls")]


@pytest.fixture(scope="module")
def server(world):
    """A certificate for the names of the document."""
    issuer = world.server_root.intermediate("Moved Issuer")
    leaf = issuer.leaf(subject(("CN", HOST)), dns=[HOST, OLD, "*.apps.identity"], purposes=[SERVER_AUTH])
    return world.paths(leaf)


@pytest.fixture
def pki(world, server, tmp_path):
    """The files that the document names."""
    folder = tmp_path / "pki"
    folder.mkdir()
    shutil.copy(server[0], folder / "server.pem")
    shutil.copy(server[1], folder / "server-key.pem")
    for name in ("workloads-ca.pem", "instance-identity-ca.pem"):
        shutil.copy(world.partner_roots, folder / name)
    return tmp_path


@pytest.fixture
def web(world):
    return world.partner.leaf(subject(("CN", "web")), uris=["spiffe://example.internal/ns/shop/sa/web"])


@pytest.fixture
def stranger(world):
    return world.partner.leaf(subject(("CN", "cron")), uris=["spiffe://example.internal/ns/batch/sa/cron"])


def backend_named(name):
    def script(exchange):
        while exchange.request() is not None:
            exchange.answer(name)

    return Backend(script)


@pytest.mark.parametrize("number", range(len(ROUTERS)))
def test_configurations_of_the_document_are_good(pki, number):
    assert len(ROUTERS) == 3
    (pki / "router.yaml").write_text(ROUTERS[number])
    environment = {"STATUS_PASS": "a", "NATS_PASS": "b"}
    done = countersign("config", "check", "--config", "router.yaml", cwd=pki, environment=environment)
    assert done.returncode == 0 and "warning" not in done.stdout, done.stdout + done.stderr


def test_explain_says_who_may_call_before_anything_runs(pki, world, web, stranger):
    (pki / "router.yaml").write_text(ROUTERS[1])
    for leaf, status in ((web, 0), (stranger, 1)):
        certificate = world.paths(leaf)[0]
        arguments = ("--config", "router.yaml", "--from", certificate, "--to", HOST, "GET", "/v1/x")
        done = countersign("explain", *arguments, cwd=pki)
        assert done.returncode == status, done.stdout + done.stderr


@pytest.fixture
def moved(pki, start_router):
    """The router of the document's chapter about Envoy, with a backend of its own."""
    with backend_named(b"new") as backend:
        configuration = yaml.safe_load(ROUTERS[1])
        section = configuration["router"]
        del section["listen"]
        section["routes"][0]["endpoints"] = [backend.address]
        del section["routes"][0]["health_check"]
        text = json.dumps(configuration).replace("pki/", f"{pki}/pki/")
        yield start_router(json.loads(text))


class Envoy(EnvoyProxy):
    """With the filter chain and the cluster of the document before its own."""

    router_port = 0

    def write(self, name, text):
        bootstrap = json.loads(text)
        resources = bootstrap["static_resources"]
        [chain] = yaml.safe_load(ENVOYS[0])
        [cluster] = yaml.safe_load(ENVOYS[1].replace("8443", str(self.router_port)))
        [listener] = resources["listeners"]
        listener["filter_chains"].insert(0, chain)
        inspector = "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
        listener["listener_filters"] = [{"name": "tls", "typed_config": {"@type": inspector}}]
        resources["clusters"].append(cluster)
        return super().write(name, json.dumps(bootstrap))


def envoy(world, server, folder, old, router):
    made = type("Handing", (Envoy,), {"router_port": router.port})
    return made(folder, *server, world.partner_roots, old.address)


def haproxy(world, server, folder, old, router):
    # The old proxy is an Envoy here, too; HAProxy stands before both.
    lines = (
        HAPROXY.replace("{", "{{")
        .replace("}", "}}")
        .replace(":443", "127.0.0.1:{port}", 1)
        .replace("127.0.0.1:8443", f"127.0.0.1:{router.port}")
    )
    text = "defaults\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n" + lines
    return HAProxy(folder, text + f"backend old\n    mode tcp\n    server old 127.0.0.1:{old.port}\n")


def ask(world, proxy, host, leaf):
    with world.connect(proxy, host, leaf) as connection:
        response = connection.exchange(request("GET", "/v1/x", host))
        host, port = connection.tls.getsockname()
        return response.status, response.body, f"{host}:{port}"


@pytest.mark.parametrize("make", [envoy, haproxy])
def test_one_name_is_handed_over_with_its_callers_addresses(world, server, moved, web, stranger, tmp_path, make):
    with backend_named(b"old") as backend:
        with EnvoyProxy(tmp_path / "old", *server, world.partner_roots, backend.address) as old:
            behind = backend if make is envoy else old
            with make(world, server, tmp_path / "front", behind, moved) as front:
                status, body, address = ask(world, front, HOST, web)
                assert (status, body) == (200, b"new")
                record = moved.wait_for_access(lambda record: record["status"] == 200)
                assert record["remote_addr"] == address
                assert record["caller_spiffe_id"] == "spiffe://example.internal/ns/shop/sa/web"
                assert ask(world, front, HOST, stranger)[0] == 403
                assert ask(world, front, OLD, web)[:2] == (200, b"old"), "the other names stay where they were"
