"""The Workload API: attested processes get their identities, are told of changes, and nobody else gets anything."""

import hashlib
import os
import stat
import subprocess
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from spiffe import TrustDomain
from spiffe.workloadapi.errors import FetchX509SvidError

from harness.authority_api import CERTIFICATES
from harness.tools import COUNTERSIGN
from harness.waiting import until
from harness.workload import HEADER, PYTHON, Calls, Watch, client, copied_program, fetch, socket_of, wait_for_lists

USER, STRANGER = os.getuid(), 4321
OWN = {"service": "user-svc", "uid": USER, "path": PYTHON}
ID = "spiffe://link.internal/ns/default/sa/user-svc"
DENIED = (grpc.StatusCode.PERMISSION_DENIED, "no identity issued")


@pytest.fixture
def authority(start_authority):
    return start_authority()


@pytest.fixture
def make_agent(authority, join_agent):
    def make(*rules):
        services = ("user-svc", "api-gateway")
        agent = join_agent(authority, *services, name="host-1", socket="unix:run/agent.sock", workloads=list(rules))
        agent.wait_until_ready()
        until(lambda: agent.file("crl.pem").exists(), 15, "the revocation lists")
        return agent

    return make


@pytest.fixture
def public_folder():
    """A folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def rotate(authority, service="user-svc"):
    authority.admin.post(f"{CERTIFICATES}/{service}/rotate", {}).ok(202)


def test_stock_client_fetches_identity_and_bundle(make_agent, authority):
    agent = make_agent(OWN)
    with client(agent) as stock:
        svid = stock.fetch_x509_svid()
        assert str(svid.spiffe_id) == ID
        assert svid.leaf.serial_number == agent.serial()
        assert isinstance(svid.private_key, ec.EllipticCurvePrivateKey)
        assert svid.private_key.public_key() == svid.leaf.public_key()
        assert len(svid.cert_chain) == 2
        bundle = stock.fetch_x509_bundles().get_bundle_for_trust_domain(TrustDomain("link.internal"))
        assert bundle.x509_authorities == {x509.load_pem_x509_certificate(authority.root_path.read_bytes())}
    answered = lambda: agent.metric("agent_workload_requests_total", method="FetchX509SVID", result="ok")  # noqa: E731
    until(lambda: answered() == 1, 10, "the answer being counted")


def test_stock_client_is_told_of_each_rotation_once(make_agent, authority):
    agent = make_agent(OWN)
    wait_for_lists(agent)
    with client(agent) as stock:
        watch = Watch(stock).wait_for(lambda seen: seen.contexts)
        until(lambda: agent.metric("agent_workload_streams") == 1, 10, "the stream being counted alone")
        until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
        for count in (2, 3):
            rotate(authority)
            watch.wait_for(lambda seen, count=count: len(seen.contexts) >= count)
        # Another service's certificate is none of this caller's business.
        other = agent.serial("api-gateway")
        rotate(authority, "api-gateway")
        agent.wait_for_certificate("api-gateway", other_than=other)
        assert len(set(watch.serials)) == len(watch.serials) == 3
        assert watch.serials[-1] == agent.serial() and not watch.errors
        watch.handle.cancel()
    until(lambda: agent.metric("agent_workload_streams") == 0, 10, "the stream's end")


def test_revocation_reaches_a_caller_with_another_certificate(make_agent, authority):
    agent = make_agent(OWN)
    wait_for_lists(agent)
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    with Calls(socket_of(agent)) as calls:
        stream = calls.svids()
        before = next(stream).svids[0].x509_svid
        serial = agent.health()[1]["services"]["user-svc"]["cert_serial"]
        authority.revoke("user-svc", serial=serial, reason="certificateHold").ok()
        # On hold, there is nothing to give and nothing to wait for.
        assert calls.refusal(stream) == DENIED
        authority.revoke("user-svc", serial=serial, reason="removeFromCRL").ok()
        until(lambda: agent.health()[0] == 200, 15, "the end of the hold")
        assert next(calls.svids()).svids[0].x509_svid == before


@pytest.mark.parametrize(
    "metadata", [(), (("workload.spiffe.io", "false"),), (("workload.spiffe.io", "TRUE"),), HEADER + HEADER]
)
def test_call_without_the_security_header_is_refused(make_agent, metadata):
    agent = make_agent(OWN)
    with Calls(socket_of(agent)) as calls:
        expected = (grpc.StatusCode.INVALID_ARGUMENT, "security header missing from request")
        assert calls.refusal(calls.svids(metadata)) == calls.refusal(calls.bundles(metadata)) == expected


def test_nobody_without_a_rule_has_an_identity(make_agent):
    agent = make_agent({**OWN, "uid": STRANGER})
    with client(agent) as stock, pytest.raises(FetchX509SvidError, match="no identity issued"):
        stock.fetch_x509_svid()
    line = agent.wait_for_line("workload is not known", reason="no_rule")
    assert str(line["uid"]) == str(USER) and line["path"] == PYTHON
    assert agent.metric("agent_workload_attestations_refused_total", reason="no_rule") >= 1
    # Asking in vain all the time fills counters, and not the log.
    with Calls(socket_of(agent)) as calls:
        for _ in range(50):
            assert calls.refusal(calls.svids())[0] == grpc.StatusCode.PERMISSION_DENIED
    assert agent.metric("agent_workload_attestations_refused_total", reason="no_rule") >= 51
    assert sum("workload is not known" in line for line in agent.raw_log) <= 5


def test_user_and_group_are_those_of_the_process(make_agent, public_folder):
    rules = [
        {"service": "user-svc", "uid": STRANGER, "gid": 77},
        {"service": "api-gateway", "uid": STRANGER, "gid": 78},
    ]
    agent = make_agent(*rules)
    for folder in (agent.directory, *agent.directory.parents):
        if folder.owner() == "root" and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o011)
    program = copied_program(public_folder)
    assert ID in fetch(agent, program, user=STRANGER, group=77).stdout
    assert "sa/api-gateway" in fetch(agent, program, user=STRANGER, group=78).stdout
    for user, group in ((STRANGER, 79), (STRANGER + 1, 77)):
        refused = fetch(agent, program, user=user, group=group)
        assert refused.returncode == 1 and "no identity issued" in refused.stderr
    assert fetch(agent).returncode == 1


def test_program_counts_by_path_and_by_digest(make_agent, tmp_path):
    program = copied_program(tmp_path)
    digest = hashlib.sha256(Path(program).read_bytes()).hexdigest()
    agent = make_agent(
        {"service": "user-svc", "uid": USER, "path": program}, {"service": "api-gateway", "uid": USER, "sha256": digest}
    )
    both = fetch(agent, program)
    assert both.returncode == 0, both.stderr
    assert both.stdout.index("sa/user-svc") < both.stdout.index("sa/api-gateway")
    # The same bytes elsewhere have the digest, and not the path.
    elsewhere = fetch(agent, COUNTERSIGN)
    assert "sa/api-gateway" in elsewhere.stdout and "user-svc" not in elsewhere.stdout
    # Other bytes at the path have the path, and not the digest.
    changed = Path(program).read_bytes() + b"\0"
    Path(program).unlink()
    Path(program).write_bytes(changed)
    Path(program).chmod(0o755)
    replaced = fetch(agent, program)
    assert "sa/user-svc" in replaced.stdout and "api-gateway" not in replaced.stdout
    with client(agent) as stock, pytest.raises(FetchX509SvidError, match="no identity issued"):
        stock.fetch_x509_svid()


def test_program_that_was_deleted_or_replaced_has_no_path(make_agent, tmp_path):
    program = tmp_path / "python"
    program.write_bytes(Path(PYTHON).read_bytes())
    program.chmod(0o755)
    agent = make_agent({"service": "user-svc", "uid": USER, "path": str(program)})
    script = (
        "import sys\nfrom harness.workload import Calls\nfor _ in sys.stdin:\n"
        " with Calls(sys.argv[1]) as calls:\n"
        "  try: print(next(calls.svids()).svids[0].spiffe_id, flush=True)\n"
        "  except Exception as error: print(error.details(), flush=True)\n"
    )
    here = Path(__file__).parent
    site = next(here.glob(".venv/lib/python*/site-packages"))
    running = subprocess.Popen(
        [program, "-c", script, socket_of(agent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": f"{here}:{site}:{sysconfig.get_config_var('DESTSHARED')}",
            "PYTHONHOME": "/usr",
        },
    )

    def asked():
        running.stdin.write("\n")
        running.stdin.flush()
        return running.stdout.readline().strip()

    with running:
        assert asked() == ID
        program.rename(tmp_path / "gone")
        program.write_bytes(b"something else")
        assert asked() == "no identity issued"
        program.unlink()
        (tmp_path / "gone").unlink()
        assert asked() == "no identity issued"
        running.stdin.close()


def test_path_in_another_mount_namespace_does_not_count(make_agent, tmp_path):
    program = copied_program(tmp_path)
    agent = make_agent({"service": "user-svc", "uid": USER, "path": program})
    assert fetch(agent, program).returncode == 0
    command = [program, "workload", "fetch", "--socket", f"unix://{socket_of(agent)}"]
    done = subprocess.run(["unshare", "-m", *command], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "no identity issued" in done.stderr


def test_fifty_clients_at_once_are_served(make_agent, authority):
    agent = make_agent(OWN)
    wait_for_lists(agent)
    until(lambda: authority.metric("countersign_revocation_subscribers") >= 1, 15, "the agent following")
    with client(agent):
        pass
    stocks = [client(agent) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        watches = list(pool.map(Watch, stocks))
        for watch in watches:
            watch.wait_for(lambda seen: seen.contexts)
        rotate(authority)
        for watch in watches:
            watch.wait_for(lambda seen: len(seen.contexts) >= 2)
    serial = agent.serial()
    assert all(watch.serials[-1] == serial for watch in watches)
    for watch, stock in zip(watches, stocks, strict=True):
        watch.handle.cancel()
        stock.close()


def test_agent_that_was_killed_is_found_again(make_agent):
    agent = make_agent(OWN)
    wait_for_lists(agent)
    with client(agent) as stock:
        watch = Watch(stock).wait_for(lambda seen: seen.contexts)
        agent.kill()
        assert Path(socket_of(agent)).is_socket()
        agent.start()
        watch.wait_for(lambda seen: len(seen.contexts) >= 2)
        assert watch.serials[-1] == agent.serial()
        watch.handle.cancel()
    assert stat.S_IMODE(os.stat(socket_of(agent)).st_mode) == 0o666
    agent.stop()
    assert not Path(socket_of(agent)).exists()


def test_nothing_yet_is_told_apart_from_nothing_ever(make_agent, authority):
    agent = make_agent(OWN)
    authority.stop()
    agent.section["services"] = ["user-svc", "billing"]
    agent.section["workloads"] = [{"service": "billing", "uid": USER}]
    agent.write_configuration()
    agent.signal(1)
    agent.wait_for_line("configuration reloaded")
    with Calls(socket_of(agent)) as calls:
        assert calls.refusal(calls.svids())[0] == grpc.StatusCode.UNAVAILABLE


def test_rules_are_taken_up_by_a_reload(make_agent):
    agent = make_agent(OWN)
    wait_for_lists(agent)
    with Calls(socket_of(agent)) as calls:
        stream = calls.svids()
        assert next(stream).svids[0].spiffe_id == ID
        agent.section["workloads"] = [{"service": "api-gateway", "uid": USER}]
        agent.write_configuration()
        agent.signal(1)
        assert next(stream).svids[0].spiffe_id == "spiffe://link.internal/ns/edge/sa/api-gateway"
        agent.section["workloads"] = []
        agent.write_configuration()
        agent.signal(1)
        assert calls.refusal(stream) == DENIED


def test_command_writes_what_it_fetches(make_agent, tmp_path):
    agent = make_agent({"service": "user-svc", "uid": USER})
    done = fetch(agent, arguments=["--write", str(tmp_path / "out")])
    assert done.returncode == 0, done.stderr
    leaf = x509.load_pem_x509_certificate((tmp_path / "out" / "cert.pem").read_bytes())
    assert leaf.serial_number == agent.serial()
    assert stat.S_IMODE((tmp_path / "out" / "key.pem").stat().st_mode) == 0o600
    key = (tmp_path / "out" / "key.pem").read_text()
    assert "PRIVATE KEY" not in done.stdout and key.splitlines()[1] not in "\n".join(agent.raw_log)
    bundles = fetch(agent, arguments=["bundles"])
    assert bundles.returncode == 0 and (tmp_path / "out" / "ca.pem").read_text() in bundles.stdout
