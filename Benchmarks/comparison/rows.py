"""What is measured: each row is one kind of load and one figure, smaller being better."""

import itertools
import os
from dataclasses import dataclass
from statistics import fmean

from . import shares
from .backend import LARGE_BYTES
from .load import LoadGenerator
from .peers import COMMANDS, Setting
from .servers import Server

IDLE_CONNECTIONS = 1000
#: More than the router remembers, so that none of them is known when its turn comes again.
NEWCOMERS = 12_000
NEGOTIATED = "TLSv1.3 TLS_AES_128_GCM_SHA256 X25519"


@dataclass(frozen=True)
class Goal:
    """At most this many times the named peer's figure, `best` being the best of all; without a peer, at most this."""

    limit: float
    peer: str = ""


@dataclass(frozen=True)
class Sample:
    """One measurement. No value where a server cannot do what the row asks for; the note says so."""

    value: float | None
    rate: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    #: The share of their processor that the load generator used, and the backend; together 1 where they had no more
    #: to give.
    load: float = 0.0
    backend: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Row:
    title: str
    unit: str
    options: tuple[str, ...]
    goals: tuple[Goal, ...] = ()
    #: Whether servers are started for each round.
    starts_anew: bool = False
    setting: Setting = Setting()
    #: Whether it asks for so much that a server may fail at it, which is told in place of its figure.
    may_fail: bool = False
    #: The servers that can do it; without a word of it, all.
    servers: tuple[str, ...] = tuple(COMMANDS)
    #: How many new certificates the client has, which take turns, in place of one for all connections.
    newcomers: int = 0
    #: How many hosts connections are for in turn, of the routes that came over the bus; none where all are for one.
    hosts: int = 0
    #: Whose figure the goal is for, where it is not the server that the comparison is about.
    subject: str = ""
    #: The row that this one takes turns with, if it follows: what differs between them is then not the hour.
    beside: str = ""
    #: Into how many parts a round is divided, in which servers take turns: what a machine is slow for is then no
    #: server's, and a pause of it is in one part alone.
    parts: int = 1

    def counting(self, parts: list[Sample]) -> Sample:
        """The part of a round that counts: the one that as many are above as are below."""
        return sorted(parts, key=lambda part: part.value)[len(parts) // 2]

    def measure(self, server: Server, generator: LoadGenerator, seconds: float) -> Sample:
        """Processor time of the server's processes for each request."""
        files = [*generator.newcomers(self.newcomers), *generator.hosts(self.hosts, self.setting.registered)]
        with generator.start(server.port, seconds, *self.options, *files) as load:
            before = server.processor_seconds()
            report = generator.go(load)
            used = server.processor_seconds() - before
        refuse_other_work(server, report)
        value, note = used * 1e6 / report["requests"], ""
        if "--mode=handshake" in self.options and report["resumed"]:
            raise RuntimeError(f"{server.name} resumed {report['resumed']} sessions in a row of full handshakes")
        if "--mode=resume" in self.options and report["resumed"] < 0.99 * report["requests"]:
            value, note = None, f"resumed {report['resumed']} of {report['requests']}"
        return sample(value, report, note)


@dataclass(frozen=True)
class LatencyRow(Row):
    """The 99th percentile at a rate that does not wait for the server."""

    rate: float = 0.0

    def measure(self, server: Server, generator: LoadGenerator, seconds: float) -> Sample:
        with generator.start(server.port, seconds, *self.options, f"--rate={self.rate}") as load:
            report = generator.go(load)
        refuse_other_work(server, report)
        due = report["requests"] + report["unanswered"]
        # Of more than a hundredth the latency is not known: it is more than what is told.
        note = f"{report['unanswered']} of {due} unanswered" if report["unanswered"] > due / 100 else ""
        return sample(report["latency_microseconds"]["p99"], report, note)


@dataclass(frozen=True)
class HeldRow(Row):
    """How much of its time each event loop spends from one answer to the next, where each has a share of a processor.

    What one loop costs another shows in it, where the load for several whole ones would not fit beside them. Each loop
    has a processor of its own; what fewer loops than processors take is the mean of all ways to place them, since one
    is cheaper where the load is, which it then need not wake on another processor.
    """

    share: float = 0.25
    #: Few may give out shares.
    may_fail: bool = True

    def measure(self, server: Server, generator: LoadGenerator, seconds: float) -> Sample:
        with shares.held(server, self.share) as loops:
            ways = list(itertools.combinations(sorted(os.sched_getaffinity(server.process.pid)), len(loops)))
            taken = [self._placed(loops, way, server, generator, seconds / len(ways)) for way in ways]
        names = ("value", "rate", "p50", "p99", "load", "backend")
        return Sample(**{name: fmean(getattr(one, name) for one in taken) for name in names})

    def _placed(
        self,
        loops: list[shares.Loop],
        processors: tuple[int, ...],
        server: Server,
        generator: LoadGenerator,
        time: float,
    ) -> Sample:
        for loop, processor in zip(loops, processors, strict=True):
            loop.move(processor)
        with generator.start(server.port, time, *self.options) as load:
            before = sum(loop.seconds() for loop in loops)
            report = generator.go(load)
            used = sum(loop.seconds() for loop in loops) - before
        refuse_other_work(server, report)
        return sample(used * 1e6 / len(loops) / report["requests"], report)


@dataclass(frozen=True)
class MemoryRow(Row):
    """Memory that open connections hold, each with a certificate of its own: after one request, or with one under way.

    Servers are started anew for each round: they would reuse what they did not give back after the one before.
    """

    newcomers: int = IDLE_CONNECTIONS
    starts_anew: bool = True
    busy: bool = False

    def measure(self, server: Server, generator: LoadGenerator, seconds: float) -> Sample:
        before = server.resident_kib()
        with generator.start(server.port, seconds, *self.options, *generator.newcomers(self.newcomers)) as load:
            if not self.busy:
                return Sample((server.resident_kib() - before) / IDLE_CONNECTIONS)
            report, most = load.go_watching(server.resident_kib)
            refuse_other_work(server, report)
            return Sample((most - before) / IDLE_CONNECTIONS)


@dataclass(frozen=True)
class GeneratorRow(Row):
    """What the load generator and the backend reach by themselves: no figure of a proxy, but what bounds them all."""

    def measure(self, server: Server, generator: LoadGenerator, seconds: float) -> Sample:
        with generator.start(server.port, seconds, *self.options, "--plain") as load:
            before = server.processor_seconds()
            report = load.go()
            used = server.processor_seconds() - before
        refuse_errors(server, report)
        return sample(used * 1e6 / report["requests"], report)


def sample(value: float | None, report: dict, note: str = "") -> Sample:
    latency = report["latency_microseconds"]
    load, backend = (report.get(f"{who}_processor_seconds", 0) / report["seconds"] for who in ("own", "backend"))
    return Sample(value, report["requests_per_second"], latency["p50"], latency["p99"], load, backend, note)


def refuse_errors(server: Server, report: dict) -> None:
    if report["errors"] or not report["requests"]:
        reason = report.get("first_error", "nothing was answered")
        raise RuntimeError(f"{server.name}: {report['errors']} errors; the first: {reason}")


def refuse_other_work(server: Server, report: dict) -> None:
    refuse_errors(server, report)
    if report["negotiated"] != NEGOTIATED:
        raise RuntimeError(f"{server.name} negotiated {report['negotiated']}; the others {NEGOTIATED}")


MICROSECONDS = "CPU µs a request"
KIBIBYTES = "KiB a connection"
ALL_AT_ONCE = (f"--connections={IDLE_CONNECTIONS}", "--warmup=0")
#: As callers come in the course of a day, so that idle memory is not the peak of their handshakes.
FEW_AT_A_TIME = (*ALL_AT_ONCE, "--opening=8")
ROWS = {
    "generator": GeneratorRow(
        "The load generator and the backend by themselves, plain HTTP, 32 connections",
        "backend's CPU µs a request",
        ("--connections=32",),
    ),
    "keepalive": Row(
        "Keep-alive GET, 32 connections",
        MICROSECONDS,
        ("--connections=32",),
        (Goal(0.80, "haproxy"),),
        parts=3,
    ),
    "digest": Row(
        "The same with digest, subject and URI forwarded, not the certificate",
        MICROSECONDS,
        ("--connections=32",),
        setting=Setting(digest=True),
        servers=("countersign", "envoy"),
        parts=3,
    ),
    "latency": LatencyRow(
        "99th percentile at 60 % of {reference}'s peak rate, open loop",
        "µs",
        ("--connections=64",),
        (Goal(1.0, "haproxy"),),
        parts=3,
    ),
    "handshake": Row(
        "New connection, full mTLS handshake, 1 GET",
        "CPU µs a connection",
        ("--mode=handshake", "--connections=8"),
        (Goal(0.65, "envoy"),),
        parts=3,
    ),
    "newcomer": Row(
        "The same, each connection with a certificate that is new to the server",
        "CPU µs a connection",
        ("--mode=handshake", "--connections=8"),
        newcomers=NEWCOMERS,
        beside="handshake",
        parts=3,
    ),
    "resumed": Row(
        "New connection, resumed session, 1 GET",
        "CPU µs a connection",
        ("--mode=resume", "--connections=8"),
        (Goal(0.60, "envoy"),),
        parts=3,
    ),
    "download": Row(
        "1 MiB download, 8 connections",
        MICROSECONDS,
        ("--connections=8", "--path=/mebibyte", f"--expect-bytes={LARGE_BYTES}"),
        (Goal(1.0, "best"),),
        parts=3,
    ),
    "upload": Row(
        "1 MiB upload, 8 connections",
        MICROSECONDS,
        ("--connections=8", "--path=/upload", f"--upload-bytes={LARGE_BYTES}"),
        (Goal(1.0, "best"),),
        parts=3,
    ),
    "http2": Row(
        "HTTP/2 keep-alive GET, 8 connections of 4 streams",
        MICROSECONDS,
        ("--connections=8", "--streams=4"),
        (Goal(0.90, "envoy"),),
        setting=Setting(http2=True),
        parts=3,
    ),
    "http2download": Row(
        "HTTP/2 1 MiB download, 8 connections",
        MICROSECONDS,
        ("--connections=8", "--streams=1", "--path=/mebibyte", f"--expect-bytes={LARGE_BYTES}"),
        (Goal(1.0, "best"),),
        setting=Setting(http2=True),
        parts=3,
    ),
    "idle": MemoryRow(f"{IDLE_CONNECTIONS:,} idle mTLS connections", KIBIBYTES, FEW_AT_A_TIME, (Goal(18.0),)),
    "storm": MemoryRow(f"The same, after {IDLE_CONNECTIONS:,} handshakes at once", KIBIBYTES, ALL_AT_ONCE),
    "busy": MemoryRow(
        f"{IDLE_CONNECTIONS:,} mTLS connections, each with a request under way", KIBIBYTES, FEW_AT_A_TIME, busy=True
    ),
}
