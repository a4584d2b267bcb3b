"""A Kafka broker that can be stopped, frozen, slowed down and put behind TLS, and what has been delivered to it.

All but the reader reach it through a relay with a port that stays; the relay writes that port into the answers.
The broker keeps what it has in memory: a restarted one is empty, and what was read before is known here alone.
"""

import contextlib
import json
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from harness.ports import free_port
from harness.waiting import until

TOPIC = "countersign-audit"


class Kafka:
    def __init__(self, tls=None):
        """`tls` is the context of a server, for brokers that are spoken to by TLS."""
        self.port = free_port()
        self._tls, self._listener, self._links = tls, None, []
        self._lock = threading.Lock()
        self.messages, self._process = [], None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()
        self.kill()

    # The broker

    def start(self, **options):
        self._process, self._broker_port = self._launch(**options)
        self._reading = threading.Event()
        address = f"127.0.0.1:{self._broker_port}"
        threading.Thread(target=self._read, args=(address, self._reading), daemon=True).start()
        self.link()
        return self

    def _launch(self):
        process = subprocess.Popen(
            [sys.executable, Path(__file__).parent / "kafka_cluster.py", TOPIC],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return process, int(process.stdout.readline().strip().rpartition(":")[2])

    def kill(self):
        if self._process:
            self._reading.set()
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def tell(self, *words):
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    @contextlib.contextmanager
    def frozen(self):
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    # What was delivered

    def events(self):
        return [json.loads(content) for _, content in list(self.messages)]

    def identifiers(self):
        return {event["id"] for event in self.events()}

    def wait_for(self, count, within=20):
        """Waits for so many different events."""
        until(lambda: len(self.identifiers()) >= count, within, f"the delivery of {count} events")

    def _read(self, address, done):
        quiet = {"log_level": 0, "enable.auto.commit": False, "fetch.wait.max.ms": 50}
        consumer = Consumer({"bootstrap.servers": address, "group.id": "test", **quiet})
        consumer.assign([TopicPartition(TOPIC, number, 0) for number in range(3)])
        while not done.is_set():
            message = consumer.poll(0.1)
            if message and not message.error():
                self.messages.append((message.key(), message.value()))
        consumer.close()

    # The relay

    def link(self):
        """Lets connections through."""
        if not self._listener:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self):
        """Ends all connections, and takes no new ones."""
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            links, self._links = self._links, []
        for link in links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near):
        with contextlib.suppress(OSError):
            if self._tls:
                near = self._tls.wrap_socket(near, server_side=True)
            far = socket.create_connection(("127.0.0.1", self._broker_port))
            with self._lock:
                self._links += [near, far]
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()
            self._answer(far, near)
        with contextlib.suppress(OSError):
            near.close()

    def _forward(self, near, far):
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                far.sendall(data)
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_WR)

    def _answer(self, far, near):
        stream, is_first = far.makefile("rb"), True
        while head := stream.read(4):
            frame = self._shown(stream.read(struct.unpack(">i", head)[0]), is_first)
            near.sendall(struct.pack(">i", len(frame)) + frame)
            is_first = False

    def _shown(self, frame, is_first):
        """What the client gets of an answer; the first of a connection is that to ApiVersions."""
        own, wanted = (b"127.0.0.1" + struct.pack(">i", port) for port in (self._broker_port, self.port))
        return frame.replace(own, wanted)
