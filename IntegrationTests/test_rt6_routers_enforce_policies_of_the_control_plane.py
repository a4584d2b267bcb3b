"""Routers follow the control plane: every permission counts at once, nothing else does, and they start without it."""

import copy
import http.client
import json
import ssl
import threading
from pathlib import Path

import pytest

from harness.control_plane import Gateway
from harness.pki import Authority, subject
from harness.tls_client import Refused
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_OTHER, ORG_SHOP, SPACE_OTHER, SPACE_SHOP

HOST = "api.apps.mtls.internal"


@pytest.fixture
def domain(plane):
    return plane.domain()


@pytest.mark.parametrize(
    "source",
    [f"cf:app:{APP_FRONTEND}", f"cf:space:{SPACE_SHOP}", f"cf:org:{ORG_SHOP}"],
)
def test_source_lets_its_callers_in_and_nobody_else(world, plane, domain, gateway, backend, source):
    route = plane.route(domain, "api", backend)
    gateway.wait_for(403, HOST, world.frontend)
    plane.policy(route, source)
    gateway.wait_for(200, HOST, world.frontend)
    assert gateway.status(HOST, world.other_app) == 403
    record = gateway.router.wait_for_access(lambda each: each["status"] == 200)
    assert record["mtls_policy"] == f"route:{source}"


def test_any_lets_every_app_in_and_strangers_never(world, plane, domain, gateway, backend):
    plane.policy(plane.route(domain, "api", backend), "cf:any")
    gateway.wait_for(200, HOST, world.frontend)
    assert gateway.status(HOST, world.other_app) == 200
    with pytest.raises((Refused, ssl.SSLError)):
        gateway.status(HOST, world.strange_app)


def test_removed_policy_stops_the_next_request_on_an_open_connection(world, plane, domain, gateway, backend):
    route = plane.route(domain, "api", backend)
    policy = plane.policy(route, f"cf:app:{APP_FRONTEND}")
    other = plane.policy(route, f"cf:org:{ORG_OTHER}")
    gateway.wait_for(200, HOST, world.frontend)
    gateway.wait_for(200, HOST, world.other_app)
    with (
        world.connect(gateway.router, HOST, world.frontend) as connection,
        world.connect(gateway.router, HOST, world.other_app) as allowed,
    ):
        assert connection.get(HOST).status == allowed.get(HOST).status == 200
        plane.ok("DELETE", f"/v3/route_policies/{policy}")
        until(lambda: connection.get(HOST).status == 403, 5, "the removal")
        assert allowed.get(HOST).status == 200
        plane.ok("DELETE", f"/v3/route_policies/{other}")
        until(lambda: allowed.get(HOST).status == 403, 5, "the removal of the other")


@pytest.mark.parametrize("scope", ["any", "org", "space"])
def test_scope_chooses_among_the_endpoints_of_a_shared_route(world, plane, gateway, start_backend, scope):
    domain = plane.domain(scope=scope)
    near, far = start_backend(), start_backend()
    destinations = [
        plane.destination(near, space={"guid": SPACE_SHOP}, organization={"guid": ORG_SHOP}),
        plane.destination(far, space={"guid": SPACE_OTHER}, organization={"guid": ORG_OTHER}),
    ]
    plane.policy(plane.route(domain, "api", *destinations), "cf:any")
    gateway.wait_for(200, HOST, world.frontend)
    near.forget()
    far.forget()
    # Endpoints out of scope are no candidates, so that not one of many requests fails.
    assert [gateway.status(HOST, world.frontend) for _ in range(10)] == [200] * 10
    assert len(near.seen()) > 0
    assert (len(far.seen()) > 0) == (scope == "any")


def test_scope_with_nobody_near_refuses(world, plane, gateway, backend):
    domain = plane.domain(scope="space")
    far = plane.destination(backend, space={"guid": SPACE_SHOP}, organization={"guid": ORG_SHOP})
    plane.policy(plane.route(domain, "api", far), "cf:any")
    gateway.wait_for(200, HOST, world.frontend)
    assert gateway.status(HOST, world.other_app) == 403


def test_spiffe_sources_with_wildcards_let_workloads_in(world, plane, domain, start_router, tmp_path, backend):
    roots = Authority.root("Mesh Root")

    def workload(name):
        return roots.leaf(subject(("CN", name)), uris=[f"spiffe://cluster.local/ns/shop/sa/{name}"])

    roots_path = str(roots.save(tmp_path, "mesh-root"))
    domains = [
        {
            "name": "*.apps.mtls.internal",
            "trust_domains": [{"name": "cluster.local", "ca_certs": roots_path}],
            "authorization": {"mode": "cf_identity"},
        }
    ]
    gateway = Gateway(world, start_router, plane.feed(tmp_path), domains=domains)
    exact, wild = plane.route(domain, "exact", backend), plane.route(domain, "wild", backend)
    plane.policy(exact, "spiffe://cluster.local/ns/shop/sa/web")
    plane.policy(wild, "spiffe://cluster.local/ns/shop/sa/*")
    web, batch = workload("web"), workload("batch")
    gateway.wait_for(200, "exact.apps.mtls.internal", web)
    gateway.wait_for(200, "wild.apps.mtls.internal", batch)
    assert gateway.status("exact.apps.mtls.internal", batch) == 403


def test_paths_and_wildcard_hosts_have_policies_of_their_own(world, plane, domain, gateway, backend):
    plane.policy(plane.route(domain, "api", backend), f"cf:app:{APP_FRONTEND}")
    plane.policy(plane.route(domain, "api", backend, path="/admin"), f"cf:org:{ORG_OTHER}")
    plane.policy(plane.route(domain, "*", backend), f"cf:org:{ORG_OTHER}")
    gateway.wait_for(200, "else.apps.mtls.internal", world.other_app)
    assert gateway.status("else.apps.mtls.internal", world.frontend) == 403
    assert (gateway.status(HOST, world.frontend), gateway.status(HOST, world.frontend, "/admin")) == (200, 403)
    assert (gateway.status(HOST, world.other_app), gateway.status(HOST, world.other_app, "/admin")) == (403, 200)


def test_route_of_the_file_counts_before_that_of_the_control_plane(
    world, plane, domain, start_router, tmp_path, backend
):
    configuration = world.configuration(
        [{"route": HOST, "endpoints": [backend.address], "options": {"mtls_allowed_orgs": ORG_OTHER}}],
        control=plane.feed(tmp_path),
    )
    gateway = Gateway.__new__(Gateway)
    gateway.world, gateway.router = world, start_router(configuration)
    plane.policy(plane.route(domain, "api", backend), f"cf:app:{APP_FRONTEND}")
    plane.policy(plane.route(domain, "beside", backend), f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, "beside.apps.mtls.internal", world.frontend)
    assert (gateway.status(HOST, world.frontend), gateway.status(HOST, world.other_app)) == (403, 200)


def test_authority_that_is_killed_leaves_the_policies_in_force(world, plane, domain, gateway, backend):
    route = plane.route(domain, "api", backend)
    policy = plane.policy(route, f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, HOST, world.frontend)
    plane.authority.kill()
    gateway.router.wait_for_line("the control plane cannot be followed")
    assert (gateway.status(HOST, world.frontend), gateway.status(HOST, world.other_app)) == (200, 403)
    assert gateway.router.metric("router_control_connected") == 0
    assert gateway.router.metric("router_control_sequence") == 3
    plane.authority.start()
    # All that was answered for before the kill is there, and changes come again.
    assert plane.ok("GET", f"/v3/route_policies/{policy}")["source"] == f"cf:app:{APP_FRONTEND}"
    plane.ok("DELETE", f"/v3/route_policies/{policy}")
    gateway.wait_for(403, HOST, world.frontend)
    # A change counts a moment before it is kept and told.
    told = lambda: [gateway.router.metric(f"router_control_{name}") for name in ("connected", "sequence")]  # noqa: E731
    until(lambda: told() == [1, 4], 10, "the version being told")


def test_router_starts_from_its_copy_when_the_authority_is_away(world, plane, domain, gateway, start_router, backend):
    route = plane.route(domain, "api", backend)
    policy = plane.policy(route, f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, HOST, world.frontend)
    plane.authority.kill()
    gateway.router.kill()
    gateway.router = start_router(copy.deepcopy(gateway.configuration))
    assert (gateway.status(HOST, world.frontend), gateway.status(HOST, world.other_app)) == (200, 403)
    health = json.loads(gateway.router.admin("/health")[2])
    assert health["components"]["control"]["status"] == "degraded"
    plane.authority.start()
    plane.ok("DELETE", f"/v3/route_policies/{policy}")
    gateway.wait_for(403, HOST, world.frontend)


def test_change_that_touches_no_route_leaves_the_copy_whole(world, plane, domain, gateway, start_router, backend):
    route = plane.route(domain, "api", backend)
    plane.policy(route, f"cf:app:{APP_FRONTEND}")
    policy = plane.policy(route, f"cf:org:{ORG_OTHER}")
    gateway.wait_for(200, HOST, world.other_app)
    version = gateway.router.metric("router_control_sequence")
    plane.ok("PATCH", f"/v3/domains/{domain}", {"metadata": {"labels": {"team": "shop"}}})
    until(lambda: gateway.router.metric("router_control_sequence") > version, 5, "the version without a route")
    plane.ok("DELETE", f"/v3/route_policies/{policy}")
    gateway.wait_for(403, HOST, world.other_app)
    # A change counts a moment before it is kept.
    version = gateway.router.metric("router_control_sequence")
    until(
        lambda: f'"sequence":{int(version)}}}' in open(gateway.configuration["router"]["control"]["copy"]).read(),
        5,
        "the copy",
    )
    plane.authority.kill()
    gateway.router.kill()
    gateway.router = start_router(copy.deepcopy(gateway.configuration))
    assert (gateway.status(HOST, world.frontend), gateway.status(HOST, world.other_app)) == (200, 403)


def test_copy_that_is_damaged_does_not_count_and_is_told(world, plane, domain, gateway, start_router, backend):
    plane.policy(plane.route(domain, "api", backend), f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, HOST, world.frontend)
    plane.authority.kill()
    gateway.router.kill()
    with open(gateway.configuration["router"]["control"]["copy"], "r+b") as file:
        file.write(b"\0")
    gateway.router = start_router(copy.deepcopy(gateway.configuration))
    assert gateway.status(HOST, world.frontend) == 404
    gateway.router.wait_for_line("the copy of the control plane's routes does not count; everything is asked for")
    control = json.loads(gateway.router.admin("/health")[2])["components"]["control"]
    assert control["status"] == "failed" and "damaged in line 1" in control["reason"]
    plane.authority.start()
    gateway.wait_for(200, HOST, world.frontend)


def test_copy_that_cannot_be_written_is_told_and_written_whole_when_it_can(world, plane, domain, gateway, backend):
    path = Path(gateway.configuration["router"]["control"]["copy"])

    def status():
        return json.loads(gateway.router.admin("/health")[2])["components"]["control"]["status"]

    route = plane.route(domain, "api", backend)
    plane.policy(route, f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, HOST, world.frontend)
    until(lambda: path.exists() and status() == "ok", 20, "the copy")
    path.unlink()
    path.mkdir()
    plane.policy(route, f"cf:org:{ORG_OTHER}")
    gateway.wait_for(200, HOST, world.other_app)
    until(lambda: status() == "degraded", 5, "the trouble")
    path.rmdir()
    # No change is needed: the next heartbeat does.
    until(lambda: status() == "ok", 20, "the copy being written")
    assert f"cf:org:{ORG_OTHER}" in path.read_text()


def test_router_without_copy_and_authority_is_not_ready_and_serves_nothing(world, plane, start_router, tmp_path):
    feed = plane.feed(tmp_path)
    plane.authority.kill()
    gateway = Gateway(world, start_router, feed)
    assert gateway.router.admin("/health/ready")[0] == 503
    assert gateway.status(HOST, world.frontend) == 404
    plane.authority.start()
    until(lambda: gateway.router.admin("/health/ready")[0] == 200, 20, "the control plane being followed")


def test_copy_that_was_cut_off_counts_up_to_its_last_whole_batch(world, plane, domain, gateway, start_router, backend):
    route = plane.route(domain, "api", backend)
    plane.policy(route, f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, HOST, world.frontend)
    plane.authority.kill()
    gateway.router.kill()
    with open(gateway.configuration["router"]["control"]["copy"], "ab") as file:
        file.write(b'{"type":"removed","pattern":"api.apps.mtls.internal"}\n{"type":"sy')
    gateway.router = start_router(copy.deepcopy(gateway.configuration))
    assert gateway.status(HOST, world.frontend) == 200
    plane.authority.start()
    plane.policy(route, f"cf:org:{ORG_OTHER}")
    gateway.wait_for(200, HOST, world.other_app)


def follow(plane, holder):
    connection = plane.authority.native(holder).connection(within=10)
    connection.request("GET", "/v1/routing/stream")
    answer = connection.getresponse()
    line = json.loads(answer.readline()) if answer.status == 200 else json.loads(answer.read())
    connection.close()
    return answer.status, line


def test_routers_may_follow_and_nobody_else(plane, domain):
    assert follow(plane, plane.authority.issue("edge-router")) == (200, {"type": "reset"})
    status, document = follow(plane, plane.authority.issue("user-svc"))
    assert (status, document["errors"][0]["title"]) == (403, "CF-NotAuthorized")
    assert follow(plane, plane.authority.agent("edge-router"))[0] == 403
    (line, *_) = plane.authority.audited(action="routing.follow", outcome="refused", actor="service/user-svc")
    assert "role=router" in line["detail"]
    with pytest.raises((http.client.HTTPException, OSError, AssertionError)):
        assert follow(plane, None)[0] == 200


def test_service_that_is_no_router_any_more_is_told_nothing_more(world, plane, domain, start_router, tmp_path, backend):
    registration = {"labels": {"role": "router"}}
    plane.authority.admin.call("PUT", "/api/admin/services/third-router", registration).ok()
    gateway = Gateway(world, start_router, plane.feed(tmp_path, "third-router"))
    route = plane.route(domain, "api", backend)
    gateway.wait_for(403, HOST, world.frontend)
    plane.authority.admin.call("PUT", "/api/admin/services/third-router", {}).ok()
    plane.policy(route, "cf:any")
    line = gateway.router.wait_for_line("the control plane cannot be followed")
    assert "403" in line["reason"]
    assert gateway.status(HOST, world.frontend) == 403


def test_two_routers_are_told_the_same(world, plane, domain, start_router, tmp_path, backend):
    first = Gateway(world, start_router, plane.feed(tmp_path))
    second = Gateway(world, start_router, plane.feed(tmp_path, "other-router"))
    policy = plane.policy(plane.route(domain, "api", backend), "cf:any")
    for gateway in (first, second):
        gateway.wait_for(200, HOST, world.frontend)
    plane.ok("DELETE", f"/v3/route_policies/{policy}")
    for gateway in (first, second):
        gateway.wait_for(403, HOST, world.frontend)


def test_route_with_many_sources_decides_as_one_with_few_does(world, plane, domain, gateway, backend):
    few, many = plane.route(domain, "few", backend), plane.route(domain, "many", backend)
    connection = plane.api.connection()
    headers = {"Authorization": f"Bearer {plane.api.token}", "Content-Type": "application/json"}

    def add(route, source):
        document = json.dumps(plane.policy_document(route, source))
        connection.request("POST", "/v3/route_policies", document, headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read())[0] == 201

    for index in range(10):
        add(few, f"cf:app:app-{index}")
    for index in range(1500):
        add(many, f"cf:app:app-{index}")
    plane.policy(few, f"cf:app:{APP_FRONTEND}")
    plane.policy(many, f"cf:app:{APP_FRONTEND}")
    gateway.wait_for(200, "many.apps.mtls.internal", world.frontend)
    gateway.wait_for(200, "few.apps.mtls.internal", world.frontend)
    assert gateway.status("many.apps.mtls.internal", world.other_app) == 403


def test_control_plane_is_taken_up_and_dropped_with_the_configuration(world, plane, domain, gateway, backend):
    plane.policy(plane.route(domain, "api", backend), "cf:any")
    gateway.wait_for(200, HOST, world.frontend)
    feed = gateway.router.configuration["router"].pop("control")
    gateway.router.apply(gateway.router.configuration)
    gateway.wait_for(404, HOST, world.frontend)
    gateway.router.configuration["router"]["control"] = feed
    gateway.router.apply(gateway.router.configuration)
    gateway.wait_for(200, HOST, world.frontend)


def test_control_plane_that_is_not_there_is_no_new_beginning(plane):
    plane.authority.stop()
    plane.authority.configuration["authority"]["control"]["create"] = False
    plane.authority.write_configuration()
    kept = plane.database.rename(plane.database.with_suffix(".kept"))
    code, text = plane.authority.refusal()
    assert code != 0 and "there is no control plane at" in text
    kept.rename(plane.database)
    plane.authority.start()


def test_no_answered_change_is_lost_when_the_authority_is_killed(plane, domain):
    route = plane.route(domain, "api")
    for round in range(3):
        known, failed = [], threading.Event()

        def add(known=known, failed=failed, round=round):
            try:
                for index in range(100_000):
                    known.append(plane.policy(route, f"cf:app:round-{round}-{index}"))
            except (OSError, http.client.HTTPException):
                failed.set()

        writer = threading.Thread(target=add)
        writer.start()
        until(lambda known=known: len(known) > 20, 20, "policies")
        plane.authority.kill()
        writer.join(20)
        assert failed.is_set()
        plane.authority.start()
        found = {
            each["guid"] for each in plane.list("/v3/route_policies", route_guids=route, per_page=5000)["resources"]
        }
        assert set(known) <= found
        # One may have been written whose answer did not arrive; with each comes its line of the trail.
        lines = plane.list("/v3/control_audit_events", action="route_policy.create", limit=1000)["audit"]
        assert len(lines) == len(found)
