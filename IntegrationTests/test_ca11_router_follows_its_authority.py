"""The feed of revocations: cut, slow, garbled, replayed, silent or absent, it never releases anybody by accident."""

import copy

import yaml

from harness.revocations import HOST, PLAIN, REVOKED, UNKNOWN, entries, feed_age, is_cut
from harness.waiting import until


def test_cut_stream_is_taken_up_where_it_was(world, following, authority):
    router = following.start()
    authority.revoke(world.frontend)
    until(lambda: entries(router) == 1, 5, "the first revocation")
    authority.cut_streams()
    authority.revoke(world.other_app)
    authority.wait_for_stream(2)
    until(lambda: following.outcome(router, world.other_app) == -REVOKED, 10, "the revocation that was missed")
    assert authority.streams.snapshot()[:2] == [{"after": "0"}, {"after": "1", "epoch": "one"}]


def test_authority_that_is_absent_at_the_start_is_followed_once_it_is_there(world, following, authority):
    authority.stop()
    router = following.start(waits=False)
    line = router.wait_for_line("revocations cannot be followed")
    assert "refused" in line["reason"]
    assert following.outcome(router, world.frontend) == 200
    assert feed_age(router) is None
    authority.revoke(world.frontend)
    authority.start()
    until(lambda: following.outcome(router, world.frontend) == -REVOKED, 20, "the authority being followed")
    router.wait_for_line("revocations are followed again")


GARBAGE = [b"garbage", b"{", b'{"type":"revocation"}', b"[]", b"\xff\xfe", b'{"type":"snapshot","epoch":"one"}']


def test_garbage_has_everything_asked_for_anew(world, following, authority):
    router = following.start()
    authority.revoke(world.frontend)
    until(lambda: entries(router) == 1, 5, "the revocation")
    for count, garbage in enumerate(GARBAGE):
        authority.say(garbage)
        authority.wait_for_stream(count + 2)
        assert authority.streams.snapshot()[-1] == {"after": "0"}
    assert following.outcome(router, world.frontend) == -REVOKED
    assert following.outcome(router, world.other_app) == 200


def test_events_that_come_again_release_nobody(world, following, authority):
    router = following.start()
    authority.revoke(world.other_app, "certificateHold")
    release = authority.release(world.other_app)
    authority.revoke(world.other_app)
    until(lambda: following.outcome(router, world.other_app) == -REVOKED, 5, "the last revocation")
    authority.say({"type": "revocation", **release})
    authority.say({"type": "revocation", **release, "sequence": 0})
    authority.revoke(world.frontend)
    until(lambda: following.outcome(router, world.frontend) == -REVOKED, 5, "the next revocation")
    assert following.outcome(router, world.other_app) == -REVOKED
    assert authority.asked("/v1/revocations/stream") == 1


def test_older_snapshot_releases_nobody(world, following, authority):
    router = following.start()
    authority.revoke(world.frontend)
    until(lambda: following.outcome(router, world.frontend) == -REVOKED, 5, "the revocation")
    authority.say({"type": "snapshot", "epoch": "one", "sequence": 0, "entries": []})
    authority.wait_for_stream(2)
    assert following.outcome(router, world.frontend) == -REVOKED


def test_gap_revokes_at_once_and_has_everything_asked_for(world, following, authority):
    router = following.start()
    connection = world.connect(router, HOST, world.other_app)
    assert connection.get(HOST).status == 200
    authority.revoke(world.frontend, is_told=False)
    authority.revoke(world.other_app)
    assert is_cut(connection)
    until(lambda: entries(router) == 2, 5, "the revocation that was left out")
    assert authority.streams.snapshot()[-1] == {"after": "0"}
    assert following.outcome(router, world.frontend) == -REVOKED


def test_changed_epoch_brings_all_that_is_revoked_now(world, following, authority):
    router = following.start()
    authority.revoke(world.frontend)
    until(lambda: following.outcome(router, world.frontend) == -REVOKED, 5, "the revocation")
    with world.connect(router, HOST, world.other_app) as connection:
        assert connection.get(HOST).status == 200
        authority.begin_epoch("two", world.other_app)
        assert is_cut(connection)
    until(lambda: following.outcome(router, world.frontend) == 200, 5, "the new epoch")
    assert following.outcome(router, world.other_app) == -REVOKED


def test_polling_takes_the_place_of_a_stream_that_is_not_offered(world, following, authority):
    authority.offers_stream = False
    router = following.start()
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
        authority.revoke(world.frontend)
        assert is_cut(connection)
    assert following.outcome(router, world.other_app) == 200
    assert authority.asked("/v1/revocations") >= 2
    assert "404" in router.wait_for_line("revocations cannot be followed")["reason"]


def test_lines_that_come_in_pieces_are_read_whole(world, following, authority):
    authority.is_slow = True
    authority.revoke(world.other_app)
    router = following.start()
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
        authority.revoke(world.frontend)
        assert is_cut(connection)
    assert following.outcome(router, world.other_app) == -REVOKED
    assert len(authority.streams.snapshot()) == 1


def test_renewed_certificate_of_the_router_is_taken_up(world, following, authority):
    router = following.start()
    authority.revoke(world.frontend)
    until(lambda: following.outcome(router, world.frontend) == -REVOKED, 5, "the revocation")
    serial = authority.renew_client()
    authority.wait_for_stream(2)
    assert authority.client_serials.snapshot()[-1] == serial
    assert following.outcome(router, world.frontend) == -REVOKED
    authority.revoke(world.other_app)
    until(lambda: following.outcome(router, world.other_app) == -REVOKED, 5, "the next revocation")


def test_authority_with_another_identity_is_not_believed(world, following, authority):
    router = following.start(waits=False, spiffe_id="spiffe://cluster.local/another")
    assert "cluster.local/authority" in router.wait_for_line("revocations cannot be followed")["reason"]
    authority.revoke(world.frontend)
    assert following.outcome(router, world.frontend) == 200
    assert authority.asked("/v1/revocations/stream") == 0


def test_silence_is_told_and_refuses_nobody_when_it_is_warned_about(world, following, authority):
    router = following.start(max_staleness="1s", on_stale="warn")
    authority.is_silent = True
    line = router.wait_for_line("revocations are not known")
    assert line["clients_are_refused"] is False
    assert following.outcome(router, world.frontend) == 200
    assert feed_age(router) > 1
    status, _, text = router.admin("/health/ready")
    assert status == 200 and "revocations" in text and "degraded" in text
    authority.is_silent = False
    router.wait_for_line("revocations are known up to now")


def test_silence_refuses_clients_with_certificates_and_no_others_when_it_fails_closed(world, following, authority):
    router = following.start(max_staleness="1s", on_stale="refuse")
    until(lambda: following.outcome(router, world.frontend) == 200, 5, "the feed being trusted")
    with world.connect(router, HOST, world.frontend) as connection:
        assert connection.get(HOST).status == 200
        mark = len(router.log.entries)
        authority.is_silent = True
        router.wait_for_line("revocations are not known", mark, clients_are_refused=True)
        assert connection.get(HOST).status == 503
        assert router.wait_for_access(lambda record: record.get("error") == "revocation_unknown")
        assert following.outcome(router, world.frontend) == -UNKNOWN
        with world.connect(router, PLAIN) as plain:
            assert plain.get(PLAIN).status == 200
        assert router.admin("/health/ready")[0] == 503
        authority.is_silent = False
        until(lambda: connection.get(HOST).status == 200, 10, "the connection being served again")
    assert following.outcome(router, world.frontend) == 200
    assert router.admin("/health/ready")[0] == 200


def test_nobody_with_a_certificate_is_served_before_the_feed_was_heard_when_it_fails_closed(
    world, following, authority
):
    authority.stop()
    router = following.start(waits=False, on_stale="refuse")
    assert following.outcome(router, world.frontend) == -UNKNOWN
    with world.connect(router, PLAIN) as plain:
        assert plain.get(PLAIN).status == 200
    authority.start()
    until(lambda: following.outcome(router, world.frontend) == 200, 20, "the feed being heard")


def test_file_that_is_refused_late_does_not_end_the_following(world, following, authority, tmp_path):
    router = following.start()
    large = tmp_path / "copy"
    large.touch(mode=0o600)
    # More than any copy may have, in no space at all.
    with large.open("wb") as file:
        file.truncate(1200 << 20)
    refused = copy.deepcopy(router.configuration)
    feed = refused["router"].pop("revocation")
    kept = {key: value for key, value in feed.items() if key not in ("max_age", "on_stale", "poll")}
    refused["router"]["control"] = {**kept, "copy": str(large)}
    line = router.expect_refusal(yaml.safe_dump(router.complete(refused), sort_keys=False))
    assert str(large) in line["reason"]
    authority.revoke(world.frontend)
    until(lambda: following.outcome(router, world.frontend) == -REVOKED, 10, "the revocation after the refused file")
    assert following.outcome(router, world.other_app) == 200
