"""Endpoints come and go over the bus, and the bus goes away, while requests are served: none of them is lost."""

import threading

import pytest

from harness.backend import Backend
from harness.listening import Listening, seconds_served
from harness.waiting import until

HOST = "plain.example.com"


class Load:
    """Requests from several threads until `stop`; what was no 200 is in `failures`."""

    def __init__(self, world, router, threads=4):
        self.world, self.router = world, router
        self.count, self.failures = 0, []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _call(self):
        while not self._over.is_set():
            try:
                with self.world.connect(self.router, HOST) as connection:
                    for _ in range(20):
                        status = connection.get(HOST).status
                        self.count += 1
                        if status != 200:
                            self.failures.append(status)
            except Exception as error:
                self.failures.append(repr(error))

    def wait_for_more(self, count):
        target = self.count + count
        until(lambda: self.count >= target, 30, f"{count} more requests")

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join(20)


@pytest.fixture
def steady(world, start_router, bus):
    with Backend() as first:
        listening = Listening(
            world,
            start_router,
            bus,
            prune_stale_droplets_interval="1s",
            droplet_stale_threshold="5s",
            suspend_pruning_if_nats_unavailable=True,
        )
        listening.first = first
        yield listening


def test_endpoints_that_come_and_go_cost_no_request(world, steady, bus):
    with bus.client() as client, Backend() as second, Backend() as third:
        client.register(steady.first, HOST)
        steady.wait_for(200, HOST)
        load = Load(world, steady.router)
        try:
            for _ in range(25):
                for backend in (second, third):
                    client.register(backend, HOST)
                    client.register(steady.first, HOST)
                    load.wait_for_more(10)
                for backend in (second, third):
                    client.unregister(backend, HOST)
                    client.register(steady.first, HOST)
                    load.wait_for_more(10)
        finally:
            load.stop()
        assert load.failures == []
        assert second.seen() and third.seen()


def test_bus_that_is_away_for_long_costs_no_request(world, steady, bus):
    """The times are scaled: endpoints live for five seconds, and the bus is away for longer."""
    with bus.client() as client:
        client.register(steady.first, HOST)
        steady.wait_for(200, HOST)
    load = Load(world, steady.router)
    try:
        bus.stop()
        _, reason = steady.wait_for_health("degraded")
        assert "endpoints stay" in reason
        assert steady.router.metric("router_nats_connected") == 0
        assert steady.router.wait_for_line("connection to the bus lost")["reason"]
        begun = seconds_served(steady)
        until(lambda: seconds_served(steady) >= begun + 8, 40, "more than an endpoint's life")
        load.wait_for_more(100)
        bus.start()
        with bus.client() as client:
            client.subscribe("router.start")
            steady.wait_for_health("ok")
            client.register(steady.first, HOST)
            load.wait_for_more(100)
        assert steady.router.metric("router_nats_connected") == 1
    finally:
        load.stop()
    assert load.failures == []
    assert steady.router.metric("router_route_endpoints_pruned_total") == 0
