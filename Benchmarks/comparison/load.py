"""Drives the load generator."""

import json
import os
import select
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from .certificates import HOST, Certificates, registered_host
from .servers import Server

#: A prime, and so without a factor in common with how many routes there are.
STRIDE = 7919


def spread(number: int, total: int) -> list[int]:
    """As many of the numbers below `total`, each once, from all over it."""
    return [place * STRIDE % total for place in range(number)]


@dataclass(frozen=True)
class LoadGenerator:
    program: str
    processor: int
    certificates: Certificates
    #: What answers behind a proxy, on the same processor as the load; none where it is measured itself.
    backend: Server | None = None

    def go(self, load: "Load") -> dict:
        """Lets a load run to its end; its report tells as well what the backend took meanwhile."""
        if self.backend is None:
            return load.go()
        before = self.backend.processor_seconds()
        return {**load.go(), "backend_processor_seconds": self.backend.processor_seconds() - before}

    def newcomers(self, number: int) -> list[str]:
        """The option for as many certificates that the server has not seen; for none, the client has but one."""
        return [f"--leaves={self.certificates.newcomers(number)}"] if number else []

    def hosts(self, number: int, registered: int) -> list[str]:
        """The option for so many hosts of routes that came over the bus, in no order of theirs; for none, one."""
        if not number:
            return []
        path = self.certificates.client.chain.with_name("hosts.txt")
        path.write_text("".join(f"{registered_host(place)}\n" for place in spread(number, registered)))
        return [f"--hosts={path}"]

    def start(self, port: int, seconds: float, *options: str) -> "Load":
        """Begins a load that is open and warm, and waits to be let go."""
        command = [
            self.program,
            f"--port={port}",
            f"--host={HOST}",
            f"--roots={self.certificates.server.root}",
            f"--certificate={self.certificates.client.chain}",
            f"--key={self.certificates.client.key}",
            f"--seconds={seconds}",
            "--wait",
            *options,
        ]
        return Load(command, self.processor)


class Load:
    def __init__(self, command: list[str], processor: int):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {processor}),
        )
        if self._line() != "ready":
            raise RuntimeError("the load generator did not get ready")

    def go(self) -> dict:
        """Lets the load run to its end and returns its report; its connections stay open."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return json.loads(self._line())

    def go_watching(self, figure: Callable[[], float]) -> tuple[dict, float]:
        """Lets the load run to its end; returns its report, and the largest of a figure that is looked at meanwhile."""
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        most = figure()
        while not select.select([self.process.stdout], [], [], 0.05)[0]:
            most = max(most, figure())
        return json.loads(self._line()), most

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _line(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            reason = self.process.stderr.read().strip().removeprefix("Error: ")
            raise RuntimeError(f"the load generator ended with status {self.process.wait()}: {reason}")
        return line.strip()
