"""How the cost of a request grows: with connections, content, event loops, routes, policies, and callers of a route."""

from dataclasses import dataclass

from .peers import Setting
from .rows import MICROSECONDS, HeldRow, Row

BODIES = {0: "0 B", 1 << 10: "1 KiB", 16 << 10: "16 KiB", 256 << 10: "256 KiB", 1 << 20: "1 MiB", 64 << 20: "64 MiB"}

#: Over how many connections routes are asked for that came over the bus.
ROUTED_CONNECTIONS = 1_000


@dataclass(frozen=True)
class Family:
    """Rows that differ in one number, which is the horizontal axis of their chart."""

    title: str
    axis: str
    rows: dict[int, Row]
    #: What each row's figure may be at most of the first one's, where there is a goal.
    limit: float | None = None

    def keyed(self, name: str) -> dict[str, Row]:
        return {f"{name}-{number}": row for number, row in self.rows.items()}


def connections(number: int) -> Row:
    title = f"Keep-alive GET, {plural(number, 'connection')}"
    return Row(title, MICROSECONDS, (f"--connections={number}",), may_fail=number >= 10_000)


def body(size: int) -> Row:
    title = f"Download of {BODIES[size]}, 4 connections"
    return Row(title, MICROSECONDS, ("--connections=4", f"--path=/body-{size}", f"--expect-bytes={size}"))


def asks_for_body(row: Row) -> bool:
    """Whether the backend has to have contents of the sizes above for it."""
    return any(option.startswith("--path=/body-") for option in row.options)


def loops(number: int) -> Row:
    title = f"Keep-alive GET, {plural(number, 'event loop')}"
    return Row(title, MICROSECONDS, ("--connections=32",), setting=Setting(workers=number), servers=("countersign",))


def held(number: int) -> Row:
    """Each loop has as many connections, whatever their number: what they cost grows with those of a loop."""
    title = f"Keep-alive GET, {plural(number, 'event loop')} with a quarter of a processor each"
    unit, setting = "each loop's CPU µs from one answer to the next", Setting(workers=number, spread=True)
    return HeldRow(title, unit, (f"--connections={64 * number}",), setting=setting, servers=("countersign",))


def routes(number: int) -> Row:
    return registered(plural(number, "route"), Setting(registered=number))


def policies(number: int) -> Row:
    what = f"{plural(number, 'route')} with a policy of its own each"
    return registered(what, Setting(registered=number, policies=True))


def registered(what: str, setting: Setting) -> Row:
    """Each connection is for another route than the one before: they are many, and as many whatever the routes."""
    title = f"Keep-alive GET, {ROUTED_CONNECTIONS:,} connections to {what}"
    options = (f"--connections={ROUTED_CONNECTIONS}", "--opening=8")
    hosts = min(setting.registered, ROUTED_CONNECTIONS)
    return Row(title, MICROSECONDS, options, setting=setting, servers=("countersign",), hosts=hosts)


def sources(number: int) -> Row:
    title = f"Keep-alive GET, {plural(number, 'caller')} named by the route"
    return Row(title, MICROSECONDS, ("--connections=32",), setting=Setting(sources=number), servers=("countersign",))


def plural(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def family(title: str, axis: str, make, numbers, limit: float | None = None) -> Family:
    return Family(title, axis, {number: make(number) for number in numbers}, limit)


FAMILIES = {
    "connections": family("Keep-alive GET by open connections", "connections", connections, (1, 100, 1_000, 10_000)),
    "body": family("Download by size", "bytes", body, BODIES),
    "loops": family("Keep-alive GET by event loops", "event loops", loops, (1, 2)),
    # Two loops are to reach 1.8 times the rate of one.
    "held": family(
        "Keep-alive GET by event loops with a quarter of a processor each", "event loops", held, (1, 2), 1 / 1.8
    ),
    "routes": family("Keep-alive GET by routes", "routes", routes, (10, 1_000, 100_000)),
    "policies": family("Keep-alive GET by policies", "routes, each with its policy", policies, (1, 1_000, 10_000)),
    "sources": family("Keep-alive GET by callers that the route names", "callers", sources, (1, 100, 10_000)),
}


def family_of(key: str) -> str:
    """The family that a row belongs to; empty for a row that stands by itself."""
    return next((name for name, family in FAMILIES.items() if key in family.keyed(name)), "")


ROWS = {key: row for name, family in FAMILIES.items() for key, row in family.keyed(name).items()}
