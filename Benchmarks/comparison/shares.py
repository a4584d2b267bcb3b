"""Holds the event loops of a router to a share of a processor each, so that a load for two of them fits beside them."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from .servers import Server

#: The controller of processor time, in the first version of control groups: the only one that tells threads apart
#: wherever their process is.
CONTROLLER = Path("/sys/fs/cgroup/cpu")
#: What a share is a share of, in microseconds: short, so that what waits for its turn waits little.
PERIOD = 10_000
#: What the names of the threads begin with that run a router's event loops.
LOOP = "router-"


@contextlib.contextmanager
def held(server: Server, share: float) -> Iterator[None]:
    """Each of its loops has at most that share of one processor, until the end."""
    loops = [thread.name for thread in threads(server) if (thread / "comm").read_text().startswith(LOOP)]
    if not loops:
        raise RuntimeError(f"{server.name} has no thread whose name begins with {LOOP}")
    groups = []
    try:
        for loop in loops:
            group = CONTROLLER / f"countersign-bench-{loop}"
            group.mkdir()
            groups.append(group)
            (group / "cpu.cfs_period_us").write_text(str(PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(round(PERIOD * share)))
            (group / "tasks").write_text(loop)
        yield
    except OSError as reason:
        raise RuntimeError(
            f"event loops cannot be held to a share of a processor: {reason}; it takes root, and control groups in "
            f"their first version at {CONTROLLER}"
        ) from None
    finally:
        for group in groups:
            for loop in (group / "tasks").read_text().split():
                (CONTROLLER / "tasks").write_text(loop)
            group.rmdir()


def threads(server: Server) -> list[Path]:
    return list(Path(f"/proc/{server.process.pid}/task").iterdir())
