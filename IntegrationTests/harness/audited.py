"""`countersign authz` whose audit events go to a file, or to Kafka by way of a spool, and what is asked of it."""

import base64
import threading

from harness.authz import Authz
from harness.kafka import TOPIC
from harness.waiting import until

HEADER = "X-Forwarded-Tls-Client-Cert"
OPTIONS = {"forwarded_client_cert_header": HEADER, "inbound_auth_mode": "mtls_only"}


def forwarded(leaf):
    """The field by which a proxy tells of a certificate."""
    return HEADER, base64.b64encode(leaf.der).decode()


def filed(directory, audit=None, **options):
    """Not started yet; events go to `audit.jsonl` in the folder unless `audit` says otherwise."""
    return Authz(directory, audit=audit or {"file": {"path": "audit.jsonl"}}, **{**OPTIONS, **options})


def audited(directory, kafka, spool=(), brokers=None, **options):
    """Not started yet; `spool` and `audit` add to their sections."""
    audit = {
        "kafka": {"brokers": [brokers or kafka.address], "topic": TOPIC},
        "spool": {"path": "spool", **dict(spool)},
        "sync_interval": "50ms",
        **options.pop("audit", {}),
    }
    return Authz(directory, audit=audit, **{**OPTIONS, **options})


def ask(authz, path="/", count=1):
    for _ in range(count):
        assert authz.ask(uri=path)[0] == 401


def delivered(kafka, wanted, within=30):
    """Waits until the events of all these paths have been delivered."""
    wanted = set(wanted)
    until(lambda: wanted <= {event["path"] for event in kafka.events()}, within, f"{len(wanted)} events in Kafka")


def segments(authz):
    """The files of the spool that hold events."""
    return sorted((authz.directory / "spool").glob("segment-*"))


class Load:
    """Asks without a pause from several threads, until the end of the block or of authz; counts the answers by path."""

    def __init__(self, authz, threads=3):
        self._authz, self._ends = authz, threading.Event()
        self.answered = []
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _run(self, thread):
        number = 0
        while not self._ends.is_set():
            path = f"/{thread}/{number}"
            try:
                assert self._authz.ask(uri=path)[0] == 401
            except OSError:
                return
            self.answered.append(path)
            number += 1
