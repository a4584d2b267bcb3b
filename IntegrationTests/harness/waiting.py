"""Waiting for an event with a deadline; nothing in the suite waits for time alone to pass."""

import threading
import time


def until(check, within=10.0, what="the condition"):
    """Answers the first true value that `check` gives, and fails the test when `within` seconds pass without one."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {within:g} s")
        pause.wait(0.005)


class Journal:
    """A growing list that other threads add to and tests wait on."""

    def __init__(self):
        self.entries = []
        self._changed = threading.Condition()

    def add(self, entry):
        with self._changed:
            self.entries.append(entry)
            self._changed.notify_all()

    def snapshot(self):
        with self._changed:
            return list(self.entries)

    def wait_for(self, wanted, within=10.0, what="an entry", start=0):
        """The first entry at or after `start` that `wanted` accepts."""
        deadline = time.monotonic() + within
        with self._changed:
            seen = start
            while True:
                for entry in self.entries[seen:]:
                    if wanted(entry):
                        return entry
                seen = len(self.entries)
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    tail = "\n".join(str(entry) for entry in self.entries[-15:])
                    raise AssertionError(f"{what} did not come within {within:g} s; the last entries were:\n{tail}")
