"""A cluster of Kafka brokers as a process: librdkafka's own stand-in, which speaks the protocol on real sockets.

Prints its address; then takes one command a line: `rtt MILLISECONDS`, `fail ERROR COUNT` (of produce requests, at most
1000), `take` (to fail no more).
"""

import ctypes
import sys

_PRODUCER, _PRODUCE = 0, 0


class Cluster:
    def __init__(self, topic):
        self._library = library = ctypes.CDLL("librdkafka.so.1")
        pointer = ctypes.c_void_p
        for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
            getattr(library, name).restype = pointer
        library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        words = ctypes.create_string_buffer(512)
        client = library.rd_kafka_new(_PRODUCER, pointer(library.rd_kafka_conf_new()), words, 512)
        assert client, words.value
        self._cluster = pointer(library.rd_kafka_mock_cluster_new(pointer(client), 1))
        library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), 3, 1)

    @property
    def address(self):
        return self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def delay(self, milliseconds):
        self._library.rd_kafka_mock_broker_set_rtt(self._cluster, 1, milliseconds)

    def fail(self, error, count):
        self._library.rd_kafka_mock_push_request_errors(self._cluster, _PRODUCE, count, *[error] * count)

    def take(self):
        self._library.rd_kafka_mock_clear_request_errors(self._cluster, _PRODUCE)


def main():
    cluster = Cluster(sys.argv[1])
    print(cluster.address, flush=True)
    for line in sys.stdin:
        command, *numbers = line.split()
        {"rtt": cluster.delay, "fail": cluster.fail, "take": cluster.take}[command](*map(int, numbers))
        print("done", flush=True)


if __name__ == "__main__":
    main()
