"""The load generator of the benchmarks counts what was answered, and what had to wait because nothing was."""

import json
import socket
import subprocess
import threading

from harness import tools

BODY = b"x" * 100
CONNECTIONS = 4


class Answering:
    """An HTTP server that answers so many requests and then no more, whatever still comes."""

    def __init__(self, most=1 << 60, body=BODY):
        self.answered, self.asked = 0, []
        self._most = most
        self._answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections = []
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def _accept(self):
        try:
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        except OSError:
            return

    def _serve(self, connection):
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
                while b"\r\n\r\n" in received:
                    head, _, received = received.partition(b"\r\n\r\n")
                    if self._takes(head):
                        connection.sendall(self._answer)
        except OSError:
            return

    def _takes(self, head):
        with self._lock:
            self.asked.append(head)
            if self.answered == self._most:
                return False
            self.answered += 1
            return True


def command(server, *options):
    load = (f"--connections={CONNECTIONS}", "--warmup=0", "--seconds=1")
    return [tools.LOADGEN, "--plain", "--host=backend.example.internal", f"--port={server.port}", *load, *options]


def load(server, *options):
    done = tools.run(*command(server, *options))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_closed_loop_counts_the_answers():
    with Answering() as server:
        report = load(server)
    # Each connection had an answer before, and one may be on its way at the end.
    assert 0 <= server.answered - CONNECTIONS - report["requests"] <= CONNECTIONS
    assert report["errors"] == 0 and report["unanswered"] == 0
    assert 0 < report["own_processor_seconds"] <= report["seconds"] * 1.1


def test_what_is_due_and_has_no_answer_has_waited_until_the_end():
    answers, rate = 20, 200
    with Answering(CONNECTIONS + answers) as server:
        report = load(server, f"--rate={rate}")
    assert report["requests"] == answers
    # One more may be due at the very end, and more where the machine lets the load wait there.
    assert rate - answers - 1 <= report["unanswered"] < 2 * rate
    # The last answer came a tenth of a second after the start: half of all have waited for 0.4 s at least.
    assert report["latency_microseconds"]["p50"] > 350_000
    assert report["latency_microseconds"]["max"] > 850_000


def test_a_server_that_keeps_up_answers_most_of_what_is_due():
    rate = 100
    with Answering() as server:
        report = load(server, f"--rate={rate}")
    assert rate - 1 <= report["requests"] + report["unanswered"] < 2 * rate
    assert report["unanswered"] < rate / 2


def test_another_answer_than_the_expected_one_ends_the_load():
    with Answering(body=b"short") as server:
        done = tools.run(*command(server))
    assert done.returncode != 0 and not done.stdout
    assert "a body of 5 bytes; expected 100" in done.stderr


def test_connections_that_are_only_to_be_open_send_nothing_more():
    with Answering() as server:
        process = subprocess.Popen(command(server, "--wait"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with process:
            assert process.stdout.readline() == "ready\n"
            process.stdin.close()
            assert process.stdout.read() == ""
        assert process.returncode == 0
    assert len(server.asked) == CONNECTIONS


def test_connections_are_for_the_hosts_of_a_file_in_turn(tmp_path):
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("one.example\ntwo.example\n")
    with Answering() as server:
        load(server, f"--hosts={hosts}", "--rate=1")
    opened = server.asked[:CONNECTIONS]
    for name in (b"one.example", b"two.example"):
        assert len([head for head in opened if b"\r\nHost: %s\r\n" % name in head]) == CONNECTIONS / 2


def test_a_file_without_hosts_is_an_error(tmp_path):
    hosts = tmp_path / "hosts.txt"
    hosts.write_text("")
    with Answering() as server:
        done = tools.run(*command(server, f"--hosts={hosts}"))
    assert done.returncode != 0 and f"find hosts in '{hosts}'" in done.stderr
