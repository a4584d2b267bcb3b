"""Every request leaves one record, refused ones included; the text form says the same as the JSON form."""

import json
import re
import signal
import socket
import threading
import time
from datetime import datetime

import pytest

from harness.backend import echo
from harness.http import Cut
from harness.tls_client import request
from harness.waiting import until
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

HOST, CLOSED, PLAIN = "a.apps.mtls.internal", "closed.apps.mtls.internal", "plain.example.com"


def routes(backend):
    return [route(HOST, backend, mtls_allowed_apps=APP_FRONTEND), route(CLOSED, backend), route(PLAIN, backend)]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration(routes(module_backend)))


def record_of(router, marker):
    return router.wait_for_access(lambda entry: marker in str(entry.values()), what=f"the record of {marker}")


def test_served_request(world, router):
    with world.connect(router, HOST, world.frontend) as connection:
        fields = ["User-Agent: tester/1", "Referer: https://r.example/"]
        connection.exchange(request("POST", "/served?q=1", HOST, *fields, body=b"x" * 123))
    record = record_of(router, "/served?q=1")
    assert (record["status"], record["method"], record["host"]) == (200, "POST", HOST)
    assert "tester/1" in str(record) and "127.0.0.1" in str(record)
    assert record["caller_cf_app"] == APP_FRONTEND
    assert record["caller_cf_space"] == SPACE_SHOP
    assert record["caller_cf_org"] == ORG_SHOP
    assert record["mtls_auth"] == "allowed"
    assert 123 in record.values()


def test_denied_request(world, router):
    with world.connect(router, CLOSED, world.frontend) as connection:
        connection.get(CLOSED, "/denied")
    record = record_of(router, "/denied")
    assert (record["status"], record["mtls_auth"]) == (403, "denied")
    assert record["mtls_denied_reason"]


def test_misdirected_unknown_and_malformed_requests(world, router):
    with world.connect(router, PLAIN) as connection:
        assert connection.get(HOST, "/misdirected").status == 421
    with world.connect(router, PLAIN) as connection:
        assert connection.get("nowhere.example.com", "/unknown").status == 404
    assert record_of(router, "/misdirected")["status"] == 421
    assert record_of(router, "/unknown")["status"] == 404


def test_request_on_a_plain_domain_has_no_caller(world, router):
    with world.connect(router, PLAIN) as connection:
        connection.get(PLAIN, "/plain")
    record = record_of(router, "/plain")
    assert record["status"] == 200
    assert not record.get("caller_cf_app") and not record.get("caller_spiffe_id")


def test_answer_that_was_cut_is_recorded(world, router, module_backend):
    def script(exchange):
        exchange.request()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        exchange.reset()

    module_backend.drop_connections()
    module_backend.script = script
    try:
        with world.connect(router, PLAIN) as connection, pytest.raises((Cut, OSError, AssertionError)):
            assert connection.get(PLAIN, "/cut").status == 200
    finally:
        module_backend.script = echo
    record_of(router, "/cut")


def test_times_are_those_of_the_request(world, start_router, backend):
    """From the first byte of the head, however slowly the rest of it follows; the backend's part is less."""
    pause = threading.Event()

    def script(exchange):
        while exchange.request() is not None:
            pause.wait(0.2)
            exchange.answer()

    backend.script = script
    router = start_router(world.configuration(routes(backend)))
    with world.connect(router, PLAIN) as connection:
        before = time.time()
        connection.send("GET /slowly-as")
        pause.wait(1)
        connection.exchange(f"ked HTTP/1.1\r\nHost: {PLAIN}\r\n\r\n")
        after = time.time()
        assert connection.get("nowhere.example.com", "/refused").status == 404
    record = record_of(router, "/slowly-asked")
    assert before - 0.05 <= datetime.fromisoformat(record["time"]).timestamp() <= before + 0.9
    # Half of the second that the head took is left for the router to be late in seeing its first byte.
    assert 700_000 <= record["duration_us"] <= (after - before) * 1e6 + 50_000
    assert 200_000 <= record["upstream_duration_us"] < record["duration_us"] - 500_000
    refused = record_of(router, "/refused")
    assert 0 < refused["duration_us"] < 1_000_000
    assert "upstream_duration_us" not in refused
    assert router.metric("router_request_duration_seconds_sum") >= 0.7


def test_request_has_one_id_in_the_log_and_at_the_backend(world, router, module_backend):
    sound = ["0f8fad5b-d9cb-469f-a165-70867728950e", "Root=1-67891233-abcdef012345678912345678", "a" * 128]
    unsound = [[], [""], ["a" * 129], ["a b"], ['a"b'], ["a\xe9"], ["one", "two"]]
    for number, ids in enumerate([[id_] for id_ in sound] + unsound):
        module_backend.forget()
        with world.connect(router, PLAIN) as connection:
            fields = [f"X-Request-ID: {id_}" for id_ in ids] + ["X_Request_ID: spoofed"]
            connection.exchange(request("GET", f"/identified-{number}-", PLAIN, *fields))
        told = module_backend.seen()[0].get("X-Request-ID")
        assert "spoofed" not in module_backend.seen()[0].raw_head.decode("latin-1")
        assert record_of(router, f"/identified-{number}-")["request_id"] == told
        if len(ids) == 1 and ids[0] in sound:
            assert told == ids[0]
        else:
            assert re.fullmatch("[0-9a-f]{32}", told), told
    given = {record["request_id"] for record in router.access_records() if "/identified-" in record["target"]}
    assert len(given) == len(sound) + len(unsound)


def test_request_that_the_client_cut_is_recorded_as_such(world, router):
    with world.connect(router, PLAIN) as connection:
        connection.send(f"POST /cut-in-its-body HTTP/1.1\r\nHost: {PLAIN}\r\nContent-Length: 10\r\n\r\nhalf")
        socket.socket.shutdown(connection.tls, socket.SHUT_WR)
        record = record_of(router, "/cut-in-its-body")
    assert (record["status"], record["error"], record["bytes_received"]) == (499, "request_cut", 4)


def test_each_request_has_exactly_one_record(world, router):
    with world.connect(router, PLAIN) as connection:
        connection.send(b"".join(request("GET", f"/counted-{number}", PLAIN) for number in range(30)))
        for _ in range(30):
            assert connection.response().status == 200
    until(lambda: len(counted(router)) >= 30, 10, "thirty records")
    with world.connect(router, PLAIN) as connection:
        connection.get(PLAIN, "/after-counted")
    record_of(router, "/after-counted")
    assert sorted(counted(router)) == sorted(f"/counted-{number}" for number in range(30))


def counted(router):
    found = []
    for record in router.access_records():
        found += re.findall(r"/counted-\d+", json.dumps(record))
    return found


@pytest.mark.parametrize(
    "path, agent",
    [("/%22%0d%0a", 'quote" and \\ backslash'), ("/\xe9", "caf\xe9 \x80"), ("/" + "long" * 500, "a" * 3000)],
    ids=["quotes", "bytes", "long"],
)
def test_hostile_bytes_never_break_a_record(world, router, path, agent):
    before = len(router.access_records())
    with world.connect(router, PLAIN) as connection:
        connection.exchange(request("GET", path, PLAIN, f"User-Agent: {agent}", 'Referer: "},{"status":200'))
    until(lambda: len(router.access_records()) == before + 1, 10, "one more record, whole")


def test_text_form_has_one_line_with_the_words_of_the_proposal(world, start_router, backend):
    configuration = world.configuration(routes(backend), access_log={"format": "text"})
    router = start_router(configuration)
    with world.connect(router, HOST, world.frontend) as connection:
        connection.exchange(request("GET", "/in-text", HOST, 'User-Agent: a"b\tc'))
    with world.connect(router, CLOSED, world.frontend) as connection:
        connection.get(CLOSED, "/in-text-denied")
    allowed = until(lambda: text_line(router, "/in-text "), 10, "the line of the allowed request")
    denied = until(lambda: text_line(router, "/in-text-denied "), 10, "the line of the denied request")
    for line in (allowed, denied):
        assert f'caller_cf_app:"{APP_FRONTEND}"' in line
        assert f'caller_cf_space:"{SPACE_SHOP}"' in line
        assert f'caller_cf_org:"{ORG_SHOP}"' in line
    assert 'mtls_auth:"allowed"' in allowed
    assert 'mtls_auth:"denied"' in denied and "mtls_denied_reason:" in denied


def text_line(router, marker):
    if not router.access_log.exists():
        return None
    found = [line for line in router.access_log.read_text().splitlines() if marker in line]
    assert len(found) <= 1
    return found[0] if found else None


def test_record_waits_no_longer_than_it_is_told_to(world, start_router, backend):
    quick = start_router(world.configuration(routes(backend), access_log={"flush_interval": "50ms"}))
    slow = start_router(world.configuration(routes(backend), access_log={"flush_interval": "60s"}))
    for router in (slow, quick):
        with world.connect(router, PLAIN) as connection:
            connection.get(PLAIN, "/flushed")
    quick.wait_for_access(lambda entry: entry["target"] == "/flushed", within=10)
    assert slow.access_records() == []
    slow.stop()
    assert [entry["target"] for entry in slow.access_records()] == ["/flushed"], "the end loses no record"


def test_log_file_that_was_moved_away_is_opened_anew(world, start_router, backend):
    router = start_router(world.configuration(routes(backend)))
    with world.connect(router, PLAIN) as connection:
        connection.get(PLAIN, "/before")
        record_of(router, "/before")
        router.access_log.rename(router.access_log.with_suffix(".1"))
        router.signal(signal.SIGUSR1)
        until(router.access_log.exists, 10, "the new file")
        connection.get(PLAIN, "/after")
        record_of(router, "/after")
