"""Good, bad, slow and vanishing clients, dying backends and reloads at once: nothing good fails, nothing leaks."""

import os
import random
import socket
import ssl
import threading
import time
import traceback
from pathlib import Path

import pytest

from harness.backend import Backend, echo
from harness.http import Cut
from harness.tls_client import Refused, request
from harness.waiting import until
from harness.world import APP_FRONTEND, route
from tables import refused_requests

HOST, PLAIN, FLAKY = "a.apps.mtls.internal", "plain.example.com", "other.example.com"
SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
MIB = 1 << 20


def flaky(exchange):
    """Dies in one of the ways a backend can, or answers."""
    message = exchange.request()
    match hash((message.target, time.monotonic())) % 4:
        case 0:
            exchange.reset()
        case 1:
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        case 2:
            exchange.send(b"nonsense\r\n\r\n")
        case _:
            exchange.answer()


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 120)
def test_mixed_traffic(world, start_router, backend):
    backend.script = echo
    with Backend(flaky) as dying:
        routes = [route(HOST, backend, mtls_allowed_apps=APP_FRONTEND), route(PLAIN, backend), route(FLAKY, dying)]
        router = start_router(world.configuration(routes))
        stop, failures = threading.Event(), []
        actors = [good(world, router), good(world, router), strange(world, router), vanishing(world, router)]
        threads = [threading.Thread(target=perform, args=(actor, stop, failures)) for actor in actors]
        for thread in threads:
            thread.start()
        settled = None
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends and not failures:
            stop.wait(min(5, SECONDS / 10))
            router.apply(world.configuration(routes))
            for journal in (backend.requests, backend.exchanges, backend.ended, dying.requests, dying.exchanges):
                journal.entries.clear()
            if settled is None and time.monotonic() > ends - SECONDS / 2:
                settled = router.memory(), descriptors(router)
        stop.set()
        for thread in threads:
            thread.join(30)
        assert not failures, failures[0]
        until(lambda: router.metric("router_connections_open") == 0, 60, "all connections ending")
        assert router.memory() - settled[0] < 32 * MIB
        assert descriptors(router) <= settled[1] + 20


def perform(actor, stop, failures):
    try:
        while not stop.is_set():
            next(actor)
    except Exception:  # noqa: BLE001 - shown by the test
        failures.append(traceback.format_exc())


def good(world, router):
    while True:
        host, identity = random.choice([(HOST, world.frontend), (PLAIN, None)])
        with world.connect(router, host, identity) as connection:
            for _ in range(random.randrange(1, 30)):
                body = b"x" * random.choice([0, 1, 1000, 100_000])
                assert connection.exchange(request("POST", "/", host, body=body)).status == 200
        yield


def strange(world, router):
    while True:
        _, data, _ = random.choice(refused_requests.ALL)
        try:
            with world.connect(router, random.choice([PLAIN, FLAKY, HOST]), world.expired) as connection:
                connection.send(data)
                connection.get(FLAKY)
        except (Cut, OSError, Refused, ssl.SSLError):
            pass
        yield


def vanishing(world, router):
    while True:
        try:
            if random.random() < 0.5:
                socket.create_connection(("127.0.0.1", router.port), 5).close()
            else:
                connection = world.connect(router, PLAIN)
                connection.send(request("POST", "/", PLAIN, body=b"x" * 5000)[: random.randrange(5000)])
                connection.reset()
        except (OSError, Refused):
            pass
        yield


def descriptors(router):
    return len(list(Path(f"/proc/{router.pid}/fd").iterdir()))
