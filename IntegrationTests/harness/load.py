"""Steady traffic over mutual TLS from processes of their own, and the backend that it ends at."""

import asyncio
import multiprocessing
import os
import re
import socket
import ssl
import threading
import time
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field

_SPAWN = multiprocessing.get_context("spawn")


class CountingBackend:
    """Answers every request with "ok", and counts by which certificate each identity has come."""

    def __init__(self):
        self._orders, orders = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_serve_backend, args=(orders,), daemon=True)
        self._process.start()
        self.address = f"127.0.0.1:{self._orders.recv()}"

    def counts(self):
        """Requests by SPIFFE ID and by the digest of the certificate."""
        self._orders.send("counts")
        return self._orders.recv()

    def stop(self):
        self._process.kill()
        self._process.join(10)


def _serve_backend(orders):
    counts = defaultdict(Counter)

    class Handler(asyncio.Protocol):
        def __init__(self):
            self.buffer = b""

        def connection_made(self, transport):
            self.transport = transport

        def data_received(self, data):
            self.buffer += data
            while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
                head, self.buffer = self.buffer[:end], self.buffer[end + 4 :]
                caller = re.search(rb"(?i)x-forwarded-client-cert:.*Hash=([0-9a-f]+).*URI=([^\s;,\"]+)", head)
                counts[caller[2].decode() if caller else ""][caller[1].decode() if caller else ""] += 1
                self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def serve():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Handler, "127.0.0.1", 0)
        orders.send(server.sockets[0].getsockname()[1])
        asked = asyncio.Event()
        loop.add_reader(orders.fileno(), asked.set)
        while True:
            await asked.wait()
            orders.recv()
            asked.clear()
            orders.send({caller: dict(found) for caller, found in counts.items()})

    try:
        asyncio.run(serve())
    except (EOFError, OSError):
        pass


@dataclass
class Caller:
    """A service that calls: with the certificate that its folder has at the moment of each connection."""

    folder: str
    roots: str
    port: int
    host: str
    rate: float
    seconds: float
    # How long a connection is kept: less than a certificate is good for after it was replaced.
    connection_seconds: float = 1.5
    connections: int = 2


@dataclass
class Outcome:
    """What became of the requests of a caller."""

    requests: int = 0
    connections: int = 0
    latest: float = 0.0
    failures: list = field(default_factory=list)
    server_serials: set = field(default_factory=set)

    def add(self, other):
        self.requests += other.requests
        self.connections += other.connections
        self.latest = max(self.latest, other.latest)
        self.failures += other.failures
        self.server_serials |= other.server_serials


def run_callers(callers):
    """Has every caller call from a process of its own; answers their outcomes."""
    running = []
    for caller in callers:
        receiver, sender = _SPAWN.Pipe(False)
        process = _SPAWN.Process(target=_call, args=(caller, sender), daemon=True)
        process.start()
        running.append((process, receiver))
    outcomes = []
    for process, receiver in running:
        outcomes.append(receiver.recv())
        process.join(10)
    return outcomes


def _call(caller, sender):
    outcome, lock = Outcome(), threading.Lock()

    def work(index):
        part = Outcome()
        try:
            _traffic(caller, index, part)
        except Exception:  # noqa: BLE001 - shown by the test
            part.failures.append(traceback.format_exc())
        with lock:
            outcome.add(part)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(caller.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sender.send(outcome)


def _traffic(caller, index, outcome):
    """Requests at their times until the time is over; one that is late goes at once, to keep the rate over a pause."""
    begin = time.monotonic()
    interval = caller.connections / caller.rate
    due, connection, opened = begin + interval * index / caller.connections, None, 0.0
    data = f"GET /stock HTTP/1.1\r\nHost: {caller.host}\r\n\r\n".encode()
    end = begin + caller.seconds
    while due < end and (now := time.monotonic()) < end:
        if due > now:
            time.sleep(due - now)
        if connection is not None and time.monotonic() - opened > caller.connection_seconds:
            connection.close()
            connection = None
        outcome.requests += 1
        try:
            if connection is None:
                connection, opened = _connect(caller, outcome), time.monotonic()
            sent = time.monotonic()
            connection.sendall(data)
            if _closes(connection):
                connection.close()
                connection = None
            outcome.latest = max(outcome.latest, time.monotonic() - sent)
        except Exception:  # noqa: BLE001 - whatever it is, a request has failed
            outcome.failures.append(f"{time.monotonic() - begin:.3f} s: {traceback.format_exc()}")
            connection = None
            if len(outcome.failures) >= 20:
                return
        due += interval
    if connection is not None:
        connection.close()


def _connect(caller, outcome):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(caller.roots)
    # Resolved once, so that both files are of one generation.
    folder = os.path.realpath(caller.folder)
    made.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    plain = socket.create_connection(("127.0.0.1", caller.port), 10)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = made.wrap_socket(plain, server_hostname=caller.host)
    outcome.connections += 1
    outcome.server_serials.add(connection.getpeercert()["serialNumber"])
    return connection


def _closes(connection):
    """Reads one response, which has to be a 200 with "ok"; answers whether it is the connection's last."""
    data = b""
    while not data.endswith(b"\r\n\r\nok"):
        more = connection.recv(65536)
        if not more:
            raise ConnectionError(f"the connection ended within a response: {data[:200]!r}")
        data += more
        if not data.startswith(b"HTTP/1.1 200 "[: len(data)]):
            raise ConnectionError(f"not a success: {data[:200]!r}")
    return b"\r\nconnection: close" in data.lower()
