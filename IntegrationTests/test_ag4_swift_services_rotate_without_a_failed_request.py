"""Services in Swift on four frameworks take a new certificate while they are called, without a restart or a failure."""

import os
import re
import socket
import ssl

import pytest
from cryptography import x509

from harness.pki import Authority
from harness.stand_in_authority import TRUST_DOMAIN
from harness.swift_services import SwiftProgram, identity, run
from harness.waiting import until
from harness.workload import socket_of

SERVICES = ["web", "caller"]
WEB = f"spiffe://{TRUST_DOMAIN}/ns/default/sa/web"
CALLER = f"spiffe://{TRUST_DOMAIN}/ns/default/sa/caller"
ROTATIONS = 2


@pytest.fixture
def agent(make_agent, stand_in):
    """Certificates of half a minute, renewed every few seconds."""
    stand_in.lifetime, stand_in.renew = 30, {"at_fraction": 0.1}
    return make_agent(services=SERVICES).start().wait_until_ready()


def of_agent(agent, service):
    return [f"--agent-directory={agent.certificates}", f"--service={service}"]


def serial_at(port, holder):
    """The serial number of the certificate that a server shows to a client with files."""
    context = ssl.create_default_context(cafile=holder.file("ca.pem"))
    context.check_hostname = False
    context.load_cert_chain(holder.file("caller/identity.pem"))
    with socket.create_connection(("127.0.0.1", port), 10) as raw, context.wrap_socket(raw) as connection:
        return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True)).serial_number


def assert_none_failed(outcome, service):
    code, text = outcome
    done = re.search(r"done: (\d+) answered,(?: (\d+) failed,)? (\d+) rotations", text)
    assert done and code == 0, text
    assert int(done[1]) > 10 and int(done[2] or 0) == 0 and int(done[3]) >= ROTATIONS
    # The service has rotated as well, and the caller was told of no trouble.
    service.wait_for("rotated ")
    assert "not rotated" not in text and service.count("not rotated") == 0


def test_hummingbird_and_async_http_client(agent):
    with SwiftProgram("hummingbird-service", *of_agent(agent, "web")) as service:
        before = serial_at(service.port, agent)
        url = f"https://127.0.0.1:{service.port}/hello"
        outcome = run("http-client", url, f"--server={WEB}", f"--rotations={ROTATIONS}", *of_agent(agent, "caller"))
        assert_none_failed(outcome, service)
        assert f"200 hello {CALLER}" in outcome[1]
        assert serial_at(service.port, agent) != before
        assert service.count("refused") == 0


def test_grpc(agent):
    with SwiftProgram("grpc-service", "serve", *of_agent(agent, "web")) as service:
        arguments = ["call", service.port, f"--server={WEB}", f"--rotations={ROTATIONS}"]
        outcome = run("grpc-service", *arguments, *of_agent(agent, "caller"))
        assert_none_failed(outcome, service)
        assert f"{CALLER} said call 0" in outcome[1]


def test_nio(agent):
    with SwiftProgram("nio-service", "serve", *of_agent(agent, "web")) as service:
        before = serial_at(service.port, agent)
        arguments = ["call", service.port, f"--server={WEB}", f"--rotations={ROTATIONS}"]
        outcome = run("nio-service", *arguments, *of_agent(agent, "caller"))
        assert_none_failed(outcome, service)
        assert f"{CALLER} said hello 0" in outcome[1]
        assert serial_at(service.port, agent) != before


def test_identity_comes_from_a_workload_api_and_is_followed(make_agent, stand_in):
    stand_in.lifetime, stand_in.renew = 30, {"at_fraction": 0.1}
    rule = {"service": "web", "uid": os.getuid()}
    agent = make_agent(services=SERVICES, socket="unix:run/agent.sock", workloads=[rule]).start().wait_until_ready()
    endpoint = f"unix://{socket_of(agent)}"
    with SwiftProgram("nio-service", "serve", f"--workload-api={endpoint}") as service:
        assert WEB in service.wait_for("identity ")
        before = serial_at(service.port, agent)
        service.wait_for("rotated ")
        until(lambda: serial_at(service.port, agent) != before, what="the new certificate")
        agent.kill()
        service.wait_for("not rotated: the Workload API")
        # What it gave last is shown on.
        serial_at(service.port, agent)


def test_no_workload_api_is_no_identity(tmp_path):
    code, text = run("nio-service", "serve", f"--workload-api=unix://{tmp_path}/absent.sock")
    assert code != 0 and "the Workload API at" in text and "listening" not in text


def test_what_cannot_be_used_is_told_and_the_certificate_before_stays(tmp_path):
    authority = Authority.root("Services")
    leaf = authority.leaf("web", uris=[WEB])
    options = identity(leaf, authority, tmp_path)
    with SwiftProgram("nio-service", "serve", *options) as service:
        (tmp_path / "leaf.pem").write_text("nonsense")
        assert "leaf.pem" in service.wait_for("not rotated: ")
        arguments = ["call", service.port, f"--server={WEB}"]
        fresh = identity(authority.leaf("caller", uris=[CALLER]), authority, tmp_path / "caller")
        code, text = run("nio-service", *arguments, *fresh)
        assert code == 0 and f"{CALLER} said hello 0" in text
        authority.leaf("web", uris=[WEB]).save(tmp_path, "leaf")
        service.wait_for("rotated ")


def test_certificates_of_an_ephemeral_authority_renew_at_half_of_their_time(tmp_path):
    with SwiftProgram("nio-service", "serve", "--lifetime=4", "--service=web", f"--export={tmp_path}") as service:
        service.wait_for("rotated spiffe://dev.local/ns/default/sa/web")
        assert (tmp_path / "peer-key.pem").stat().st_mode & 0o777 == 0o600
        options = [f"--chain={tmp_path}/peer.pem", f"--key={tmp_path}/peer-key.pem", f"--bundle={tmp_path}/ca.pem"]
        server = "--server=spiffe://dev.local/ns/default/sa/web"
        code, text = run("nio-service", "call", service.port, server, *options)
        assert code == 0 and "spiffe://dev.local/ns/default/sa/peer said hello 0" in text


def test_the_end_of_a_certificate_that_nobody_renews_is_told(tmp_path):
    authority = Authority.root("Services")
    # Its last tenth has begun, so that its end is told of once more and no oftener.
    brief = identity(authority.leaf("web", uris=[WEB], lifetime=(-2, 10 / 60)), authority, tmp_path / "brief")
    lasting = identity(authority.leaf("web", uris=[WEB]), authority, tmp_path / "lasting")
    with (
        SwiftProgram("nio-service", "serve", *brief) as ending,
        SwiftProgram("nio-service", "serve", *lasting) as other,
    ):
        assert WEB in ending.wait_for("expiring in ")
        ending.wait_for("expired ")
        assert ending.count("expiring in ") == 1 and ending.count("expired ") == 1
        # Another that comes after all is taken up.
        authority.leaf("web", uris=[WEB]).save(tmp_path / "brief", "leaf")
        ending.wait_for("rotated ")
        assert other.count("expir") == 0
