"""A listener that connections cannot get through to, as of a host that is overloaded or gone from the network."""

import select
import socket


class FullBacklog:
    """Listens without ever accepting, with its queue full: whoever connects waits."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self._waiting = []
        while True:
            filler = socket.socket()
            self._waiting.append(filler)
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            _, writable, _ = select.select([], [filler], [], 0.3)
            if not writable:
                break

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in [*self._waiting, self._listener]:
            sock.close()
