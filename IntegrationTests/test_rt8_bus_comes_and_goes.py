"""The bus may end, be cut off or be exchanged; endpoints end when nobody registers them again."""

import json
import time

import pytest
import yaml

from harness.backend import Backend
from harness.bus import PASSWORD, Bus
from harness.listening import Listening, seconds_served
from harness.pki import SERVER_AUTH, subject
from harness.tls_client import context
from harness.tools import countersign
from harness.waiting import until

HOST = "plain.example.com"
OTHER = "other.example.com"


def test_endpoint_that_is_not_registered_again_ends(world, start_router, bus, backend):
    listening = Listening(world, start_router, bus, prune_stale_droplets_interval="1s", droplet_stale_threshold="5s")
    with bus.client() as client:
        client.register(backend, HOST)
        client.register(backend, OTHER, tls_port=backend.port)
        listening.wait_for(200, HOST)
        listening.wait_for(404, HOST, within=20)
        assert listening.status(OTHER) == 503, "an endpoint with TLS does not end with time"
        assert listening.router.metric("router_route_endpoints_pruned_total") == 1


def test_endpoint_that_is_registered_again_stays(world, start_router, bus, backend):
    listening = Listening(world, start_router, bus, prune_stale_droplets_interval="1s", droplet_stale_threshold="5s")
    with bus.client() as client:
        client.register(backend, OTHER)

        def registered_again():
            client.register(backend, HOST)
            return listening.router.metric("router_route_endpoints_pruned_total") == 1

        until(registered_again, 20, "the end of the endpoint that was not")
        assert listening.status(HOST) == 200 and listening.status(OTHER) == 404


def test_message_can_only_shorten_the_threshold(world, start_router, bus, backend):
    listening = Listening(world, start_router, bus, prune_stale_droplets_interval="1s", droplet_stale_threshold="8s")
    with bus.client() as client:
        client.register(backend, HOST, stale_threshold_in_seconds=1)
        client.register(backend, OTHER, stale_threshold_in_seconds=3600)
        listening.wait_for(200, OTHER)
        listening.wait_for(404, HOST)
        assert listening.status(OTHER) == 200
        listening.wait_for(404, OTHER, within=20)


def test_server_that_starts_again_is_used_again(listening, bus, backend):
    with bus.client() as client:
        client.register(backend, HOST)
        listening.wait_for(200, HOST)
    bus.stop()
    status, reason = listening.wait_for_health("degraded")
    assert "no server of the bus can be reached" in reason and str(bus.port) in reason
    assert listening.router.admin("/health/ready")[0] == 200
    assert listening.router.metric("router_nats_connected") == 0
    assert listening.status(HOST) == 200, "what is known stays in force"
    bus.start()
    with bus.client() as client:
        client.subscribe("router.start")
        listening.wait_for_health("ok")
        client.register(backend, OTHER)
        listening.wait_for(200, OTHER)
    assert listening.router.metric("router_nats_connections_total") == 2
    assert listening.router.metric("router_nats_connected") == 1


def test_start_is_told_again_after_a_reconnection(world, start_router, tmp_path):
    with Bus(tmp_path) as first, Bus(tmp_path) as second:
        hosts = [{"hostname": "127.0.0.1", "port": bus.port} for bus in (first, second)]
        with first.client() as one, second.client() as two:
            one.subscribe("router.start")
            two.subscribe("router.start")
            listening = Listening(world, start_router, first, hosts=hosts)
            used, spare = (first, two) if str(first.port) in listening.server() else (second, one)
            used.stop()
            spare.heard.wait_for(lambda heard: heard[0] == "router.start")


@pytest.mark.parametrize("suspends", [True, False])
def test_endpoints_stay_while_the_bus_is_away_where_that_is_wanted(world, start_router, bus, backend, suspends):
    listening = Listening(
        world,
        start_router,
        bus,
        prune_stale_droplets_interval="1s",
        droplet_stale_threshold="5s",
        suspend_pruning_if_nats_unavailable=suspends,
    )
    with bus.client() as client:
        client.register(backend, HOST)
        listening.wait_for(200, HOST)
    bus.stop()
    _, reason = listening.wait_for_health("degraded")
    if not suspends:
        assert "endpoints end" in reason
        listening.wait_for(404, HOST, within=20)
        return
    assert "endpoints stay" in reason
    begun = seconds_served(listening)
    until(
        lambda: listening.status(HOST) != 200 or seconds_served(listening) >= begun + 8,
        30,
        "more than an endpoint's life",
    )
    assert listening.status(HOST) == 200
    bus.start()
    listening.wait_for_health("ok")
    assert listening.status(HOST) == 200, "everything counts as registered at the reconnection"
    listening.wait_for(404, HOST, within=20)


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_two_minutes_without_the_bus_by_default(world, start_router, bus, backend):
    """Endpoints live for two minutes without being registered; where that is wanted, for as long as the bus is away."""
    plain = Listening(world, start_router, bus)
    keeping = Listening(world, start_router, bus, suspend_pruning_if_nats_unavailable=True)
    with bus.client() as client:
        client.register(backend, HOST)
        registered = time.monotonic()
        for listening in (plain, keeping):
            listening.wait_for(200, HOST)
    bus.stop()

    def failing_before(seconds):
        """The first router that answered otherwise than with 200 before that time, or that there was none."""
        failing = [listening for listening in (plain, keeping) if listening.status(HOST) != 200]
        return failing or time.monotonic() - registered > seconds and "none"

    assert until(lambda: failing_before(118), 130, "two minutes") == "none"
    assert "endpoints end" in plain.wait_for_health("degraded")[1]
    assert "endpoints stay" in keeping.wait_for_health("degraded")[1]
    plain.wait_for(404, HOST, within=40)
    assert keeping.status(HOST) == 200
    assert plain.router.metric("router_route_endpoints_pruned_total") == 1
    assert keeping.router.metric("router_route_endpoints_pruned_total") == 0
    bus.start()
    with bus.client() as client:
        for listening in (plain, keeping):
            listening.wait_for_health("ok", 20)
        client.register(backend, HOST)
        for listening in (plain, keeping):
            listening.wait_for(200, HOST)


def test_partition_is_noticed_and_survived(world, start_router, bus, backend):
    listening = Listening(world, start_router, bus)
    with bus.client() as client:
        client.register(backend, HOST)
        listening.wait_for(200, HOST)
        bus.freeze()
        assert listening.status(HOST) == 200
        bus.thaw()
        client.register(backend, OTHER)
        listening.wait_for(200, OTHER)


def test_next_server_takes_over(world, start_router, tmp_path, backend):
    with Bus(tmp_path) as first, Bus(tmp_path) as second:
        section = first.section()
        section["hosts"] = [{"hostname": "127.0.0.1", "port": bus.port} for bus in (first, second)]
        configuration = world.configuration([])
        configuration["nats"] = section
        router = start_router(configuration)
        line = router.wait_for_line("connected to the bus")
        used, spare = (first, second) if str(first.port) in line["server"] else (second, first)
        mark = len(router.log.entries)
        used.stop()
        line = router.wait_for_line("connected to the bus", mark)
        assert str(spare.port) in line["server"]
        with spare.client() as client:
            client.register(backend, HOST)
            with world.connect(router, HOST) as connection:
                until(lambda: connection.get(HOST).status == 200, 10, "the route")


@pytest.mark.parametrize("given", [{"pass": "wrong-pass-word"}, {"user": "", "pass": ""}, {"user": "nobody"}])
def test_wrong_credentials_are_told_without_them(world, start_router, bus, given):
    configuration = world.configuration([])
    configuration["nats"] = bus.section(**given)
    router = start_router(configuration)
    line = router.wait_for_line("the bus cannot be reached")
    assert "does not accept the user, password" in line["reason"]
    component = json.loads(router.admin("/health")[2])["components"]["nats"]
    assert component["status"] == "failed" and router.admin("/health/ready")[0] == 503
    everything = "\n".join(router.raw_log) + router.admin("/health")[2] + router.admin("/metrics")[2]
    assert PASSWORD not in everything and "wrong-pass-word" not in everything


def test_token_lets_in_and_a_wrong_one_does_not(world, start_router, tmp_path, backend):
    with Bus(tmp_path, token="t0ken-of-the-bus") as bus:
        listening = Listening(world, start_router, bus)
        with bus.client() as client:
            client.register(backend, HOST)
            listening.wait_for(200, HOST)
        configuration = world.configuration([])
        configuration["nats"] = bus.section(token="another-token")
        router = start_router(configuration)
        assert "does not accept" in router.wait_for_line("the bus cannot be reached")["reason"]
        assert "token-of" not in "\n".join(router.raw_log) and "another-token" not in "\n".join(router.raw_log)


def test_password_of_a_file_and_of_the_environment(world, start_router, bus, tmp_path):
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text(PASSWORD + "\n")
    from_file = bus.section(pass_file=str(file))
    del from_file["pass"]
    from_environment = bus.section(**{"pass": "${NATS_PASS}"})
    for section, environment in [(from_file, None), (from_environment, {"NATS_PASS": PASSWORD})]:
        configuration = world.configuration([])
        configuration["nats"] = section
        router = start_router(configuration, environment=environment)
        router.wait_for_line("connected to the bus")


@pytest.fixture(scope="module")
def bus_certificates(world, tmp_path_factory):
    """Chains and keys of bus servers: a good one, one for another name, and one of an unknown authority."""
    directory = tmp_path_factory.mktemp("bus")

    def made(issuer, name, **names):
        leaf = issuer.leaf(subject(("CN", "bus")), purposes=[SERVER_AUTH], **names)
        return tuple(map(str, leaf.save(directory, name)))

    return {
        "good": made(world.platform, "good", dns=["localhost"], ips=["127.0.0.1"]),
        "other name": made(world.platform, "other", dns=["elsewhere.example"]),
        "stranger": made(world.stranger, "stranger", dns=["localhost"], ips=["127.0.0.1"]),
    }


@pytest.mark.parametrize("hostname", ["127.0.0.1", "localhost"])
def test_bus_is_reached_with_tls(world, start_router, tmp_path, bus_certificates, backend, hostname):
    with Bus(tmp_path, tls=bus_certificates["good"]) as bus:
        hosts = [{"hostname": hostname, "port": bus.port}]
        listening = Listening(world, start_router, bus, hosts=hosts, tls_enabled=True, ca_certs=world.platform_roots)
        with bus.client(context(world.platform_roots)) as client:
            client.register(backend, HOST)
            listening.wait_for(200, HOST)
            bus.stop()
            listening.wait_for_health("degraded")
        bus.start()
        listening.wait_for_health("ok")


@pytest.mark.parametrize("which", ["other name", "stranger"])
def test_bus_with_a_wrong_certificate_gets_no_password(world, start_router, tmp_path, bus_certificates, which):
    with Bus(tmp_path, tls=bus_certificates[which]) as bus:
        configuration = world.configuration([])
        configuration["nats"] = bus.section(tls_enabled=True, ca_certs=world.platform_roots)
        router = start_router(configuration)
        line = router.wait_for_line("the bus cannot be reached")
        assert "certificate is not accepted" in line["reason"]
        assert router.admin("/health/ready")[0] == 503


def test_bus_in_plain_text_gets_no_password_where_tls_is_wanted(world, start_router, bus):
    configuration = world.configuration([])
    configuration["nats"] = bus.section(tls_enabled=True, ca_certs=world.platform_roots)
    router = start_router(configuration)
    assert "does not offer TLS" in router.wait_for_line("the bus cannot be reached")["reason"]


def test_bus_that_insists_on_tls_is_told_of(world, start_router, tmp_path, bus_certificates):
    with Bus(tmp_path, tls=bus_certificates["good"]) as bus:
        configuration = world.configuration([])
        configuration["nats"] = bus.section()
        router = start_router(configuration)
        assert "nats.tls_enabled" in router.wait_for_line("the bus cannot be reached")["reason"]


def test_bus_that_demands_a_certificate_gets_the_routers(world, start_router, tmp_path, bus_certificates, backend):
    with Bus(tmp_path, tls=bus_certificates["good"], client_roots=world.partner_roots) as bus:
        chain, key = world.paths(world.partner_device)
        wanted = bus.section(tls_enabled=True, ca_certs=world.platform_roots)
        configuration = world.configuration([])
        configuration["nats"] = {**wanted, "cert_chain": chain, "private_key": key}
        start_router(configuration).wait_for_line("connected to the bus")
        configuration = world.configuration([])
        configuration["nats"] = wanted
        without = start_router(configuration)
        without.wait_for_line("the bus cannot be reached")
        assert without.metric("router_nats_connected") == 0


@pytest.mark.parametrize(
    "section, complaint",
    [
        ({"tls_enabled": True}, "nats.ca_certs: the key is missing"),
        ({"ca_certs": "x.pem"}, "nats.ca_certs: the key needs tls_enabled: true"),
        ({"hosts": []}, "nats.hosts: the list is empty"),
        ({"token": "a", "user": "b"}, "nats.token: a token stands in place of user and pass"),
        ({"suspend_prunning_if_nats_unavailable": True}, 'did you mean "suspend_pruning_if_nats_unavailable"'),
        ({"start_response_delay_interval": "1d"}, "nats.start_response_delay_interval"),
    ],
)
def test_configuration_is_refused_with_a_reason(world, tmp_path, section, complaint):
    configuration = world.configuration([])
    configuration["router"]["listen"] = ["127.0.0.1:1"]
    configuration["nats"] = {"hosts": [{"hostname": "127.0.0.1"}], **section}
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(configuration))
    done = countersign("config", "check", "--config", path)
    assert done.returncode == 1 and complaint in done.stdout, done.stdout


def test_routes_in_the_thousands_come_within_seconds(world, start_router, bus):
    listening = Listening(world, start_router, bus)
    with Backend() as backend, bus.client() as client:
        for number in range(5000):
            client.register(backend, f"app-{number}.plain.example.org", app=f"app-{number}")
        client.flush()
        until(lambda: listening.router.metric("router_routes") == 5000, 30, "all routes")
        listening.wait_for(200, "app-4999.plain.example.org")
        for number in range(5000):
            client.unregister(backend, f"app-{number}.plain.example.org")
        client.flush()
        until(lambda: listening.router.metric("router_routes") == 0, 30, "no route")
        listening.wait_for(404, "app-4999.plain.example.org")
