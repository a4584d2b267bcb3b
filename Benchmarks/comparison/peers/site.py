"""What a proxy is given: its files, its ports, and how much it has to serve."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from ..certificates import Certificates


@dataclass(frozen=True)
class Setting:
    """What a row changes of a proxy's configuration, beside the load that it sends."""

    http2: bool = False
    workers: int = 1
    #: Whether it may use the load's processor as well, which several workers do in any case.
    spread: bool = False
    #: Routes of the file, the one that the load is for included.
    routes: int = 1
    #: Routes that come over a bus beside those.
    registered: int = 0
    #: Whether each of those names callers of its own.
    policies: bool = False
    #: Callers that the route names.
    sources: int = 1
    #: Whether digest, subject and URI are forwarded in place of the whole certificate; some can do only that other one.
    digest: bool = False


@dataclass(frozen=True)
class Site:
    """Where a proxy keeps its files, listens, and forwards to."""

    folder: Path
    port: int
    backend_port: int
    certificates: Certificates
    user: str
    countersign: str
    setting: Setting
    admin_port: int
    bus_port: int

    def write(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content)
        return str(path)


def program(name: str) -> str:
    """A program on PATH, or one that came with a Python package."""
    return shutil.which(name) or str(Path(sys.executable).with_name(name))


def nginx_user() -> str:
    """Workers that a root process starts would otherwise not be able to read a private folder."""
    return "user root;" if os.getuid() == 0 else ""
