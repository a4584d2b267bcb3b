"""What a fleet asks of each part: handshakes, issuances, revocation lists, messages, bytes, and how many machines.

Usage: sizing.py [--services N] [--instances N] …; without options, the worked example of docs/PERFORMANCE.md. Costs are
figures of that page; give your own machine's as options.
"""

import argparse
import math
import sys
from dataclasses import dataclass, fields, replace

#: A part is planned to be this busy, so that a peak, a lost machine and a drifting machine fit.
PLANNED_LOAD = 0.5
DAY = 86_400
#: Options that are parts of a whole; what `renew_at` may be is what a profile may say.
PARTS = {"renew_at": (0.05, 0.95), "resumed": (0, 1)}
#: Options that may not be nothing, the least that they may be, and the most that any option may be.
DIVISORS = {
    "lifetime",
    "routers",
    "connection_age",
    "registration_interval",
    "heartbeat_interval",
    "list_interval",
    "router_cores",
}
LEAST_DIVISOR = 0.001
MOST = 1e12


@dataclass(frozen=True)
class Fleet:
    """How large it is, and how it behaves."""

    services: int = 10_000
    instances: int = 100_000
    #: Seconds that a certificate is valid, and the part of it after which it is renewed (`renew_at`).
    lifetime: float = 3_600
    renew_at: float = 0.5
    hosts: int = 2_000
    #: Routers that there are at least; more where the work needs them.
    routers: int = 2
    #: Requests each instance makes a second, connections it keeps to routers, and how long one lives at most.
    requests: float = 2
    connections: float = 2
    connection_age: float = 1_800
    #: The part of new connections that resume a session.
    resumed: float = 0
    #: Certificates that are revoked in a day, each of them in the list until it has ended, and for a while longer.
    revoked: int = 100
    #: Seconds that lists name a certificate beyond its end: `crl.interval` and `crl.lifetime` together.
    list_retention: float = 14_400
    #: Seconds between two lists when nothing is revoked: `crl.interval`.
    list_interval: float = 3_600
    #: Seconds between two registrations of an endpoint on the bus, and bytes of one.
    registration_interval: float = 20
    registration_bytes: int = 560
    #: Seconds between two signs of life of a stream of events.
    heartbeat_interval: float = 5
    #: Callers that fetch the revocation list again when it changes, besides routers and agents.
    list_readers: int = 100
    #: Bytes of content of a response, and of a request.
    body: float = 4_096
    uploaded: float = 512
    #: Processors of the machine of a router.
    router_cores: int = 8


@dataclass(frozen=True)
class Costs:
    """Processor time in microseconds, and bytes."""

    request: float = 45.9
    #: Of a caller that the router does not remember: there are more than it does.
    handshake: float = 665
    resumption: float = 330
    per_kib: float = 1.11
    per_uploaded_kib: float = 1.41
    issuance: float = 289
    registration: float = 1.83
    issued_bytes: int = 2_400
    list_bytes: int = 550
    entry_bytes: int = 53
    event_bytes: int = 220
    heartbeat_bytes: int = 21
    #: Of the bus, for each message that it takes, and for each router that it hands it to.
    message: float = 0.69
    delivery: float = 0.56
    endpoint_bytes: int = 809
    connection_bytes: int = 15_430


def main() -> None:
    options = parse()
    fleet, costs = taken(Fleet, options), taken(Costs, options)
    fleet = replace(fleet, routers=routers_needed(fleet, costs))
    for title, lines in sections(fleet, costs):
        print(f"| {title} | | |\n|---|---|---|")
        for name, value, how in lines:
            print(f"| {name} | {value} | {how} |")
        print()


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong."""

    def error(self, message: str):
        self.exit(2, f"error: {message.removeprefix('argument ')}\n")


def parse() -> argparse.Namespace:
    parser = Parser(allow_abbrev=False, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind in (Fleet, Costs):
        group = parser.add_argument_group(kind.__name__.lower(), kind.__doc__)
        for field in fields(kind):
            name = f"--{field.name.replace('_', '-')}"
            group.add_argument(
                name, type=number_of(field.name, field.type), default=field.default, help=f"default {field.default}"
            )
    return parser.parse_args()


def number_of(name: str, kind: type):
    least, most = PARTS.get(name, (LEAST_DIVISOR if name in DIVISORS else 0, MOST))

    def number(text: str):
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"'{text}': takes {least:g} to {most:g}")
        return value

    number.__name__ = kind.__name__
    return number


def taken(kind: type, options: argparse.Namespace):
    return kind(**{field.name: getattr(options, field.name) for field in fields(kind)})


def sections(fleet: Fleet, costs: Costs) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [
        ("The authority", authority(fleet, costs)),
        ("Revocation", revocation(fleet, costs)),
        ("The bus", bus(fleet, costs)),
        ("The routers", routers(fleet, costs)),
    ]


def issuances(fleet: Fleet) -> float:
    """A second. A renewal is up to a tenth of the rest of the lifetime early: a twentieth of it on average."""
    interval = fleet.lifetime * (fleet.renew_at - 0.05 * (1 - fleet.renew_at))
    return fleet.instances / interval


def routers_needed(fleet: Fleet, costs: Costs) -> int:
    """As many as carry the work, of which each one more makes some: every router hears every registration."""
    heard = registrations(fleet) * costs.registration / 1e6
    room = PLANNED_LOAD * fleet.router_cores - heard
    if room <= 0:
        sys.exit(
            f"error: hearing every registration takes {heard:.1f} cores of each router, which has {fleet.router_cores} "
            f"to be busy to {PLANNED_LOAD:.0%}: fewer instances, a longer registration interval, or more router cores"
        )
    return max(fleet.routers, math.ceil(sum(router_work(fleet, costs)) / room))


def registrations(fleet: Fleet) -> float:
    """A second."""
    return fleet.instances / fleet.registration_interval


def authority(fleet: Fleet, costs: Costs) -> list[tuple[str, str, str]]:
    rate = issuances(fleet)
    cores = rate * costs.issuance / 1e6
    return [
        ("issuances", f"{rate:.1f}/s", "I / (T × (r − 0.05 × (1 − r)))"),
        ("processor", f"{percent(cores)} of a core", f"× {costs.issuance:g} µs"),
        ("store and issuance log", f"{size(rate * DAY * costs.issued_bytes)} a day", f"× {costs.issued_bytes:,} B"),
        ("restart of the whole fleet", f"{fleet.instances * costs.issuance / 1e6:.0f} s of a core", "I × issuance"),
        ("machines", str(machines(cores)), f"at {PLANNED_LOAD:.0%} of a core each"),
    ]


def revocation(fleet: Fleet, costs: Costs) -> list[tuple[str, str, str]]:
    rate = fleet.revoked / DAY
    length = rate * (fleet.lifetime + fleet.list_retention)
    whole = costs.list_bytes + length * costs.entry_bytes
    streams = fleet.hosts + fleet.routers
    fetched = whole * (rate + 1 / fleet.list_interval) * (streams + fleet.list_readers)
    events = streams * (rate * costs.event_bytes + costs.heartbeat_bytes / fleet.heartbeat_interval)
    return [
        ("entries in the list", f"{length:.1f}", "Q / 86,400 × (T + L): the list forgets what has ended"),
        ("the list", f"{size(whole)}", f"{costs.list_bytes} B + entries × {costs.entry_bytes} B"),
        ("fetches of the list", f"{size(fetched)}/s", "× (Q / 86,400 + 1 / interval) × readers"),
        ("streams of events", f"{streams:,}", "hosts + routers"),
        (
            "bytes of the streams",
            f"{size(events)}/s",
            f"events, and {costs.heartbeat_bytes} B each {fleet.heartbeat_interval:g} s",
        ),
    ]


def bus(fleet: Fleet, costs: Costs) -> list[tuple[str, str, str]]:
    messages = registrations(fleet)
    cores = messages * costs.registration / 1e6
    each = costs.message + fleet.routers * costs.delivery
    busy = messages * each / 1e6
    return [
        ("registrations", f"{messages:,.0f}/s", "I / interval"),
        (
            "processor of the bus",
            f"{percent(busy)} of a core",
            f"× {each:.2f} µs: {costs.message:g} and {costs.delivery:g} a router",
        ),
        (
            "machines of the bus",
            str(machines(busy)),
            f"at {PLANNED_LOAD:.0%} of a core each; one more for when it fails",
        ),
        ("bytes in", f"{size(messages * fleet.registration_bytes)}/s", f"× {fleet.registration_bytes} B"),
        ("bytes out", f"{size(messages * fleet.registration_bytes * fleet.routers)}/s", "× routers"),
        ("processor of each router", f"{percent(cores)} of a core", f"× {costs.registration:g} µs"),
    ]


def handshakes(fleet: Fleet) -> float:
    """A second."""
    return fleet.instances * fleet.connections / min(fleet.connection_age, fleet.lifetime * fleet.renew_at)


def handshake(fleet: Fleet, costs: Costs) -> float:
    return costs.handshake * (1 - fleet.resumed) + costs.resumption * fleet.resumed


def router_work(fleet: Fleet, costs: Costs) -> tuple[float, float, float, float]:
    """Cores that requests, downloads, uploads and handshakes keep busy."""
    requests = fleet.instances * fleet.requests
    return (
        requests * costs.request / 1e6,
        requests * fleet.body / 1024 * costs.per_kib / 1e6,
        requests * fleet.uploaded / 1024 * costs.per_uploaded_kib / 1e6,
        handshakes(fleet) * handshake(fleet, costs) / 1e6,
    )


def routers(fleet: Fleet, costs: Costs) -> list[tuple[str, str, str]]:
    requests = fleet.instances * fleet.requests
    connections = fleet.instances * fleet.connections
    heard = fleet.routers * registrations(fleet) * costs.registration / 1e6
    parts = router_work(fleet, costs)
    cores = sum(parts) + heard
    endpoints = fleet.instances * costs.endpoint_bytes
    held = connections / fleet.routers * costs.connection_bytes
    return [
        ("routes", f"{fleet.services:,}", "one of each service; their number changes no other line"),
        ("requests", f"{requests:,.0f}/s: {parts[0]:.2f} cores", f"× {costs.request:g} µs"),
        ("downloads", f"{size(requests * fleet.body)}/s: {parts[1]:.2f} cores", f"× {costs.per_kib:g} µs a KiB"),
        (
            "uploads",
            f"{size(requests * fleet.uploaded)}/s: {parts[2]:.2f} cores",
            f"× {costs.per_uploaded_kib:g} µs a KiB",
        ),
        ("handshakes", f"{handshakes(fleet):,.0f}/s: {parts[3]:.2f} cores", f"× {handshake(fleet, costs):g} µs"),
        ("registrations", f"{heard:.2f} cores", "each router hears all"),
        ("cores of all routers", f"{cores:.1f}: plan {math.ceil(cores / PLANNED_LOAD)}", f"busy to {PLANNED_LOAD:.0%}"),
        (f"machines of {fleet.router_cores} cores", f"{fleet.routers:,}", "and one for each that may fail"),
        ("memory of each router", f"{size(endpoints + held)}", "endpoints, and its share of the connections"),
        ("all callers at once, after a power cut", storm(connections, costs), "connections × handshake"),
    ]


def storm(connections: float, costs: Costs) -> str:
    return f"{connections * costs.handshake / 1e6:.0f} s of a core"


def machines(cores: float, each: int = 1) -> int:
    return max(1, math.ceil(cores / PLANNED_LOAD / each))


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def size(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} TB"


if __name__ == "__main__":
    main()
