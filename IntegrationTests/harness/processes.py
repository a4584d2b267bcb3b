"""Foreign programs that run beside a test."""

import contextlib
import subprocess


@contextlib.contextmanager
def running(arguments, cwd=None):
    """Runs a program until the block ends."""
    process = subprocess.Popen(
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=cwd,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)
