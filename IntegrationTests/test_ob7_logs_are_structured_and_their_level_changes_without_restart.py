"""The log is one JSON object a line with a level, a time and a message; its level follows the configuration file."""

import datetime

from harness.tls_client import Refused
from harness.waiting import until
from harness.world import route

HOST, PLAIN = "a.apps.mtls.internal", "plain.example.com"


def refuse(world, router):
    try:
        with world.connect(router, HOST, world.expired) as connection:
            connection.expect_refusal()
    except Refused:
        pass


def test_every_line_is_an_object_with_level_time_and_message(world, start_router, backend):
    router = start_router(world.configuration([route(PLAIN, backend), route(HOST, backend, mtls_allow_any=True)]))
    refuse(world, router)
    router.wait_for_line("handshake refused")
    lines = router.log.snapshot()
    assert len(lines) >= 2
    for line in lines:
        assert "raw" not in line, f"not JSON: {line}"
        assert line["level"] in ("trace", "debug", "info", "notice", "warning", "error", "critical")
        assert line["message"]
        written = datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00"))
        assert abs((datetime.datetime.now(datetime.timezone.utc) - written).total_seconds()) < 60


def test_text_format_is_for_people(world, start_router, backend):
    configuration = world.configuration([route(PLAIN, backend)])
    configuration["log"]["format"] = "text"
    router = start_router(configuration, ready="router is serving")
    assert not [line for line in router.raw_log if line.startswith("{")]


def test_level_follows_the_file(world, start_router, backend):
    def at(level):
        configuration = world.configuration([route(PLAIN, backend), route(HOST, backend, mtls_allow_any=True)])
        configuration["log"]["level"] = level
        return configuration

    def switch(level):
        done = router.metric("router_config_reloads_total", result="success")
        router.configuration = at(level)
        router.write_configuration()
        until(lambda: router.metric("router_config_reloads_total", result="success") > done, 10, "the reload")

    def refusals():
        return len([line for line in router.log.snapshot() if line.get("message") == "handshake refused"])

    router = start_router(at("info"))
    refuse(world, router)
    router.wait_for_line("handshake refused")
    switch("error")
    refuse(world, router)
    assert refusals() == 1
    switch("info")
    refuse(world, router)
    until(lambda: refusals() == 2, 10, "the line of the third refusal")
