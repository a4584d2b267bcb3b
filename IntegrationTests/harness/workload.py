"""Callers of the SPIFFE Workload API: the stock client, bare calls of gRPC, and programs that are somebody else."""

import os
import shutil
import subprocess
import threading
from pathlib import Path

import grpc
from spiffe import WorkloadApiClient
from spiffe._proto import workload_pb2, workload_pb2_grpc

from harness.tools import COUNTERSIGN
from harness.waiting import until

PYTHON = os.readlink("/proc/self/exe")
HEADER = (("workload.spiffe.io", "true"),)


class Calls:
    """Calls without the stock client, which always says what it should."""

    def __init__(self, socket):
        self.channel = grpc.insecure_channel(f"unix:{socket}")
        self.stub = workload_pb2_grpc.SpiffeWorkloadAPIStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def svids(self, metadata=HEADER, **options):
        return self.stub.FetchX509SVID(workload_pb2.X509SVIDRequest(), metadata=metadata, **options)

    def bundles(self, metadata=HEADER):
        return self.stub.FetchX509Bundles(workload_pb2.X509BundlesRequest(), metadata=metadata)

    def refusal(self, call):
        """The status with which a call ends that must not be answered."""
        try:
            if isinstance(call, grpc.Call):
                next(iter(call))
            else:
                call()
        except grpc.RpcError as error:
            return error.code(), error.details()
        raise AssertionError("the call was answered")


class Watch:
    """What the stock client is told, as it comes."""

    def __init__(self, client):
        self.contexts, self.errors = [], []
        self._told = threading.Condition()
        self.handle = client.stream_x509_contexts(self._take(self.contexts), self._take(self.errors))

    def _take(self, into):
        def take(value):
            with self._told:
                into.append(value)
                self._told.notify_all()

        return take

    def wait_for(self, predicate, within=20):
        with self._told:
            assert self._told.wait_for(lambda: predicate(self), within), (len(self.contexts), self.errors)
        return self

    @property
    def serials(self):
        return [context.default_svid.leaf.serial_number for context in self.contexts]


def socket_of(agent):
    return str(agent.directory / "run" / "agent.sock")


def wait_for_lists(agent):
    """Waits until callers are given revocation lists: they come after the certificates, as a change of their own."""

    def given():
        with Calls(socket_of(agent)) as calls:
            return next(calls.svids()).crl

    until(given, 15, "the revocation lists")


def client(agent):
    path = socket_of(agent)
    until(lambda: os.path.exists(path), 10, "the socket")
    return WorkloadApiClient(f"unix://{path}", default_timeout=20)


def fetch(agent, program=COUNTERSIGN, user=None, group=None, arguments=(), environment=None):
    """`countersign workload fetch` as another program, user or group."""
    return subprocess.run(
        [program, "workload", "fetch", *arguments, "--socket", f"unix://{socket_of(agent)}"],
        capture_output=True,
        text=True,
        timeout=30,
        user=user,
        group=group,
        extra_groups=[] if user is not None else None,
        env=environment,
    )


def copied_program(directory, name="client"):
    """A copy of the command at another path, with the same bytes."""
    path = Path(directory) / name
    shutil.copy(COUNTERSIGN, path)
    path.chmod(0o755)
    return str(path)
