"""A route of the bus whose last endpoint is gone answers 503 for a while: an outage is no wrong address."""

import pytest

from harness.listening import Listening
from harness.waiting import until

HOST = "plain.example.com"


def start(world, start_router, bus, **options):
    options = {"empty_pool_response_code_503": True, **options}
    return Listening(world, start_router, bus, options=options, prune_stale_droplets_interval="1s")


def expect_unavailable(listening, host=HOST):
    response = listening.get(host)
    assert (response.status, response.router_error) == (503, "no_endpoints")
    record = listening.router.wait_for_access(lambda record: record.get("error") == "no_endpoints")
    assert record["status"] == 503


def test_route_is_503_after_its_last_endpoint_and_404_later(world, start_router, bus, backend):
    listening = start(world, start_router, bus, empty_pool_timeout="5s")
    with bus.client() as client:
        client.register(backend, HOST)
        listening.wait_for(200, HOST)
        client.unregister(backend, HOST)
        listening.wait_for(503, HOST)
        expect_unavailable(listening)
        assert listening.router.metric("router_upstream_errors_total", kind="no_endpoint") >= 1
        assert listening.router.metric("router_routes") == 1
        listening.wait_for(404, HOST, within=20)
        assert listening.router.metric("router_routes") == 0
        assert listening.status("never-there.example.com") == 404


def test_endpoint_that_comes_back_in_time_serves_at_once(world, start_router, bus, backend):
    listening = start(world, start_router, bus, empty_pool_timeout="1h")
    with bus.client() as client:
        for _ in range(3):
            client.register(backend, HOST)
            listening.wait_for(200, HOST)
            client.unregister(backend, HOST)
            listening.wait_for(503, HOST)


def test_endpoints_that_end_with_time_leave_it_as_well(world, start_router, bus, backend):
    listening = start(world, start_router, bus)
    with bus.client() as client:
        client.register(backend, HOST, stale_threshold_in_seconds=1)
        listening.wait_for(200, HOST)
        listening.wait_for(503, HOST)


@pytest.mark.parametrize("options", [{"empty_pool_response_code_503": False}, {"empty_pool_timeout": "0s"}])
def test_without_the_window_it_is_404_at_once(world, start_router, bus, backend, options):
    listening = start(world, start_router, bus, **options)
    with bus.client() as client:
        client.register(backend, HOST)
        listening.wait_for(200, HOST)
        client.unregister(backend, HOST)
        until(lambda: listening.status(HOST) != 200, 10, "the end of the route")
        assert listening.status(HOST) == 404
    assert not any(record["status"] == 503 for record in listening.router.access_records())
