"""The certificate directory: layout, modes, atomic exchange, survival of crashes and full disks, reload hooks."""

import multiprocessing
import os
import random
import resource
import signal
import subprocess
import threading

import pytest

from harness.stand_in_authority import public_key_of
from harness.waiting import until

KILLS = 15


def quick(stand_in):
    """Certificates of three seconds, renewed a few times a second."""
    stand_in.lifetime, stand_in.renew = 3, {"at_fraction": 0.1}


def test_layout_and_modes(make_agent, stand_in):
    agent = make_agent(services=["user-svc", "api-gateway"]).start().wait_until_ready()
    assert agent.file("ca.pem").read_text() == stand_in.root.pem
    assert agent.file("ca.pem").stat().st_mode & 0o777 == 0o644
    for service in ("user-svc", "api-gateway"):
        assert agent.file(service).is_symlink()
        modes = {name: agent.file(f"{service}/{name}").stat().st_mode & 0o777 for name in ("cert.pem", "key.pem")}
        assert modes == {"cert.pem": 0o644, "key.pem": 0o600}
        chain = agent.file(f"{service}/cert.pem").read_text()
        assert chain.count("BEGIN CERTIFICATE") == 2 and stand_in.root.pem not in chain
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", agent.file("ca.pem"), "-untrusted", agent.file("user-svc/cert.pem")]
        + [agent.file("user-svc/cert.pem")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


# Readers in tight loops, each in a process of its own: they note every pair that they see, and are judged afterwards.


def _by_path(folder):
    return _take(f"{folder}/cert.pem"), _take(f"{folder}/key.pem")


def _by_path_key_first(folder):
    key = _take(f"{folder}/key.pem")
    return _take(f"{folder}/cert.pem"), key


def _by_directory(folder):
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return _take("cert.pem", opened), _take("key.pem", opened)
    finally:
        os.close(opened)


def _by_resolved_path(folder):
    folder = os.path.realpath(folder)
    return _take(f"{folder}/cert.pem"), _take(f"{folder}/key.pem")


def _from_one_file(folder):
    both = _take(f"{folder}/identity.pem")
    end = both.index(b"-----BEGIN CERTIFICATE")
    return both[end:], both[:end]


def _take(path, folder=None):
    descriptor = os.open(path, os.O_RDONLY, dir_fd=folder)
    try:
        return os.read(descriptor, 1 << 20)
    finally:
        os.close(descriptor)


def _read_on(way, folder, stop, result):
    pairs, reads = set(), 0
    while not stop.is_set():
        for _ in range(100):
            pairs.add(way(folder))
        reads += 100
    result.send((pairs, reads))


class Readers:
    """A process for each way of reading a folder."""

    def __init__(self, ways, folder):
        self._stop = multiprocessing.Event()
        self._running = []
        for way in ways:
            receiver, sender = multiprocessing.Pipe(False)
            process = multiprocessing.Process(target=_read_on, args=(way, str(folder), self._stop, sender), daemon=True)
            process.start()
            self._running.append((way, process, receiver))

    def judge(self, at_least):
        """Ends them; every pair that any of them saw has to match, and there have to be enough to prove anything."""
        self._stop.set()
        for way, process, receiver in self._running:
            pairs, reads = receiver.recv()
            process.join(10)
            print(f"{way.__name__}: {reads} reads, {len(pairs)} different pairs")
            assert len(pairs) >= at_least, f"{way.__name__} saw too little to prove anything"
            for chain, key in pairs:
                assert public_key_of(chain) == public_key_of(key), f"{way.__name__} saw a pair that does not match"


ALWAYS = [_by_directory, _by_resolved_path, _from_one_file]
WHILE_THE_KEY_STAYS = [_by_path, _by_path_key_first]


@pytest.mark.parametrize(
    ("key_lifetime", "ways"),
    [("30d", ALWAYS + WHILE_THE_KEY_STAYS), ("0s", ALWAYS)],
    ids=["key-kept", "key-changed-each-time"],
)
def test_a_reader_in_a_tight_loop_never_sees_a_certificate_that_does_not_match_its_key(
    make_agent, stand_in, key_lifetime, ways
):
    quick(stand_in)
    agent = make_agent(key_lifetime=key_lifetime).start().wait_until_ready()
    readers = Readers(ways, agent.file("user-svc"))
    serial = agent.serial()
    for _ in range(12):
        serial = agent.wait_for_certificate(other_than=serial, within=30)
    readers.judge(at_least=5)


def test_an_agent_that_is_killed_at_any_moment_leaves_a_usable_directory(make_agent, stand_in):
    quick(stand_in)
    agent = make_agent(key_lifetime="0s", services=["user-svc", "api-gateway"]).start().wait_until_ready()
    readers = Readers(ALWAYS, agent.file("user-svc"))
    moments = random.Random(4711)
    pause = threading.Event()
    for _ in range(KILLS):
        serial = agent.serial()
        until(lambda serial=serial: agent.serial() != serial, 15, "a rotation")
        # Not for an event: the point is a moment that nobody chose.
        pause.wait(moments.uniform(0, 0.4))
        agent.kill()
        for service in ("user-svc", "api-gateway"):
            assert agent.certificate(service), "a killed agent left no pair that matches"
        agent.start()
    readers.judge(at_least=KILLS)
    agent.wait_until_ready()
    assert stand_in.count("/v1/join") == 1
    agent.stop()
    generations = [name.rpartition(".")[0] for name in os.listdir(agent.file(".generations"))]
    assert all(generations.count(name) <= 2 for name in ("user-svc", "api-gateway", ".agent"))
    assert sorted(set(generations)) == [".agent", "api-gateway", "user-svc"]
    left = {name for name in os.listdir(agent.certificates) if not name.startswith(".")}
    assert left == {"ca.pem", "user-svc", "api-gateway"}


def test_a_disk_that_cannot_be_written_to_is_survived(make_agent, stand_in):
    stand_in.lifetime = 8
    agent = make_agent().start().wait_until_ready()
    serial = agent.serial()
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    line = agent.wait_for_line("certificate not renewed", service="user-svc")
    assert "is not in place" in line["reason"] and "user-svc" in line["reason"]
    assert agent.serial() == serial
    until(lambda: agent.metric("mtls_cert_rotations_total", service="user-svc", result="failure") >= 2, 15, "retries")
    asked = stand_in.count("/v1/sign")
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    agent.wait_for_certificate(other_than=serial)
    agent.wait_until_ready()
    assert asked == 2, "a certificate that could not be written was asked for again"


def test_something_of_the_operators_in_the_way_is_not_touched(make_agent):
    agent = make_agent(services=["user-svc", "other"])
    agent.file("user-svc").mkdir(parents=True)
    agent.file("user-svc/key.pem").write_text("mine")
    agent.start()
    assert "move it away" in agent.wait_for_line("certificate not renewed", service="user-svc")["reason"]
    agent.wait_for_certificate("other")
    assert agent.file("user-svc/key.pem").read_text() == "mine"
    os.rename(agent.file("user-svc"), agent.directory / "aside")
    agent.wait_for_certificate(within=45)


# Reload hooks


def test_a_command_is_run_for_every_new_certificate(make_agent, stand_in, tmp_path):
    quick(stand_in)
    told = tmp_path / "told"
    script = f'openssl x509 -in "$COUNTERSIGN_CERT" -noout -serial >>{told}; echo "told $1 of $COUNTERSIGN_SERVICE"'
    service = {"name": "user-svc", "reload": {"command": ["sh", "-c", script, "sh", "a b"]}}
    agent = make_agent(services=[service]).start()
    until(lambda: told.exists() and len(set(told.read_text().split())) >= 4, 20, "four runs of the command")
    line = agent.wait_for_line("consumer told", service="user-svc")
    assert line["output"] == "told a b of user-svc"


def test_a_failing_command_is_counted_shown_and_tried_again(make_agent, tmp_path):
    gate = tmp_path / "gate"
    script = f"echo no gate >&2; test -e {gate}"
    agent = make_agent(services=[{"name": "user-svc", "reload": {"command": ["sh", "-c", script]}}]).start()
    line = agent.wait_for_line("consumer not told", service="user-svc")
    assert "status 1" in line["reason"] and line["output"] == "no gate"
    agent.wait_until_ready()
    assert agent.certificate() and agent.health()[1]["components"]["reload"]["status"] == "degraded"
    until(lambda: agent.metric("agent_reloads_total", service="user-svc", result="failure") >= 2, 15, "another try")
    gate.touch()
    agent.wait_for_line("consumer told", service="user-svc")
    until(lambda: agent.health()[1]["components"]["reload"]["status"] == "ok", 15, "health without a reservation")


def test_a_command_that_hangs_is_ended_and_keeps_no_certificate_from_coming(make_agent, stand_in, tmp_path):
    quick(stand_in)
    child = tmp_path / "child"
    script = f"sleep 600 & echo $! >{child}; wait"
    service = {"name": "user-svc", "reload": {"command": ["sh", "-c", script], "timeout": "1s"}}
    agent = make_agent(services=[service]).start()
    serial = agent.wait_for_certificate()
    for _ in range(3):
        serial = agent.wait_for_certificate(other_than=serial)
    line = agent.wait_for_line("consumer not told", service="user-svc")
    assert "did not end within" in line["reason"]
    agent.stop()


def test_a_signal_is_sent_to_the_process_of_a_file(make_agent, tmp_path):
    told, ready, pid_file = tmp_path / "told", tmp_path / "ready", tmp_path / "service.pid"
    script = f"trap 'echo hup >>{told}' HUP; touch {ready}; while :; do sleep 0.05; done"
    # A shell cannot trap what was ignored when it began, as this signal is where the tests are run by nohup.
    heard = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)}
    with subprocess.Popen(["sh", "-c", script], **heard) as consumer:
        try:
            until(ready.exists, 10, "the consumer")
            service = {"name": "user-svc", "reload": {"signal": "HUP", "pid_file": str(pid_file)}}
            agent = make_agent(services=[service]).start()
            assert "service.pid" in agent.wait_for_line("consumer not told", service="user-svc")["reason"]
            beside = tmp_path / "service.pid.new"
            beside.write_text(f"{consumer.pid}\n")
            os.replace(beside, pid_file)
            agent.wait_for_line("consumer told", service="user-svc", within=60)
            until(told.exists, 30, "the signal")
        finally:
            consumer.send_signal(signal.SIGKILL)


def test_a_consumer_that_an_agent_died_before_telling_is_told_by_the_next(make_agent, tmp_path):
    gate, told = tmp_path / "gate", tmp_path / "told"
    script = f"test -e {gate} && touch {told}"
    agent = make_agent(services=[{"name": "user-svc", "reload": {"command": ["sh", "-c", script]}}]).start()
    agent.wait_for_line("consumer not told", service="user-svc")
    agent.kill()
    gate.touch()
    agent.start()
    until(told.exists, 15, "the consumer being told")
