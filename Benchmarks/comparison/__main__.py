"""Runs the comparison: for each row every server is started once, and measured in turn, round after round.

Rows of one family, which differ in one number, take turns as well: what grows is told from what drifts.
"""

import argparse
import contextlib
import itertools
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from . import backend, bus, certificates, charts, growth, preflight, report, scale
from .load import LoadGenerator
from .options import LOADS, OTHERS, parse
from .peers import COMMANDS, Setting, Site, nginx_user, program
from .report import Results
from .rounds import Started, measure
from .rows import GeneratorRow, LatencyRow, Row
from .servers import LOAD_PROCESSOR, MEASURED_PROCESSOR, Server, free_port
from .turns import rotated

#: How a peer is asked for its version.
VERSIONS = {
    "haproxy": "-v",
    "nginx": "-v",
    "envoy": "--version",
    "traefik": "version",
    "caddy": "version",
    "cfssl": "version",
}
LATENCY_SHARE_OF_PEAK = 0.6
#: How often the peak is looked for in the time of a round.
PEAKS = 3


def main() -> int:
    options = parse()
    if options.check:
        return 0
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("error: a comparison needs two processors, one for the proxy and one for the load")
    os.sched_setaffinity(0, {LOAD_PROCESSOR})
    # Whoever ends it ends the servers that it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("error: ended by a signal"))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    results: Results = {}
    machine = Machine()
    try:
        for keys in together(options.rows):
            if keys[0] in LOADS:
                loads(keys, options, results)
            else:
                results |= other(keys[0], options)
    finally:
        # What was measured before a row failed is not lost with it.
        if any(samples for _, samples in results.values()):
            publish(results, options, machine)
    return 0


def together(keys: list[str]) -> list[list[str]]:
    """The rows in their order, those that take turns with each other and follow each other in one list."""

    def turns(key: str) -> str:
        return scale.family_of(key) or (LOADS[key].beside if key in LOADS else "") or key

    return [list(rows) for _, rows in itertools.groupby(keys, turns)]


def loads(keys: list[str], options: argparse.Namespace, results: Results) -> None:
    """Rows that take turns, with servers that have nothing of other rows behind them.

    What is measured is in the results at once: a row that fails in its last round has not measured nothing.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-bench-")))
        minted = certificates.mint(folder / "pki")
        started: dict[Setting, Started] = {}
        rows: dict[str, Row] = {}
        for key in keys:
            row = LOADS[key]
            if not row.starts_anew and row.setting not in started:
                started[row.setting] = start_all(options, folder / key, minted, stack, row)
            rows[key] = row
            results[key] = (row if row.starts_anew else titled(row, started[row.setting]), {})
        for number in range(options.rounds):
            for key, row in rotated(list(rows.items()), number):
                with contextlib.ExitStack() as round_stack:
                    servers = (
                        start_all(options, folder / f"{key}-{number}", minted, round_stack, row)
                        if row.starts_anew
                        else started[row.setting]
                    )
                    now = prepared(row, servers, options.seconds)
                    measure(key, now, servers, results[key][1], number, options.rounds, options.seconds)


def other(key: str, options: argparse.Namespace) -> Results:
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        return OTHERS[key](key, options, Path(folder))


def start_all(
    options: argparse.Namespace,
    folder: Path,
    minted: certificates.Certificates,
    stack: contextlib.ExitStack,
    row: Row,
) -> Started:
    """Whom the row is about, each with a backend, and shown to do the same work as the others."""

    def start(name: str, command: list[str], port: int, processors: set[int], home: Path) -> Server:
        server = Server(name, command, port, processors, home / f"{name}.log")
        stack.callback(server.stop)
        return server

    def start_backend(home: Path, processor: int) -> Server:
        port, sizes = free_port(), scale.BODIES if scale.asks_for_body(row) else ()
        return start("backend", backend.command(home / "backend", port, user, sizes), port, {processor}, home)

    user, generator = nginx_user(), LoadGenerator(options.loadgen, LOAD_PROCESSOR, minted)
    if isinstance(row, GeneratorRow):
        return Started([start_backend(folder, MEASURED_PROCESSOR)], generator)
    servers, backends = [], {}
    for name in dict.fromkeys(name for name in [options.subject, *options.peers] if name in row.servers):
        home = folder / name
        home.mkdir(parents=True)
        backends[name] = start_backend(home, LOAD_PROCESSOR)
        ports = free_port(), free_port()
        site = Site(home, free_port(), backends[name].port, minted, user, options.countersign, row.setting, *ports)
        if row.setting.registered:
            stack.callback(bus.start(home, site.bus_port, LOAD_PROCESSOR).stop)
        servers.append(start(name, COMMANDS[name](site), site.port, processors(row.setting), home))
        if row.setting.registered:
            bus.register(site)
        preflight.check(name, site.port, minted, row.setting)
    return Started(servers, generator, backends)


def processors(setting: Setting) -> set[int]:
    """One for a proxy of one event loop; one of more shares the other with the load."""
    shares = setting.spread or setting.workers > 1
    return {MEASURED_PROCESSOR, LOAD_PROCESSOR} if shares else {MEASURED_PROCESSOR}


def titled(row: Row, started: Started) -> Row:
    """A row at a fixed rate says whose rate that is."""
    return replace(row, title=row.title.format(reference=referee(row, started).name))


def prepared(row: Row, started: Started, seconds: float) -> Row:
    """A row at a fixed rate takes it anew in each round, from what its referee reaches at most then."""
    if not isinstance(row, LatencyRow):
        return row
    server, each = referee(row, started), seconds / PEAKS
    peaks = [LOADS["keepalive"].measure(server, started.load_for(server), each).rate for _ in range(PEAKS)]
    return replace(row, rate=round(median(peaks) * LATENCY_SHARE_OF_PEAK))


def referee(row: Row, started: Started) -> Server:
    """The peer that a row's goal names, else the first server."""
    named = {goal.peer for goal in row.goals}
    return next((server for server in started.servers if server.name in named), started.servers[0])


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")


def version(name: str) -> str:
    """The first line that a peer says of itself; some say it as an error."""
    done = subprocess.run([program(name), VERSIONS[name]], capture_output=True, text=True, check=False)
    # Some name the file that they were started from, which says nothing to who reads a report elsewhere.
    return (done.stdout + done.stderr).strip().partition("\n")[0].replace(str(program(name)), name)


class Machine:
    """What other tenants of the host have taken of the processors since it was made."""

    def __init__(self) -> None:
        self.before = self._ticks()

    def stolen(self) -> float:
        """The share of all time that a processor was wanted here and served there; 0 where nobody says."""
        taken = [now - before for now, before in zip(self._ticks(), self.before, strict=True)]
        return taken[7] / max(1, sum(taken))

    @staticmethod
    def _ticks() -> list[int]:
        # user, nice, system, idle, iowait, irq, softirq, steal; guests are counted in the first two (proc(5)).
        return [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


def revision() -> str | None:
    """What the sources of the product were; nothing where they are no clone."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=10)
    except OSError:
        return None
    return done.stdout.strip() or None


def publish(results: Results, options: argparse.Namespace, host: Machine) -> None:
    results = {key: (row, samples) for key, (row, samples) in results.items() if samples}
    measured = {name for _, samples in results.values() for name in samples}
    circumstances = {
        "rounds": options.rounds,
        "seconds": options.seconds,
        "kernel": platform.release(),
        "machine": platform.machine(),
        "processor": processor(),
        "stolen": round(host.stolen(), 4),
        "revision": revision(),
        "programs": {name: version(name) for name in sorted(measured) if name in VERSIONS},
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    heading = (
        f"{options.rounds} interleaved rounds of {options.seconds:g} s; only ratios within one run count. Other "
        f"tenants of the host took {circumstances['stolen']:.1%} of the processors' time.\n"
    )
    tables = [report.markdown(row, samples, options.subject) for row, samples in results.values()]
    text = "\n".join(
        [heading, report.summary(results, options.subject), *growth.tables(results, options.subject), *tables]
    )
    options.output.mkdir(parents=True, exist_ok=True)
    for chart in options.output.glob("*.svg"):
        chart.unlink()
    (options.output / "report.md").write_text(text)
    (options.output / "report.json").write_text(report.as_json(results, circumstances, options.subject))
    drawn = charts.draw(results, options.subject, options.output)
    print(f"\n{text}\nwritten to {options.output}: report.md, report.json, {', '.join(drawn)}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, subprocess.CalledProcessError) as reason:
        sys.exit(f"error: {reason}")
