"""A gRPC service and a client on grpc-swift: the program `grpc-peer` of the package Examples/Services.

Its service has the methods of `grpc_service`, so that either client can call either service.
"""

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path

from harness.waiting import Journal

PACKAGE = Path(__file__).resolve().parents[2] / "Examples" / "Services"
PROGRAM = Path(os.environ.get("GRPC_PEER_BIN", PACKAGE / ".build" / "debug" / "grpc-peer"))


def _command(subcommand, *arguments, identity=None):
    """`identity` is a chain, a key, and the roots of the other side, all of them files."""
    assert os.access(PROGRAM, os.X_OK), f"{PROGRAM} is absent: swift build --package-path {PACKAGE}"
    options = zip(("--chain", "--key", "--roots"), identity or (), strict=False)
    return [str(part) for part in (PROGRAM, subcommand, *arguments, *(item for pair in options for item in pair))]


class SwiftService:
    """Serves on a loopback port of the system's choice, with mutual TLS where it is given an identity."""

    def __init__(self, identity=None):
        self.events = Journal()
        self._process = subprocess.Popen(
            _command("serve", identity=identity), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = self.wait_for("listening")["port"]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def wait_for(self, event, start=0, **fields):
        """The first event of a kind at or after the `start`-th."""
        wanted = {"event": event, **fields}
        return self.events.wait_for(lambda seen: wanted.items() <= seen.items(), what=f"{wanted}", start=start)

    def calls(self):
        return [event for event in self.events.snapshot() if event["event"] == "called"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(10)
        self._reader.join(10)
        self._process.stdout.close()

    def _read(self):
        for line in self._process.stdout:
            self.events.add(json.loads(line))


class SwiftClient:
    """Calls the service that has a name at a port, as whoever the identity says."""

    def __init__(self, port, authority, identity=None):
        self.port, self.authority, self.identity = port, authority, identity

    def command(self, method, *options):
        return _command(
            "call", method, f"--port={self.port}", f"--authority={self.authority}", *options, identity=self.identity
        )

    def call(self, method, *messages, options=(), within=60):
        """Makes one call to its end, and answers what the client's library told."""
        command = self.command(method, *(f"--message={message}" for message in messages), *options)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def calling(self, method, *options):
        """A call that goes on until the block ends; the client is killed then."""
        process = subprocess.Popen(self.command(method, *options), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)
