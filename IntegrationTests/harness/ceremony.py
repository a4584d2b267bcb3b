"""The offline ceremony as an operator performs it: a root in one folder, an intermediate in another."""

from harness.tools import countersign

PASSPHRASE = "correct horse battery"


class Ceremony:
    """The folders of a ceremony: `offline` for the root, `online` for the intermediate."""

    def __init__(self, directory):
        self.offline, self.online = directory / "offline", directory / "online"
        self.passphrase_file = directory / "passphrase"
        self.root, self.root_key = self.offline / "root.pem", self.offline / "root-key.pem"
        self.request, self.key = self.online / "intermediate.csr", self.online / "intermediate-key.pem"
        self.certificate = self.online / "intermediate.pem"
        directory.mkdir(parents=True, exist_ok=True)
        self.set_passphrase(PASSPHRASE)

    def set_passphrase(self, text, mode=0o600):
        self.passphrase_file.write_text(text + "\n")
        self.passphrase_file.chmod(mode)

    def init_root(self, *options):
        return countersign(
            "ca", "init-root", "--out", self.offline, "--passphrase-file", self.passphrase_file, *options, within=60
        )

    def init_intermediate(self, *options):
        return countersign("ca", "init-intermediate", "--out", self.online, *options)

    def sign(self, *options, root=None, key=None, request=None, out=None):
        return countersign(
            *("ca", "sign-intermediate", "--root-cert", root or self.root, "--root-key", key or self.root_key),
            *("--csr", request or self.request, "--out", out or self.certificate),
            *("--passphrase-file", self.passphrase_file, *options),
            within=60,
        )

    def perform(self, root=(), intermediate=(), signing=()):
        """All three steps, each of which must succeed."""
        for done in (self.init_root(*root), self.init_intermediate(*intermediate), self.sign(*signing)):
            assert done.returncode == 0, done.stdout + done.stderr
        return self
