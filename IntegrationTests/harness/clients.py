"""Real TLS clients as a user runs them: openssl s_client, curl and gnutls-cli."""

import re
from dataclasses import dataclass

from harness.tls_client import request
from harness.tools import run


@dataclass
class Outcome:
    """What a client program made of one request: the status if it got one, and the alert if it was given one."""

    status: int | None
    alert: int | None
    text: str

    @property
    def was_refused(self):
        return self.status is None


_CURL_ALERTS = {
    "certificate required": 116,
    "unknown ca": 48,
    "certificate expired": 45,
    "certificate revoked": 44,
    "unsupported certificate": 43,
    "bad certificate": 42,
    "certificate unknown": 46,
    "decrypt error": 51,
    "handshake failure": 40,
    "illegal parameter": 47,
    "access denied": 49,
    "protocol version": 70,
}
_GNUTLS_ALERTS = re.compile(r"fatal alert has been received[\s\S]*?\[(\d+)\]|Received alert \[(\d+)\]", re.I)


def openssl(port, sni, host, roots, identity=None, path="/", options=()):
    """One request through `openssl s_client`; `identity` is the pair of chain and key paths."""
    arguments = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", roots, "-quiet", "-ign_eof"]
    arguments += ["-servername", sni] if sni else ["-noservername"]
    if identity:
        arguments += ["-cert", identity[0], "-key", identity[1], "-cert_chain", identity[0]]
    done = run(*arguments, *options, input=request("GET", path, host, "Connection: close").decode())
    return _outcome(done.stdout, done.stderr, re.compile(r"SSL alert number (\d+)"))


def curl(port, sni, host, roots, identity=None, path="/", options=()):
    """One request through curl; SNI and Host may differ."""
    arguments = ["curl", "--silent", "--show-error", "--include", "--max-time", "15", "--http1.1"]
    arguments += ["--connect-to", f"{sni}:443:127.0.0.1:{port}", "--cacert", roots, "--header", f"Host: {host}"]
    if identity:
        arguments += ["--cert", identity[0], "--key", identity[1]]
    done = run(*arguments, *options, f"https://{sni}{path}")
    outcome = _outcome(done.stdout, done.stderr, None)
    for words, number in _CURL_ALERTS.items():
        if f"alert {words}" in done.stderr.lower():
            outcome.alert = number
    return outcome


def gnutls(port, sni, host, roots, identity=None, path="/", options=()):
    """One request through gnutls-cli."""
    arguments = ["gnutls-cli", "--port", port, "--x509cafile", roots, "--sni-hostname", sni, "--verify-hostname", sni]
    if identity:
        arguments += ["--x509certfile", identity[0], "--x509keyfile", identity[1]]
    done = run(*arguments, *options, "127.0.0.1", input=request("GET", path, host, "Connection: close").decode())
    return _outcome(done.stdout, done.stderr, _GNUTLS_ALERTS)


def _outcome(out, err, alert_pattern):
    status = re.search(r"^HTTP/1\.1 (\d{3})", out, re.M)
    alert = alert_pattern and alert_pattern.search(out + err)
    number = int(next(filter(None, alert.groups()))) if alert else None
    return Outcome(int(status[1]) if status else None, number, out + err)


CLIENTS = {"openssl": openssl, "curl": curl, "gnutls-cli": gnutls}
