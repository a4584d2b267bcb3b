"""What is to be measured: the rows that there are, by name, and what a command line asks for."""

import argparse
import re
from pathlib import Path

from . import issuing, messaging, routing, scale, starting
from .peers import COMMANDS
from .rows import ROWS as TABLE
from .rows import GeneratorRow

#: What `make bench` calls an option.
VARIABLES = {"rows": "ROWS", "peers": "PEERS", "subject": "SUBJECT", "rounds": "ROUNDS", "seconds": "SECONDS_PER_ROUND"}
#: Rows of a load through proxies.
LOADS = {**TABLE, **scale.ROWS}
#: Rows that know by themselves whom they measure.
OTHERS = {**starting.ROWS, **routing.ROWS, **messaging.ROWS, **dict.fromkeys(issuing.ROWS, issuing.run)}
#: Names that stand for several rows.
GROUPS = {
    "table": [*TABLE, *starting.ROWS, *routing.ROWS, *scale.FAMILIES["held"].keyed("held"), *issuing.BESIDE_PEERS],
    "scale": [*scale.ROWS, *messaging.ROWS],
    "authority": list(issuing.ROWS),
    "all": [*LOADS, *OTHERS],
    **{name: list(family.keyed(name)) for name, family in scale.FAMILIES.items()},
}


def within(kind: type[int] | type[float], least: float, most: float):
    """A reader of a number of that kind, in that range."""
    what = "a whole number" if kind is int else "a number"

    def read(text: str) -> int | float:
        try:
            number = kind(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{text!r}: takes {what} from {least:g} to {most:g}")
        return number

    return read


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, by the name that `make bench` has for it as well."""

    def error(self, message: str):
        named = re.sub(r"argument --(\w+): ", lambda found: f"{VARIABLES.get(found[1], found[0])}: ", message)
        self.exit(2, f"error: {named}\n")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """What a command line asks for; without one, the program's own. Ends the program where it is wrong."""
    parser = Parser(prog="comparison", description="Compares servers at the same work.", allow_abbrev=False)
    parser.add_argument("--rows", type=rows_of, required=True)
    parser.add_argument("--peers", type=names_of(COMMANDS), required=True)
    parser.add_argument("--subject", default="countersign", choices=COMMANDS, help="the server that goals are for")
    parser.add_argument("--rounds", type=within(int, 1, 1000), default=5)
    # A process's time is told in hundredths of a second, of which a round is to have many.
    parser.add_argument("--seconds", type=within(float, 0.3, 3600), default=3.0)
    parser.add_argument("--check", action="store_true", help="measures nothing; fails where an option is wrong")
    parser.add_argument("--loadgen", required=True)
    parser.add_argument("--routebench", default="")
    parser.add_argument("--countersign", default="")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    if options.subject != "countersign":
        if own := [key for key in options.rows if not can_be_done(key, options)]:
            parser.error(f"none of the servers can do {', '.join(own)}: choose other rows, or leave the subject out")
        if "countersign" in options.peers:
            parser.error("countersign is no peer of others: leave the subject out, or countersign")
    return options


def can_be_done(key: str, options: argparse.Namespace) -> bool:
    """Whether a server that is named can do a row; what loads no proxy is of countersign alone, but for the bus."""
    if key in OTHERS:
        return key in messaging.ROWS
    if isinstance(LOADS[key], GeneratorRow):
        return True
    return any(name in LOADS[key].servers for name in [options.subject, *options.peers])


def rows_of(text: str) -> list[str]:
    """Rows, with groups written out; each once, in the order in which they are named first."""
    named = names_of({**LOADS, **OTHERS, **GROUPS})(text)
    return list(dict.fromkeys(row for name in named for row in GROUPS.get(name, [name])))


def names_of(table: dict):
    def names(text: str) -> list[str]:
        found = [name for name in text.split(",") if name]
        unknown = [name for name in found if name not in table]
        if unknown or not found:
            wrong = ", ".join(f"'{name}'" for name in unknown) or "nothing"
            raise argparse.ArgumentTypeError(f"{wrong}: takes some of {', '.join(table)}")
        return found

    return names
