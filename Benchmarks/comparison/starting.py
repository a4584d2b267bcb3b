"""How soon a router serves: from its start to the first answer, with many routes in its file."""

import argparse
import contextlib
import time
from dataclasses import replace
from pathlib import Path

from . import certificates, preflight
from .peers import COMMANDS, Setting, Site, nginx_user
from .report import Results
from .rows import Goal, Row, Sample
from .servers import MEASURED_PROCESSOR, Server, free_port

ROUTES = 1_000


def run(key: str, options: argparse.Namespace, folder: Path) -> Results:
    minted = certificates.mint(folder / "pki")
    home = folder / options.subject
    home.mkdir()
    setting = Setting(routes=ROUTES)
    site = Site(home, 0, free_port(), minted, nginx_user(), options.countersign, setting, 0, 0)
    samples = [
        started(options.subject, replace(site, port=free_port(), admin_port=free_port())) for _ in range(options.rounds)
    ]
    row = Row(f"Start until a request is answered, {ROUTES:,} routes", "ms", (), (Goal(150),))
    return {key: (row, {options.subject: samples})}


def started(name: str, site: Site) -> Sample:
    command = COMMANDS[name](site)
    with contextlib.ExitStack() as stack:
        before = time.monotonic()
        server = Server(name, command, site.port, MEASURED_PROCESSOR, site.folder / "log", poll=0.001)
        stack.callback(server.stop)
        preflight.answer(name, site.port, site.certificates)
        elapsed = time.monotonic() - before
        return Sample(elapsed * 1e3, note=f"{server.processor_seconds() * 1e3:.0f} ms of CPU")


ROWS = {"startup": run}
