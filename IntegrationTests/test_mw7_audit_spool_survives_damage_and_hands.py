"""The spool of audit events: damage, crashes, other users, other processes, and hands that remove it."""

import os
import shutil
import struct

from harness.audited import ask, audited, delivered, segments
from harness.proxy_header import crc32c
from harness.tools import COUNTERSIGN, run
from harness.waiting import until


def test_two_processes_never_share_a_spool(start_audited, kafka, tmp_path):
    first = start_audited()
    second = audited(tmp_path / "second", kafka, spool={"path": str(first.directory / "spool")})
    ended = run(COUNTERSIGN, "authz", "--config", second.path, within=10)
    assert ended.returncode != 0 and "spool/lock, which another process holds" in ended.stdout + ended.stderr
    ask(first)


def killed_with(authz, paths):
    """Kills a service that has spooled an event a path; answers the segment, its content and a record's length."""
    for path in paths:
        ask(authz, path)
    authz.kill()
    [segment] = segments(authz)
    content = bytearray(segment.read_bytes())
    return segment, content, 16 + struct.unpack("<I", content[4:8])[0]


def test_a_torn_or_damaged_spool_costs_what_is_damaged_alone(start_audited, kafka):
    authz = start_audited()
    segment, content, length = killed_with(authz, [f"/{number}" for number in range(10)])
    # In the middle of the fourth record, and in the last.
    content[3 * length + 40] ^= 0xFF
    segment.write_bytes(content[:-5])
    authz.__enter__()
    kafka.start()
    delivered(kafka, [f"/{number}" for number in range(9) if number != 3])
    assert {event["path"] for event in kafka.events()}.isdisjoint({"/3", "/9"})
    assert authz.metric('audit_dropped_total{reason="torn"}') == 1
    until(lambda: authz.metric('audit_dropped_total{reason="damaged"}') == 1, what="the count of the damage")
    authz.log.wait_for(lambda line: line["message"] == "the spool is damaged; events are missing")


def with_time(record, milliseconds):
    """The record with another time and the checksums that belong to it."""
    payload = record[16:17] + struct.pack(">q", milliseconds) + record[25:]
    head = record[:8] + struct.pack("<I", crc32c(payload))
    return head + struct.pack("<I", crc32c(head)) + payload


def test_a_record_of_a_time_that_nothing_can_have_is_damage(start_audited, kafka):
    authz = start_audited()
    segment, content, length = killed_with(authz, [f"/{number}" for number in range(6)])
    assert with_time(content[:length], *struct.unpack(">q", content[17:25])) == content[:length]
    impossible = [2**63 - 1, -(2**63), 9_223_372_036_855, -1]
    for number, milliseconds in enumerate(impossible, start=1):
        place = slice(number * length, (number + 1) * length)
        content[place] = with_time(content[place], milliseconds)
    segment.write_bytes(content)
    authz.__enter__()
    kafka.start()
    delivered(kafka, ["/0", "/5"])
    until(lambda: authz.metric('audit_dropped_total{reason="damaged"}') == 4, what="the count of the damage")
    assert {event["path"] for event in kafka.events()} == {"/0", "/5"}
    authz.log.wait_for(lambda line: line["message"] == "the spool is damaged; events are missing")
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    ask(authz, "/after")
    delivered(kafka, ["/after"])


def test_the_spool_is_its_owners_alone(start_audited):
    authz = start_audited()
    ask(authz)
    modes = [os.stat(path).st_mode & 0o777 for path in [authz.directory / "spool", *segments(authz)]]
    assert modes == [0o700, 0o600]


def test_a_damaged_end_is_not_told_as_a_crash(start_audited, kafka):
    authz = start_audited()
    segment, content, length = killed_with(authz, [f"/{number:02}" for number in range(20)])
    assert len(content) == 20 * length
    for number in range(10, 20):
        content[number * length + 5 * number] ^= 0x04
    segment.write_bytes(content)
    authz.__enter__()
    kafka.start()
    delivered(kafka, [f"/{number:02}" for number in range(10)])
    until(lambda: authz.metric('audit_dropped_total{reason="damaged"}') == 10, what="the count of the damage")
    assert authz.metric('audit_dropped_total{reason="torn"}') == 0
    assert not [line for line in authz.log.snapshot() if "incomplete" in (line["message"] or "")]
    until(lambda: not segments(authz) or authz.metric("audit_spool_events") == 0, what="an empty spool")


def test_a_cursor_that_cannot_be_true_loses_nothing(start_audited, kafka):
    authz = start_audited()
    ask(authz, "/kept", 70)
    authz.kill()
    (authz.directory / "spool" / "cursor").write_text("1 9 0\n")
    (authz.directory / "spool" / "segment-18446744073709551615").write_text("what is it")
    authz.__enter__()
    said = [line for line in authz.log.snapshot() if line.get("level") == "error"]
    assert any("all that it has is delivered again" in line["message"] for line in said)
    aside = [line["file"] for line in said if line["message"] == "a file of the spool was set aside"]
    assert len(aside) == 2 and "cursor" in "".join(aside) and "segment-18446744073709551615" in "".join(aside)
    kafka.start()
    kafka.wait_for(70)
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")


def test_a_spool_that_others_could_change_is_closed_and_told(start_audited, kafka, tmp_path):
    folder = tmp_path / "authz-0" / "spool"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    authz = start_audited()
    told = authz.log.wait_for(lambda line: "open to others than its owner" in (line["message"] or ""))
    assert told["mode"] == "0777" and os.stat(folder).st_mode & 0o777 == 0o700


def test_a_spool_of_another_user_is_refused(kafka, tmp_path):
    folder = tmp_path / "foreign"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    refused = audited(tmp_path / "refused", kafka, spool={"path": str(folder)})
    ended = run(COUNTERSIGN, "authz", "--config", refused.path, within=10)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0 and f"{folder}, which belongs to user 12345" in said


def test_a_removed_spool_is_told_and_made_anew_and_loses_nothing(start_audited, kafka):
    authz = start_audited()
    ask(authz, "/before", 30)
    shutil.rmtree(authz.directory / "spool")
    told = authz.log.wait_for(lambda line: "SPOOL OF AUDIT EVENTS WAS REMOVED" in (line["message"] or ""))
    assert told["level"] == "error"
    until(lambda: "the spool was removed" in authz.health().get("reason", ""), what="degraded health")
    assert authz.metric("audit_spool_restored_total") == 1
    ask(authz, "/after", 30)
    authz.kill()
    authz.__enter__()
    kafka.start()
    kafka.wait_for(60)
    paths = [event["path"] for event in kafka.events()]
    assert paths.count("/before") >= 30 and paths.count("/after") >= 30


def test_a_number_that_nothing_can_follow_costs_no_event(start_audited, kafka):
    authz = start_audited()
    ask(authz, "/first", 3)
    authz.kill()
    (authz.directory / "spool" / "segment-01000000000000000000").write_text("what is it")
    authz.__enter__()
    kafka.start()
    ask(authz, "/second", 5)
    kafka.wait_for(8)
    authz.kill()
    authz.__enter__()
    ask(authz, "/third", 5)
    delivered(kafka, ["/first", "/second", "/third"])
    until(lambda: authz.metric("audit_spool_events") == 0, what="an empty spool")
    assert authz.metric('audit_dropped_total{reason="spool_error"}') == 0


def test_a_file_that_is_cut_off_in_service_costs_what_it_had_alone(start_audited, kafka):
    authz = start_audited()
    ask(authz, "/before", 30)
    [segment] = segments(authz)
    os.truncate(segment, 0)
    ask(authz, "/after", 200)
    told = authz.log.wait_for(lambda line: "AUDIT EVENTS WAS CUT OFF" in (line["message"] or ""))
    assert told["level"] == "error"
    until(lambda: "cut off" in authz.health().get("reason", ""), what="degraded health")
    kafka.start()
    until(lambda: authz.metric("audit_spool_events") == 0, 30, "an empty spool")
    until(lambda: [event["path"] for event in kafka.events()].count("/after") >= 200, 30, "every event after it")
    assert authz.metric('audit_dropped_total{reason="damaged"}') in (0, 1, 2)
    assert sum("the spool is damaged" in (line["message"] or "") for line in authz.log.snapshot()) <= 1


def test_a_lock_that_is_a_pipe_stops_the_start_with_a_word(start_audited, kafka, tmp_path):
    pipe = tmp_path / "second" / "spool" / "lock"
    pipe.parent.mkdir(parents=True, mode=0o700)
    os.mkfifo(pipe)
    second = audited(tmp_path / "second", kafka)
    ended = run(COUNTERSIGN, "authz", "--config", second.path, within=10)
    assert ended.returncode != 0 and f"{pipe}, which is no regular file" in ended.stdout + ended.stderr


def test_a_lock_that_becomes_a_pipe_in_service_holds_nothing_up(start_audited, kafka):
    authz = start_audited()
    lock = authz.directory / "spool" / "lock"
    lock.unlink()
    os.mkfifo(lock)
    until(lambda: "which is no regular file" in authz.health().get("reason", ""), what="degraded health")
    lock.unlink()
    ask(authz, "/after", 5)
    kafka.start()
    kafka.wait_for(5)
