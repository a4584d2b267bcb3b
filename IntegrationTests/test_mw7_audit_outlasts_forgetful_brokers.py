"""Audit events of `countersign authz` to brokers that have forgotten producers or topics, or disown what there is."""

import pytest

from harness.audited import Load, ask, delivered
from harness.kafka import Kafka
from harness.tansu import Tansu
from harness.waiting import until


@pytest.mark.parametrize("kafka", [Kafka, Tansu], indirect=True)
def test_a_broker_that_is_killed_under_load_and_has_forgotten_everything_gets_the_rest(start_audited, kafka):
    """Tansu refuses a producer that it does not know, for ever, and the library sends again without a word."""
    kafka.start()
    authz = start_audited()
    with Load(authz) as load:
        until(lambda: len(load.answered) > 100, 30)
        kafka.cut()
        until(lambda: authz.metric("audit_kafka_up") == 0, 30, "the loss of the broker")
        # What a broker has confirmed and forgets, nothing brings back.
        until(lambda: len(kafka.identifiers()) >= authz.metric("audit_delivered_total"), 30, "what was confirmed")
        kafka.kill()
        before = len(load.answered)
        until(lambda: len(load.answered) > before + 100, 30)
        kafka.start()
        before = len(load.answered)
        until(lambda: len(load.answered) > before + 100, 30)
    delivered(kafka, load.answered)
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    until(lambda: authz.health()["status"] == "ok", what="good health")
    assert authz.metric('audit_dropped_total{reason="spool_full"}') == 0


@pytest.mark.parametrize("kafka", [Tansu], indirect=True)
def test_a_broker_that_comes_back_without_its_topic_gets_the_rest_when_it_has_it(start_audited, kafka):
    kafka.start()
    authz = start_audited()
    ask(authz, "/before", 10)
    kafka.wait_for(10)
    kafka.kill()
    kafka.start(has_topic=False)
    ask(authz, "/after", 10)
    until(lambda: authz.metric("audit_kafka_up") == 1, 30, "the return of the broker")
    kafka.make_topic()
    delivered(kafka, ["/after"])
    kafka.wait_for(20)


# Out of order sequence number, invalid producer epoch, unknown producer.
@pytest.mark.parametrize("error", [45, 47, 59])
def test_a_producer_that_brokers_disown_is_told_and_replaced(start_audited, kafka, error):
    kafka.start()
    authz = start_audited()
    ask(authz, "/before", 10)
    kafka.wait_for(10)
    kafka.tell("fail", error, 1000)
    ask(authz, "/disowned", 20)
    told = authz.log.wait_for(lambda line: "another producer for Kafka is made" in (line["message"] or ""))
    assert told["level"] == "warning" and told["reason"]
    until(lambda: "20 events wait" in authz.health().get("reason", ""), what="degraded health")
    kafka.tell("take")
    kafka.wait_for(30)
    authz.log.wait_for(lambda line: line["message"] == "audit events are delivered again")
    until(lambda: authz.health()["status"] == "ok", what="good health")


def test_brokers_that_put_everything_off_are_told_before_events_are_old(start_audited, kafka):
    """Not enough replicas: the library tries again by itself, and reports nothing."""
    kafka.start()
    authz = start_audited()
    kafka.tell("fail", 19, 1000)
    ask(authz, "/late", 5)
    words = "Kafka has neither taken nor refused an event for"
    until(lambda: words in authz.health().get("reason", ""), 30, "degraded health")
    assert authz.metric("audit_oldest_event_age_seconds") < 60
    authz.log.wait_for(lambda line: "neither takes nor refuses audit events" in (line["message"] or ""))
    kafka.tell("take")
    kafka.wait_for(5)
    until(lambda: authz.health()["status"] == "ok", what="good health")
