"""What other people's programs find in certificates, requests, revocation lists and OCSP responses."""

import json
import re
import sys
from pathlib import Path

from harness.tools import run

_PROGRAMS = Path(sys.executable).parent

# What pkilint does not know of, each let pass by its code and by the name that makes it this case and no other: URIs of
# a scheme that is not on its list; names of one label, which are names inside a cluster; and wildcards, which RFC 5280
# leaves to the protocols that use them and RFC 9525 section 6.3 defines as a whole first label.
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_ACCEPTED = (
    ("pkix.invalid_uri_syntax", re.compile(r'"spiffe://[^"]*"')),
    ("pkix.invalid_domain_name_syntax", re.compile(rf'"{_LABEL}"')),
    ("pkix.invalid_domain_name_syntax", re.compile(rf'"\*(\.{_LABEL}){{2,}}"')),
)


def certificate_findings(path):
    """What is wrong with a certificate: a list of `code: message`, empty when nothing is."""
    return _findings("lint_pkix_cert", "lint", path=path)


def revocation_list_findings(path):
    """What is wrong with a revocation list, DER or PEM."""
    return _findings("lint_crl", "lint", "--type", "CRL", "--profile", "PKIX", path=path)


def ocsp_findings(path):
    """What is wrong with a DER-encoded OCSP response."""
    return _findings("lint_ocsp_response", "lint", path=path)


def assert_clean(pem, path):
    """Fails with what is wrong with a certificate, which is written to the path."""
    Path(path).write_text(pem)
    assert certificate_findings(path) == []


def assert_openssl_verifies(pem, path, roots, *untrusted, purpose="sslserver"):
    """Fails with what OpenSSL has against a certificate, which is written to the path."""
    Path(path).write_text(pem)
    options = [option for file in untrusted for option in ("-untrusted", file)]
    done = run("openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", roots, *options, path)
    assert done.returncode == 0, done.stdout + done.stderr


def _findings(program, *options, path):
    done = run(_PROGRAMS / program, *options, "--severity", "WARNING", "--format", "JSON", path)
    assert done.stdout, f"{program} says nothing: {done.stderr}"
    findings = [
        (finding["code"], finding.get("message") or "")
        for result in json.loads(done.stdout)["results"]
        for finding in result["finding_descriptions"]
    ]
    return [f"{code}: {message}" for code, message in findings if not _is_accepted(code, message)]


def _is_accepted(code, message):
    # The message ends with the name itself: nothing else may stand behind it.
    return any(code == accepted and name.search(message) for accepted, name in _ACCEPTED)
