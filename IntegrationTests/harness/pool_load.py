"""Threads that do one thing with a pool without a pause, while a test changes what the pool stands on."""

import threading


class PoolLoad:
    """Does `step` again and again in several threads; `count` is how often it succeeded, `failures` what it raised."""

    def __init__(self, step, threads=4):
        self.failures, self.count = [], 0
        self._step = step
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(20)

    def _run(self):
        while not self._over.is_set():
            try:
                self._step()
                self.count += 1
            except Exception as error:
                self.failures.append(error)
