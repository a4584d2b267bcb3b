"""The rows of the authority: issuing beside cfssl, a large inventory, and a large revocation list."""

import argparse
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography import x509

from . import inventories
from .issuers import ISSUERS, NAME, RECORDING, IssuingSite, countersign, newcert_bodies, sign_bodies
from .report import Results, Samples
from .rows import Goal, Row, Sample
from .servers import LOAD_PROCESSOR, MEASURED_PROCESSOR, Server
from .turns import rotated

CONNECTIONS = 32
LARGE_INVENTORY = 1_000_000
LARGE_LIST = 100_000
API = "/api/v1/cfssl/"


def run(key: str, options: argparse.Namespace, folder: Path) -> Results:
    """One row, or those that are measured together."""
    os.sched_setaffinity(0, {LOAD_PROCESSOR})
    return ROWS[key](options, folder)


def sign(options: argparse.Namespace, folder: Path) -> Results:
    row = Row("`sign`, durable, 32 connections", "CPU µs a certificate", (), (Goal(0.5, "cfssl"), Goal(200)))
    return {"sign": (row, compare("sign", sign_bodies(), options, folder))}


def newcert(options: argparse.Namespace, folder: Path) -> Results:
    row = Row("`newcert`, durable, 32 connections", "CPU µs a certificate", (), (Goal(0.5, "cfssl"), Goal(320)))
    return {"newcert": (row, compare("newcert", newcert_bodies(), options, folder))}


def compare(endpoint: str, bodies: list[bytes], options: argparse.Namespace, folder: Path) -> Samples:
    with contextlib.ExitStack() as stack:
        servers = [
            start(name, IssuingSite.make(folder / name, options.countersign), stack, command)
            for name, command in ISSUERS.items()
        ]
        for server in servers:
            check(server, folder / server.name / "intermediate.pem")
        if not recorded(folder / RECORDING / "authority.db"):
            raise RuntimeError(f"{RECORDING}, has no certificate in its database")
        return rounds(endpoint, servers, bodies, options)


def check(server: Server, issuer: Path) -> None:
    """Shows before anything is measured that a server issues what the other one does."""
    issued = x509.load_pem_x509_certificate(call(server.port, "sign", sign_bodies()[0])["certificate"].encode())
    issued.verify_directly_issued_by(x509.load_pem_x509_certificates(issuer.read_bytes())[0])
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lifetime = issued.not_valid_after_utc - issued.not_valid_before_utc
    if names.get_values_for_type(x509.DNSName) != [NAME] or abs(lifetime.total_seconds() - 86_400) > 600:
        raise RuntimeError(f"{server.name} issues something else: {names} for {lifetime}")


def recorded(database: Path) -> int:
    with contextlib.closing(sqlite3.connect(database)) as opened:
        return opened.execute("SELECT count(*) FROM certificates").fetchone()[0]


def rounds(endpoint: str, servers: list[Server], bodies: list[bytes], options: argparse.Namespace) -> Samples:
    samples: Samples = {server.name: [] for server in servers}
    for number in range(options.rounds):
        for server in rotated(servers, number):
            sample = posts(server, server.port, "POST", API + endpoint, bodies, options.seconds, CONNECTIONS)
            samples[server.name].append(sample)
            print(f"{endpoint} round {number + 1}: {server.name} {sample.value:.1f} µs", flush=True)
    return samples


def posts(
    server: Server,
    port: int,
    method: str,
    path: str,
    bodies: list[bytes],
    seconds: float,
    connections: int,
) -> Sample:
    """Processor time of the server's process for each answer."""
    plan = {"port": port, "method": method, "path": path, "connections": connections, "seconds": seconds}
    plan["bodies"] = [body.decode() for body in bodies]
    plan["expect"] = '"success":true' if bodies else ""
    command = [sys.executable, "-m", "comparison.posts"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        try:
            tell(load, json.dumps(plan))
            hear(load)
            before = server.processor_seconds()
            tell(load, "go")
            report = json.loads(hear(load))
            used = server.processor_seconds() - before
            tell(load, "end")
        finally:
            load.terminate()
    p50, p99 = report["latency"]
    rate, share = (report[name] / report["seconds"] for name in ("requests", "own_processor_seconds"))
    return Sample(used * 1e6 / report["requests"], rate, p50, p99, load=share)


def tell(load: subprocess.Popen, line: str) -> None:
    load.stdin.write(line + "\n")
    load.stdin.flush()


def hear(load: subprocess.Popen) -> str:
    line = load.stdout.readline()
    if not line:
        raise RuntimeError("the load ended early")
    return line


def start(name: str, site: IssuingSite, stack: contextlib.ExitStack, command=countersign) -> Server:
    server = Server(name, command(site), site.port, MEASURED_PROCESSOR, site.folder / "log")
    stack.callback(server.stop)
    return server


def inventory(options: argparse.Namespace, folder: Path) -> Results:
    """How long an authority with a large inventory takes to start, and what a certificate costs it then."""
    sites = {name: IssuingSite.make(folder / name, options.countersign) for name in ("countersign", "empty")}
    prepare(sites["countersign"], LARGE_INVENTORY)
    starts: Samples = {name: [] for name in sites}
    for number in range(options.rounds):
        for name, site in rotated(list(sites.items()), number):
            starts[name].append(timed_start(name, site))
            print(f"start round {number + 1}: {name} {starts[name][-1].value:.0f} ms", flush=True)
    with contextlib.ExitStack() as stack:
        servers = [start(name, site, stack) for name, site in sites.items()]
        issued = rounds("sign", servers, sign_bodies(), options)
    count = f"{LARGE_INVENTORY:,} certificates in the inventory"
    return {
        "start": (Row(f"Start with {count}", "CPU ms", (), (Goal(1000),)), starts),
        "inventory": (Row(f"`sign` with {count}", "CPU µs a certificate", (), (Goal(1.1, "empty"),)), issued),
    }


def timed_start(name: str, site: IssuingSite) -> Sample:
    with contextlib.ExitStack() as stack:
        before = time.monotonic()
        server = start(name, site, stack)
        elapsed = time.monotonic() - before
        return Sample(server.processor_seconds() * 1e3, note=f"{elapsed * 1e3:.0f} ms until it listens")


def crl(options: argparse.Namespace, folder: Path) -> Results:
    """What it costs to sign a large revocation list after one more revocation, and to hand one out."""
    site = IssuingSite.make(folder / "countersign", options.countersign)
    prepare(site, LARGE_LIST, LARGE_LIST)
    signed: list[Sample] = []
    served: list[Sample] = []
    with contextlib.ExitStack() as stack:
        server = start("countersign", site, stack)
        for number in range(options.rounds):
            signed.append(list_after_revocation(server, site))
            served.append(posts(server, site.public_port, "GET", "/crl", [], options.seconds, 2))
            line = f"{signed[-1].value:.0f} ms to sign, {served[-1].value:.0f} µs to serve"
            print(f"crl round {number + 1}: {line}", flush=True)
    count = f"a revocation list of {LARGE_LIST:,} entries"
    return {
        "crl": (Row(f"Sign {count}", "CPU ms", (), (Goal(500),)), {"countersign": signed}),
        "crl-served": (Row(f"Serve {count}", "CPU µs an answer", (), (Goal(20_000),)), {"countersign": served}),
    }


def list_after_revocation(server: Server, site: IssuingSite) -> Sample:
    url = f"http://127.0.0.1:{site.public_port}/crl"
    certificate = x509.load_pem_x509_certificate(call(site.port, "sign", sign_bodies()[0])["certificate"].encode())
    keys = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    wanted = {"serial": str(certificate.serial_number), "authority_key_id": keys.key_identifier.hex()}
    before, tag = server.processor_seconds(), current_tag(url)
    call(site.port, "revoke", json.dumps({**wanted, "reason": "superseded"}).encode())
    limit = time.monotonic() + 60
    while not is_changed(url, tag):
        if time.monotonic() > limit:
            raise RuntimeError("no new revocation list after 60 s")
        time.sleep(0.02)
    return Sample((server.processor_seconds() - before) * 1e3)


def call(port: int, endpoint: str, body: bytes) -> dict:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{API}{endpoint}", data=body)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["result"]


def current_tag(url: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=60) as answer:
        return answer.headers["ETag"]


def is_changed(url: str, tag: str) -> bool:
    try:
        request = urllib.request.Request(url, method="HEAD", headers={"If-None-Match": tag})
        with urllib.request.urlopen(request, timeout=60):
            return True
    except urllib.error.HTTPError as error:
        if error.code != 304:
            raise
        return False


def prepare(site: IssuingSite, certificates: int, revoked: int = 0) -> None:
    """An inventory of so many certificates, with a real one to begin with."""
    with contextlib.ExitStack() as stack:
        start("countersign", site, stack)
        call(site.port, "sign", sign_bodies()[0])
    print(f"filling an inventory with {certificates:,} certificates", flush=True)
    inventories.fill(site.database, certificates, revoked)


BESIDE_PEERS = {"sign": sign, "newcert": newcert}
ROWS = {**BESIDE_PEERS, "inventory": inventory, "crl": crl}
