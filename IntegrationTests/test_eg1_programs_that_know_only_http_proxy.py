"""Programs with nothing but HTTP_PROXY call through egress and router, each with its workload's certificate."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.egress import FRONTEND_USER, HOST, OTHER_USER, STRANGER_USER
from harness.tools import run
from harness.waiting import until
from harness.world import APP_FRONTEND, APP_OTHER, route

URL = f"http://{HOST}/stock?x=1"


@pytest.fixture
def router(world, start_router, backend):
    return start_router(
        world.configuration(
            [
                route(HOST, backend, mtls_allowed_apps=APP_FRONTEND),
                route("all.apps.mtls.internal", backend, mtls_allow_any=True),
            ]
        )
    )


@pytest.fixture
def egress(router, start_egress):
    return start_egress(router)


def headers_of(account):
    return {name.lower(): value for name, value in account["headers"]}


def test_curl_calls_as_the_workload_that_its_user_is(egress, router):
    done = egress.curl(URL)
    account = json.loads(done.stdout)
    seen = headers_of(account)
    assert (account["method"], account["target"], seen["host"]) == ("GET", "/stock?x=1", HOST)
    assert APP_FRONTEND in seen["x-forwarded-client-cert"]
    assert seen["via"] == "1.1 countersign"
    record = router.wait_for_access(lambda record: record["target"] == "/stock?x=1")
    assert (record["status"], record["caller_cf_app"], record["tls_sni"]) == (200, APP_FRONTEND, HOST)
    own = egress.wait_for_access(lambda record: record["status"] == 200)
    assert (own["workload"], own["mtls_auth"], own["mtls_policy"]) == ("frontend", "allowed", "egress:domain")
    assert own["trace_id"] == record["trace_id"] and own["request_id"] == record["request_id"]


def test_another_workload_of_the_host_is_somebody_else_to_the_router(egress, router):
    assert egress.status(URL, user=OTHER_USER) == 403, "the router's policy names the other application alone"
    record = router.wait_for_access(lambda record: record["status"] == 403)
    assert record["caller_cf_app"] == APP_OTHER
    assert egress.metric("egress_connections_total", workload="other", result="known") == 1


def test_a_user_who_is_no_workload_is_told_what_was_seen_and_nothing_is_sent(egress, router, backend):
    status, problem = egress.problem(URL, user=STRANGER_USER)
    assert (status, problem["code"], problem["title"]) == (403, "caller_unknown", "Forbidden")
    assert f"uid {STRANGER_USER} " in problem["detail"]
    assert "egress.workloads" in problem["detail"]
    assert backend.seen() == [] and router.access_records() == []
    record = egress.wait_for_access(lambda record: record["status"] == 403)
    assert record["mtls_denied_reason"].startswith("caller_unknown")
    assert egress.metric("egress_connections_total", workload="", result="caller_unknown") == 1


def test_connections_are_never_shared_between_workloads(egress, router):
    url = "http://all.apps.mtls.internal/who"
    for _ in range(3):
        for user, app in ((FRONTEND_USER, APP_FRONTEND), (OTHER_USER, APP_OTHER)):
            account = json.loads(egress.curl(url, user=user).stdout)
            assert app in headers_of(account)["x-forwarded-client-cert"]
    handshakes = egress.metric("mtls_handshake_total", **{"from": "egress"})
    assert handshakes >= 2, "one for each workload and worker at least"
    apps = {(record["caller_cf_app"], record["remote_addr"]) for record in router.access_records()}
    assert len({address for _, address in apps}) == len(apps), "no connection carried requests of two workloads"


PYTHON = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], data=sys.argv[2].encode() or None)
print(urllib.request.urlopen(request, timeout=20).read().decode())
"""

REQUESTS = """
import sys, requests
session = requests.Session()
for _ in range(2):
    answer = session.post(sys.argv[1], data=sys.argv[2])
    assert answer.status_code == 200, answer.text
print(answer.text)
"""


@pytest.mark.parametrize("program", [PYTHON, REQUESTS], ids=["urllib", "requests"])
def test_python_calls_unchanged(egress, program):
    interpreter = sys.executable if program is REQUESTS else "/usr/bin/python3"
    done = egress.as_user(FRONTEND_USER, interpreter, "-c", program, URL, "content=1")
    assert done.returncode == 0, done.stderr
    account = json.loads(done.stdout)
    assert (account["method"], account["body_length"]) == ("POST", 9)
    assert APP_FRONTEND in headers_of(account)["x-forwarded-client-cert"]
    denied = egress.as_user(OTHER_USER, interpreter, "-c", program, URL, "content=1")
    assert denied.returncode != 0 and "403" in denied.stderr


SWIFT = """
import Foundation
import FoundationNetworking

let url = URL(string: CommandLine.arguments[1])!
let done = DispatchSemaphore(value: 0)
URLSession.shared.dataTask(with: url) { data, response, error in
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    print(status)
    print(String(decoding: data ?? Data(), as: UTF8.self))
    if let error { print(error) }
    done.signal()
}.resume()
done.wait()
"""


@pytest.fixture(scope="module")
def swift_client():
    """A Swift program that knows nothing of proxies, in a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "client.swift").write_text(SWIFT)
        done = run("swiftc", str(folder / "client.swift"), "-o", str(folder / "client"), within=300)
        assert done.returncode == 0, done.stderr
        yield folder / "client"


# The compiler's time counts as well.
@pytest.mark.timeout(400)
def test_swift_calls_unchanged(egress, swift_client):
    done = egress.as_user(FRONTEND_USER, swift_client, URL)
    status, _, body = done.stdout.partition("\n")
    assert status == "200", done.stdout + done.stderr
    assert APP_FRONTEND in headers_of(json.loads(body))["x-forwarded-client-cert"]
    assert egress.as_user(OTHER_USER, swift_client, URL).stdout.startswith("403")


def test_programs_are_told_apart_by_path_and_digest_and_group(router, start_egress, world):
    curl = run_path("curl")
    digest = hashlib.sha256(open(curl, "rb").read()).hexdigest()
    egress = start_egress(
        router,
        workloads=[
            {"service": "frontend", "uid": FRONTEND_USER, "path": curl, "sha256": digest},
            {"service": "other", "uid": OTHER_USER, "gid": 61999},
        ],
    )
    assert egress.status(URL) == 200
    python = egress.as_user(FRONTEND_USER, "/usr/bin/python3", "-c", PYTHON, URL, "")
    assert "403" in python.stderr, "the same user, another program"
    status, problem = egress.problem("http://all.apps.mtls.internal/", user=OTHER_USER)
    assert (status, problem["code"]) == (403, "caller_unknown"), "the same user, another group"
    assert f"uid {OTHER_USER}, gid {OTHER_USER}, program {curl}," in problem["detail"]
    done = egress.as_user(OTHER_USER, "curl", "-s", "http://all.apps.mtls.internal/", group=61999)
    assert APP_OTHER in done.stdout


def run_path(program):
    return os.path.realpath(shutil.which(program))


def test_keep_alive_calls_reuse_the_connection_to_the_router(egress, router):
    done = egress.curl(URL, URL, URL)
    assert done.stdout.count('"method"') == 3
    addresses = {record["remote_addr"] for record in router.access_records()}
    until(lambda: len(router.access_records()) == 3, 10, "three access records")
    assert len({record["remote_addr"] for record in router.access_records()}) == 1, addresses


def test_two_users_at_once_are_each_themselves(egress, router):
    """Many calls of both workloads at the same time: each request reaches the router as its own caller."""
    script = (
        "import sys,threading,urllib.request\n"
        "def call(i):\n"
        " for n in range(10):\n"
        "  r=urllib.request.Request(sys.argv[1],headers={'X-Request-Id':f'{sys.argv[2]}-{i}-{n}'})\n"
        "  assert sys.argv[2] in urllib.request.urlopen(r,timeout=30).read().decode()\n"
        "threads=[threading.Thread(target=call,args=(i,)) for i in range(4)]\n"
        "[t.start() for t in threads];[t.join() for t in threads]\n"
    )
    url = "http://all.apps.mtls.internal/both"
    with ThreadPoolExecutor() as pool:
        running = [
            pool.submit(egress.as_user, user, "/usr/bin/python3", "-c", script, url, app)
            for user, app in ((FRONTEND_USER, APP_FRONTEND), (OTHER_USER, APP_OTHER))
        ]
        for done in running:
            assert done.result().stderr == ""
    until(lambda: len(router.access_records()) == 80, 10, "all access records")
    for record in router.access_records():
        assert record["request_id"].startswith(record["caller_cf_app"])


@pytest.mark.parametrize("port", [":80", ":8443", ""])
def test_ports_of_urls_do_not_matter_to_the_routers(egress, port):
    assert egress.status(f"http://{HOST}{port}/") == 200
    done = egress.as_user(FRONTEND_USER, "/usr/bin/python3", "-c", PYTHON, f"http://{HOST}{port}/", "")
    assert done.returncode == 0, done.stderr


def test_host_names_are_the_same_in_any_case_and_with_a_final_dot(egress):
    assert egress.status(f"http://{HOST.upper()}/") == 200
    assert egress.status(f"http://{HOST}./") == 200
