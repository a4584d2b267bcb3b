"""The message bus: a real nats-server as a process, and a client of it that registers routes as a platform does."""

import json
import os
import select
import signal
import socket
import ssl
import subprocess
import threading

from harness.ports import free_port
from harness.tools import NATS_SERVER
from harness.waiting import Journal, until

USER, PASSWORD = "router", "s3cr3t-of-the-bus"


class Bus:
    """nats-server on a free loopback port, which it keeps when it is started again."""

    def __init__(self, directory, tls=None, client_roots=None, token=None, anonymous=False):
        """`tls` is chain and key of the server; with `client_roots` it demands a certificate of every client."""
        self.directory = directory
        self.port = free_port()
        self.token, self.anonymous = token, anonymous
        self._tls, self._client_roots = tls, client_roots
        self._process = None
        self._log = open(directory / f"nats-{self.port}.log", "ab")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        self._log.close()

    def configuration(self):
        lines = [f'listen: "127.0.0.1:{self.port}"', "max_payload: 2MB"]
        if self.token:
            lines.append(f'authorization {{ token: "{self.token}" }}')
        elif not self.anonymous:
            lines.append(f'authorization {{ user: "{USER}", password: "{PASSWORD}" }}')
        if self._tls:
            chain, key = self._tls
            tls = f'cert_file: "{chain}", key_file: "{key}"'
            if self._client_roots:
                tls += f', ca_file: "{self._client_roots}", verify: true'
            lines.append(f"tls {{ {tls} }}")
        return "\n".join(lines) + "\n"

    def start(self):
        path = self.directory / f"nats-{self.port}.conf"
        path.write_text(self.configuration())
        self._process = subprocess.Popen(
            [NATS_SERVER, "-c", str(path)], stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        until(self._answers, 10, "nats-server listening")
        return self

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(5) == b"INFO "
        except OSError:
            return False

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(10)

    def freeze(self):
        """Lets the server answer nobody, with every connection open: what a partition of the network looks like."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self._process.pid, signal.SIGCONT)

    def section(self, **options):
        """The router's section `nats` for this bus."""
        section = {
            "hosts": [{"hostname": "127.0.0.1", "port": self.port}],
            "start_response_delay_interval": "0s",
            **options,
        }
        if self.token:
            section.setdefault("token", self.token)
        elif not self.anonymous:
            section.setdefault("user", USER)
            section.setdefault("pass", PASSWORD)
        return section

    def client(self, context=None):
        return BusClient(self, context)


class BusClient:
    """One connection to the bus; what it hears is in `heard` as subject, reply subject and text."""

    def __init__(self, bus, context=None):
        self.heard = Journal()
        self._subscriptions = 0
        self._pongs = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._socket = socket.create_connection(("127.0.0.1", bus.port), 10)
        greeting = b""
        while not greeting.endswith(b"\r\n"):
            greeting += self._socket.recv(1)
        assert greeting.startswith(b"INFO ")
        if context:
            self._socket = context.wrap_socket(self._socket, server_hostname="localhost")
        # Sending and receiving take turns: a TLS session is not for two threads at once.
        self._socket.setblocking(False)
        hello = {"verbose": False, "echo": False}
        if bus.token:
            hello["auth_token"] = bus.token
        elif not bus.anonymous:
            hello |= {"user": USER, "pass": PASSWORD}
        self._say(f"CONNECT {json.dumps(hello)}\r\n".encode())
        threading.Thread(target=self._listen, daemon=True).start()
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with self._lock:
            self._socket.close()

    def _say(self, data):
        rest = memoryview(data)
        while rest:
            with self._lock:
                try:
                    rest = rest[self._socket.send(rest) :]
                    continue
                except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                    pass
            select.select([], [self._socket], [], 10)

    def _receive(self):
        """The bytes that have come; waits for some, and answers none when the connection has ended."""
        while True:
            with self._lock:
                try:
                    return self._socket.recv(65536)
                except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                    pass
            select.select([self._socket], [], [], 10)

    def _listen(self):
        buffer = b""
        try:
            while data := self._receive():
                buffer += data
                while (message := self._message(buffer)) is not None:
                    buffer = message
        except (OSError, ValueError, ssl.SSLError):
            return

    def _message(self, buffer):
        """Takes one message off the front of what has come, and answers the rest; None when there is no whole one."""
        line, end, rest = buffer.partition(b"\r\n")
        if not end:
            return None
        words = line.split()
        if words[0] == b"MSG":
            length = int(words[-1])
            if len(rest) < length + 2:
                return None
            reply = words[3].decode() if len(words) == 5 else ""
            self.heard.add((words[1].decode(), reply, rest[:length].decode()))
            return rest[length + 2 :]
        if words[0] == b"PING":
            self._say(b"PONG\r\n")
        elif words[0] == b"PONG":
            self._pongs.release()
        return rest

    def flush(self):
        """Waits until the server has taken everything that was said."""
        self._say(b"PING\r\n")
        assert self._pongs.acquire(timeout=10), "the bus did not answer"

    def subscribe(self, subject):
        self._subscriptions += 1
        self._say(f"SUB {subject} {self._subscriptions}\r\n".encode())
        self.flush()

    def publish(self, subject, message, reply=""):
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self._say(f"PUB {subject} {reply} {len(data)}\r\n".encode() + data + b"\r\n")

    def register(self, backend, *routes, **members):
        self.publish("router.register", self.registration(backend, *routes, **members))

    def unregister(self, backend, *routes, **members):
        self.publish("router.unregister", self.registration(backend, *routes, **members))

    @staticmethod
    def registration(backend, *routes, **members):
        host, _, port = getattr(backend, "address", backend).rpartition(":")
        return {"host": host, "port": int(port), "uris": list(routes), **members}
