"""W3C trace context, B3 and request ids: what goes on, what begins here, and that the log has the same."""

import json
import re
import time

import pytest

from harness.tls_client import request
from harness.world import route

HOST = "plain.example.com"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{SPAN}-01"
PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


@pytest.fixture
def router(world, start_router, backend):
    return start_router(world.configuration([route(HOST, backend)]))


@pytest.fixture
def told(world, router):
    """What a backend is told when a client sends these fields, as a list of pairs."""

    def ask(*fields):
        with world.connect(router, HOST) as connection:
            response = connection.exchange(request("GET", "/", HOST, *fields))
            assert response.status == 200
            return json.loads(response.body)["headers"]

    return ask


def values(pairs, name):
    return [value for key, value in pairs if key.lower() == name]


def parent(pairs):
    [value] = values(pairs, "traceparent")
    match = PARENT.fullmatch(value)
    assert match, value
    return match.groups()


@pytest.mark.parametrize("flags, kept", [("00", "00"), ("01", "01"), ("03", "03"), ("ff", "03")])
def test_valid_trace_goes_on_with_a_span_of_this_hop(told, flags, kept):
    pairs = told(f"traceparent: 00-{TRACE}-{SPAN}-{flags}", "tracestate: a=1,b=2", "TraceState: c=3")
    trace, span, seen = parent(pairs)
    assert (trace, seen) == (TRACE, kept)
    assert span not in (SPAN, "0" * 16)
    assert values(pairs, "tracestate") == ["a=1,b=2", "c=3"]


def test_each_hop_and_each_trace_has_an_id_of_its_own(told):
    spans = {parent(told(f"traceparent: {VALID}"))[1] for _ in range(5)}
    traces = {parent(told())[0] for _ in range(5)}
    assert len(spans) == 5 and len(traces) == 5


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["traceparent: "],
        ["traceparent: garbage"],
        [f"traceparent: 00-{'0' * 32}-{SPAN}-01"],
        [f"traceparent: 00-{TRACE}-{'0' * 16}-01"],
        [f"traceparent: ff-{TRACE}-{SPAN}-01"],
        [f"traceparent: {VALID.upper()}"],
        [f"traceparent: {VALID}-more"],
        [f"traceparent: {VALID}", f"traceparent: {VALID}"],
    ],
    ids=["none", "empty", "garbage", "no trace", "no span", "version", "case", "longer", "two"],
)
def test_absent_or_malformed_trace_begins_anew_without_its_state(told, fields):
    pairs = told(*fields, "tracestate: a=1")
    trace, span, flags = parent(pairs)
    assert trace not in (TRACE, "0" * 32) and span != "0" * 16
    assert flags == "00"
    assert values(pairs, "tracestate") == []


def test_trace_that_begins_here_may_be_sampled(world, start_router, backend):
    router = start_router(world.configuration([route(HOST, backend)], trace_context={"sample_new": True}))
    with world.connect(router, HOST) as connection:
        assert parent(json.loads(connection.get(HOST).body)["headers"])[2] == "01"
        kept = connection.exchange(request("GET", "/", HOST, f"traceparent: 00-{TRACE}-{SPAN}-00"))
        assert parent(json.loads(kept.body)["headers"])[2] == "00", "the client's decision stands"


def test_access_log_has_the_trace(told, router):
    told(f"traceparent: {VALID}")
    given = parent(told())[0]
    assert router.wait_for_access(lambda record: record["trace_id"] == TRACE)
    assert router.wait_for_access(lambda record: record["trace_id"] == given)


def test_text_form_has_the_trace(world, start_router, backend):
    configuration = world.configuration([route(HOST, backend)], access_log={"format": "text"})
    router = start_router(configuration)
    with world.connect(router, HOST) as connection:
        connection.exchange(request("GET", "/", HOST, f"traceparent: {VALID}"))
    router.stop()
    assert f' trace_id:"{TRACE}"' in router.access_log.read_text()


@pytest.mark.parametrize(
    "fields",
    [
        [f"b3: {TRACE}-{SPAN}-1"],
        [f"X-B3-TraceId: {TRACE}", f"X-B3-SpanId: {SPAN}", "X-B3-ParentSpanId: 05e3ac9a4f6e3b90", "X-B3-Sampled: 1"],
        ["X-B3-Flags: 1"],
    ],
)
def test_b3_fields_pass_as_they_came(told, fields):
    pairs = told(*fields)
    for field in fields:
        name, _, value = field.partition(": ")
        assert values(pairs, name.lower()) == [value]


def test_requests_without_b3_get_none(told):
    assert not [name for name, _ in told() if "b3" in name.lower()]


def test_one_id_is_told_to_the_backend_and_the_log(told, router):
    given = told("X-Request-Id: mine", "X-Vcap-Request-Id: spoofed")
    assert (values(given, "x-request-id"), values(given, "x-vcap-request-id")) == (["mine"], ["mine"])
    made = told()
    [id] = values(made, "x-request-id")
    assert values(made, "x-vcap-request-id") == [id] and re.fullmatch("[0-9a-f]{32}", id)
    assert {"mine", id} <= {
        router.wait_for_access(lambda r, i=i: r["request_id"] == i)["request_id"] for i in ("mine", id)
    }


def test_start_is_that_of_the_first_proxy(told):
    before = int(time.time() * 1000)
    [start] = values(told(), "x-request-start")
    assert before - 1000 <= int(start) <= int(time.time() * 1000) + 1000
    assert values(told("X-Request-Start: 1700000000000"), "x-request-start") == ["1700000000000"]


def test_instance_that_a_client_claims_is_not_passed_on(told):
    pairs = told("X-Cf-ApplicationId: a", "X-CF-InstanceID: b", "x-cf-instanceindex: 7")
    assert not [name for name, _ in pairs if name.lower().startswith("x-cf-")]


def test_trace_field_that_is_named_as_hop_by_hop_begins_anew(told):
    pairs = told(f"traceparent: {VALID}", "Connection: traceparent, keep-alive")
    assert len(values(pairs, "traceparent")) == 1


def test_trace_is_the_same_on_another_try(world, start_router, backend, start_backend):
    """A connection that was kept and turns out to be dead: what is sent again is what was logged."""
    router = start_router(world.configuration([route(HOST, backend)], workers=1))
    with world.connect(router, HOST) as connection:
        assert connection.get(HOST).status == 200
        backend.drop_connections()
        response = connection.exchange(request("GET", "/again", HOST, f"traceparent: {VALID}"))
        pairs = json.loads(response.body)["headers"]
        assert parent(pairs)[0] == TRACE
        for name in ("traceparent", "x-request-id", "x-vcap-request-id", "x-request-start", "x-forwarded-for", "host"):
            assert len(values(pairs, name)) == 1
