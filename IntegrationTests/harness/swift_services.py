"""The programs of Examples/Services: services and clients on frameworks of Swift, made with the product's libraries."""

import os
import subprocess
import threading
from pathlib import Path

from harness.swift_grpc import PACKAGE
from harness.waiting import Journal

PROGRAMS = PACKAGE / ".build" / "debug"


def program(name):
    path = PROGRAMS / name
    assert os.access(path, os.X_OK), f"{path} is absent: swift build --package-path {PACKAGE}"
    return str(path)


def identity(leaf, authority, directory, crl=None):
    """The options that give a program a certificate, the bundle of an authority, and a revocation list."""
    chain, key = leaf.save(directory, "leaf")
    bundle = authority.save(directory, "bundle")
    options = [f"--chain={chain}", f"--key={key}", f"--bundle={bundle}"]
    if crl:
        path = Path(directory) / "list.pem"
        path.write_text(crl)
        options.append(f"--crl={path}")
    return options


class SwiftProgram:
    """Runs until the block ends, and is waited for by what it prints; `listening` waits for its port."""

    def __init__(self, name, *arguments, environment=None, listening=True):
        self.lines = Journal()
        self.port = None
        self.process = subprocess.Popen(
            [program(name), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if listening:
            line = self.wait_for("listening on ", or_over=True)
            self.port = int(line.removeprefix("listening on "))

    def wait_for(self, beginning, start=0, within=20, or_over=False):
        """The first line at or after the `start`-th that begins so."""
        return self.lines.wait_for(
            lambda line: line.startswith(beginning) or or_over and line == "(over)", within, f"'{beginning}…'", start
        )

    def count(self, beginning):
        return sum(line.startswith(beginning) for line in self.lines.snapshot())

    def end(self, within=60):
        """Waits until the program ends by itself; its exit code and what it printed."""
        code = self.process.wait(within)
        self._reader.join(10)
        return code, "\n".join(self.lines.snapshot()[:-1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)
        self._reader.join(10)
        self.process.stdout.close()
        print(f"--- what {self.process.args[0]} printed", *self.lines.snapshot()[-40:], sep="\n")

    def _read(self):
        for line in self.process.stdout:
            self.lines.add(line.rstrip("\n"))
        self.lines.add("(over)")


def run(name, *arguments, within=60):
    """Runs a program to its end; its exit code and what it printed."""
    with SwiftProgram(name, *arguments, listening=False) as ran:
        return ran.end(within)
