"""Large and slow content through both proxies: whole, unchanged, and in constant memory."""

import hashlib
import json
import os

import pytest

from harness.egress import FRONTEND_USER, HOST
from harness.world import route

URL = f"http://{HOST}/content"
SIZE = 64 << 20


@pytest.fixture
def start(world, start_router, start_egress, start_backend):
    def start(script, **section):
        router = start_router(world.configuration([route(HOST, start_backend(script), mtls_allow_any=True)]))
        return start_egress(router, **section)

    return start


def digest(exchange):
    """Answers with the digest of the content, which is thrown away as it comes."""
    message = exchange.head()
    left = int(message.get("Content-Length"))
    sum256 = hashlib.sha256()
    while left:
        if not exchange.reader.buffer:
            exchange.reader.fill()
        part = bytes(exchange.reader.buffer[:left])
        del exchange.reader.buffer[: len(part)]
        sum256.update(part)
        left -= len(part)
    exchange.answer(sum256.hexdigest().encode())


def test_large_uploads_arrive_whole(start, tmp_path):
    egress = start(digest)
    assert egress.curl("-d", "warm", URL).returncode == 0
    egress.reset_peak_memory()
    before = egress.memory("VmHWM")
    command = f"head -c {SIZE} /dev/zero | curl -sS -H Expect: --data-binary @- {URL}"
    done = egress.as_user(FRONTEND_USER, "sh", "-c", command, within=120)
    assert done.stdout == hashlib.sha256(bytes(SIZE)).hexdigest(), done.stderr
    assert egress.memory("VmHWM") - before < 16 << 20


def test_large_downloads_arrive_whole_in_chunks_and_by_length(start):
    def script(exchange):
        while (message := exchange.request()) is not None:
            if message.target.endswith("chunked"):
                exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in range(SIZE >> 20):
                    exchange.send(b"100000\r\n" + bytes(1 << 20) + b"\r\n")
                exchange.send("0\r\n\r\n")
            else:
                exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n")
                for _ in range(SIZE >> 20):
                    exchange.send(bytes(1 << 20))

    egress = start(script)
    for target in ("chunked", "length"):
        done = egress.as_user(FRONTEND_USER, "sh", "-c", f"curl -sS {URL}/{target} | sha256sum", within=120)
        assert done.stdout.split()[0] == hashlib.sha256(bytes(SIZE)).hexdigest(), done.stderr


def test_a_reader_that_does_not_read_holds_nothing_but_itself_up(start):
    sent = []

    def script(exchange):
        if exchange.request().target == "/x":
            exchange.answer(b"other")
            return
        exchange.send(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n")
        try:
            for _ in range(SIZE >> 16):
                exchange.send(bytes(1 << 16))
                sent.append(1 << 16)
        except OSError:
            pass

    egress = start(script)
    with egress.raw() as caller:
        caller.send(f"GET {URL} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
        assert caller.reader.head().start == "HTTP/1.1 200 OK"
        assert egress.status(f"http://{HOST}/x") == 200, "others are served"
        assert sum(sent) < SIZE, "the backend is held back"
        assert egress.memory() < 200 << 20


def test_half_closed_callers_get_their_answer(start):
    def script(exchange):
        exchange.request()
        exchange.answer(b"whole")

    egress = start(script)
    with egress.raw() as caller:
        caller.send(f"GET {URL} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")
        caller.half_close()
        assert caller.reader.response().body == b"whole"
        assert caller.wait_for_end() == "closed"


def test_slow_callers_time_out(start):
    egress = start(digest, timeouts={"request_head": "300ms", "body_idle": "300ms"})
    with egress.raw() as caller:
        caller.send(f"GET {URL} HTTP/1.1\r\nHost:")
        answer = caller.reader.response()
        assert (answer.status, json.loads(answer.body)["code"]) == (408, "request_timeout")
    with egress.raw() as caller:
        caller.send(f"POST {URL} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100\r\n\r\nabc")
        assert caller.reader.response().status == 408
    assert os.path.exists(egress.access_log)
