"""Posts the same contents over and over on connections that stay open, and counts the answers.

Run as a process of its own, so that it can be kept on a processor of its own. Reads one JSON document from standard
input (`port`, `method`, `path`, `bodies`, `connections`, `seconds`, `expect`), prints `ready` after a warm-up, goes on
at a line, and prints its report.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator

WARM_UP_SECONDS = 0.3


class Connection:
    """One connection with at most one request on its way."""

    def __init__(self, port: int, requests: list[bytes], first: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests, self.next = requests, first
        self.received = bytearray()
        self.started = 0.0

    def send(self) -> None:
        self.started = time.monotonic()
        self.socket.sendall(self.requests[self.next % len(self.requests)])
        self.next += 1

    def answer(self) -> bytes | None:
        """The answer, once it is there as a whole."""
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            raise RuntimeError("the server closed a connection")
        self.received += chunk
        if not is_whole(self.received):
            return None
        whole, self.received = bytes(self.received), bytearray()
        return whole


def is_whole(answer: bytearray) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(answer[:end]).lower()
    place = head.find(b"content-length:")
    if place < 0:
        return answer.endswith(b"\r\n0\r\n\r\n")
    length = int(head[place + 15 :].split(b"\r\n", 1)[0])
    return len(answer) == end + 4 + length


def run(selector: selectors.BaseSelector, seconds: float, expect: bytes) -> tuple[list[float], float]:
    """Latencies of the answers that came within the time, and the time; requests may be left on their way."""
    latencies: list[float] = []
    begin = now = time.monotonic()
    for connection in connections_of(selector):
        connection.send()
    while now - begin < seconds:
        for connection in answered(selector, expect):
            latencies.append(time.monotonic() - connection.started)
            connection.send()
        now = time.monotonic()
    return latencies, now - begin


def settle(selector: selectors.BaseSelector, expect: bytes) -> None:
    """Waits for the answers that are still to come."""
    missing = set(connections_of(selector))
    while missing:
        missing -= set(answered(selector, expect))


def connections_of(selector: selectors.BaseSelector) -> list[Connection]:
    return [key.data for key in selector.get_map().values()]


def answered(selector: selectors.BaseSelector, expect: bytes) -> Iterator[Connection]:
    """Connections whose answer has come as a whole, and is as it should be."""
    for key, _ in selector.select(1):
        answer = key.data.answer()
        if answer is None:
            continue
        if not answer.startswith(b"HTTP/1.1 200 ") or expect not in answer:
            raise RuntimeError(f"an answer is not as it should be: {answer[:400]!r}")
        yield key.data


def main() -> int:
    plan = json.loads(sys.stdin.readline())
    requests = [
        (
            f"{plan['method']} {plan['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        for body in plan["bodies"] or [""]
    ]
    selector = selectors.DefaultSelector()
    for number in range(plan["connections"]):
        connection = Connection(plan["port"], requests, number)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    expect = plan["expect"].encode()
    run(selector, WARM_UP_SECONDS, expect)
    settle(selector, expect)
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    latencies, elapsed = run(selector, plan["seconds"], expect)
    used = time.process_time() - before
    latencies.sort()
    percentile = [latencies[int(len(latencies) * share)] * 1e6 for share in (0.5, 0.99)]
    report = {"requests": len(latencies), "seconds": elapsed, "latency": percentile, "own_processor_seconds": used}
    print(json.dumps(report), flush=True)
    sys.stdin.readline()
    return 0


if __name__ == "__main__":
    sys.exit(main())
