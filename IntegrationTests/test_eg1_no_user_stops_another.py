"""What one user of the host does to the proxy, or to its resolver, is no other user's trouble."""

import json
import os
import subprocess

import pytest

from harness.egress import FRONTEND_USER, HOST, OTHER_USER, STRANGER_USER, as_user
from harness.names import Names
from harness.waiting import until
from harness.world import APP_FRONTEND, route

URL = f"http://{HOST}/stock"


@pytest.fixture
def router(world, start_router, backend):
    return start_router(world.configuration([route(HOST, backend, mtls_allowed_apps=APP_FRONTEND)]))


@pytest.fixture
def names(tmp_path):
    with Names(tmp_path) as made:
        yield made


def known(egress, workload):
    return egress.metric("egress_connections_total", workload=workload, result="known") or 0


def refused(egress, reason):
    return egress.metric("egress_connections_total", workload="", result=reason) or 0


def test_a_resolver_that_does_not_answer_holds_up_nobody_else(router, start_egress, start_backend, names):
    """Neither calls to domains nor names of other workloads wait behind names that nobody answers for."""
    server = start_backend()
    names.set(good_example="127.0.0.1")
    egress = start_egress(
        router,
        prefix=names.prefix,
        others="pass",
        allow=["*.silent.example", f"127.0.0.1:{server.port}"],
        timeouts={"connect": "2s"},
    )
    callers = [egress.raw(user=OTHER_USER) for _ in range(24)]
    try:
        for number, caller in enumerate(callers):
            host = f"n{number}.silent.example"
            caller.send(f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n")
        until(lambda: known(egress, "other") == len(callers), 20, "the callers being known")
        assert egress.status(URL) == 200
        assert egress.status(f"http://good.example:{server.port}/") == 200
        for caller in callers:
            answer = caller.reader.response()
            assert (answer.status, json.loads(answer.body)["code"]) == (504, "resolver_timeout")
    finally:
        for caller in callers:
            caller.stop()
    result = {"destination": "other", "kind": "request", "result": "resolver_timeout"}
    assert egress.metric("egress_calls_total", **result) == len(callers)


SILENT = (
    "import select,socket,sys\n"
    "held=[];resets=0\n"
    "for _ in range(int(sys.argv[2])):\n"
    " try: held.append(socket.create_connection(('127.0.0.1',int(sys.argv[1])),20))\n"
    " except ConnectionResetError: resets+=1\n"
    "print('opened',flush=True)\n"
    "sys.stdin.readline()\n"
    "ended=0\n"
    "for s in held:\n"
    " s.settimeout(20)\n"
    " try:\n"
    "  assert s.recv(1)==b''\n"
    "  ended+=1\n"
    " except ConnectionResetError: resets+=1\n"
    "print(ended,resets)\n"
)


def script_of(user, script, *arguments):
    """A process of a user, its streams in the test's hands."""
    return subprocess.Popen(
        [*as_user(user), "/usr/bin/python3", "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def refusals(egress, user):
    return [line for line in egress.log.snapshot() if line["message"] == "caller refused" and line["uid"] == str(user)]


def test_a_user_of_no_rule_floods_in_vain(router, start_egress):
    """Its connections are known by their user alone: a few wait to be told so, the rest are closed as they come."""
    egress = start_egress(router)
    count = 400
    flood = script_of(STRANGER_USER, SILENT, egress.port, count)
    try:
        assert flood.stdout.readline() == "opened\n"
        assert [egress.status(URL) for _ in range(5)] == [200] * 5
        ended, resets = map(int, flood.communicate("on\n", timeout=60)[0].split())
    finally:
        flood.kill()
        flood.wait()
    assert ended + resets == count
    assert resets >= count - 100, "most are closed at once"
    reasons = ("caller_unknown", "caller_gone", "caller_absent")
    assert sum(refused(egress, reason) for reason in reasons) == count
    status, problem = egress.problem(URL, user=STRANGER_USER)
    assert (status, problem["code"]) == (403, "caller_unknown"), "whoever asks is told why"
    assert 1 <= len(refusals(egress, STRANGER_USER)) <= 20, "one line of each reason in a while"
    assert all("not_logged" in line for line in refusals(egress, STRANGER_USER))
    assert known(egress, "frontend") == 5


def test_connections_of_a_user_are_bounded_and_those_of_others_are_not_among_them(router, start_egress):
    egress = start_egress(router, max_connections_per_user=3)
    held = [egress.raw(user=OTHER_USER) for _ in range(3)]
    try:
        until(lambda: known(egress, "other") == 3, 20, "the connections being known")
        with egress.raw(user=OTHER_USER) as caller:
            caller.send(f"GET {URL} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
            answer = caller.reader.response()
            assert answer.status == 503 and json.loads(answer.body)["code"] == "too_many_connections"
            assert dict(answer.headers)["Retry-After"] == "1"
            assert caller.wait_for_end() == "closed"
        assert refused(egress, "too_many_connections") == 1
        record = egress.wait_for_access(lambda record: record["status"] == 503)
        assert record["error"] == "egress_overloaded" and not record.get("mtls_denied_reason")
        assert egress.status(URL) == 200, "another user"
    finally:
        for caller in held:
            caller.stop()
    until(lambda: egress.status(URL, user=OTHER_USER) == 403, 10, "places that are given back: the router decides")


def test_the_bound_is_taken_up_with_a_reload(router, start_egress):
    egress = start_egress(router, max_connections_per_user=1)
    with egress.raw() as first:
        first.send(f"GET {URL} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
        assert first.reader.response().status == 200
        assert egress.status(URL) == 503
        egress.reload(max_connections_per_user=8)
        assert egress.status(URL, user=FRONTEND_USER) == 200


def test_strangers_share_one_bound_however_many_users_they_are(router, start_egress):
    egress = start_egress(router, limits={"max_connections": 100})
    floods = [script_of(200_000 + number, SILENT, egress.port, 32) for number in range(4)]
    try:
        for flood in floods:
            assert flood.stdout.readline() == "opened\n"
        assert [egress.status(URL) for _ in range(3)] == [200] * 3
    finally:
        for flood in floods:
            flood.kill()
            flood.wait()


def test_few_descriptors_are_not_one_users(router, start_egress):
    """A user of a rule has as many connections as there are descriptors for, and looking callers up has its own."""
    egress = start_egress(router, prefix=["prlimit", "--nofile=1024:1024"])
    line = egress.wait_for_line(
        "fewer file descriptors than max_connections may need, so that fewer connections are taken"
    )
    assert (line["limit"], line["max_connections"]) == (1024, 50_000)
    count = 900
    flood = script_of(OTHER_USER, SILENT, egress.port, count)
    try:
        assert flood.stdout.readline() == "opened\n"
        assert [egress.status(URL) for _ in range(5)] == [200] * 5
        until(lambda: known(egress, "other") > 0, 20, "the connections being known")
        assert known(egress, "other") < count / 3
        assert refused(egress, "too_many_connections") > 0
    finally:
        flood.kill()
        flood.wait()


@pytest.mark.parametrize("spare", range(1, 6))
def test_without_descriptors_nobody_is_taken_for_another(router, start_egress, spare):
    """What cannot be looked at for want of descriptors is 503: neither 403 nor a judgement by less than all rules."""
    workloads = [{"service": "frontend", "uid": FRONTEND_USER, "path": "/usr/bin/curl"}]
    egress = start_egress(router, workloads=workloads, workers=1)
    assert egress.status(URL) == 200
    descriptors = len(os.listdir(f"/proc/{egress.pid}/fd"))
    subprocess.run(["prlimit", f"--pid={egress.pid}", f"--nofile={descriptors + spare}:"], check=True)
    assert egress.status(URL) in (200, 502, 503)
    subprocess.run(["prlimit", f"--pid={egress.pid}", "--nofile=1024:"], check=True)
    assert egress.status(URL) == 200


# Opens files, leaves them to the program that comes in its place, and is root by the rights of that program's file.
SET_USER = (
    "import os,resource,sys\n"
    "most=resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE,(most,most))\n"
    "f=os.open('/dev/null',0)\n"
    "for _ in range(6000): os.set_inheritable(os.dup(f),True)\n"
    "os.execv('/usr/bin/su',['su','-c','true','root'])\n"
)


def real_and_effective_user(process):
    line = next(line for line in open(f"/proc/{process.pid}/status") if line.startswith("Uid:"))
    return [int(field) for field in line.split()[1:3]]


def test_what_strangers_have_open_is_not_gone_through_by_becoming_root(router, start_egress):
    """The real user of a process decides how much of what it has open is looked at."""
    egress = start_egress(router)
    assert egress.status(URL) == 200
    before = egress.metric("egress_partial_lookups_total")
    process = script_of(STRANGER_USER, SET_USER)
    try:
        until(lambda: real_and_effective_user(process) == [STRANGER_USER, 0], 20, "the program running as root")
        assert egress.status(URL) == 200
        assert egress.metric("egress_partial_lookups_total") > before
    finally:
        process.kill()
        process.wait()


# Many processes that share one table of many descriptors, of which one calls.
CROWD = (
    "import ctypes,os,platform,resource,signal,socket,sys,encodings.idna\n"
    "port,count,total,calls=map(int,sys.argv[1:])\n"
    "most=min(resource.getrlimit(resource.RLIMIT_NOFILE)[1],total//count+64)\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE,(most,most))\n"
    "f=os.open('/dev/null',0)\n"
    "for _ in range(most-64): os.dup(f)\n"
    "system=ctypes.CDLL(None)\n"
    "CLONE_FILES,clone=0x400,{'x86_64':56,'aarch64':220}[platform.machine()]\n"
    "for _ in range(count*(total//count)//(most-64)):\n"
    " if system.syscall(clone,ctypes.c_ulong(CLONE_FILES|signal.SIGCHLD),0,0,0,0)==0:\n"
    "  system.prctl(1,signal.SIGKILL)\n"
    "  while True: system.pause()\n"
    "held=[socket.create_connection(('127.0.0.1',port),20) for _ in range(calls)]\n"
    "print('opened',flush=True)\n"
    "codes=[]\n"
    "for s in held:\n"
    " s.settimeout(60)\n"
    " s.sendall(b'GET http://orders.apps.mtls.internal/ HTTP/1.1\\r\\nHost: orders.apps.mtls.internal\\r\\n\\r\\n')\n"
    "for s in held:\n"
    " answer=s.recv(65536).decode()\n"
    " codes.append(next(c for c in ('too_much_open','too_many_lookups','other') if c in answer or c=='other'))\n"
    "print(' '.join(codes))\n"
)


def test_users_with_very_much_open_stop_themselves_alone(router, start_egress):
    """What a look-up may take has an end, and a user of which none runs finds a thread for its own."""
    # Users of no other test: what they have open counts on the whole host.
    crowds, calls = (61_501, 61_502), 6
    workloads = [{"service": "frontend", "uid": FRONTEND_USER}] + [{"service": "other", "uid": uid} for uid in crowds]
    egress = start_egress(router, workloads=workloads)
    processes = [script_of(user, CROWD, egress.port, 150, 150 * 19_000, calls) for user in crowds]
    try:
        for process in processes:
            assert process.stdout.readline() == "opened\n"
        assert [egress.status(URL) for _ in range(3)] == [200] * 3
        codes = [process.communicate(timeout=120)[0].split() for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    # Look-ups that others wait behind may last until there is no more time for those, of one user even for all.
    for told in codes:
        assert len(told) == calls and set(told) <= {"too_much_open", "too_many_lookups"}
    assert any("too_much_open" in told for told in codes)
    assert refused(egress, "too_much_open") + refused(egress, "too_many_lookups") == calls * len(crowds)
    until(lambda: egress.status(URL, user=crowds[0]) == 403, 20, "being known again with less open: the router decides")


# A process that calls by a descriptor in the middle of others.
LADEN = (
    "import os,resource,socket,sys\n"
    "port,count=map(int,sys.argv[1:])\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE,(2*count+64,2*count+64))\n"
    "f=os.open('/dev/null',0)\n"
    "for _ in range(count): os.dup(f)\n"
    "s=socket.socket()\n"
    "for _ in range(count): os.dup(f)\n"
    "s.connect(('127.0.0.1',port))\n"
    "s.sendall(b'GET http://orders.apps.mtls.internal/ HTTP/1.1\\r\\nHost: orders.apps.mtls.internal\\r\\n\\r\\n')\n"
    "answer=s.recv(65536).decode()\n"
    "print(answer.split()[1],'too_much_open' in answer)\n"
)


def test_the_file_says_how_much_a_look_up_goes_through(router, start_egress):
    egress = start_egress(router, max_lookup_descriptors=1024)

    def answer(opened):
        return script_of(OTHER_USER, LADEN, egress.port, opened).communicate(timeout=60)[0].split()

    assert answer(100) == ["403", "False"], "it is known who calls: the router decides"
    assert answer(1000) == ["503", "True"]
    egress.reload(max_lookup_descriptors=262_144)
    assert answer(1000) == ["403", "False"]


def test_the_way_of_a_workload_is_not_lost_to_anothers_calls(router, start_egress):
    egress = start_egress(router, workers=1)
    assert egress.status(URL) == 200
    with egress.raw(user=OTHER_USER) as caller:
        for number in range(1100):
            host = f"n{number}.apps.mtls.internal"
            caller.send(f"GET http://{host}/ HTTP/1.1\r\nHost: {host}\r\n\r\n")
            assert caller.reader.response().status >= 400
        before = router.metric("router_connections_total")
        assert egress.status(URL) == 200
    assert router.metric("router_connections_total") == before
