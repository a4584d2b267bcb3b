"""Runs the comparison: for each row every server is started once, and measured in turn, round after round."""

import argparse
import contextlib
import os
import platform
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from . import backend, certificates, issuing, preflight, report
from .load import LoadGenerator
from .peers import COMMANDS, Site, nginx_user
from .report import Samples
from .rows import ROWS, LatencyRow, Row
from .servers import Server, free_port

PROXY_PROCESSOR = 0
LOAD_PROCESSOR = 1
LATENCY_SHARE_OF_PEAK = 0.6


def main() -> int:
    options = parse()
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("error: a comparison needs two processors, one for the proxy and one for the load")
    os.sched_setaffinity(0, {LOAD_PROCESSOR})
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    results: issuing.Results = {}
    for key in options.rows:
        results |= issue(key, options) if key in issuing.ROWS else {key: run(key, options)}
    publish(results, options)
    return 0


def run(key: str, options: argparse.Namespace) -> tuple[Row, Samples]:
    """One row, with servers that have nothing of another row behind them."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="countersign-bench-")))
        minted = certificates.mint(folder / "pki")
        servers = start_all(options, folder, minted, stack, ROWS[key].http2)
        for server in servers:
            preflight.check(server.name, server.port, minted)
        generator = LoadGenerator(options.loadgen, LOAD_PROCESSOR, minted)
        row = prepared(ROWS[key], servers, generator, options.seconds)
        return row, measure(key, row, servers, generator, options)


def issue(key: str, options: argparse.Namespace) -> issuing.Results:
    """One row of the authority, which is compared with other peers than the router."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        return issuing.run(key, options, Path(folder))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="comparison", description=__doc__)
    parser.add_argument("--rows", type=names_of({**ROWS, **issuing.ROWS}), required=True)
    parser.add_argument("--peers", type=names_of(COMMANDS), required=True)
    parser.add_argument("--subject", default="countersign", help="the server that goals are for")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--loadgen", required=True)
    parser.add_argument("--countersign", default="")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


def names_of(table: dict):
    def names(text: str) -> list[str]:
        found = [name for name in text.split(",") if name]
        unknown = [name for name in found if name not in table]
        if unknown or not found:
            raise argparse.ArgumentTypeError(f"'{text}': takes some of {', '.join(table)}")
        return found

    return names


def start_all(
    options: argparse.Namespace,
    folder: Path,
    minted: certificates.Certificates,
    stack: contextlib.ExitStack,
    offers_http2: bool,
) -> list[Server]:
    def start(name: str, command: list[str], port: int, processor: int) -> Server:
        server = Server(name, command, port, processor, folder / f"{name}.log")
        stack.callback(server.stop)
        return server

    user = nginx_user()
    backend_port = free_port()
    start("backend", backend.command(folder / "backend", backend_port, user), backend_port, LOAD_PROCESSOR)
    servers = []
    for name in dict.fromkeys([options.subject, *options.peers]):
        home = folder / name
        home.mkdir()
        site = Site(home, free_port(), backend_port, minted, user, options.countersign, offers_http2)
        servers.append(start(name, COMMANDS[name](site), site.port, PROXY_PROCESSOR))
    return servers


def prepared(row: Row, servers: list[Server], generator: LoadGenerator, seconds: float) -> Row:
    """A row at a fixed rate takes it from what its reference peer reaches at most, now."""
    if not isinstance(row, LatencyRow):
        return row
    reference = next((server for server in servers if server.name == row.goal.peer), servers[0])
    peak = ROWS["keepalive"].measure(reference, generator, seconds).rate
    return replace(row, rate=round(peak * LATENCY_SHARE_OF_PEAK))


def measure(
    key: str, row: Row, servers: list[Server], generator: LoadGenerator, options: argparse.Namespace
) -> Samples:
    samples: Samples = {server.name: [] for server in servers}
    rounds = min(options.rounds, row.maximum_rounds)
    for number in range(rounds):
        for server in servers:
            sample = row.measure(server, generator, options.seconds)
            samples[server.name].append(sample)
            value = "-" if sample.value is None else f"{sample.value:.1f}"
            print(f"{key} round {number + 1}/{rounds}: {server.name} {value} {row.unit} {sample.note}", flush=True)
    return samples


def publish(results: dict[str, tuple[Row, Samples]], options: argparse.Namespace) -> None:
    circumstances = {
        "rounds": options.rounds,
        "seconds": options.seconds,
        "kernel": platform.release(),
        "machine": platform.machine(),
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    heading = f"{options.rounds} interleaved rounds of {options.seconds:g} s; only ratios within one run count.\n"
    tables = [report.markdown(row, samples, options.subject) for row, samples in results.values()]
    text = "\n".join([heading, *tables])
    options.output.mkdir(parents=True, exist_ok=True)
    name = "-".join(results)
    (options.output / f"{name}.md").write_text(text)
    (options.output / f"{name}.json").write_text(report.as_json(results, circumstances))
    print(f"\n{text}\nwritten to {options.output}/{name}.md and .json")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as reason:
        sys.exit(f"error: {reason}")
