"""WebSocket servers and clients of the `websockets` package, as applications use them."""

import select
import socket
import ssl
import threading

from websockets.sync.client import connect
from websockets.sync.server import serve


class WebSocketServer:
    """Serves `handler` on a loopback port of the system's choice until it is stopped."""

    def __init__(self, handler, **options):
        self.paths = []

        def handle(connection):
            self.paths.append(connection.request.path)
            handler(connection)

        self._server = serve(handle, "127.0.0.1", 0, max_size=None, **options)
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join(10)


def echo(connection):
    for message in connection:
        connection.send(message)


class SharedTLSSocket(ssl.SSLSocket):
    """A TLS socket that one thread may read while another writes, as the client's threads do.

    Before Python 3.13 nothing keeps both from being inside OpenSSL with the same connection at once. What is written
    while session tickets are read is then never sent, and the writer waits for an answer that cannot come.
    """

    _turns = threading.RLock()

    def recv(self, size=1024, flags=0):
        return self._in_turn(super().recv, size, flags)

    def send(self, data, flags=0):
        return self._in_turn(super().send, data, flags)

    def settimeout(self, seconds):
        with self._turns:
            super().settimeout(seconds)

    def _in_turn(self, operation, *arguments):
        while True:
            with self._turns:
                timeout = self.gettimeout()
                super().settimeout(0)
                try:
                    return operation(*arguments)
                except ssl.SSLWantReadError:
                    awaited = select.POLLIN
                except ssl.SSLWantWriteError:
                    awaited = select.POLLOUT
                finally:
                    super().settimeout(timeout)
            ready = select.poll()
            ready.register(self, awaited)
            if not ready.poll(None if timeout is None else timeout * 1000):
                raise TimeoutError("the other side is too slow")


def open_websocket(world, router, host, path="/", identity=None, **options):
    """A client's connection through the router; a context manager."""
    context = world.context(identity, fresh=True)
    context.sslsocket_class = SharedTLSSocket
    sock = socket.create_connection(("127.0.0.1", router.port), 10)
    options.setdefault("max_size", None)
    return connect(f"wss://{host}{path}", sock=sock, ssl=context, server_hostname=host, proxy=None, **options)


HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: plain.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
).encode()
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n"


def switched(script):
    """A backend's script that switches and then runs another one."""

    def run(exchange):
        exchange.head()
        exchange.send(SWITCH % b"websocket")
        return script(exchange)

    return run


def open_tunnel(world, router):
    connection = world.connect(router, "plain.example.com")
    connection.send(HANDSHAKE)
    assert connection.reader.head().status == 101
    return connection
