"""Endpoints that are checked get requests while they say that they are well, and the operator sees which do not."""

import json

import pytest

from harness.backend import Backend
from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
CHECK = {"path": "/ready?deep=1", "interval": "600ms", "healthy_threshold": 2, "unhealthy_threshold": 2}


class Checked(Backend):
    """Answers requests with its port, and checks as `answer` says."""

    def __init__(self, **options):
        self.answer = "200 OK"
        self.checks = []
        super().__init__(self._serve, **options)

    def _serve(self, exchange):
        while (message := exchange.request()) is not None:
            if not message.target.startswith("/ready"):
                exchange.answer(str(self.port).encode())
                continue
            self.checks.append(message)
            if self.answer == "reset":
                exchange.reset()
                return
            if self.answer == "silence":
                exchange.wait_until_peer_closes()
                return
            exchange.answer(b"" if self.answer.startswith("204") else b"checked", self.answer)


@pytest.fixture
def two():
    with Checked() as one, Checked() as two:
        yield one, two


def start(world, start_router, backends, check=None, **router):
    entry = {**route(HOST, *backends), "health_check": {**CHECK, **(check or {})}}
    return start_router(world.configuration([entry], **router))


def unhealthy(router, name=HOST):
    return router.metric("router_health_check_endpoints", upstream=name, state="unhealthy")


def ports(world, router, times=12):
    with world.connect(router, HOST) as connection:
        return {connection.get(HOST).body.decode() for _ in range(times)}


def component(router):
    return json.loads(router.admin("/health")[2])["components"].get("health_checks")


@pytest.mark.parametrize("answer", ["503 Service Unavailable", "302 Found", "reset", "silence"])
def test_endpoint_that_fails_its_checks_gets_no_request_until_it_passes(world, start_router, two, answer):
    # A check may take until the next one begins: no busy machine is an endpoint that is unwell.
    router = start(world, start_router, two, {"interval": "1500ms", "timeout": "1500ms"})
    until(lambda: two[0].checks and two[1].checks, 10, "both being checked")
    assert len(ports(world, router)) == 2 and unhealthy(router) == 0
    until(lambda: component(router) == {"status": "ok"}, 10, "the component being ok")
    two[0].answer = answer
    line = router.wait_for_line("endpoint fails its health checks")
    assert (line["endpoint"], line["upstream"]) == (two[0].address, HOST) and line["reason"]
    until(lambda: ports(world, router) == {str(two[1].port)}, 10, "the other endpoint alone")
    assert unhealthy(router) == 1
    assert router.metric("router_health_check_endpoints", upstream=HOST, state="healthy") == 1
    assert router.metric("router_health_checks_total", upstream=HOST, result="failure") >= 2
    status = component(router)
    assert status["status"] == "degraded" and "1 of 2" in status["reason"] and two[0].address in status["reason"]
    assert router.admin("/health/ready")[0] == 200
    two[0].answer = "200 OK"
    router.wait_for_line("endpoint passes its health checks again", endpoint=two[0].address)
    until(lambda: len(ports(world, router)) == 2, 10, "both endpoints")
    assert component(router) == {"status": "ok"}


def test_check_is_asked_as_configured_and_by_one_worker_for_all(world, start_router, two):
    router = start(world, start_router, two[:1], {"host": "health.internal"}, workers=4)
    until(lambda: len(two[0].checks) >= 3, 10, "three checks")
    assert {(check.target, check.get("Host"), check.get("User-Agent")) for check in two[0].checks} == {
        ("/ready?deep=1", "health.internal", "countersign-health-check")
    }
    assert router.metric("router_health_checks_total", upstream=HOST) <= len(two[0].checks)


@pytest.mark.parametrize("expected, status", [("204", "204 No Content"), ("200-399", "302 Found")])
def test_expected_status_is_what_counts(world, start_router, two, expected, status):
    two[0].answer = two[1].answer = status
    router = start(world, start_router, two, {"expected_status": expected})
    until(lambda: router.metric("router_health_checks_total", result="success") >= 6, 10, "checks")
    assert unhealthy(router) == 0
    two[0].answer = "200 OK" if expected == "204" else "404 Not Found"
    until(lambda: unhealthy(router) == 1, 10, "another status")


def test_when_all_fail_requests_go_to_all_of_them(world, start_router, two):
    two[0].answer = two[1].answer = "500 Sorry"
    router = start(world, start_router, two)
    until(lambda: unhealthy(router) == 2, 10, "both being unwell")
    until(
        lambda: router.metric("router_upstream_last_resort_total") > 0 or not ports(world, router), 10, "a last resort"
    )
    assert ports(world, router) == {str(backend.port) for backend in two}


def test_upstream_is_checked_for_all_its_routes_and_over_tls_as_it_has_to_be(world, mesh, start_router):
    with Checked(tls=mesh.context(mesh.service())) as backend:
        upstream = {**mesh.upstream(backend), "health_check": CHECK}
        router = start_router(mesh.configuration(upstream))
        name = upstream["name"]
        until(lambda: router.metric("router_health_checks_total", upstream=name, result="success") >= 2, 10, "checks")
        assert unhealthy(router, name) == 0
        assert backend.exchanges.snapshot()[0].peer_certificate, "the router shows its certificate"


def test_upstream_with_a_wrong_identity_fails_its_checks_and_hears_nothing(world, mesh, start_router):
    with Checked(tls=mesh.context(mesh.service("somebody-else"))) as backend:
        upstream = {**mesh.upstream(backend), "health_check": CHECK}
        router = start_router(mesh.configuration(upstream))
        until(lambda: unhealthy(router, upstream["name"]) == 1, 10, "the endpoint being unwell")
        assert backend.checks == []


def test_reload_keeps_what_is_known_and_ends_what_is_not_asked_for_any_more(world, start_router, two):
    two[0].answer = "500 Sorry"
    router = start(world, start_router, two)
    until(lambda: unhealthy(router) == 1, 10, "one being unwell")
    mark = len(router.log.entries)
    entry = router.configuration["router"]["routes"][0]
    router.apply(world.configuration([entry, route("other.example.com", two[1])]))
    assert unhealthy(router) == 1 and ports(world, router) == {str(two[1].port)}
    router.apply(world.configuration([route(HOST, *two)]))
    until(lambda: len(ports(world, router)) == 2, 10, "both endpoints")
    assert component(router) is None and unhealthy(router) == 0
    told = [line for line in router.log.entries[mark:] if line.get("message") == "endpoint fails its health checks"]
    assert not [line for line in told if line["endpoint"] == two[0].address]


def test_routes_without_checks_are_not_asked(world, start_router, two):
    router = start_router(world.configuration([route(HOST, *two)]))
    assert len(ports(world, router)) == 2
    assert two[0].checks == [] and component(router) is None
