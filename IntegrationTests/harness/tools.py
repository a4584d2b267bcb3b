"""The programs that the suite drives; a missing one fails the run instead of skipping what it would have proven."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_DEFAULT = Path(__file__).resolve().parents[2] / ".build" / "debug" / "countersign"
# From PATH, or where scripts/setup.sh puts it.
PROMTOOL = shutil.which("promtool") or str(Path(sys.executable).with_name("promtool"))
COUNTERSIGN = str(Path(os.environ.get("COUNTERSIGN_BIN", _DEFAULT)).resolve())
_BENCHMARKS = Path(__file__).resolve().parents[2] / "Benchmarks" / ".build" / "release"
LOADGEN = str(Path(os.environ.get("LOADGEN_BIN", _BENCHMARKS / "loadgen")).resolve())
NATS_SERVER = shutil.which("nats-server") or str(Path(sys.executable).with_name("nats-server"))
REQUIRED = ("openssl", "curl", "gnutls-cli", "cfssl", "nginx")


def missing():
    absent = [name for name in REQUIRED if not shutil.which(name)]
    return absent + [
        program for program in (COUNTERSIGN, PROMTOOL, NATS_SERVER, LOADGEN) if not os.access(program, os.X_OK)
    ]


def run(*arguments, input=None, within=30, environment=None, cwd=None):
    """Runs a program to its end and answers the completed process with text output."""
    return subprocess.run(
        [str(argument) for argument in arguments],
        input=input,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=within,
        cwd=cwd,
        stdin=None if input is not None else subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )


def countersign(*arguments, **options):
    return run(COUNTERSIGN, *arguments, **options)
