"""Each listener of the authority has so many connections at once, tells of those beyond, and has room again."""

import contextlib
import http.client
import socket
import time

import pytest

from harness.authority_process import AuthorityProcess
from harness.waiting import until

LIMIT = 16
LINE = "connection limit reached, new connections are closed"
REFUSED = "countersign_connections_refused_total"


@pytest.fixture
def authority(start_authority) -> AuthorityProcess:
    return start_authority(max_connections=LIMIT)


def served(connection):
    connection.request("GET", "/v1/bundle")
    answer = connection.getresponse()
    return answer.status == 200 and answer.read().startswith(b"-----BEGIN CERTIFICATE-----")


def is_closed_at_once(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            return client.recv(1) == b""
    except ConnectionResetError:
        return True


def lines(authority):
    return [entry for entry in authority.log.snapshot() if entry.get("message") == LINE]


def is_served_again(api):
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(api.connection()) as connection:
        return served(connection)
    return False


@pytest.mark.parametrize("listener", ["native", "public"])
def test_connections_beyond_the_limit_are_closed_and_told(authority, listener):
    api, other = authority.native(), authority.public
    if listener == "public":
        api, other = other, api
    assert authority.metric(REFUSED, listener=listener) == 0
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(contextlib.closing(api.connection())) for _ in range(LIMIT)]
        assert all(served(connection) for connection in held)
        assert not lines(authority)
        began = time.monotonic()
        assert all(is_closed_at_once(api.port) for _ in range(50))
        passed = time.monotonic() - began
        until(lambda: lines(authority), 10, "the line")
        assert len(lines(authority)) <= 1 + passed
        line = lines(authority)[0]
        assert (line["level"], line["listener"], line["max_connections"]) == ("error", listener, LIMIT)
        # A client sees the end of its connection before it is counted.
        until(lambda: authority.metric(REFUSED) >= 50, 5, "all of them being counted")
        assert authority.metric(REFUSED, listener=listener) == authority.metric(REFUSED) == 50
        assert all(served(connection) for connection in held)
        assert is_served_again(other)
        held[0].close()
        until(lambda: is_served_again(api), 10, "room for another connection")
        assert all(served(connection) for connection in held[1:])


def test_connections_that_ask_for_nothing_make_room(authority):
    api = authority.native()
    with contextlib.ExitStack() as stack:
        busy = stack.enter_context(contextlib.closing(api.connection()))
        assert served(busy)
        for _ in range(LIMIT - 1):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=30))
            stack.enter_context(api.context.wrap_socket(plain, server_hostname="127.0.0.1"))
        assert is_closed_at_once(api.port)
        until(lambda: is_served_again(api), 16, "the end of the silent ones")
        assert served(busy)


def test_fewer_descriptors_than_may_be_needed_are_told(start_authority):
    authority = start_authority(max_connections=1_000_000)
    warning = "fewer file descriptors than max_connections may need"
    line = next((entry for entry in authority.log.snapshot() if entry.get("message") == warning), None)
    assert (line is None) == (descriptors_of(authority.pid) >= 2_000_000)


def descriptors_of(pid):
    with open(f"/proc/{pid}/limits", encoding="ascii") as limits:
        soft, hard = next(line for line in limits if line.startswith("Max open files")).split()[3:5]
    assert soft == hard
    return int(soft)
