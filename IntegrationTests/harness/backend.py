"""A backend that follows a script byte for byte and remembers exactly what it was sent."""

import json
import socket
import ssl
import struct
import threading

from harness.http import Cut, Reader
from harness.waiting import Journal


class Exchange:
    """One connection to the backend, in the hands of a script."""

    def __init__(self, sock, journal):
        self.sock = sock
        self.received = bytearray()
        # With TLS: who the router showed itself to be (DER; None without a certificate), and whether it resumed.
        self.peer_certificate, self.is_resumed = None, False
        self.reader = Reader(self._receive)
        self._journal = journal

    def request(self):
        """The next whole request; None when the other side closed between requests."""
        if not self.reader.buffer and not self.reader.fill():
            return None
        message = self.reader.request()
        self._journal.add(message)
        return message

    def head(self):
        """The next request head alone; its body is left in the stream."""
        message = self.reader.head()
        self._journal.add(message)
        return message

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def answer(self, body=b"ok", status="200 OK", *fields):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def reset(self):
        """Ends the connection with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def finish(self):
        """Ends our direction with FIN; the other direction stays open."""
        self.sock.shutdown(socket.SHUT_WR)

    def wait_until_peer_closes(self):
        """Reads on until the other side closes or resets; answers which."""
        try:
            while self.reader.fill():
                self.reader.buffer.clear()
            return "closed"
        except ConnectionResetError:
            return "reset"

    def _receive(self, count):
        data = self.sock.recv(count)
        if len(self.received) < 4 << 20:
            self.received += data
        return data


def echo(exchange):
    """Answers every request with a JSON account of it: method, target, fields in order, body length, trailers."""
    while (message := exchange.request()) is not None:
        exchange.answer(account_of(message), "200 OK", "Content-Type: application/json")


def account_of(message):
    return json.dumps(
        {
            "method": message.method,
            "target": message.target,
            "headers": message.headers,
            "body_length": len(message.body),
            "trailers": message.trailers,
        }
    ).encode()


def answering(data):
    """A script that answers each request's head with the same bytes and keeps the connection open."""

    def script(exchange):
        while exchange.request() is not None:
            exchange.send(data)

    return script


class Backend:
    """Listens on a loopback port of the system's choice until `stop`; each connection runs `script` in a thread."""

    def __init__(self, script=echo, port=0, receive_buffer=None, tls=None):
        """`tls` is the server's `ssl.SSLContext`; it may be exchanged while the backend runs."""
        self.script = script
        self.tls = tls
        self.refused = Journal()
        self.requests = Journal()
        self.ended = Journal()
        self.exchanges = Journal()
        self._sockets = []
        self._listener = socket.socket()
        if receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def seen(self):
        """The requests that came so far, in order."""
        return self.requests.snapshot()

    def received_bytes(self):
        """All the bytes of all connections so far."""
        return b"".join(bytes(exchange.received) for exchange in self.exchanges.snapshot())

    def forget(self):
        """Starts the record anew; connections stay."""
        self.requests.entries.clear()
        for exchange in self.exchanges.snapshot():
            exchange.received.clear()

    def stop(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.drop_connections()

    def drop_connections(self):
        for sock in self._sockets:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                pass
            # A TLS connection is closed by its own thread: the library may be reading from the descriptor's number,
            # which would be another connection's by then.
            if not isinstance(sock, ssl.SSLSocket):
                sock.close()
        self._sockets.clear()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(sock)
            exchange = Exchange(sock, self.requests)
            self.exchanges.add(exchange)
            threading.Thread(target=self._run, args=(exchange,), daemon=True).start()

    def _run(self, exchange):
        outcome = "done"
        try:
            if self.tls and not self._shake_hands(exchange):
                return
            outcome = self.script(exchange) or "done"
        except (Cut, OSError, ValueError) as error:
            outcome = f"{type(error).__name__}: {error}"
        finally:
            try:
                exchange.sock.close()
            except OSError:
                pass
            self.ended.add((exchange, outcome))

    def _shake_hands(self, exchange):
        """Makes the connection a TLS one; what keeps it from that is in `refused`."""
        try:
            exchange.sock = self.tls.wrap_socket(exchange.sock, server_side=True, suppress_ragged_eofs=False)
        except (ssl.SSLError, OSError) as error:
            self.refused.add(getattr(error, "reason", None) or type(error).__name__)
            return False
        exchange.peer_certificate = exchange.sock.getpeercert(binary_form=True)
        exchange.is_resumed = exchange.sock.session_reused
        self._sockets.append(exchange.sock)
        return True
