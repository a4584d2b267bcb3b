"""What the documentation says, to be held against what the programs do."""

import os
import re
import subprocess
from pathlib import Path

from harness.tools import COUNTERSIGN

DOCS = Path(__file__).parents[2] / "docs"


def text(name):
    return (DOCS / name).read_text()


def first_cells(name):
    """The first cells of all rows of tables that begin with code."""
    return re.findall(r"^\| `([^`]+)` \|", text(name), re.MULTILINE)


def section(name, heading):
    """A section of a document, without its heading."""
    return re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text(name), re.DOTALL | re.MULTILINE)[1]


def script(name, heading=None, **settings):
    """The shell blocks of a document, or of a section, as one script; with other values for variables that it sets."""
    source = section(name, heading) if heading else text(name)
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", source, re.DOTALL))
    for variable, value in settings.items():
        pattern = rf"^((?:export )?{variable}=)\S+.*$"
        lines, count = re.subn(pattern, lambda found, value=value: found[1] + value, lines, flags=re.MULTILINE)
        assert count == 1, f"{name} does not set {variable}"
    # A command that has to fail must not end the script where it does, and must where it does not.
    return "set -euo pipefail\n" + re.sub(r"^! (.*)$", r"if \1; then exit 9; fi", lines, flags=re.MULTILINE)


def follow(name, folder, **settings):
    """Runs the shell blocks of a document in a folder."""
    return subprocess.run(
        ["bash", "-c", script(name, **settings)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": f"{Path(COUNTERSIGN).parent}:{os.environ['PATH']}"},
    )
