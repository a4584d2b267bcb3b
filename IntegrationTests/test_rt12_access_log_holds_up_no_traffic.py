"""A full disk or a reader that stops costs lines of the access log, which are counted, and no request any time."""

import os

import pytest

from harness.waiting import until
from harness.world import route

HOST = "plain.example.com"
REQUESTS = 1500
LONG = "/" + "q" * 400


def ask_often(world, router):
    with world.connect(router, HOST) as connection:
        assert {connection.get(HOST, LONG).status for _ in range(REQUESTS)} == {200}


def dropped(router):
    return router.metric("router_access_log_dropped_total")


def warnings(router):
    return [line for line in router.log.snapshot() if "access log" in (line.get("message") or "")]


def test_full_disk_costs_lines_and_one_warning(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)], access_log={"path": "/dev/full"}))
    ask_often(world, router)
    until(lambda: dropped(router) == REQUESTS, 10, "all lines being counted as dropped")
    [line] = warnings(router)
    assert line["level"] in ("warning", "error")
    assert router.admin("/health/ready")[0] == 200
    router.stop()
    assert router.wait_for_exit() == 0


@pytest.mark.parametrize("reads_on", [False, True])
def test_reader_that_stops_costs_lines_and_one_that_reads_on_none(world, start_router, backend, tmp_path, reads_on):
    path = tmp_path / "access.fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    router = start_router(world.configuration([route(HOST, backend)], access_log={"path": str(path)}, workers=1))
    received = bytearray()

    def read():
        try:
            received.extend(os.read(reader, 1 << 20))
        except BlockingIOError:
            pass
        return received.count(b"\n")

    try:
        if reads_on:
            with world.connect(router, HOST) as connection:
                for number in range(1, 101):
                    assert connection.get(HOST, LONG).status == 200
                    until(lambda wanted=number: read() == wanted, 10, "the line being read")
            assert dropped(router) == 0
            return
        rounds = 0
        while dropped(router) == 0 and rounds < 10:
            ask_often(world, router)
            rounds += 1
        assert dropped(router) > 0
        # Who reads again gets whole lines, and those of new requests.
        until(lambda: read() + dropped(router) == rounds * REQUESTS, 10, "each line being either read or counted")
        assert all(line.startswith(b"{") and line.endswith(b"}") for line in bytes(received).splitlines())
    finally:
        os.close(reader)
