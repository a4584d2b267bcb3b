"""One round of a row: each server in its turn, and what it came to."""

from dataclasses import dataclass, field, replace

from .load import LoadGenerator
from .report import Samples
from .rows import Row, Sample
from .servers import Server
from .turns import rotated


@dataclass(frozen=True)
class Started:
    """Servers that are compared, what answers behind each, and the load that is for them."""

    servers: list[Server]
    generator: LoadGenerator
    #: By the name of the server. Each has its own: what one keeps open there takes nothing of another's.
    backends: dict[str, Server] = field(default_factory=dict)

    def load_for(self, server: Server) -> LoadGenerator:
        return replace(self.generator, backend=self.backends[server.name]) if self.backends else self.generator


def measure(key: str, row: Row, started: Started, samples: Samples, number: int, rounds: int, seconds: float) -> None:
    """One round of a row, which another server begins each time; of its parts the row says which one counts."""
    taken: Samples = {server.name: [] for server in started.servers}
    for part in range(row.parts):
        for server in rotated(started.servers, number + part):
            taken[server.name].append(measured(row, server, started.load_for(server), seconds / row.parts))
    for server in started.servers:
        failed = [one for one in taken[server.name] if one.value is None]
        sample = failed[0] if failed else row.counting(taken[server.name])
        samples.setdefault(server.name, []).append(sample)
        value = "-" if sample.value is None else f"{sample.value:.1f}"
        progress = f"{key} round {number + 1}/{rounds}"
        print(f"{progress}: {server.name} {value} {row.unit} {sample.note}", flush=True)


def measured(row: Row, server: Server, generator: LoadGenerator, seconds: float) -> Sample:
    try:
        return row.measure(server, generator, seconds)
    except (RuntimeError, OSError) as reason:
        if not row.may_fail:
            raise RuntimeError(f"{row.title}, {server.name}: {reason}") from reason
        return Sample(None, note=f"failed: {reason}")
