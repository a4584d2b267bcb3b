"""The pkilint linters: what they find in certificates, revocation lists and OCSP responses."""

import json
import sys
from pathlib import Path

from harness.tools import run

_PROGRAMS = Path(sys.executable).parent

# What the linters know nothing of: URIs of a scheme that is not on their list, and names of one label, which are names
# inside a cluster. Each is let pass by its code and by the words that make it this case and no other.
_ACCEPTED = (
    ("pkix.invalid_uri_syntax", '"spiffe://'),
    ("pkix.invalid_domain_name_syntax", None),
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
    for accepted, words in _ACCEPTED:
        if code != accepted:
            continue
        if words is not None:
            return words in message
        return message.count(".") == 0 and message.count('"') == 2
    return False
