"""Audit events of `countersign authz` on their way to Kafka: outages, crashes, a full spool, the end of the process."""

import base64
import json
import signal
import time
from pathlib import Path

import jsonschema_rs
import pytest

from harness.audited import HEADER, OPTIONS, Load, ask, delivered
from harness.kafka import TOPIC, Kafka
from harness.tansu import Tansu
from harness.waiting import until

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "audit-event.schema.json").read_text())

every_broker = pytest.mark.parametrize("kafka", [Kafka, Tansu], indirect=True)


@every_broker
def test_events_are_delivered_and_leave_the_spool(world, start_audited, kafka):
    kafka.start()
    authz = start_audited(audit={"file": {"path": "audit.jsonl"}})
    certificate = HEADER, base64.b64encode(world.partner_device.der).decode()
    assert authz.ask("/auth/traefik", certificate)[0] == 200
    ask(authz, "/none", 20)
    kafka.wait_for(21)
    assert len(kafka.messages) == 21
    for event in kafka.events():
        jsonschema_rs.validator_for(SCHEMA).validate(event)
    keys = {key.decode() for key, content in kafka.messages if b"mtls_auth_success" in content}
    assert keys == {world.partner_device.sha256}
    in_file = [json.loads(line) for line in (authz.directory / "audit.jsonl").read_text().splitlines()]
    assert sorted(event["id"] for event in in_file) == sorted(event["id"] for event in kafka.events())
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    assert authz.metric("audit_delivered_total") == 21 and authz.metric("audit_kafka_up") == 1
    assert authz.metric("audit_delivery_duration_seconds_count") == 21
    assert authz.health() == {"status": "ok"}


def test_an_absent_broker_holds_up_no_request_and_gets_all_later(start_audited, kafka):
    authz = start_audited()
    began = time.monotonic()
    ask(authz, "/early", 100)
    assert time.monotonic() - began < 10
    until(lambda: authz.health()["status"] == "degraded", what="degraded health")
    assert "no broker of Kafka is connected" in authz.health()["reason"]
    assert authz.admin("/health/ready")[0] == 200
    until(lambda: authz.metric("audit_spool_events") == 100, what="100 events in the spool")
    assert authz.metric("audit_kafka_up") == 0
    kafka.start()
    kafka.wait_for(100)
    assert len(kafka.messages) == 100
    until(lambda: authz.health()["status"] == "ok", what="good health")
    assert authz.metric('audit_dropped_total{reason="spool_full"}') == 0


@every_broker
def test_outages_under_load_lose_nothing(start_audited, kafka):
    kafka.start()
    authz = start_audited()
    with Load(authz) as load:
        until(lambda: len(load.answered) > 100, 30)
        kafka.cut()
        until(lambda: authz.metric("audit_kafka_up") == 0, 30, "the loss of the broker")
        before = len(load.answered)
        until(lambda: len(load.answered) > before + 100, 30)
        kafka.link()
        until(lambda: authz.metric("audit_kafka_up") == 1, 30, "the return of the broker")
        with kafka.frozen():
            before = len(load.answered)
            until(lambda: len(load.answered) > before + 100, 30)
    delivered(kafka, load.answered)
    assert authz.metric('audit_dropped_total{reason="spool_full"}') == 0


def test_a_broker_that_is_killed_and_comes_back_gets_the_rest(start_audited, kafka):
    kafka.start()
    authz = start_audited()
    ask(authz, "/before", 30)
    kafka.wait_for(30)
    # Until authz knows that they were delivered, they would be sent again.
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    kafka.cut()
    kafka.kill()
    ask(authz, "/meanwhile", 30)
    kafka.start()
    ask(authz, "/after", 30)
    kafka.wait_for(90)
    paths = [event["path"] for event in kafka.events()]
    assert {path: paths.count(path) for path in paths} == {"/before": 30, "/meanwhile": 30, "/after": 30}


def test_a_slow_broker_holds_up_no_request(start_audited, kafka):
    kafka.start().tell("rtt", 2000)
    authz = start_audited()
    began = time.monotonic()
    ask(authz, "/slow", 100)
    assert time.monotonic() - began < 10
    kafka.wait_for(100, within=40)


@pytest.mark.parametrize("error", [7, 3, 19, 29])
def test_events_that_a_broker_refuses_for_a_while_are_sent_again(start_audited, kafka, error):
    """Request timed out, unknown topic or partition, not enough replicas, topic authorization failed."""
    kafka.start()
    authz = start_audited()
    kafka.tell("fail", error, 3)
    ask(authz, "/again", 20)
    kafka.wait_for(20)
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")


def test_brokers_that_refuse_everything_are_told_until_they_take_it(start_audited, kafka):
    """Topic authorization failed: the connection is good, and nothing gets through."""
    kafka.start()
    authz = start_audited()
    kafka.tell("fail", 29, 1000)
    ask(authz, "/refused", 20)
    words = "Kafka does not take events (Broker: Topic authorization failed), 20 events wait"
    until(lambda: words in authz.health().get("reason", ""), what="degraded health")
    assert authz.metric("audit_kafka_up") == 1
    until(lambda: authz.metric("audit_oldest_event_age_seconds") > 1, what="the age of the oldest event")
    assert authz.metric("audit_delivery_failures_total") > 0
    kafka.tell("take")
    kafka.wait_for(20)
    until(lambda: authz.health()["status"] == "ok", what="good health")
    until(lambda: authz.metric("audit_oldest_event_age_seconds") == 0, what="no event that waits")


def test_events_that_brokers_put_off_grow_old(start_audited, kafka):
    """Not enough replicas: the library tries again by itself, and reports nothing."""
    kafka.start()
    authz = start_audited()
    kafka.tell("fail", 19, 1000)
    ask(authz, "/late", 5)
    until(lambda: authz.metric("audit_oldest_event_age_seconds") > 1, what="the age of the oldest event")
    assert authz.metric("audit_spool_events") == 5
    kafka.tell("take")
    kafka.wait_for(5)
    until(lambda: authz.metric("audit_oldest_event_age_seconds") == 0, what="no event that waits")


def test_an_event_that_no_broker_takes_holds_up_no_other(start_audited, kafka):
    kafka.start()
    authz = start_audited()
    kafka.tell("fail", 10, 1)
    ask(authz, "/one")
    until(lambda: authz.metric('audit_dropped_total{reason="rejected"}') == 1, what="the loss")
    ask(authz, "/two", 5)
    kafka.wait_for(5)
    alarm = authz.log.wait_for(lambda line: "DOES NOT TAKE AN AUDIT EVENT" in (line["message"] or ""))
    assert alarm["level"] == "error"
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")


@every_broker
@pytest.mark.parametrize("broker", ["present", "absent", "frozen"])
def test_sigkill_under_load_loses_no_answered_request(start_audited, kafka, broker):
    if broker != "absent":
        kafka.start()
    authz = start_audited()
    with Load(authz) as load:
        until(lambda: len(load.answered) > 100, 30)
        if broker == "frozen":
            with kafka.frozen():
                before = len(load.answered)
                until(lambda: len(load.answered) > before + 100, 30)
                authz.kill()
        else:
            authz.kill()
    answered = list(load.answered)
    assert len(answered) > 100
    if broker == "absent":
        kafka.start()
    authz.__enter__()
    delivered(kafka, answered)
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    # What came twice is the same event, so that a reader can drop it.
    by_identifier = {}
    for event in kafka.events():
        assert by_identifier.setdefault(event["id"], event) == event
    paths = [event["path"] for event in by_identifier.values()]
    assert len(paths) == len(set(paths))


@every_broker
def test_what_was_delivered_before_an_orderly_end_does_not_come_again(start_audited, kafka):
    kafka.start()
    authz = start_audited()
    ask(authz, "/first", 50)
    assert authz.stop() == 0
    kafka.wait_for(50)
    authz.__enter__()
    ask(authz, "/second", 10)
    kafka.wait_for(60)
    assert len(kafka.messages) == 60


def test_the_end_waits_for_kafka_no_longer_than_it_may(start_audited, kafka):
    authz = start_audited(audit={"drain_timeout": "1s"})
    ask(authz, "/left", 25)
    began = time.monotonic()
    assert authz.stop() == 0
    assert time.monotonic() - began < 6
    left = authz.log.wait_for(lambda line: (line["message"] or "").startswith("audit events are left in the spool"))
    assert int(left["events"]) == 25
    kafka.start()
    authz.__enter__()
    kafka.wait_for(25)
    assert len(kafka.messages) == 25


def fill(authz):
    """Asks until the spool takes no more; answers how many events it took."""
    path = "/" + "x" * 1000
    until(lambda: authz.ask(uri=path)[0] and authz.metric('audit_dropped_total{reason="spool_full"}') > 0, 60, "full")
    return int(authz.metric("audit_spool_events"))


def test_a_full_spool_drops_the_newest_loudly(start_audited, kafka):
    authz = start_audited(spool={"max_bytes": 1 << 20})
    fill(authz)
    ask(authz, "/" + "y" * 900, 10)
    until(lambda: "audit events are being lost" in authz.health().get("reason", ""), what="the alarm in health")
    waiting = int(authz.metric("audit_spool_events"))
    assert authz.metric("audit_spool_bytes") <= 1 << 20 == authz.metric("audit_spool_max_bytes")
    assert authz.log.wait_for(lambda line: line["message"] == "AUDIT EVENTS ARE BEING LOST")["level"] == "error"
    kafka.start()
    kafka.wait_for(waiting)
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    until(lambda: authz.ask(uri="/after") and authz.health()["status"] == "ok", what="good health")
    delivered(kafka, ["/after"])
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    events = kafka.events()
    # The numbers of events tell how many are missing.
    numbers = {int(event["id"].rpartition("-")[2], 16) for event in events}
    missing = max(numbers) - len(numbers)
    assert missing == authz.metric('audit_dropped_total{reason="spool_full"}') >= 5
    # However many are lost, the log has a line in ten seconds of it.
    lines = [line for line in authz.log.snapshot() if line["message"] == "AUDIT EVENTS ARE BEING LOST"]
    assert len(lines) <= 3


def test_a_full_spool_refuses_requests_where_that_is_wanted(world, start_audited, kafka):
    authz = start_audited(spool={"max_bytes": 1 << 20}, audit={"on_full": "refuse_requests"})
    certificate = HEADER, base64.b64encode(world.partner_device.der).decode()
    assert authz.ask("/auth/traefik", certificate)[0] == 200
    fill(authz)
    path = "/" + "x" * 1000
    status, _, content = authz.ask("/auth/traefik", certificate, uri=path)
    assert status == 503 and json.loads(content)["code"] == "audit_unavailable"
    kafka.start()
    until(lambda: authz.ask("/auth/traefik", certificate, uri=path)[0] == 200, what="room in the spool")


def test_one_sink_that_has_the_event_is_enough(start_audited, kafka, tmp_path):
    authz = start_audited(
        spool={"max_bytes": 1 << 20}, audit={"on_full": "refuse_requests", "file": {"path": str(tmp_path / "a.jsonl")}}
    )
    fill(authz)
    ask(authz, "/" + "x" * 1000, 5)
    assert authz.metric("audit_refused_requests_total") == 0
    assert authz.health()["status"] == "degraded"


def test_the_end_waits_for_no_broker_that_hangs(start_audited, kafka):
    kafka.start()
    authz = start_audited(audit={"drain_timeout": "1s"})
    ask(authz, "/first", 5)
    kafka.wait_for(5)
    with kafka.frozen():
        ask(authz, "/left", 5)
        began = time.monotonic()
        assert authz.stop() == 0
        assert time.monotonic() - began < 8
    authz.__enter__()
    kafka.wait_for(10)


def test_brokers_can_be_changed_while_it_runs(start_audited, kafka):
    authz = start_audited(brokers="127.0.0.1:1")
    ask(authz, "/waiting", 5)
    kafka.start()
    audit = {**authz.configuration["audit"], "kafka": {"brokers": [kafka.address], "topic": TOPIC}}
    authz.write(audit, **OPTIONS)
    authz.reload()
    kafka.wait_for(5)


@every_broker
def test_sigterm_under_load_delivers_what_was_answered(start_audited, kafka):
    kafka.start()
    authz = start_audited()
    with Load(authz) as load:
        until(lambda: len(load.answered) > 100, 30)
        authz.signal(signal.SIGTERM)
        assert authz.stop() == 0
    delivered(kafka, load.answered)
    assert len(kafka.identifiers()) == len(kafka.messages)
