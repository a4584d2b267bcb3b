"""Holds the event loops of a router to a share of a processor each, so that a load for two of them fits beside them."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .servers import Server

#: The controller of processor time, in the first version of control groups: the only one that tells threads apart
#: wherever their process is.
CONTROLLER = Path("/sys/fs/cgroup/cpu")
#: What a share is a share of, in microseconds: short, so that what waits for its turn waits little.
PERIOD = 10_000
#: What the names of the threads begin with that run a router's event loops.
LOOP = "router-"


@dataclass(frozen=True)
class Loop:
    """An event loop, which is a thread of its own."""

    process: int
    thread: str

    def move(self, processor: int) -> None:
        """From now on it runs on that processor alone."""
        os.sched_setaffinity(int(self.thread), {processor})

    def seconds(self) -> float:
        """Processor time that it has used."""
        return int(Path(f"/proc/{self.process}/task/{self.thread}/schedstat").read_text().split()[0]) / 1e9


@contextlib.contextmanager
def held(server: Server, share: float) -> Iterator[list[Loop]]:
    """Its loops, each of which has at most that share of one processor, until the end."""
    with contextlib.ExitStack() as stack:
        loops = loops_of(server)
        try:
            for loop in loops:
                stack.enter_context(group_of(loop.thread, share))
        except OSError as reason:
            raise RuntimeError(
                f"event loops cannot be held to a share of a processor: {reason}; it takes root, and control groups in "
                f"their first version at {CONTROLLER}"
            ) from reason
        yield loops


def loops_of(server: Server) -> list[Loop]:
    process = server.process.pid
    threads = Path(f"/proc/{process}/task").iterdir()
    loops = [Loop(process, thread.name) for thread in threads if (thread / "comm").read_text().startswith(LOOP)]
    if not loops:
        raise RuntimeError(f"{server.name} has no thread whose name begins with {LOOP}")
    return loops


@contextlib.contextmanager
def group_of(thread: str, share: float) -> Iterator[None]:
    """A group for one thread, which goes back to where it came from."""
    group = CONTROLLER / f"countersign-bench-{thread}"
    home = CONTROLLER / former(thread) / "tasks"
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(round(PERIOD * share)))
        (group / "tasks").write_text(thread)
        yield
    finally:
        with contextlib.suppress(OSError):
            home.write_text(thread)
        # A thread that has ended is in no group any more.
        with contextlib.suppress(OSError):
            group.rmdir()


def former(thread: str) -> str:
    """The group that a thread is in, below the controller."""
    for line in Path(f"/proc/{thread}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if CONTROLLER.name in controllers.split(","):
            return path.lstrip("/")
    return ""
