"""What a forward proxy must not do for anybody: other hosts, reserved addresses, odd ports, ambiguous requests."""

import json
import socket

import pytest

from harness.egress import FRONTEND_USER, HOST, STRANGER_USER
from harness.ports import free_port
from harness.tools import countersign
from harness.waiting import until
from harness.world import APP_FRONTEND, route


@pytest.fixture
def router(world, start_router, backend):
    return start_router(world.configuration([route(HOST, backend, mtls_allowed_apps=APP_FRONTEND)]))


@pytest.fixture
def egress(router, start_egress):
    return start_egress(router)


@pytest.fixture
def outside(start_backend):
    """A host that is on no domain; it runs here, so its address has to be named to be reached."""
    return start_backend()


def test_other_hosts_are_refused_by_default(egress):
    status, problem = egress.problem("http://example.com/")
    assert (status, problem["code"]) == (403, "destination_refused")
    assert "egress.domains" in problem["detail"]
    # A wildcard stands for one label, as at the router.
    assert egress.problem("http://a.b.apps.mtls.internal/")[1]["code"] == "destination_refused"
    assert egress.metric("egress_calls_total", destination="", kind="request", result="destination_refused") == 2


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::"])
def test_listener_beyond_loopback_is_refused(tmp_path, world, address):
    path = tmp_path / "egress.yaml"
    host = f"[{address}]" if ":" in address else address
    path.write_text(
        f'egress: {{ listen: "{host}:8888", workloads: [{{ service: a, uid: 1 }}], others: pass, allow: [a.b] }}\n'
    )
    done = countersign("egress", "--config", str(path))
    assert done.returncode == 78
    assert "egress.listen" in done.stderr and "loopback" in done.stderr and "127.0.0.1:8888" in done.stderr


def test_it_listens_on_loopback_alone(egress):
    """The host's other addresses do not answer."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    except OSError:
        own = "127.0.0.2"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((own, egress.port), 5)


def test_requests_in_the_form_for_servers_are_told_what_it_is(egress, backend):
    for target in ("/", "/stock"):
        with egress.raw() as caller:
            caller.send(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
            answer = caller.reader.response()
            assert answer.status == 400
            problem = json.loads(answer.body)
            assert problem["code"] == "not_a_proxy_request" and "HTTP_PROXY" in problem["detail"]
            assert caller.wait_for_end() == "closed"
    assert backend.seen() == []


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (f"GET http://user:secret@{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n", "protocol_violation"),
        (f"GET http://{HOST}/ HTTP/1.1\r\nHost: other.example\r\n\r\n", "protocol_violation"),
        (f"GET http://{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\nHost: {HOST}\r\n\r\n", "protocol_violation"),
        (f"GET http://{HOST}/ HTTP/1.1\r\n\r\n", "protocol_violation"),
        (f"GET ftp://{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n", "protocol_violation"),
        (
            f"POST http://{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "protocol_violation",
        ),
        (f"POST http://{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\nTransfer_Encoding: chunked\r\n\r\n", "protocol_violation"),
        (f"CONNECT {HOST} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", "protocol_violation"),
        (f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n", "protocol_violation"),
        (f"GET http://{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\nX: a\nb: c\r\n\r\n", "protocol_violation"),
    ],
)
def test_ambiguous_requests_are_refused_and_the_connection_ends(egress, backend, head, code):
    with egress.raw() as caller:
        caller.send(head)
        answer = caller.reader.response()
        assert answer.status == 400
        assert dict(answer.headers)["Content-Type"] == "application/problem+json"
        document = json.loads(answer.body)
        assert document["code"] == code
        assert "secret" not in answer.body.decode()
        assert caller.wait_for_end() == "closed"
    assert backend.seen() == []
    until(lambda: egress.access_records(), 10, "the access record")
    assert "secret" not in egress.access_log.read_text()


def test_http_1_0_may_leave_the_host_to_the_target(egress, backend):
    """RFC 9112 section 3.2.2; the service gets a Host all the same."""
    with egress.raw() as caller:
        caller.send(f"GET http://{HOST}/old HTTP/1.0\r\n\r\n")
        assert caller.reader.response().status == 200
    [message] = backend.seen()
    assert (message.target, message.get("Host")) == ("/old", HOST)


def test_smuggled_request_behind_a_whole_one_is_the_callers_own(egress, backend):
    """What follows a request is another request of the same workload, decided upon by itself."""
    with egress.raw() as caller:
        caller.send(
            f"POST http://{HOST}/a HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 3\r\n\r\nabc"
            "GET http://elsewhere.example/ HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n"
        )
        assert caller.reader.response().status == 200
        assert caller.reader.response().status == 403
    assert [message.target for message in backend.seen()] == ["/a"]


def test_tunnels_go_to_listed_ports_alone(egress):
    with egress.raw() as caller:
        caller.send(f"CONNECT {HOST}:22 HTTP/1.1\r\nHost: {HOST}:22\r\n\r\n")
        answer = caller.reader.response()
        assert answer.status == 403 and json.loads(answer.body)["code"] == "port_denied"
        assert caller.wait_for_end() == "closed"
    with egress.raw() as caller:
        caller.send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
        assert json.loads(caller.reader.response().body)["code"] == "destination_refused"
    with egress.raw(user=STRANGER_USER) as caller:
        caller.send(f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}:443\r\n\r\n")
        assert json.loads(caller.reader.response().body)["code"] == "caller_unknown"


RESERVED = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://127.0.0.1/",
    "http://127.1.2.3/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fd20:ce::254]/",
    "http://[fd00:c1::a9fe:a9fe]/",
    "http://[64:ff9b:1::a9fe:a9fe]/",
    "http://[::169.254.169.254]/",
    "http://[::ffff:0:169.254.169.254]/",
    "http://[fec0::1]/",
]


@pytest.mark.parametrize("url", RESERVED)
def test_reserved_addresses_are_never_reached_by_number(router, start_egress, url):
    egress = start_egress(router, others="pass")
    status, problem = egress.problem(url, "-g")
    assert (status, problem["code"]) == (403, "address_denied"), problem


@pytest.mark.parametrize("host", ["192.0.2.2", "[::ffff:192.0.2.2]", "[64:ff9b::c000:202]", "[2002:c000:202::1]"])
def test_what_is_denied_is_denied_in_every_form_of_its_number(router, start_egress, host):
    egress = start_egress(router, others="pass", deny=["192.0.2.0/24"])
    status, problem = egress.problem(f"http://{host}/", "-g")
    assert (status, problem["code"]) == (403, "destination_denied"), problem


def test_names_that_lead_to_reserved_addresses_are_refused(router, start_egress, outside):
    """The address that is connected to is the one that was looked at: no name can be rebound meanwhile."""
    egress = start_egress(router, others="pass", allow=["localhost"])
    status, problem = egress.problem(f"http://localhost:{outside.port}/")
    assert (status, problem["code"]) == (403, "address_denied")
    assert "loopback" in problem["detail"] and "by its number" in problem["detail"]
    assert outside.seen() == []
    egress.reload(allow=["localhost", "127.0.0.1", "::1"])
    assert egress.status(f"http://localhost:{outside.port}/") == 200


def test_others_pass_as_the_lists_say(router, start_egress, outside):
    egress = start_egress(router, others="pass", allow=[f"127.0.0.1:{outside.port}"], deny=["*.evil.example"])
    url = f"http://127.0.0.1:{outside.port}/x"
    account = json.loads(egress.curl(url).stdout)
    names = {name.lower() for name, _ in account["headers"]}
    assert account["target"] == "/x"
    assert not names & {"traceparent", "x-request-id", "x-forwarded-for", "x-forwarded-proto"}, (
        "nothing is told to others"
    )
    assert egress.problem(f"http://127.0.0.1:{free_port()}/")[1]["code"] == "destination_not_allowed", "another port"
    assert egress.problem("http://a.evil.example/")[1]["code"] == "destination_denied"
    assert egress.problem("http://example.com/")[1]["code"] == "destination_not_allowed"
    assert egress.problem(url, user=STRANGER_USER)[1]["code"] == "caller_unknown"
    egress.reload(deny=["127.0.0.0/8"])
    assert egress.problem(url)[1]["code"] == "destination_denied", "what is denied counts before what is allowed"
    egress.reload(deny=[HOST], others="refuse", allow=[])
    assert egress.problem(f"http://{HOST}/")[1]["code"] == "destination_denied", "on domains, too"


def test_https_of_others_is_for_the_client_itself(router, start_egress):
    egress = start_egress(router, others="pass", allow=["192.0.2.0/24"])
    with egress.raw() as caller:
        caller.send("GET https://192.0.2.1/ HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n")
        answer = caller.reader.response()
        assert (answer.status, json.loads(answer.body)["code"]) == (400, "https_needs_connect")


def test_identity_and_hop_headers_of_the_workload_end_here(egress, backend):
    spoofed = {
        "X-Forwarded-Client-Cert": "URI=spiffe://evil/admin",
        "x_forwarded_client_cert": "URI=spiffe://evil/admin",
        "Client-Cert": ":AAAA:",
        "ssl-client-subject-dn": "CN=evil",
        "X-Forwarded-Tls-Client-Cert": "evil",
        "Proxy-Authorization": "Basic ZXZpbDpzZWNyZXQ=",
        "Proxy_Authorization": "Basic ZXZpbDpzZWNyZXQ=",
        "Proxy-Connection": "keep-alive",
        "X-Countersign-Identity": "evil",
        "X_Countersign_Identity": "evil",
        "x-countersign_service": "evil",
        "X-Countersign-Token-Subject": "evil",
        "X_COUNTERSIGN_MTLS": "evil",
        "X-Client-Cert-Thumbprint": "evil",
        "X-Spiffe-Id": "evil",
        "X_Spiffe_Id": "evil",
        "True-Client-IP": "6.6.6.6",
        "True_Client_IP": "6.6.6.6",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Host": "evil.example",
        "Connection": "X-Hop",
        "X-Hop": "evil",
        "TE": "gzip",
        "X-Own": "stays",
        "Authorization": "Bearer own",
    }
    arguments = [part for name, value in spoofed.items() for part in ("-H", f"{name}: {value}")]
    account = json.loads(egress.curl(*arguments, f"http://{HOST}/").stdout)
    text = json.dumps(account["headers"])
    assert "evil" not in text and "6.6.6.6" not in text and "ZXZpbDpzZWNyZXQ" not in text
    seen = {name.lower(): value for name, value in account["headers"]}
    assert (seen["x-own"], seen["authorization"]) == ("stays", "Bearer own")


def test_a_socket_that_is_handed_on_is_nobodys(router, start_egress, backend):
    """A connection that processes of two workloads hold is refused, whichever of them sends."""
    workloads = [{"service": "other", "uid": 0}, {"service": "frontend", "uid": FRONTEND_USER}]
    egress = start_egress(router, workloads=workloads)
    done = egress.as_user(
        0,
        "/usr/bin/python3",
        "-c",
        "import socket,os,sys\n"
        "r,w=os.pipe()\n"
        "s=socket.socket()\n"
        "if os.fork()==0:\n"
        f"  os.setresuid({FRONTEND_USER},{FRONTEND_USER},{FRONTEND_USER})\n"
        f"  s.connect(('127.0.0.1',{egress.port}))\n"
        f"  s.sendall(b'GET http://{HOST}/ HTTP/1.1\\r\\nHost: {HOST}\\r\\nConnection: close\\r\\n\\r\\n')\n"
        "  d=b''\n"
        "  while c:=s.recv(65536): d+=c\n"
        "  os.write(1,d)\n"
        "  os._exit(0)\n"
        "os.wait()\n",
    )
    assert "403 Forbidden" in done.stdout and "ambiguous_caller" in done.stdout, done.stdout + done.stderr
    assert backend.seen() == []


def test_workers_of_one_workload_may_share_a_socket(egress):
    done = egress.as_user(
        FRONTEND_USER,
        "/usr/bin/python3",
        "-c",
        "import socket,os\n"
        "s=socket.socket()\n"
        "if os.fork()==0:\n"
        f"  s.connect(('127.0.0.1',{egress.port}))\n"
        f"  s.sendall(b'GET http://{HOST}/ HTTP/1.1\\r\\nHost: {HOST}\\r\\nConnection: close\\r\\n\\r\\n')\n"
        "  d=b''\n"
        "  while c:=s.recv(65536): d+=c\n"
        "  os.write(1,d)\n"
        "  os._exit(0)\n"
        "os.wait()\n",
    )
    assert "200 OK" in done.stdout, done.stdout + done.stderr
