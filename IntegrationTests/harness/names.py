"""Names that a test decides about: a hosts file and a server of names that only one process sees."""

import os
import socket
import subprocess

_SERVER = ("127.0.0.77", 53)
_MOUNT = 'mount --bind "$0" /etc/hosts && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'


class Names:
    """Names have the addresses that are set; to a question for any other one there is never an answer."""

    def __init__(self, directory, seconds=4):
        """A question that nobody answers is asked twice, and given up after twice so many seconds."""
        self._hosts = directory / "hosts"
        self._resolver = directory / "resolv.conf"
        self._resolver.write_text(f"nameserver {_SERVER[0]}\noptions timeout:{seconds} attempts:2\n")
        self.set()
        may = os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0
        assert may, "a process with files of its own under /etc is only for root to make: run the suite as root"
        self._silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # Tests that run beside this one have it as well.
        self._silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._silent.bind(_SERVER)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._silent.close()

    def set(self, **addresses):
        """Gives names (with `_` for `.`) their addresses, and takes them from all others."""
        lines = [f"{address} {name.replace('_', '.')}\n" for name, address in addresses.items()]
        # In place, as another file would not be the one that is mounted.
        with self._hosts.open("w") as file:
            file.write("".join(["127.0.0.1 localhost\n", *lines]))

    @property
    def prefix(self):
        """What stands before a command that is to see these names; the process is the command's own."""
        return ["unshare", "-m", "sh", "-c", _MOUNT, str(self._hosts), str(self._resolver)]
