"""`explain` says what the running router does: routes of file, control plane and bus, and refused handshakes."""

import json
import subprocess

import pytest

from harness.bus import Bus
from harness.control_plane import Gateway
from harness.tls_client import Refused
from harness.tools import COUNTERSIGN
from harness.waiting import until
from harness.world import APP_FRONTEND, APP_OTHER, route

FILED = "filed.apps.mtls.internal"
CONTROLLED = "inventory.apps.mtls.internal"
FREE = "free.plain.example.org"
NARROW = "narrow.plain.example.org"
BUS_ONLY = "busonly.apps.mtls.internal"
OPEN = {"mtls_allow_any": True}


@pytest.fixture(scope="module")
def module_bus(tmp_path_factory):
    with Bus(tmp_path_factory.mktemp("bus")) as bus:
        yield bus


@pytest.fixture(scope="module")
def gateway(world, module_plane, module_bus, start_module_router, module_backend, tmp_path_factory):
    """A router with a route of each source, some of them bound by others."""
    plane = module_plane
    domain = plane.domain()
    plane.policy(plane.route(domain, "inventory", module_backend), f"cf:app:{APP_FRONTEND}")
    routes = [route(FILED, module_backend, mtls_allowed_apps=APP_FRONTEND)]
    domains = [world.platform_domain(), world.platform_domain("*.plain.example.org")]
    feed = plane.feed(tmp_path_factory.mktemp("feed"))
    configuration = world.configuration(routes, domains=domains, control=feed)
    configuration["nats"] = module_bus.section(droplet_stale_threshold="1h")
    gateway = Gateway.__new__(Gateway)
    gateway.world, gateway.router = world, start_module_router(configuration)
    until(lambda: gateway.router.metric("router_nats_connected") == 1, 10, "the bus")
    gateway.wait_for(200, CONTROLLED, world.frontend)
    with module_bus.client() as client:
        client.register(module_backend, f"{CONTROLLED}/orders", f"{FILED}/x", BUS_ONLY, options=OPEN)
        client.register(module_backend, NARROW, options={"mtls_allowed_apps": APP_FRONTEND})
        client.register(module_backend, FREE, options=OPEN)
        client.flush()
    gateway.wait_for(200, FREE, world.other_app)
    return gateway


def explain(*arguments):
    """The exit code and the document of an answer."""
    command = [COUNTERSIGN, "explain", "--json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def asked(gateway, caller, host, path="/", *more):
    chain, _ = gateway.world.paths(caller)
    listener = f"127.0.0.1:{gateway.router.admin_port}"
    return explain("--router", listener, "--from", chain, "--to", host, *more, path)


ALLOWED, DENIED, NOWHERE = 200, 403, 404
REQUESTS = [
    ("frontend", FILED, "/", ALLOWED, "file", None),
    ("other_app", FILED, "/", DENIED, "file", None),
    ("frontend", FILED, "/x", ALLOWED, "file", "owned_host"),
    ("other_app", FILED, "/x", DENIED, "file", "owned_host"),
    ("frontend", CONTROLLED, "/", ALLOWED, "control plane", None),
    ("other_app", CONTROLLED, "/", DENIED, "control plane", None),
    ("frontend", CONTROLLED, "/orders/1", ALLOWED, "bus", "bound_policy"),
    ("other_app", CONTROLLED, "/orders/1", DENIED, "bus", "bound_policy"),
    ("frontend", BUS_ONLY, "/", DENIED, "bus", "bound_policy"),
    ("other_app", FREE, "/", ALLOWED, "bus", None),
    ("frontend", NARROW, "/", ALLOWED, "bus", None),
    ("other_app", NARROW, "/", DENIED, "bus", None),
    ("frontend", "nowhere.apps.mtls.internal", "/", NOWHERE, None, None),
]


@pytest.mark.parametrize("caller, host, path, status, origin, binding", REQUESTS)
def test_answer_is_what_the_router_does(world, gateway, caller, host, path, status, origin, binding):
    holder = getattr(world, caller)
    app = APP_FRONTEND if caller == "frontend" else APP_OTHER
    assert gateway.status(host, holder, path) == status
    code, answer = asked(gateway, holder, host, path)
    assert (code, answer["allowed"]) == ((0, True) if status == ALLOWED else (1, False))
    assert answer.get("origin") == origin and "limits" not in answer
    assert answer.get("binding", "").partition(":")[0] == (binding or "")
    if status == NOWHERE:
        assert "404" in answer["reason"] and "route" not in answer
        return
    # With the status: the same was asked for, and not found, while the bus had not said yet where it is.
    asked_for = (host, path, app, status)
    record = gateway.router.wait_for_access(
        lambda each: (each["host"], each["target"], each.get("caller_cf_app"), each["status"]) == asked_for
    )
    assert (answer["rule"], answer["route"]) == (record["mtls_policy"], record["route"])
    if status == DENIED:
        assert answer["reason"].startswith(record["mtls_denied_reason"])


@pytest.mark.parametrize("name, reason", [("strange_app", "unknown_issuer"), ("expired", "expired")])
@pytest.mark.parametrize("host", [FILED, CONTROLLED, FREE, f"{CONTROLLED}/orders"])
def test_certificate_that_the_router_does_not_take_is_refused(world, gateway, host, name, reason):
    host, _, path = host.partition("/")
    caller = getattr(world, name)
    mark = len(gateway.router.log.entries)
    try:
        with world.connect(gateway.router, host, caller) as connection:
            connection.expect_refusal()
    except Refused:
        pass
    assert gateway.router.wait_for_line("handshake refused", mark)["reason"] == reason
    for more in ((), ("--config",)):
        if more:
            chain, _ = world.paths(caller)
            code, answer = explain("--config", str(gateway.router.path), "--from", chain, "--to", host, f"/{path}")
        else:
            code, answer = asked(gateway, caller, host, f"/{path}")
        assert code == 1 and not answer["allowed"]
        assert answer["reason"].startswith(f"the handshake is refused ({reason})")


def test_trust_domains_of_the_domain_count(world, gateway, start_router, backend):
    bound = [{"name": "example.internal", "ca_certs": world.platform_roots}]
    domain = world.platform_domain(trust_domains=bound)
    del domain["ca_certs"]
    sources = {"route_policy_scope": "any", "route_policy_sources": "spiffe://example.internal/a"}
    router = start_router(world.configuration([route(FILED, backend, **sources)], [domain]))
    for place in (("--router", f"http://127.0.0.1:{router.admin_port}"), ("--config", str(router.path))):
        code, answer = explain(*place, "--from", "spiffe://example.internal/a", "--to", FILED, "/")
        assert code == 0 and answer["rule"].endswith("spiffe://example.internal/a")
        code, answer = explain(*place, "--from", "spiffe://elsewhere.internal/a", "--to", FILED, "/")
        assert code == 1 and "(foreign_trust_domain)" in answer["reason"]


def test_answer_from_files_says_what_it_cannot_know(world, gateway):
    chain, _ = world.paths(world.other_app)
    file = ("--config", str(gateway.router.path), "--from", chain)
    code, answer = explain(*file, "--to", FREE, "/")
    assert (code, answer["decision"], answer["allowed"]) == (1, "unknown", False)
    assert "bus" in answer["reason"] and "--router" in answer["limits"]
    code, answer = explain(*file, "--to", FILED, "/")
    assert (code, answer["decision"]) == (1, "deny") and "bus" in answer["limits"]


def test_answer_of_the_control_plane_says_what_it_cannot_know(world, module_plane, gateway):
    chain, _ = world.paths(world.strange_app)
    answer = json.loads(module_plane.run("explain", "--json", "--from", chain, "--to", CONTROLLED, "/"))
    assert answer["allowed"] and "taken at its word" in answer["limits"]


@pytest.mark.parametrize(
    "document, fault",
    [
        (b"{", "member name"),
        (b'{"path": "/"}', "host"),
        (b'{"host": "a.internal", "path": "x"}', "path"),
        (b'{"host": "a.internal", "certificates": ["x"]}', "certificates"),
        (b'{"host": "a.internal", "subject": "="}', "subject"),
        (b'{"host": "a.internal", "unknown": 1}', "unknown"),
    ],
)
def test_question_that_means_nothing_is_refused(gateway, document, fault):
    answer = gateway.router.ask("/explain", document)
    assert answer[0] == 400 and fault in json.loads(answer[1])["detail"]
    assert gateway.router.admin("/explain")[0] == 405
