"""The Workload API for many callers: bounds of a user, reflection, and processes that are not what they were."""

import contextlib
import os
import socket
import subprocess
import sysconfig
import threading
from pathlib import Path

import grpc
import h2.connection
import h2.events
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from harness.waiting import until
from harness.workload import HEADER, PYTHON, Calls, socket_of

USER, OTHER_USER = os.getuid(), 4321
ID = "spiffe://link.internal/ns/default/sa/user-svc"
FETCH_TOKEN = "/SpiffeWorkloadAPI/FetchJWTSVID"
REFUSES = f"uid {USER} has all the connections that one user may have; more are refused"
DENIED = "no identity issued"


@pytest.fixture
def make_agent(start_authority, join_agent):
    authority = start_authority()

    def make(*rules):
        services = ("user-svc", "api-gateway")
        agent = join_agent(authority, *services, name="host-1", socket="unix:run/agent.sock", workloads=list(rules))
        return agent.wait_until_ready()

    return make


# Reflection


def test_api_can_be_called_by_what_it_says_of_itself(make_agent):
    agent = make_agent({"service": "user-svc", "uid": USER})
    with grpc.insecure_channel(f"unix:{socket_of(agent)}") as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert "SpiffeWorkloadAPI" in database.get_services()
        pool = DescriptorPool(database)
        service = pool.FindServiceByName("SpiffeWorkloadAPI")
        method = service.FindMethodByName("FetchX509SVID")
        assert method.server_streaming and not method.client_streaming
        request, response = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
        call = channel.unary_stream(
            "/SpiffeWorkloadAPI/FetchX509SVID",
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString,
        )
        answer = next(call(request(), metadata=HEADER))
        assert answer.svids[0].spiffe_id == ID and len(answer.crl) == 1
        # The types that are imported, maps and oneofs.
        claims = pool.FindMessageTypeByName("ValidateJWTSVIDResponse").fields_by_name["claims"]
        assert claims.message_type.full_name == "google.protobuf.Struct"
        assert claims.message_type.fields_by_name["fields"].message_type.GetOptions().map_entry
        value = pool.FindMessageTypeByName("google.protobuf.Value")
        assert [field.name for field in value.oneofs_by_name["kind"].fields][:2] == ["null_value", "number_value"]


def test_questions_that_have_no_answer_are_told_so(make_agent):
    agent = make_agent({"service": "user-svc", "uid": USER})
    ask = reflection_pb2.ServerReflectionRequest
    with grpc.insecure_channel(f"unix:{socket_of(agent)}") as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        questions = [ask(file_by_filename="x.proto"), ask(file_containing_symbol="x"), ask(list_services="")]
        answers = list(stub.ServerReflectionInfo(iter(questions)))
        assert [answer.error_response.error_code for answer in answers] == [5, 5, 0]
        assert answers[2].list_services_response.service[0].name == "SpiffeWorkloadAPI"


def test_one_user_has_few_conversations_of_reflection(make_agent):
    agent = make_agent({"service": "user-svc", "uid": USER})
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    with Calls(socket_of(agent)) as calls:
        stub = reflection_pb2_grpc.ServerReflectionStub(calls.channel)
        held = threading.Event()

        def questions():
            yield asked
            held.wait(30)

        open_ones = [stub.ServerReflectionInfo(questions()) for _ in range(8)]
        try:
            for one in open_ones:
                assert next(one).list_services_response.service
            refused = calls.refusal(stub.ServerReflectionInfo(iter([asked])))
            assert refused == (grpc.StatusCode.RESOURCE_EXHAUSTED, "too many calls of one user")
            assert next(calls.svids()).svids[0].spiffe_id == ID
        finally:
            held.set()

        def has_room():
            try:
                return len(list(stub.ServerReflectionInfo(iter([asked])))) == 1
            except grpc.RpcError:
                return False

        until(has_room, 10, "room for another conversation")


# Bounds


def test_one_user_does_not_take_the_connections_of_others(make_agent):
    agent = make_agent({"service": "user-svc", "uid": USER})
    path = reachable(agent)
    idle = [socket.socket(socket.AF_UNIX) for _ in range(300)]
    try:
        for one in idle:
            one.connect(path)
        until(lambda: sum(is_closed(one) for one in idle) == 300 - 256, 10, "the connections beyond the bound closed")
        # What it asks for is no call, and it is told so: it has a connection.
        assert status_for(OTHER_USER, path) == "415"
        assert status_for(USER, path) == "000"
        agent.wait_for_line("workload api refuses callers", reason=REFUSES)
        told = agent.health()[1]["components"]["workload_api"]
        assert told == {"status": "degraded", "reason": REFUSES}
        assert agent.metric("agent_workload_overloads_total", reason="connections_of_user") == 300 - 256 + 1
    finally:
        for one in idle:
            one.close()

    def answered():
        with Calls(path) as calls:
            try:
                return next(calls.svids()).svids[0].spiffe_id == ID
            except grpc.RpcError:
                return False

    until(answered, 10, "callers being answered again")


# Connects as often as it is told, as a user, each time with the preface of HTTP/2 alone, and says how many are open.
CROWDS = """
import os, socket, sys
os.setgroups([])
os.setuid(int(sys.argv[3]))
ours = [socket.socket(socket.AF_UNIX) for _ in range(int(sys.argv[2]))]
for one in ours:
    one.connect(sys.argv[1])
    try:
        one.send(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n" + b"\\0\\0\\0\\4\\0\\0\\0\\0\\0")
    except OSError:
        pass
def heard(one):
    try:
        return len(one.recv(65536))
    except OSError:
        return 0
opened = [one for one in ours if heard(one)]
print(len(opened), flush=True)
for one in opened:
    while heard(one):
        pass
print("all were closed", flush=True)
"""


def test_crowds_of_several_users_leave_room_and_are_sent_away(make_agent):
    users = range(OTHER_USER, OTHER_USER + 4)
    agent = make_agent(
        {"service": "user-svc", "uid": USER}, *({"service": "api-gateway", "uid": user} for user in users)
    )
    path = reachable(agent)
    with crowds(path, users) as (taken, left):
        # None has more than a quarter, and the last quarter is for those with few.
        assert max(taken) == 256 and sum(taken) <= 768 + 16
        with Calls(path) as calls:
            assert next(calls.svids()).svids[0].spiffe_id == ID
        # Who calls nothing has no connection for long.
        assert left() == ["all were closed\n"] * 4


def test_users_for_whom_there_is_no_rule_are_one_crowd_whatever_their_number(make_agent):
    users = range(OTHER_USER, OTHER_USER + 12)
    known = users[-1] + 1
    agent = make_agent({"service": "user-svc", "uid": USER}, {"service": "api-gateway", "uid": known})
    path = reachable(agent)
    with crowds(path, users) as (taken, left):
        assert sum(taken) == 256
        assert status_for(users[0], path) == "000"
        assert status_for(known, path) == "415"
        with Calls(path) as calls:
            assert next(calls.svids()).svids[0].spiffe_id == ID
        reason = "users for whom there is no rule together have all the connections that one user may have"
        agent.wait_for_line("workload api refuses callers", reason=f"{reason}; more are refused")
        assert left() == ["all were closed\n"] * len(users)


@contextlib.contextmanager
def crowds(path, users):
    """How many of their 257 connections each of these users has, and a wait for the end of them all."""
    command = [PYTHON, "-c", CROWDS, path, "257"]
    pipes = {"stdout": subprocess.PIPE, "text": True, "env": environment()}
    started = []
    try:
        for user in users:
            started.append(subprocess.Popen([*command, str(user)], **pipes))
        yield [int(crowd.stdout.readline()) for crowd in started], lambda: [one.stdout.readline() for one in started]
    finally:
        for crowd in started:
            crowd.kill()
            crowd.wait()
            crowd.stdout.close()


def test_request_that_does_not_come_in_whole_ends(make_agent):
    agent = make_agent({"service": "user-svc", "uid": USER})
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(30)
        one.connect(socket_of(agent))
        http = h2.connection.H2Connection()
        http.initiate_connection()
        fields = {":method": "POST", ":scheme": "http", ":authority": "localhost", ":path": FETCH_TOKEN}
        fields |= {"content-type": "application/grpc", "te": "trailers", **dict(HEADER)}
        http.send_headers(1, list(fields.items()))
        http.send_data(1, b"\0\0\0")
        one.sendall(http.data_to_send())
        answer = {}
        while b"grpc-status" not in answer:
            data = one.recv(1 << 16)
            assert data, "the connection was closed without an answer"
            for event in http.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    answer = dict(event.headers)
        assert answer[b"grpc-status"] == b"4" and answer[b"grpc-message"] == b"the request has not come in whole"


def reachable(agent):
    """The agent's socket, to which other users find their way."""
    for folder in (agent.directory, *agent.directory.parents):
        if folder.owner() == "root" and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    return socket_of(agent)


def status_for(user, path):
    """The status with which a process of that user is answered; `000` when it has no connection."""
    command = ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "--http2-prior-knowledge", "-X", "POST"]
    command += ["--unix-socket", path, "http://localhost/"]
    return subprocess.run(command, user=user, extra_groups=[], capture_output=True, text=True, timeout=30).stdout


def is_closed(one):
    try:
        return one.recv(1 << 16, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


# Processes that are not what they were

# Connects, and becomes another program that has the connection; that one calls over it.
BECOMES_ANOTHER = """
import os, socket, sys
one = socket.socket(socket.AF_UNIX)
one.connect(sys.argv[1])
os.set_inheritable(one.fileno(), True)
os.execve(sys.argv[2], [sys.argv[2], "-c", sys.argv[3], str(one.fileno())], os.environ)
"""

# Calls over a connection that it was given; without a library, as none takes one.
CALLS = """
import socket, sys
import h2.connection, h2.events
one = socket.socket(fileno=int(sys.argv[1]))
http = h2.connection.H2Connection()
http.initiate_connection()
stream = http.get_next_available_stream_id()
http.send_headers(stream, [(":method", "POST"), (":scheme", "http"), (":authority", "localhost"),
    (":path", "/SpiffeWorkloadAPI/FetchX509SVID"), ("content-type", "application/grpc"), ("te", "trailers"),
    ("workload.spiffe.io", "true")])
http.send_data(stream, b"\\0\\0\\0\\0\\0", end_stream=True)
one.sendall(http.data_to_send())
while True:
    data = one.recv(65536)
    if not data:
        print("closed")
        break
    for event in http.receive_data(data):
        if isinstance(event, h2.events.DataReceived):
            print("svid of", "user-svc" if b"sa/user-svc" in event.data else "api-gateway", flush=True)
            sys.exit()
        if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
            message = dict(event.headers).get(b"grpc-message")
            if message:
                print(message.decode(), flush=True)
                sys.exit()
"""


@pytest.fixture
def another_program(tmp_path):
    """Python at another path: another program to the kernel."""
    path = tmp_path / "another"
    path.write_bytes(Path(PYTHON).read_bytes())
    path.chmod(0o755)
    return str(path)


def environment():
    here = Path(__file__).parent
    site = next(here.glob(".venv/lib/python*/site-packages"))
    return {**os.environ, "PYTHONPATH": f"{site}:{sysconfig.get_config_var('DESTSHARED')}", "PYTHONHOME": "/usr"}


def becoming(agent, first, second):
    """What a process is told that connects as one program and calls as another."""
    done = subprocess.run(
        [first, "-c", BECOMES_ANOTHER, socket_of(agent), second, CALLS],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment(),
    )
    return done.stdout.strip() or done.stderr


def test_process_that_became_another_program_is_that_program(make_agent, another_program):
    agent = make_agent(
        {"service": "user-svc", "uid": USER, "path": PYTHON},
        {"service": "api-gateway", "uid": USER, "path": another_program},
    )
    assert becoming(agent, PYTHON, PYTHON) == "svid of user-svc"
    assert becoming(agent, PYTHON, another_program) == "svid of api-gateway"
    agent.section["workloads"] = [{"service": "user-svc", "uid": USER, "path": PYTHON}]
    agent.write_configuration()
    agent.signal(1)
    agent.wait_for_line("configuration reloaded")
    assert becoming(agent, PYTHON, another_program) == DENIED


# Connects as a child, which ends; its number is given to a process of the right program, and the parent, which still
# has the connection, calls.
REUSES_NUMBER = """
import os, socket, subprocess, sys, time
path, keeper = sys.argv[1], sys.argv[3]
ours, theirs = socket.socketpair(socket.AF_UNIX)
child = os.fork()
if child == 0:
    one = socket.socket(socket.AF_UNIX)
    one.connect(path)
    socket.send_fds(theirs, [b"x"], [one.fileno()])
    os._exit(0)
_, (descriptor,), _, _ = socket.recv_fds(ours, 1, 1)
if sys.argv[4] == "reused":
    os.waitpid(child, 0)
    for _ in range(2000):
        with open("/proc/sys/kernel/ns_last_pid", "w") as last:
            last.write(str(child - 1))
        quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_DUP2, 1, 2)]
        wait = [keeper, "-c", "import sys; sys.stdin.read()"]
        if os.posix_spawn(keeper, wait, os.environ, file_actions=quiet) == child:
            break
    else:
        print("the number was not given again")
        sys.exit()
    assert os.readlink(f"/proc/{child}/exe") == keeper
os.set_inheritable(descriptor, True)
os.execve(sys.executable, [sys.executable, "-c", sys.argv[2], str(descriptor)], os.environ)
"""


def test_number_that_was_given_to_another_process_is_nobody(make_agent):
    assert USER == 0, "only root may choose the numbers of processes; run this test as root"
    agent = make_agent({"service": "user-svc", "uid": USER, "path": PYTHON})
    command = [PYTHON, "-c", REUSES_NUMBER, socket_of(agent), CALLS, PYTHON, "reused"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment()}
    # The process that has the number now lives until its standard input ends.
    with subprocess.Popen(command, **pipes) as process:
        said = process.stdout.readline().strip()
        process.stdin.close()
    # It is of that very program and number; it is not the one that connected.
    assert said == DENIED
    agent.wait_for_line("workload is not known", reason="process_gone")
    with Calls(socket_of(agent)) as calls:
        assert next(calls.svids()).svids[0].spiffe_id == ID
