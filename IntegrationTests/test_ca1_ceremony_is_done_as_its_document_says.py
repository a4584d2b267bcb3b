"""Every block of docs/ca-ceremony.md, pasted one after the other."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.ceremony import PASSPHRASE
from harness.ports import free_port
from harness.tools import COUNTERSIGN, run
from harness.waiting import until

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "ca-ceremony.md"

# What people type where the document has them sit at a terminal comes from a file here, as the document allows.
PRELUDE = """
set -euo pipefail
countersign() {{
    case "$1 $2" in
        "ca init-root" | "ca sign-intermediate" | "ca sign-crl") {program} "$@" --passphrase-file passphrase ;;
        *) {program} "$@" ;;
    esac
}}
"""


class Desk:
    """The folder in which the blocks are pasted, and the authority that one of them starts."""

    def __init__(self, directory):
        self.directory = directory
        self._ports = {port: str(free_port()) for port in ("8444", "8480", "9090")}
        self._prelude = PRELUDE.format(program=COUNTERSIGN)
        passphrase = directory / "passphrase"
        passphrase.touch(mode=0o600)
        passphrase.write_text(PASSPHRASE + "\n")
        self._authority = None

    def paste(self, block):
        for port, free in self._ports.items():
            block = block.replace(f":{port}", f":{free}")
        if block.startswith("countersign authority "):
            return self.start(block.split()[-1])
        done = run("bash", "-c", self._prelude + block, cwd=self.directory, within=60)
        assert done.returncode == 0, block + done.stdout + done.stderr
        return done.stdout

    def start(self, configuration):
        self.stop()
        log = (self.directory / "authority.log").open("wb")
        self._authority = subprocess.Popen(
            [COUNTERSIGN, "authority", "--config", configuration],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ,
        )
        until(lambda: "authority is serving" in self.log or self._authority.poll() is not None, 30, "the authority")
        assert self._authority.poll() is None, self.log

    @property
    def log(self):
        return (self.directory / "authority.log").read_text()

    def stop(self):
        if self._authority:
            self._authority.terminate()
            self._authority.wait(15)
            self._authority = None

    def bundle(self):
        return run("curl", "-fsS", f"http://127.0.0.1:{self._ports['8480']}/v1/bundle").stdout


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.stop()


def blocks():
    """The blocks of each part of the document, by its heading."""
    found, heading = {}, ""
    for match in re.finditer(r"^## ([^\n]*)$|^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.M | re.S):
        heading = match[1] or heading
        if match[2]:
            found.setdefault(heading, []).append(match[2])
    return found


@pytest.mark.timeout(300)
def test_every_block_does_what_the_document_says(desk):
    parts = blocks()
    folder = desk.directory
    roots = [folder / "offline" / "root.pem", folder / "offline-2" / "root.pem"]
    restarted = {"Rotate the intermediate", "Roll the root over"}
    bundles = []
    for heading, pasted in parts.items():
        for block in pasted:
            said = desk.paste(block)
            if heading in restarted and "config check" in block:
                desk.start("online/authority.yaml")
                bundles.append(desk.bundle())
    old, new = (path.read_text() for path in roots)
    assert bundles == [old, old + new, old + new, new]
    assert "CA Compromise" in said
    lost = ["-untrusted", folder / "online" / "intermediate.pem", folder / "online" / "intermediate.pem"]
    checked = run(
        "openssl", "verify", "-crl_check_all", "-CAfile", roots[0], "-CRLfile", folder / "offline" / "root.crl", *lost
    )
    assert checked.returncode != 0 and "certificate revoked" in checked.stderr
    assert PASSPHRASE not in desk.log


def test_document_has_a_block_for_every_step():
    assert [len(found) for found in blocks().values()] == [1, 1, 1, 1, 1, 1, 2, 1, 4, 1]
