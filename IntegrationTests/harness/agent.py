"""The agent as a process: its configuration, its certificate directory, and what it says about itself."""

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
from cryptography import x509

from harness.ports import free_port
from harness.stand_in_authority import public_key_of
from harness.tools import COUNTERSIGN, countersign
from harness.waiting import Journal, until


class Agent:
    """`countersign agent --config FILE` for an authority; keeps its files over restarts."""

    def __init__(self, directory, authority, services=("user-svc",), token="csj_good", **options):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.certificates = self.directory / "certs"
        self.token_file = self.directory / "join-token"
        self.path = self.directory / "agent.yaml"
        self.admin_port = free_port()
        self.section = {
            "authority": authority.url,
            "ca_certs": str(authority.ca_path),
            "cert_dir": str(self.certificates),
            "join_token_file": str(self.token_file),
            "services": list(services),
            **options,
        }
        # Sections beside the agent's own.
        self.beside = {}
        self.log = Journal()
        self.raw_log = []
        self._process = None
        if token:
            self.write_token(token)
        self.write_configuration()

    def write_configuration(self):
        section = {key: value for key, value in self.section.items() if value is not None}
        configuration = {"agent": section, "admin": {"listen": f"127.0.0.1:{self.admin_port}"}, **self.beside}
        self.path.write_text(yaml.safe_dump(configuration))

    def write_token(self, text):
        beside = self.token_file.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.write_text(f"{text}\n")
        os.replace(beside, self.token_file)

    # The process

    def start(self):
        mark = len(self.log.entries)
        self._process = subprocess.Popen(
            [COUNTERSIGN, "agent", "--config", str(self.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.directory,
        )
        threading.Thread(target=self._collect, args=(self._process,), daemon=True).start()
        line = self.log.wait_for(self._is_started_or_over, 20, "the ready line", mark)
        assert line["message"] == "agent is serving", "\n".join(self.raw_log)
        return self

    def _is_started_or_over(self, line):
        # What is heard late of the process before is not about this one.
        over = line.get("message") == "(exited)" and line["pid"] == self.pid
        return line.get("message") == "agent is serving" or over

    def run_to_its_end(self):
        return countersign("agent", "--config", self.path)

    @property
    def pid(self):
        return self._process.pid

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        """Ends the process without any chance to tidy up."""
        self._process.kill()
        self._process.wait(10)

    def stop(self):
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)
            assert self._process.wait(10) == 0, "the agent crashed:\n" + "\n".join(self.raw_log[-20:])

    def _collect(self, process):
        for line in process.stdout:
            text = line.decode("utf-8", "replace").rstrip("\n")
            self.raw_log.append(text)
            try:
                self.log.add(json.loads(text))
            except ValueError:
                self.log.add({"message": None, "raw": text})
        self.log.add({"message": "(exited)", "status": process.wait(), "pid": process.pid})

    def wait_for_line(self, message, start=0, within=15, **fields):
        return self.log.wait_for(
            lambda line: line.get("message") == message and fields.items() <= line.items(),
            within,
            f'the log line "{message}" with {fields}',
            start,
        )

    # What it keeps

    def file(self, name):
        return self.certificates / name

    def certificate(self, service="user-svc"):
        """The certificate of a service, checked to belong to its key; None when there is none yet."""
        try:
            folder = os.open(self.file(service), os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            return None
        try:
            chain, key = (_read(name, folder) for name in ("cert.pem", "key.pem"))
        finally:
            os.close(folder)
        assert public_key_of(chain) == public_key_of(key)
        return x509.load_pem_x509_certificate(chain)

    def serial(self, service="user-svc"):
        found = self.certificate(service)
        return found and found.serial_number

    def wait_for_certificate(self, service="user-svc", other_than=None, within=15):
        """The serial number of the first certificate other than that one."""
        return until(
            lambda: (lambda serial: serial if serial != other_than else None)(self.serial(service)),
            within,
            f"a new certificate of {service}",
        )

    # What it says

    def admin(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def health(self):
        status, text = self.admin("/health")
        return status, json.loads(text)

    def wait_until_ready(self, within=15):
        until(lambda: self.health()[0] == 200, within, "readiness of the agent")
        return self

    def metric(self, name, **labels):
        total = 0.0
        for line in self.admin("/metrics")[1].splitlines():
            match = re.fullmatch(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)", line)
            pairs = dict(re.findall(r'(\w+)="([^"]*)"', (match and match[2]) or ""))
            if match and match[1] == name and labels.items() <= pairs.items():
                total += float(match[3])
        return total


def _read(name, folder):
    descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
    try:
        return os.read(descriptor, 1 << 20)
    finally:
        os.close(descriptor)
