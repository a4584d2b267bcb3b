"""What tests of audit trails need: the documented form of an event, and a disk that is soon full."""

import contextlib
import ctypes
import json
import os
from pathlib import Path

import jsonschema_rs

VALIDATOR = jsonschema_rs.validator_for(
    json.loads((Path(__file__).parents[2] / "docs" / "audit-event.schema.json").read_text())
)


def events(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@contextlib.contextmanager
def disk_at(folder):
    """A file system that has room for what is asked while the test waits, and no more."""
    folder.mkdir()
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=2m") != 0:
        raise AssertionError(f"mounting a tmpfs needs root: {os.strerror(ctypes.get_errno())}")
    try:
        yield folder
    finally:
        library.umount2(str(folder).encode(), 2)


def fill(folder):
    with (folder / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            return folder / "filler"
