"""`countersign dev`: what a new user sees first, tried as a new user would, and gone without a trace afterwards."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from harness.ports import free_port
from harness.tools import COUNTERSIGN, countersign, run
from harness.waiting import Journal, until


def free_address():
    return f"127.0.0.1:{free_port()}"


class Dev:
    """`countersign dev` running, with the commands that it printed."""

    def __init__(self, *options):
        self.lines = Journal()
        self.process = subprocess.Popen(
            [COUNTERSIGN, "dev", *map(str, options)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._collect, daemon=True).start()
        self.lines.wait_for(lambda line: "Press Ctrl-C" in line or line == "(end)", 20, "the commands")
        assert "(end)" not in self.lines.snapshot(), self.text

    def _collect(self):
        for line in self.process.stdout:
            self.lines.add(line.rstrip("\n"))
        self.lines.add("(end)")

    @property
    def text(self):
        return "\n".join(self.lines.snapshot())

    @property
    def folder(self):
        return Path(re.search(r"^\s*files\s+(\S.*)$", self.text, re.M)[1])

    def commands(self):
        """The printed shell commands for the four outcomes, by the words of the comment above each."""
        return dict(self._commands()[:4])

    def inventory(self):
        """The printed shell commands for the inventory."""
        return [command for _, command in self._commands()[4:9]]

    def egress(self):
        """The printed shell commands of a program that knows only HTTP_PROXY."""
        return [command for _, command in self._commands()[9:]]

    def _commands(self):
        found = re.findall(r"^# (.+)\n((?:.+\n)+)", self.text, re.M)
        assert len(found) == 12, self.text
        return found

    def tool(self, words):
        """Runs a command of the command line with the address and the token that were printed."""
        return run("bash", "-c", self.inventory()[0].replace("services list", words))

    def serial(self, service):
        done = run("openssl", "x509", "-in", self.folder / service / "cert.pem", "-noout", "-serial")
        return done.stdout.strip().removeprefix("serial=").lower()

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(15)


@pytest.fixture
def start_dev():
    started = []

    def start(*options):
        addresses = ["--listen", free_address(), "--admin", free_address(), "--authority", free_address()]
        addresses += ["--egress", free_address()]
        dev = Dev(*addresses, *options)  # The last of two options counts.
        started.append(dev)
        return dev

    yield start
    for dev in started:
        if dev.process.poll() is None:
            folder = dev.folder
            assert dev.stop() == 0
            assert not folder.exists() or not any(folder.rglob("*.pem")), "keys were left behind"


def test_demo_shows_all_four_and_ends_well():
    done = countersign("dev", "--demo", "--listen", free_address(), "--admin", free_address(), within=60)
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("HTTP 200", "HTTP 403", "certificate required", "sa/orders", "spoofed"):
        assert words in done.stdout
    assert "UNEXPECTED" not in done.stdout
    folder = re.search(r"^\s*files\s+(\S+)$", done.stdout, re.M)[1]
    assert not os.path.exists(folder)


def test_printed_commands_do_what_they_promise(start_dev):
    dev = start_dev()
    outputs = {title: run("bash", "-c", command) for title, command in dev.commands().items()}
    allowed, denied, missing, spoofed = outputs.values()
    assert "HTTP 200" in allowed.stdout and "sa/orders" in allowed.stdout
    assert "HTTP 403" in denied.stdout
    assert "HTTP 200" not in missing.stdout and "certificate required" in missing.stdout + missing.stderr
    assert "HTTP 200" in spoofed.stdout and "sa/admin" not in spoofed.stdout


def test_egress_calls_as_the_service_that_its_caller_is(start_dev):
    dev = start_dev()
    allowed, denied, elsewhere = (run("bash", "-c", command) for command in dev.egress())
    assert "HTTP 200" in allowed.stdout and "spiffe://dev.local/ns/default/sa/orders" in allowed.stdout, allowed.stderr
    assert "--cert" not in dev.egress()[0] and "http_proxy=" in dev.egress()[0]
    assert "HTTP 403" in denied.stdout and "403 Forbidden" in denied.stdout
    assert "HTTP 403" in elsewhere.stdout and "destination_refused" in elsewhere.stdout
    # Another program of the same user is nobody, and a rotated certificate is taken up.
    script = dev.egress()[0].replace("curl", "python3 -c 'import urllib.request as u; u.urlopen(\"{}\")' #", 1)
    url = re.search(r"http://inventory\S+", dev.egress()[0])[0]
    other = run("bash", "-c", script.replace("{}", url))
    assert other.returncode != 0 and "403" in other.stderr
    before = dev.serial("orders")
    dev.tool("certs rotate orders")
    until(lambda: dev.serial("orders") != before, 20, "the new certificate")
    assert "HTTP 200" in run("bash", "-c", dev.egress()[0]).stdout


def test_inventory_shows_what_the_authority_has_issued(start_dev):
    dev = start_dev()
    services, certificates, over_http, _, audit = (run("bash", "-c", command) for command in dev.inventory())
    for service in ("orders", "inventory"):
        assert f"spiffe://dev.local/ns/default/sa/{service}" in services.stdout, services.stderr
    for service in ("orders", "inventory"):
        row = next(line for line in certificates.stdout.splitlines() if f"sa/{service}" in line)
        assert row.split()[1:3] == [service, "active"]
        listed = [entry["serial"] for entry in json.loads(over_http.stdout.rpartition("HTTP 200")[0])["certificates"]]
        assert row.split()[0] in listed
    assert "certificate.rotate" in audit.stdout and "token/file" in audit.stdout


def test_certificates_in_the_folder_are_those_of_the_inventory(start_dev):
    dev = start_dev()
    for service in ("orders", "inventory"):
        listed = json.loads(dev.tool(f"certs list --service {service} --json").stdout)
        assert [entry["serial"] for entry in listed] == [dev.serial(service)]


def test_admin_api_asks_for_the_token_which_is_for_its_owner_only(start_dev):
    dev = start_dev()
    token = dev.folder / "admin.token"
    assert token.stat().st_mode & 0o777 == 0o600
    command = dev.inventory()[2]
    assert "HTTP 200" in run("bash", "-c", command).stdout
    assert "HTTP 401" in run("bash", "-c", command.replace(f"$(cat {token})", "csb_guessed")).stdout
    assert token.read_text().strip() not in dev.text


def test_rotated_certificate_comes_at_once_and_the_one_before_stays_good(start_dev, tmp_path):
    dev = start_dev()
    command, before = next(iter(dev.commands().values())), dev.serial("orders")
    kept = tmp_path / "orders"
    shutil.copytree(dev.folder / "orders", kept)
    assert dev.tool("certs rotate orders").returncode == 0
    until(lambda: dev.serial("orders") != before, 10, "the new certificate")
    states = {entry["serial"]: entry["state"] for entry in json.loads(dev.tool("certs list --json").stdout)}
    assert states[before] == states[dev.serial("orders")] == "active"
    for folder in (dev.folder / "orders", kept):
        assert "HTTP 200" in run("bash", "-c", command.replace(str(dev.folder / "orders"), str(folder))).stdout


def test_revoked_certificate_is_refused_at_once_and_its_successor_has_another_key(start_dev, tmp_path):
    dev = start_dev()
    allowed, denied = list(dev.commands().values())[:2]
    serial, kept = dev.serial("orders"), tmp_path / "orders"
    shutil.copytree(dev.folder / "orders", kept)
    assert serial in dev.tool("certs revoke orders --reason keyCompromise").stdout
    revoked = allowed.replace(str(dev.folder / "orders"), str(kept))
    assert revoked != allowed and "HTTP 200" not in run("bash", "-c", revoked).stdout
    assert "HTTP 403" in run("bash", "-c", denied).stdout, "another's certificate was touched"
    # The authority keeps this certificate, so it puts another in its place by itself.
    until(lambda: dev.serial("orders") != serial, 10, "the new certificate")
    assert (dev.folder / "orders" / "key.pem").read_bytes() != (kept / "key.pem").read_bytes()
    assert "HTTP 200" in run("bash", "-c", allowed).stdout
    assert "HTTP 200" not in run("bash", "-c", revoked).stdout


def test_keys_are_for_their_owner_only_and_certificates_are_sound(start_dev):
    folder = start_dev().folder
    for service in ("orders", "inventory"):
        assert (folder / service / "key.pem").stat().st_mode & 0o777 == 0o600
        chain = folder / service / "cert.pem"
        done = run("openssl", "verify", "-CAfile", folder / "ca.pem", "-untrusted", chain, "-x509_strict", chain)
        assert done.returncode == 0, done.stdout + done.stderr
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_end_leaves_nothing_behind(start_dev, number):
    dev = start_dev()
    folder = dev.folder
    assert folder.is_dir()
    assert dev.stop(number) == 0
    assert not folder.exists()


def test_chosen_folder_is_used_and_kept_with_what_else_is_in_it(start_dev, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o700)
    (folder / "notes.txt").write_text("mine")
    dev = start_dev("--folder", folder)
    assert (folder / "orders" / "cert.pem").is_file()
    assert dev.stop() == 0
    assert [path.name for path in folder.rglob("*")] == ["notes.txt"]


def test_taken_port_is_not_in_the_way(start_dev):
    first = start_dev()
    port = re.search(r"router\s+https://127\.0\.0\.1:(\d+)", first.text)[1]
    second = Dev("--listen", f"127.0.0.1:{port}", "--admin", free_address())
    try:
        command = next(iter(second.commands().values()))
        assert "HTTP 200" in run("bash", "-c", command).stdout
    finally:
        assert second.stop() == 0


def test_two_at_once_do_not_trust_each_other(start_dev):
    one, two = start_dev(), start_dev()
    command = next(iter(one.commands().values()))
    crossed = command.replace(f"{one.folder}/orders", f"{two.folder}/orders")
    assert "HTTP 200" in run("bash", "-c", command).stdout
    assert "HTTP 200" not in run("bash", "-c", crossed).stdout


def test_health_is_where_it_says(start_dev):
    address = re.search(r"health\s+(http://\S+)", start_dev().text)[1]
    assert run("curl", "-sS", "-w", "%{http_code}", address).stdout.endswith("200")


@pytest.mark.parametrize(
    "name", ["ca.pem", "orders/cert.pem", "inventory/notes.txt", "orders", "admin.token", "store/a", ".generations"]
)
def test_what_is_in_the_folder_already_is_never_touched(tmp_path, name):
    mine = tmp_path / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    before = {path: path.is_dir() or path.read_text() for path in tmp_path.rglob("*")}
    done = countersign("dev", "--listen", free_address(), "--admin", free_address(), "--folder", tmp_path)
    assert done.returncode == 2
    assert name.split("/")[0] in done.stderr and "--folder" in done.stderr
    assert {path: path.is_dir() or path.read_text() for path in tmp_path.rglob("*")} == before


def test_what_appears_in_the_folder_meanwhile_stays(start_dev, tmp_path):
    dev = start_dev("--folder", tmp_path)
    (tmp_path / "orders" / "notes.txt").write_text("mine")
    assert dev.stop() == 0
    assert (tmp_path / "orders" / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["notes.txt"]


def test_folder_that_others_may_write_to_is_refused(tmp_path):
    tmp_path.chmod(0o777)
    done = countersign("dev", "--listen", free_address(), "--admin", free_address(), "--folder", tmp_path)
    assert done.returncode == 2 and "--folder" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_folder_of_its_own_making_is_removed(start_dev, tmp_path):
    dev = start_dev("--folder", tmp_path / "new")
    assert dev.folder == tmp_path / "new" and dev.folder.stat().st_mode & 0o077 == 0
    assert dev.stop() == 0
    assert list(tmp_path.iterdir()) == []


ODD = {
    "blank in the folder's name": lambda folder: ["--folder", folder / "it's a folder"],
    "IPv6": lambda folder: ["--listen", "[::1]:0"],
    "a port of the system's choice": lambda folder: ["--listen", "localhost:0", "--admin", "127.0.0.1:0"],
    "an authority on a port of the system's choice": lambda folder: ["--authority", "localhost:0"],
    "every address": lambda folder: ["--listen", "0.0.0.0:0"],
}


@pytest.mark.parametrize("case", ODD)
def test_printed_commands_work_with(start_dev, tmp_path, case):
    outputs = [run("bash", "-c", command) for command in start_dev(*ODD[case](tmp_path)).commands().values()]
    assert "HTTP 200" in outputs[0].stdout, outputs[0].stderr
    assert "HTTP 403" in outputs[1].stdout, outputs[1].stderr


@pytest.mark.parametrize("option", ["--listen", "--admin", "--authority"])
@pytest.mark.parametrize(
    "text", ["8443", "127.0.0.1", "127.0.0.1:99999", "::1:80", "[::1]", ":80", "nobody.invalid:80"]
)
def test_address_that_cannot_be_used_is_named_and_nothing_left_behind(tmp_path, option, text):
    done = countersign("dev", option, text, environment={"TMPDIR": str(tmp_path)})
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {option} '{text}'")
    assert list(tmp_path.iterdir()) == []


def test_address_of_another_host_is_named_and_nothing_left_behind(tmp_path):
    done = countersign("dev", "--listen", "192.0.2.1:0", environment={"TMPDIR": str(tmp_path)})
    assert done.returncode == 2 and "--listen '192.0.2.1:0'" in done.stderr
    assert list(tmp_path.iterdir()) == []
