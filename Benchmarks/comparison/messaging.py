"""What the bus takes of a registration: processor time of nats-server for each, by how many routers hear it."""

import argparse
import contextlib
import selectors
import socket
import time
from pathlib import Path

from . import bus
from .report import Results, Samples
from .rows import Row, Sample
from .servers import MEASURED_PROCESSOR, Server, free_port
from .turns import rotated

#: What a registration of a platform has, with its tags and options.
MESSAGE_BYTES = 560
#: Messages that are sent before it is waited until each router has them: a few make the bus a waiter, not a worker.
BATCH = 500
ROUTERS = (1, 4)
SUBJECT = b"router.register"
CONNECT = b'CONNECT {"verbose":false,"pedantic":false}\r\n'
MESSAGE = b"PUB %s %d\r\n%s\r\n" % (SUBJECT, MESSAGE_BYTES, b"x" * MESSAGE_BYTES)
#: What each router gets for it, told apart from others of the server's lines by its length.
DELIVERED = len(b"MSG %s 1 %d\r\n\r\n" % (SUBJECT, MESSAGE_BYTES)) + MESSAGE_BYTES


def run(key: str, options: argparse.Namespace, folder: Path) -> Results:
    samples: Samples = {name(count): [] for count in ROUTERS}
    with contextlib.ExitStack() as stack:
        server = bus.start(folder, free_port(), MEASURED_PROCESSOR)
        stack.callback(server.stop)
        for number in range(options.rounds):
            for count in rotated(list(ROUTERS), number):
                sample = registrations(server, count, options.seconds)
                samples[name(count)].append(sample)
                print(f"{key} round {number + 1}/{options.rounds}: {name(count)} {sample.value:.2f} µs", flush=True)
    title = f"A registration of {MESSAGE_BYTES} B in nats-server"
    return {key: (Row(title, "CPU µs a message", ()), samples)}


def name(routers: int) -> str:
    return "to 1 router" if routers == 1 else f"to {routers} routers"


def registrations(server: Server, routers: int, seconds: float) -> Sample:
    """Processor time of the server for each message that was published and heard by all."""
    with contextlib.ExitStack() as stack:
        publisher, *subscribers = (stack.enter_context(connected(server.port)) for _ in range(routers + 1))
        for subscriber in subscribers:
            subscriber.sendall(b"SUB %s 1\r\nPING\r\n" % SUBJECT)
            read_until_pong(subscriber)
        before, begin, count = server.processor_seconds(), time.monotonic(), 0
        while (elapsed := time.monotonic() - begin) < seconds:
            publisher.sendall(MESSAGE * BATCH)
            drain(subscribers, BATCH * DELIVERED)
            count += BATCH
        used = server.processor_seconds() - before
    return Sample(used * 1e6 / count, count / elapsed)


def connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), 30)
    made.sendall(CONNECT + b"PING\r\n")
    read_until_pong(made)
    return made


def read_until_pong(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(b"PONG\r\n"):
        received += more(connection)


def drain(connections: list[socket.socket], length: int) -> None:
    """Reads so much on each of them."""
    missing = dict.fromkeys(connections, length)
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection, selectors.EVENT_READ)
        while missing:
            ready = selector.select(30)
            if not ready:
                raise RuntimeError("nats-server has handed out nothing for 30 s")
            for key, _ in ready:
                missing[key.fileobj] -= len(more(key.fileobj))
                if missing[key.fileobj] <= 0:
                    selector.unregister(key.fileobj)
                    del missing[key.fileobj]


def more(connection: socket.socket) -> bytes:
    received = connection.recv(1 << 20)
    if not received:
        raise RuntimeError("nats-server closed a connection")
    return received


ROWS = {"messages": run}
