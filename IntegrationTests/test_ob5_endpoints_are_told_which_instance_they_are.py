"""Application and instance of the endpoint that a request goes to, as a GoRouter tells them to it."""

import pytest

from harness.backend import echo
from harness.ports import free_port
from harness.waiting import until

HOST = "plain.example.com"
NAMES = ("x-cf-applicationid", "x-cf-instanceid", "x-cf-instanceindex")


@pytest.fixture
def client(bus):
    with bus.client() as client:
        yield client


def instance(message):
    return tuple(message.get(name) for name in NAMES)


def ask(listening, *fields):
    with listening.world.connect(listening.router, HOST) as connection:
        return connection.get(HOST, "/", *fields).status


def test_endpoint_is_told_what_it_was_registered_as(listening, client, start_backend):
    backend = start_backend(echo)
    client.register(backend, HOST, app="app-1", private_instance_id="inst-7", private_instance_index="3")
    listening.wait_for(200, HOST)
    backend.forget()
    assert ask(listening) == 200
    assert instance(backend.seen()[0]) == ("app-1", "inst-7", "3")


def test_each_endpoint_is_told_of_itself(listening, client, start_backend):
    backends = [start_backend(echo) for _ in range(2)]
    for number, backend in enumerate(backends):
        client.register(
            backend, HOST, app="app-1", private_instance_id=f"inst-{number}", private_instance_index=f"{number}"
        )

    def all_were_asked():
        assert ask(listening) in (200, 404)
        return all(backend.seen() for backend in backends)

    until(all_were_asked, 10, "both being used")
    for number, backend in enumerate(backends):
        assert {instance(message) for message in backend.seen()} == {("app-1", f"inst-{number}", f"{number}")}


def test_next_endpoint_is_told_of_itself_after_one_that_refuses(listening, client, start_backend):
    """The head that was made for the endpoint before goes to this one with its own lines in their place."""
    backend = start_backend(echo)
    gone = start_backend(echo, port=free_port())
    client.register(gone, HOST, app="gone", private_instance_id="gone", private_instance_index="99")
    client.register(backend, HOST, app="app-1", private_instance_id="inst-7", private_instance_index="3")
    listening.wait_for(200, HOST)
    until(lambda: ask(listening) == 200 and gone.seen() and backend.seen(), 10, "both being used")
    gone.stop()
    backend.forget()
    for _ in range(4):
        assert ask(listening) == 200
    seen = backend.seen()
    assert len(seen) == 4
    assert {instance(message) for message in seen} == {("app-1", "inst-7", "3")}
    assert all(message.all("Host") == [HOST] for message in seen)


@pytest.mark.parametrize("value", ["a b", "a\r\nX-Injected: 1", "ü", "x" * 129])
def test_value_that_is_no_field_value_is_left_out(listening, client, start_backend, value):
    backend = start_backend(echo)
    client.register(backend, HOST, app=value, private_instance_id="inst-7", private_instance_index="3")
    listening.wait_for(200, HOST)
    backend.forget()
    assert ask(listening) == 200
    [seen] = backend.seen()
    assert instance(seen) == (None, "inst-7", "3")
    assert seen.get("X-Injected") is None
