"""A terminal with a person at it: answers questions, and keeps everything that was shown."""

import os
import pty
import select
import time


class Terminal:
    """Runs a program at a terminal of its own; `answers` are typed one by one, each when the program has asked."""

    def __init__(self, *arguments, answers=(), cwd=None, within=30):
        self.shown = ""
        self._deadline = time.monotonic() + within
        arguments = [str(argument) for argument in arguments]
        process, self._descriptor = pty.fork()
        if process == 0:
            if cwd:
                os.chdir(cwd)
            os.execvp(arguments[0], arguments)
        for answer in answers:
            self._read(until=": ")
            os.write(self._descriptor, answer.encode())
            self.shown += "|"
        self._read(until=None)
        os.close(self._descriptor)
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def _read(self, until):
        while until is None or not self.shown.endswith(until):
            left = self._deadline - time.monotonic()
            assert left > 0 and select.select([self._descriptor], [], [], left)[0], f"waits for ever: {self.shown!r}"
            try:
                data = os.read(self._descriptor, 4096)
            except OSError:
                data = b""
            if not data:
                assert until is None, f"ended without asking: {self.shown!r}"
                return
            self.shown += data.decode()
