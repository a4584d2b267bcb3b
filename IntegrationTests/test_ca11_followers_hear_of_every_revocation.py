"""The feed: a snapshot or what was missed, then each event once and in order; by stream and by polling."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.authority_api import CERTIFICATES, Stream
from harness.revocations import PROMISED
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(shared_authority):
    return shared_authority


@pytest.fixture(scope="module")
def agent(authority):
    return authority.agent("user-svc", "billing")


def revoke_one(authority, agent, reason="keyCompromise"):
    holder = authority.issue("user-svc", agent)
    (event,) = authority.revoke("user-svc", serial=holder.serial, reason=reason).ok()["revoked"]
    return event


@PROMISED
def test_stream_begins_with_everything_in_force_and_goes_on_with_each_event(authority, agent, within):
    old = revoke_one(authority, agent)
    with Stream(authority.native(agent)) as stream:
        assert stream.answer.status == 200
        assert stream.answer.getheader("content-type") == "application/x-ndjson"
        first = stream.next("snapshot")
        assert stream.lines.entries[0] == first
        assert old["serial"] in {entry["serial"] for entry in first["entries"]}
        assert first["sequence"] >= old["sequence"] and first["epoch"]
        new = revoke_one(authority, agent)
        told = stream.wait_for_serial(new["serial"])
        assert 0 < told.pop("elapsed_us") < within * 1_000_000
        assert told == {"type": "revocation", **new}


def test_hold_and_release_are_both_told_and_a_released_one_is_in_no_snapshot(authority, agent):
    holder = authority.issue("billing", agent)
    with Stream(authority.native(agent)) as stream:
        stream.next("snapshot")
        authority.revoke("billing", serial=holder.serial, reason="certificateHold").ok()
        stream.wait_for_serial(holder.serial, "certificateHold")
        authority.revoke("billing", serial=holder.serial, reason="removeFromCRL").ok()
        stream.wait_for_serial(holder.serial, "removeFromCRL")
    with Stream(authority.native(agent)) as stream:
        assert holder.serial not in {entry["serial"] for entry in stream.next("snapshot")["entries"]}


def test_follower_that_comes_back_gets_what_it_missed(authority, agent):
    known = revoke_one(authority, agent)
    epoch = authority.native(agent).get("/v1/revocations").ok()["epoch"]
    missed = [revoke_one(authority, agent) for _ in range(3)]
    with Stream(authority.native(agent), after=known["sequence"], epoch=epoch) as stream:
        assert stream.next("resumed") == {"type": "resumed", "epoch": epoch, "sequence": known["sequence"]}
        stream.wait_for_serial(missed[-1]["serial"])
        told = [line["serial"] for line in stream.lines.snapshot() if line["type"] == "revocation"]
        assert told == [event["serial"] for event in missed]


@pytest.mark.parametrize("wrong", [{"epoch": "another"}, {"after": 10**9}, {"after": 0}], ids=str)
def test_follower_with_a_position_that_is_not_known_gets_a_snapshot(authority, agent, wrong):
    event = revoke_one(authority, agent)
    epoch = authority.native(agent).get("/v1/revocations").ok()["epoch"]
    position = {"after": event["sequence"], "epoch": epoch, **wrong}
    with Stream(authority.native(agent), **position) as stream:
        assert event["serial"] in {entry["serial"] for entry in stream.next("snapshot")["entries"]}
    page = authority.native(agent).get("/v1/revocations", **position).ok()
    assert page["snapshot"] and event["serial"] in {entry["serial"] for entry in page["entries"]}


def test_polling_brings_what_came_since(authority, agent):
    caller = authority.native(agent)
    known = revoke_one(authority, agent)
    whole = caller.get("/v1/revocations").ok()
    assert whole["snapshot"] and whole["sequence"] == known["sequence"]
    position = {"after": whole["sequence"], "epoch": whole["epoch"]}
    nothing = caller.get("/v1/revocations", **position).ok()
    assert not nothing["snapshot"] and nothing["entries"] == [] and nothing["sequence"] == known["sequence"]
    events = [revoke_one(authority, agent) for _ in range(2)]
    news = caller.get("/v1/revocations", **position).ok()
    assert not news["snapshot"] and news["entries"] == events and news["sequence"] == events[-1]["sequence"]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", ""])
def test_position_that_is_no_number_is_refused(authority, agent, after):
    caller = authority.native(agent)
    for path in ("/v1/revocations", "/v1/revocations/stream"):
        caller.call("GET", f"{path}?after={after}").problem(400, "malformed_request")


def test_many_followers_hear_parallel_revocations_in_order_and_once(authority, agent):
    holders = [authority.issue("user-svc", agent) for _ in range(30)]
    streams = [Stream(authority.native(agent)) for _ in range(5)]
    try:
        for stream in streams:
            stream.next("snapshot")
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda h: authority.revoke("user-svc", serial=h.serial).ok(), holders))
        wanted = {holder.serial for holder in holders}
        for stream in streams:
            until(lambda: len(_events(stream)) >= 30, 10, "all events")  # noqa: B023
            events = _events(stream)
            sequences = [event["sequence"] for event in events]
            assert sequences == list(range(sequences[0], sequences[0] + 30))
            assert {event["serial"] for event in events} == wanted
    finally:
        for stream in streams:
            stream.close()


def _events(stream):
    return [line for line in stream.lines.snapshot() if line["type"] == "revocation"]


def test_followers_that_begin_amid_revocations_miss_nothing(authority, agent):
    holders = [authority.issue("user-svc", agent) for _ in range(30)]
    with ThreadPoolExecutor(4) as pool:
        for holder in holders[:15]:
            pool.submit(authority.revoke, "user-svc", serial=holder.serial)
        streams = [Stream(authority.native(agent)) for _ in range(4)]
        for holder in holders[15:]:
            pool.submit(authority.revoke, "user-svc", serial=holder.serial)
    wanted = {holder.serial for holder in holders}
    for stream in streams:
        with stream:
            until(lambda: wanted <= _known(stream), 10, "every revocation")  # noqa: B023
            snapshot, events = stream.lines.entries[0], _events(stream)
            assert [e["sequence"] for e in events] == list(
                range(snapshot["sequence"] + 1, snapshot["sequence"] + 1 + len(events))
            )


def _known(stream):
    lines = stream.lines.snapshot()
    told = {line["serial"] for line in lines if line["type"] == "revocation"}
    return told | {entry["serial"] for line in lines if line["type"] == "snapshot" for entry in line["entries"]}


def test_silence_is_filled_with_heartbeats(authority, agent):
    with Stream(authority.native(agent)) as stream:
        stream.next("snapshot")
        stream.next("heartbeat", within=8)


def test_rotation_that_an_operator_asks_for_is_told(authority, agent):
    with Stream(authority.native(agent)) as stream:
        stream.next("snapshot")
        asked = authority.admin.post(f"{CERTIFICATES}/billing/rotate").ok(202)
        assert stream.next("rotate") == {"type": "rotate", "service": "billing"}
    service = authority.native(agent).get("/v1/services/billing").ok()
    assert service["rotation_requested_at"] == asked["requested_at"]
    assert authority.audited(1, action="certificate.rotate")[0]["target"] == "service/billing"


def test_position_outlives_restart_and_kill(start_authority):
    authority = start_authority()
    agent = authority.agent("user-svc")
    events = [revoke_one(authority, agent) for _ in range(3)]
    epoch = authority.native(agent).get("/v1/revocations").ok()["epoch"]
    for end in (authority.stop, authority.kill):
        with Stream(authority.native(agent)) as stream:
            stream.next("snapshot")
            end()
            stream.next("(end)")
        authority.start()
        whole = authority.native(agent).get("/v1/revocations").ok()
        assert (whole["epoch"], whole["sequence"]) == (epoch, events[-1]["sequence"])
        assert {entry["serial"] for entry in whole["entries"]} == {event["serial"] for event in events}
        events.append(revoke_one(authority, agent))
        assert events[-1]["sequence"] == events[-2]["sequence"] + 1


def test_metric_counts_followers(authority, agent):
    name = "countersign_revocation_subscribers"
    until(lambda: authority.metric(name) == 0, 10, "the followers of other tests going")
    with Stream(authority.native(agent)) as stream:
        stream.next("snapshot")
        assert authority.metric(name) == 1
    until(lambda: authority.metric(name) == 0, 10, "the follower going")
