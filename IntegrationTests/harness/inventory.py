"""The files of an authority's inventory, by the commands that look after them."""

from pathlib import Path

from harness.tools import countersign


class Inventory:
    """The commands for one authority's inventory."""

    def __init__(self, authority, folder):
        self.authority = authority
        self.backup_path = folder / "inventory-backup.db"

    def run(self, command, *arguments):
        return countersign("authority", command, "--config", self.authority.path, *arguments)

    def backup(self):
        done = self.run("backup", self.backup_path)
        assert done.returncode == 0, done.stderr
        return self

    def restore(self, *arguments):
        return self.run("restore", *arguments, self.backup_path)

    def reconcile(self, *arguments):
        return self.run("reconcile", *arguments)

    @property
    def log(self):
        return Path(f"{self.authority.database}.log")


def refused(done, *words):
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert str(word) in done.stderr, done.stderr


def refuses_to_start(authority, *words):
    code, text = authority.refusal()
    assert code == 1, (code, text)
    for word in words:
        assert word in text, text
