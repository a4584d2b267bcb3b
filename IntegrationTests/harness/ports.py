"""Free loopback ports from below the ephemeral range, so that no outgoing connection takes one in between."""

import itertools
import os
import socket

_FIRST, _PER_WORKER = 20000, 2000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw") or 0)
_start = _FIRST + _PER_WORKER * (_worker % 5)
_candidates = itertools.cycle(range(_start + os.getpid() % (_PER_WORKER // 2), _start + _PER_WORKER))


def free_port():
    for _ in range(_PER_WORKER):
        port = next(_candidates)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no free loopback port was found")
