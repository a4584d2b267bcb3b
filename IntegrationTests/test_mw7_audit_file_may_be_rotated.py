"""The file of audit events while somebody moves it, removes it, cuts it off or has it rotated."""

import gzip
import json
import shutil
import signal
import threading

import pytest

from harness.audit_trail import events
from harness.audited import forwarded
from harness.tools import run
from harness.waiting import until


@pytest.fixture
def logrotate(tmp_path):
    def rotate(path, *words):
        settings, state = tmp_path / "logrotate.conf", tmp_path / "logrotate.state"
        settings.write_text("su root root\n" + "\n  ".join([f"{path} {{", *words]) + "\n}\n")
        settings.chmod(0o600)
        rotated = run("/usr/sbin/logrotate", "--force", "--state", state, settings)
        assert rotated.returncode == 0, rotated.stderr
        return rotated.stderr

    return rotate


def test_an_event_behind_a_move_is_in_the_new_file_before_its_answer(start_filed):
    authz = start_filed({"file": {"path": "audit.jsonl"}, "on_full": "refuse_requests"})
    path, moved = authz.directory / "audit.jsonl", authz.directory / "audit.jsonl.1"
    for number in range(20):
        authz.ask(uri=f"/before/{number}")
        path.rename(moved)
        # As a program that compresses it: reads it to its end, and then removes it.
        read = {event["path"] for event in events(moved)}
        authz.ask(uri=f"/between/{number}")
        moved.unlink()
        assert f"/before/{number}" in read
        assert [event["path"] for event in events(path)] == [f"/between/{number}"]
    assert authz.metric('audit_dropped_total{reason="file_error"}') == 0 and authz.health() == {"status": "ok"}


def test_a_moved_file_is_made_anew_and_no_event_lost(start_filed):
    authz = start_filed()
    path = authz.directory / "audit.jsonl"
    for number, notify in enumerate([signal.SIGUSR1, signal.SIGHUP, None]):
        authz.ask(uri=f"/before/{number}")
        path.rename(authz.directory / f"audit.jsonl.{number}")
        authz.ask(uri=f"/between/{number}")
        if notify:
            authz.signal(notify)
        until(path.exists, what="the new file")
        authz.ask(uri=f"/after/{number}")
    files = [authz.directory / f"audit.jsonl.{number}" for number in range(3)] + [path]
    # One that was written behind a move is in both files, with the same identifier.
    kept = {event["id"]: event["path"] for file in files for event in events(file)}
    assert sorted(kept) == list(kept)
    wanted = [f"/{moment}/{number}" for number in range(3) for moment in ("before", "between", "after")]
    assert list(kept.values()) == wanted


def test_a_removed_file_loses_nothing_that_is_answered_afterwards(start_filed):
    authz = start_filed({"file": {"path": "audit.jsonl"}, "on_full": "refuse_requests"})
    path = authz.directory / "audit.jsonl"
    authz.ask(uri="/before")
    path.unlink()
    for number in range(20):
        assert authz.ask(uri=f"/after/{number}")[0] == 401
    assert [event["path"] for event in events(path)] == [f"/after/{number}" for number in range(20)]
    assert authz.metric('audit_dropped_total{reason="file_error"}') == 0 and authz.health() == {"status": "ok"}


def test_a_removed_file_that_cannot_be_made_anew_is_a_lost_sink(world, start_filed, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    path = folder / "audit.jsonl"
    authz = start_filed({"file": {"path": str(path)}, "on_full": "refuse_requests"})
    asked = "/auth/traefik", forwarded(world.partner_device)
    assert authz.ask(*asked)[0] == 200
    shutil.rmtree(folder)
    assert authz.ask(*asked)[0] == 503
    assert authz.metric('audit_dropped_total{reason="file_error"}') == 1
    until(lambda: str(path) in authz.health().get("reason", ""), what="degraded health")
    # So it is with a folder in the file's place.
    path.mkdir(parents=True)
    assert authz.ask(*asked)[0] == 503
    path.rmdir()
    assert authz.ask(*asked)[0] == 200
    assert len(events(path)) == 1
    until(lambda: authz.ask(*asked) and authz.health()["status"] == "ok", what="the end of the alarm")


def test_a_moved_file_is_used_while_no_other_can_be_made_and_health_says_so(start_filed, tmp_path):
    folder, moved = tmp_path / "logs", tmp_path / "moved"
    folder.mkdir()
    authz = start_filed({"file": {"path": str(folder / "audit.jsonl")}, "on_full": "refuse_requests"})
    folder.rename(moved)
    until(lambda: "the audit file was moved" in authz.health().get("reason", ""), what="degraded health")
    assert authz.ask(uri="/moved")[0] == 401
    assert [event["path"] for event in events(moved / "audit.jsonl")] == ["/moved"]
    assert authz.metric('audit_dropped_total{reason="file_error"}') == 0
    moved.rename(folder)
    until(lambda: authz.health() == {"status": "ok"}, what="health")


def test_logrotate_that_compresses_loses_no_answered_event(start_filed, logrotate):
    authz = start_filed()
    path = authz.directory / "audit.jsonl"
    answered, stop = [], threading.Event()

    def work(name):
        count = 0
        while not stop.is_set():
            authz.ask(uri=f"/{name}/{count}")
            answered.append(f"/{name}/{count}")
            count += 1

    workers = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for worker in workers:
        worker.start()
    try:
        for number in range(1, 9):
            seen = len(answered)
            until(lambda seen=seen: len(answered) > seen + 20 and path.exists(), what="events to rotate")
            logrotate(path, "rotate 20", "compress", "nocreate")
            assert (authz.directory / f"audit.jsonl.{number}.gz").exists()
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    kept = [event["path"] for event in events(path)]
    for packed in authz.directory.glob("audit.jsonl.*.gz"):
        lines = gzip.decompress(packed.read_bytes()).splitlines(keepends=True)
        # What was written while the program read may be cut off there, and is whole in the next file.
        kept += [json.loads(line)["path"] for line in lines if line.endswith(b"\n")]
    assert set(answered) - set(kept) == set()
    assert authz.metric('audit_dropped_total{reason="file_error"}') == 0 and authz.health() == {"status": "ok"}


def test_a_file_that_is_cut_off_goes_on_and_is_told(start_filed, logrotate):
    authz = start_filed()
    path = authz.directory / "audit.jsonl"
    authz.ask(uri="/before")
    logrotate(path, "rotate 3", "copytruncate")
    authz.ask(uri="/after")
    told = authz.log.wait_for(lambda line: "the audit file was cut off" in (line["message"] or ""))
    assert told["level"] == "warning"
    assert [event["path"] for event in events(f"{path}.1")] == ["/before"]
    assert [event["path"] for event in events(path)] == ["/after"]


@pytest.mark.parametrize("way", ["create 0640", "nocreate"])
def test_logrotate_rotates_without_a_signal(start_filed, logrotate, way):
    authz = start_filed()
    path = authz.directory / "audit.jsonl"
    authz.ask(uri="/before")
    logrotate(path, way, "rotate 3")

    def is_new():
        authz.ask(uri="/after")
        return path.exists() and path.read_text()

    until(is_new, what="an event in the new file")
    assert events(f"{path}.1")[0]["path"] == "/before"
    assert {event["path"] for event in events(path)} == {"/after"}
