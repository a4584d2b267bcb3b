"""Routes are registered and end over the message bus, with the messages that platforms send to a GoRouter."""

import json
import time

import pytest

from harness.backend import Backend
from harness.listening import Listening
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_OTHER, ORG_SHOP, SPACE_OTHER, SPACE_SHOP, route

HOST = "plain.example.com"


def named(name):
    """A script that answers every request with the backend's name."""

    def script(exchange):
        while exchange.request() is not None:
            exchange.answer(name.encode())

    return script


@pytest.fixture
def one():
    with Backend(named("one")) as backend:
        yield backend


@pytest.fixture
def two():
    with Backend(named("two")) as backend:
        yield backend


@pytest.fixture
def client(bus):
    with bus.client() as client:
        yield client


def test_registered_route_serves_and_ends_with_its_unregistration(listening, client, one):
    assert listening.status(HOST) == 404
    client.register(one, HOST)
    listening.wait_for(200, HOST)
    client.unregister("127.0.0.1:1", HOST)
    client.unregister(one, "other.example.com")
    client.flush()
    until(lambda: listening.messages("unregister") == 2, 10, "both being heard")
    assert listening.status(HOST) == 200, "another port and another route are not this one"
    client.unregister(one, HOST)
    listening.wait_for(404, HOST)


def test_endpoints_of_one_route_share_its_requests(listening, client, one, two):
    client.register(one, HOST)
    client.register(two, HOST)
    until(lambda: listening.ports(HOST) == {"one", "two"}, 10, "both being used")
    client.unregister(two, HOST)
    until(lambda: listening.ports(HOST) == {"one"}, 10, "one being left")


def test_open_connection_sees_every_change(listening, client, one, two):
    client.register(one, HOST)
    listening.wait_for(200, HOST)
    with listening.world.connect(listening.router, HOST) as connection:
        assert connection.get(HOST).body == b"one"
        client.register(two, f"{HOST}/two")
        until(lambda: connection.get(HOST, "/two/x").body == b"two", 10, "the longer path")
        assert connection.get(HOST, "/twofold").body == b"one"
        client.unregister(one, HOST)
        until(lambda: connection.get(HOST).status == 404, 10, "the end of the route")
        assert connection.get(HOST, "/two").status == 200


@pytest.mark.parametrize(
    "registered, host, path, status",
    [
        ("Plain.Example.com", HOST, "/", 200),
        (HOST + "/v1?x=y", HOST, "/v1/z", 200),
        (HOST + "/v1", HOST, "/v10", 404),
        (HOST + "/v1", HOST, "/", 404),
        ("*.plain.example.org", "a.plain.example.org", "/", 200),
        ("*.plain.example.org", "a.b.c.plain.example.org", "/", 200),
        ("*.plain.example.org", "plain.example.org", "/", 404),
        ("*.plain.example.org/v1", "a.plain.example.org", "/v1/x", 200),
        ("*.plain.example.org/v1", "a.plain.example.org", "/", 404),
    ],
)
def test_route_takes_what_its_pattern_says(listening, client, one, registered, host, path, status):
    client.register(one, registered, "other.example.com")
    listening.wait_for(200, "other.example.com")
    assert listening.status(host, path) == status


def test_same_host_and_port_takes_the_place(world, listening, client, one):
    tags = {"component": "first"}
    client.register(one, HOST, tags=tags, app="a")
    listening.wait_for(200, HOST)
    client.register(one, HOST, tags={"component": "second"}, app="b")
    client.register(one, HOST, tags={"component": "second"}, app="b")
    client.register(one, "other.example.com")
    listening.wait_for(200, "other.example.com")
    assert listening.router.metric("router_route_endpoints") == 2
    assert listening.router.metric("router_routes") == 2


def test_connections_to_endpoints_that_stay_are_kept_and_those_to_others_closed(listening, client, one, two):
    client.register(one, HOST)
    listening.wait_for(200, HOST)
    client.register(two, HOST)
    until(lambda: listening.ports(HOST) == {"one", "two"}, 10, "both being used")
    workers = len(one.exchanges.snapshot())
    client.register(two, HOST, app="said anew")
    client.register(two, f"{HOST}/two")
    listening.wait_for(200, HOST, "/two")
    for _ in range(20):
        assert listening.status(HOST) == 200
    assert len(one.exchanges.snapshot()) <= max(workers, 2), "no more than one for each event loop"
    assert not one.ended.snapshot()
    client.unregister(one, HOST)
    until(lambda: len(one.ended.snapshot()) == len(one.exchanges.snapshot()), 10, "the end of its idle connections")


def test_greeting_is_answered_and_the_start_is_told(world, start_router, bus):
    with bus.client() as client:
        client.subscribe("router.start")
        listening = Listening(
            world, start_router, bus, start_response_delay_interval="1s", droplet_stale_threshold="90s"
        )
        subject, _, text = client.heard.wait_for(lambda heard: heard[0] == "router.start")
        told = json.loads(text)
        assert told["minimumRegisterIntervalInSeconds"] == 1 and told["pruneThresholdInSeconds"] == 90
        assert told["hosts"] == ["127.0.0.1"] and told["id"].startswith("0-")
        client.subscribe("_INBOX.me")
        client.publish("router.greet", b"", reply="_INBOX.me")
        _, _, answer = client.heard.wait_for(lambda heard: heard[0] == "_INBOX.me")
        assert json.loads(answer) == told
        client.publish("router.greet", b"")
        client.publish("router.something", b"else")
        client.flush()
        until(lambda: listening.messages("other") == 1, 10, "the other message being heard")
        assert listening.messages("greet") == 2


def test_router_is_not_ready_before_routes_could_come(world, start_router, bus, one):
    configuration = world.configuration([route("other.example.com", one)])
    configuration["nats"] = bus.section(start_response_delay_interval="2s")
    router = start_router(configuration)
    status, _, text = router.admin("/health/ready")
    assert status == 503 and json.loads(text)["components"]["nats"]["status"] == "failed"
    until(lambda: router.admin("/health/ready")[0] == 200, 10, "the router being ready")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1,2]",
        b'{"host":"127.0.0.1","port":"80","uris":["plain.example.com"]}',
        b'{"host":"127.0.0.1","port":70000,"uris":["plain.example.com"]}',
        b'{"host":"127.0.0.1","port":80,"uris":"plain.example.com"}',
        b'{"host":"127.0.0.1","port":80}',
        b'{"port":80,"uris":["plain.example.com"]}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"host":"127.0.0.1","port":80,"uris":["plain.example.com"],"tags":7}',
    ],
)
def test_malformed_message_is_counted_told_and_ignored(listening, client, one, message):
    client.register(one, "other.example.com")
    listening.wait_for(200, "other.example.com")
    client.publish("router.register", message)
    client.publish("router.unregister", message)
    client.flush()
    until(lambda: listening.rejected("malformed") == 2, 10, "both being counted")
    line = listening.router.wait_for_line("message of the bus ignored", reason="malformed")
    assert line["explanation"] and line["subject"] in ("register", "unregister")
    assert listening.status(HOST) == 404 and listening.status("other.example.com") == 200


def test_message_that_is_too_large_is_dropped_and_the_next_acts(listening, client, one):
    client.publish("router.register", b'{"x":"' + b"y" * (1 << 20) + b'"}')
    client.register(one, HOST)
    listening.wait_for(200, HOST)
    assert listening.rejected("oversized") == 1
    assert listening.router.metric("router_nats_connections_total") == 1, "the connection goes on"


def test_flood_of_malformed_messages_is_logged_within_bounds(listening, client, one):
    for _ in range(2000):
        client.publish("router.register", b"nonsense")
    client.register(one, HOST)
    listening.wait_for(200, HOST)
    assert listening.rejected("malformed") == 2000
    lines = [line for line in listening.router.log.snapshot() if line.get("message") == "message of the bus ignored"]
    assert 0 < len(lines) < 300


def test_wrong_part_is_told_and_the_rest_acts(listening, client, one):
    client.register(one, "http://nonsense/", HOST, options={"mtls_allowed_app": "x", "loadbalancing": "round-robin"})
    listening.wait_for(200, HOST)
    line = listening.router.wait_for_line("registration taken in part")
    assert "nonsense" in line["explanation"]
    assert listening.rejected("partly") == 1
    client.register(one, "http://nonsense/", HOST, options={"mtls_allowed_app": "x", "loadbalancing": "round-robin"})
    client.register(one, "other.example.com")
    listening.wait_for(200, "other.example.com")
    assert listening.rejected("partly") == 1, "a repetition is not told again"


def test_route_that_wants_a_service_first_is_not_served(listening, client, one):
    client.register(one, HOST, route_service_url="https://waf.example.com")
    client.register(one, "other.example.com", route_service_url="")
    listening.wait_for(200, "other.example.com")
    assert listening.status(HOST) == 404 and listening.rejected("route_service") == 1


def test_endpoint_that_wants_tls_or_http2_is_never_sent_plain_http1(listening, client, start_backend):
    def silent(exchange):
        exchange.reader.fill()

    secure, multiplexed = start_backend(silent), start_backend(silent)
    client.register(secure, HOST, tls_port=secure.port)
    client.register(multiplexed, "other.example.com", protocol="http2")
    # Nothing says how the one could be verified; the other does not answer in HTTP/2.
    listening.wait_for(503, HOST)
    listening.wait_for(502, "other.example.com")
    assert secure.received_bytes() == b""
    assert multiplexed.received_bytes().startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")


def test_policy_of_a_registration_decides_the_next_request_on_an_open_connection(world, start_router, bus, one):
    host = "backend.apps.mtls.internal"
    listening = Listening(world, start_router, bus)
    frontend = {"route_policy_scope": "any", "route_policy_sources": f"cf:app:{APP_FRONTEND}"}
    with bus.client() as client, world.connect(listening.router, host, world.frontend) as connection:
        assert connection.get(host).status == 404
        client.register(one, host)
        until(lambda: connection.get(host).status == 403, 10, "a route without a policy, which permits nobody")
        client.register(one, host, options=frontend)
        until(lambda: connection.get(host).status == 200, 10, "the policy that permits the caller")
        with world.connect(listening.router, host, world.other_app) as other:
            assert other.get(host).status == 403
        client.register(one, host, options={**frontend, "route_policy_sources": "cf:app:someone-else"})
        until(lambda: connection.get(host).status == 403, 10, "the policy that does not")


def test_options_that_cannot_be_read_permit_nobody(world, start_router, bus, one):
    host = "backend.apps.mtls.internal"
    listening = Listening(world, start_router, bus)
    with bus.client() as client, world.connect(listening.router, host, world.frontend) as connection:
        client.register(one, host, options={"mtls_allow_any": True})
        until(lambda: connection.get(host).status == 200, 10, "the policy that permits anybody")
        client.register(one, host, options={"mtls_allow_any": ["yes"]})
        until(lambda: connection.get(host).status == 403, 10, "the policy that cannot be read")


@pytest.mark.parametrize(
    "scope, near, far",
    [("space", SPACE_SHOP, SPACE_OTHER), ("org", ORG_SHOP, ORG_OTHER)],
)
def test_endpoints_out_of_scope_are_no_candidates(world, start_router, bus, one, two, scope, near, far):
    host = "backend.apps.mtls.internal"
    listening = Listening(world, start_router, bus)
    options = {"route_policy_scope": scope, "route_policy_sources": "cf:any"}
    tag = {"space": "space_id", "org": "organization_id"}[scope]
    with bus.client() as client, world.connect(listening.router, host, world.frontend) as connection:
        client.register(two, host, tags={tag: far}, options=options)
        until(lambda: connection.get(host).status == 403, 10, "no endpoint being near")
        client.register(one, host, tags={tag: near}, options=options)
        until(lambda: connection.get(host).status == 200, 10, "the near endpoint")
        assert {connection.get(host).body for _ in range(10)} == {b"one"}
        with world.connect(listening.router, host, world.other_app) as other:
            assert {other.get(host).body for _ in range(10)} == {b"two"}
        client.unregister(one, host)
        until(lambda: connection.get(host).status == 403, 10, "no endpoint being near any more")


def test_route_of_the_file_counts_before_the_same_of_the_bus(world, start_router, bus, one, two):
    listening = Listening(world, start_router, bus, routes=[route(HOST, one)])
    with bus.client() as client:
        client.register(two, HOST, "other.example.com")
        listening.wait_for(200, "other.example.com")
        assert listening.ports(HOST) == {"one"}
        made = listening.router.configuration
        made["router"]["routes"] = []
        listening.router.apply(made)
        until(lambda: listening.ports(HOST) == {"two"}, 10, "what was registered")
        made["router"]["routes"] = [route(HOST, one)]
        listening.router.apply(made)
        assert listening.ports(HOST) == {"one"}


def test_routes_of_the_bus_stay_over_a_reload_and_end_with_its_section(listening, client, one):
    client.register(one, HOST)
    listening.wait_for(200, HOST)
    made = listening.router.configuration
    made["log"]["level"] = "debug"
    listening.router.apply(made)
    assert listening.status(HOST) == 200
    assert listening.router.metric("router_nats_connections_total") == 1
    del made["nats"]
    listening.router.apply(made)
    listening.wait_for(404, HOST)
    assert "nats" not in json.loads(listening.router.admin("/health")[2])["components"]


def test_lag_from_a_change_to_its_being_in_force_is_measured(listening, client, one):
    client.register(one, HOST, endpoint_updated_at_ns=time.time_ns() - 40_000_000)
    listening.wait_for(200, HOST)
    assert listening.router.metric("router_route_registration_lag_seconds_count") == 1
    assert 0.04 <= listening.router.metric("router_route_registration_lag_seconds_sum") < 10
