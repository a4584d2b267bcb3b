"""A relay between the router and a backend that cuts the stream into other pieces than were sent."""

import socket
import threading

from harness.waiting import Journal


class Relay:
    """Passes bytes on as `size` of them at a time, each piece as a segment of its own; numbers connections."""

    def __init__(self, backend, size=65536):
        self._target, self._size = backend.port, size
        self.opened, self.closed = Journal(), Journal()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            number = len(self.opened.snapshot()) + 1
            self.opened.add(number)
            for source, sink in ((near, far), (far, near)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pass, args=(source, sink, number), daemon=True).start()

    def _pass(self, source, sink, number):
        try:
            while data := source.recv(65536):
                for at in range(0, len(data), self._size):
                    sink.sendall(data[at : at + self._size])
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.closed.add(number)
