"""What a request and a handshake allocate is bounded, by count: a slow machine changes nothing about it.

The bounds are for a build for debugging, where the compiler leaves allocations that it removes in a release.
"""

import pytest

from harness.allocations import AllocationCounter
from harness.world import route

HOST = "backend.apps.mtls.internal"
REQUEST = f"GET /v1/users HTTP/1.1\r\nHost: {HOST}\r\n\r\n"

# Two a request are the TLS library's, which has a buffer for each record that it reads and writes.
REQUEST_LIMIT = 10
HANDSHAKE_LIMIT = 560


@pytest.fixture
def counter(tmp_path):
    return AllocationCounter(tmp_path)


@pytest.fixture
def router(world, start_router, backend, counter):
    made = world.configuration([route(HOST, backend, mtls_allow_any=True)], workers=1)
    return start_router(made, environment=counter.environment)


def test_request_on_an_open_connection_allocates_next_to_nothing(world, router, counter):
    with world.connect(router, HOST, world.frontend) as connection:

        def step():
            assert connection.exchange(REQUEST).status == 200

        assert 1 <= counter.per_step(step, 2000) <= REQUEST_LIMIT


def test_allocations_do_not_grow_with_routes(world, start_router, backend, tmp_path):
    counter = AllocationCounter(tmp_path)
    routes = [route(f"other-{number}.apps.mtls.internal", backend, mtls_allow_any=True) for number in range(500)]
    made = world.configuration([*routes, route(HOST, backend, mtls_allow_any=True)], workers=1)
    router = start_router(made, environment=counter.environment)
    with world.connect(router, HOST, world.frontend) as connection:

        def step():
            assert connection.exchange(REQUEST).status == 200

        assert 1 <= counter.per_step(step, 2000) <= REQUEST_LIMIT


def test_handshake_with_a_client_certificate_allocates_a_bounded_number(world, router, counter):
    def step():
        with world.connect(router, HOST, world.frontend) as connection:
            assert connection.exchange(REQUEST).status == 200

    assert 1 <= counter.per_step(step, 200) <= HANDSHAKE_LIMIT
