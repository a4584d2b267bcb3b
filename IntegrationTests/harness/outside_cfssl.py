"""The stock `cfssl serve` as a CA that is somebody else's."""

import json
import subprocess
from pathlib import Path

from harness import cfssl
from harness.authority_holdings import key_pem
from harness.pki import Authority
from harness.ports import free_port
from harness.waiting import until

NAMES_EXTENSION = "2.5.29.17"


class OutsideCFSSL:
    """Signs with an intermediate of a root of its own what is authenticated with `cfssl.KEY`, names and all."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.root = Authority.root("Outside Root", path_length=1)
        self.intermediate = self.root.intermediate("Outside Intermediate", path_length=0)
        self.root_path = self.root.save(self.directory, "root")
        self.port = free_port()
        profile = {
            "usages": ["digital signature", "server auth", "client auth"],
            "expiry": "1h",
            "auth_key": "k",
            "allowed_extensions": [NAMES_EXTENSION],
        }
        keys = {"k": {"type": "standard", "key": cfssl.KEY}}
        self._file("config.json", json.dumps({"signing": {"default": profile}, "auth_keys": keys}))
        self._file("ca.pem", self.intermediate.pem)
        self._file("ca-key.pem", key_pem(self.intermediate.key))
        self._process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        arguments = ["-address=127.0.0.1", f"-port={self.port}", "-ca=ca.pem", "-ca-key=ca-key.pem"]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["cfssl", "serve", *arguments, "-config=config.json"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
            )
        until(self._answers, 20, "the stock server's start")
        return self

    def stop(self):
        self._process.terminate()
        self._process.wait(10)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _answers(self):
        try:
            return cfssl.call(self.url, "info", {}).status == 200
        except OSError:
            return False

    def _file(self, name, content):
        path = self.directory / name
        path.touch(mode=0o600)
        path.write_text(content)
