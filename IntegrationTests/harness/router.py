"""The router as a process: its configuration, its start and end, and what it says about itself."""

import copy
import json
import os
import re
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from harness.ports import free_port
from harness.tls_client import Connection, context
from harness.tools import COUNTERSIGN
from harness.waiting import Journal, until


class Router:
    """`countersign router --config FILE`, started on free loopback ports and stopped with the test."""

    def __init__(self, configuration, directory, environment=None, ready=None, prefix=()):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port, self.admin_port = free_port(), free_port()
        self.configuration = configuration
        self.path = self.directory / "router.yaml"
        self.access_log = self.directory / "access.log"
        self.log = Journal()
        self.raw_log = []
        self.has_served = False
        self._generation = 0
        self._environment = environment
        self._ready_text = ready
        self._prefix = list(prefix)
        self._process = None
        self.write_configuration()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # The configuration

    def complete(self, configuration):
        """The configuration with this router's listeners and access log filled in where it has none of its own."""
        router = configuration.setdefault("router", {})
        router.setdefault("listen", [f"127.0.0.1:{self.port}"])
        access_log = router.setdefault("access_log", {})
        access_log.setdefault("path", str(self.access_log))
        access_log.setdefault("flush_interval", "20ms")
        configuration.setdefault("admin", {}).setdefault("listen", f"127.0.0.1:{self.admin_port}")
        return configuration

    def write_configuration(self):
        self.write_text(yaml.safe_dump(self.complete(self.configuration), sort_keys=False))

    def write_text(self, text):
        """Replaces the file in one step, for its owner only, as a careful deployment does."""
        beside = self.path.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.write_text(text)
        os.replace(beside, self.path)

    # The process

    @property
    def pid(self):
        return self._process.pid

    def start(self):
        self._process = subprocess.Popen(
            [*self._prefix, COUNTERSIGN, "router", "--config", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(self._environment or {})},
            cwd=self.directory,
        )
        self.collect()
        self.log.wait_for(self._is_ready_line, 20, "the ready line of the router")
        assert self._process.poll() is None, "the router ended at its start:\n" + "\n".join(self.raw_log)
        self.has_served = True
        return self

    def collect(self):
        """Begins to read what the process says."""
        for stream in (self._process.stdout, self._process.stderr):
            threading.Thread(target=self._collect, args=(stream,), daemon=True).start()

    def _is_ready_line(self, line):
        if self._ready_text:
            return self._ready_text in line.get("raw", "") or line.get("message") == "(exited)"
        return line.get("message") in ("router is serving", "(exited)")

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

    def kill(self):
        """Ends the process as a power failure does."""
        self.has_served = False
        self._process.kill()
        self._process.wait(10)

    def signal(self, number):
        self._process.send_signal(number)

    def wait_for_exit(self, within=15):
        return self._process.wait(within)

    @property
    def is_running(self):
        return self._process.poll() is None

    def _collect(self, stream):
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip("\n")
            self.raw_log.append(text)
            try:
                parsed = json.loads(text)
            except ValueError:
                parsed = {"message": None, "raw": text}
            self.log.add(parsed)
        if stream is self._process.stderr:
            self._process.wait()
            self.log.add({"message": "(exited)", "status": self._process.returncode})

    # Reloading

    def apply(self, configuration, by_signal=True):
        """Writes the configuration, asks for a reload, and waits until the router serves by it.

        A route that only this generation of the file has is the proof: with a signal and a watcher at work, a log line
        may still be about the file before.
        """
        self.configuration = configuration
        self._generation += 1
        host = f"generation-{self._generation}.invalid"
        marked = copy.deepcopy(self.complete(configuration))
        marked["router"]["routes"].append({"route": host, "endpoints": ["127.0.0.1:1"]})
        mark = len(self.log.entries)
        self.write_text(yaml.safe_dump(marked, sort_keys=False))
        self.reload_and_wait("configuration reloaded", mark, by_signal)
        until(lambda: self._knows(host), 10, f"generation {self._generation} being served")

    def _knows(self, host):
        """Whether the router has a route for the host; a reload of the file before the last may still be on its way."""
        trusting = context(None)
        with Connection(self.port, None, trusting) as connection:
            return connection.get(host).status != 404

    def expect_refusal(self, text, by_signal=True):
        """Writes `text` as the configuration and answers the log line with which the router refuses it."""
        mark = len(self.log.entries)
        self.write_text(text)
        return self.reload_and_wait("configuration refused", mark, by_signal)

    def reload_and_wait(self, message, mark, by_signal=True):
        if by_signal:
            self.signal(signal.SIGHUP)
        return self.log.wait_for(lambda line: line.get("message") == message, 10, f'the line "{message}"', mark)

    # What it says

    def admin(self, path):
        """Status, headers and text of a GET on the admin listener."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def ask(self, path, content):
        """Status and text of a POST on the admin listener."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.admin_port}{path}", content, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name, **labels):
        """The sum of the samples of `name` whose labels include `labels`; 0 where there is none."""
        total = 0.0
        for sample, sample_labels, value in self.metrics():
            if sample == name and labels.items() <= sample_labels.items():
                total += value
        return total

    def metrics(self):
        status, _, text = self.admin("/metrics")
        assert status == 200
        samples = []
        for line in text.splitlines():
            if line and not line.startswith("#"):
                match = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?", line)
                assert match, f"not a Prometheus sample: {line!r}"
                pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or "")
                samples.append((match[1], dict(pairs), float(match[3])))
        return samples

    def access_records(self):
        if not self.access_log.exists():
            return []
        whole, _, _ = self.access_log.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.split("\n") if line]

    def wait_for_access(self, wanted, within=10, what="an access record"):
        """The first access record that `wanted` accepts."""
        return until(lambda: next(filter(wanted, self.access_records()), None), within, what)

    def wait_for_line(self, message, start=0, **fields):
        """The first log line with this message and these fields."""
        return self.log.wait_for(
            lambda line: line.get("message") == message and fields.items() <= line.items(),
            10,
            f'the log line "{message}" with {fields}',
            start,
        )

    def memory(self, field="VmRSS"):
        """A figure of /proc/PID/status in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.M)[1]) * 1024

    def reset_peak_memory(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
