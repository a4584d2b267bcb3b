"""Counts the allocations of a program under test, by a library that is preloaded into it."""

import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "Benchmarks/Sources/CAllocations/CAllocations.c"


class AllocationCounter:
    """`environment` is for the program; `count` is how many allocations it has made since it began."""

    def __init__(self, directory):
        library, self._file = Path(directory) / "allocations.so", Path(directory) / "allocations"
        include = SOURCE.parent / "include"
        command = ["cc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", f"-I{include}", str(SOURCE), "-o", str(library)]
        subprocess.run(command, check=True, capture_output=True, text=True)
        self._file.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "ALLOCATION_COUNT": str(self._file)}

    @property
    def count(self):
        return struct.unpack("Q", self._file.read_bytes())[0]

    def per_step(self, step, times, warm_up=100):
        """How many allocations a step makes, once what the first ones leave behind is there."""
        for _ in range(warm_up):
            step()
        before = self.count
        for _ in range(times):
            step()
        return (self.count - before) / times
