"""Starts servers pinned to a processor, and reads what their processes have used."""

import os
import socket
import subprocess
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
#: The processor of what is measured, and that of the load and of all else; the same where there is but one.
MEASURED_PROCESSOR, LOAD_PROCESSOR = (sorted(os.sched_getaffinity(0)) * 2)[:2]
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") / 1024


class Server:
    """A program that listens on a loopback port, and its children."""

    def __init__(
        self, name: str, command: list[str], port: int, processor: int | set[int], log: Path, poll: float = 0.05
    ):
        self.name = name
        self.port = port
        self.log = log
        self._poll = poll
        processors = processor if isinstance(processor, set) else {processor}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=lambda: os.sched_setaffinity(0, processors),
            )
        try:
            self._wait_until_listening()
        except BaseException:
            self.stop()
            raise

    def processor_seconds(self) -> float:
        """User and system time of all its processes."""
        return sum(ticks(identifier) for identifier in self._processes()) / TICKS_PER_SECOND

    def resident_kib(self) -> float:
        return sum(resident_pages(identifier) for identifier in self._processes()) * PAGE_KIB

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _processes(self) -> list[int]:
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with status {self.process.returncode}:\n{self._last_words()}")
        return descendants(self.process.pid)

    def _wait_until_listening(self) -> None:
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} did not start:\n{self._last_words()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(self._poll)
        raise RuntimeError(
            f"{self.name} does not listen on port {self.port} after {START_SECONDS} s:\n{self._last_words()}"
        )

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]


def descendants(identifier: int) -> list[int]:
    found = [identifier]
    for thread in Path(f"/proc/{identifier}/task").iterdir():
        for child in (thread / "children").read_text().split():
            found += descendants(int(child))
    return found


def ticks(identifier: int) -> int:
    # The second field is the program's name in brackets, which may hold spaces.
    fields = Path(f"/proc/{identifier}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def resident_pages(identifier: int) -> int:
    return int(Path(f"/proc/{identifier}/statm").read_text().split()[1])


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
