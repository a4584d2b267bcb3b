"""What other people's programs think of a certificate, a request or a list."""

import json
import sys
from pathlib import Path

from harness.tools import run

_BIN = Path(sys.executable).parent


def _is_mistaken(found):
    """The linter takes a URI of any scheme but those of the web for malformed, a SPIFFE ID among them."""
    return found["code"] == "pkix.invalid_uri_syntax" and '"spiffe://' in (found.get("message") or "")


def findings(pem, path, program="lint_pkix_cert"):
    """The findings of pkilint from warnings up, as texts."""
    Path(path).write_text(pem)
    done = run(_BIN / program, "lint", "-s", "WARNING", "-f", "JSON", path)
    report = json.loads(done.stdout)
    return [
        f"{found['severity']} {found['code']} at {result['node_path']}: {found.get('message') or ''}"
        for result in report["results"]
        for found in result["finding_descriptions"]
        if not _is_mistaken(found)
    ]


def assert_clean(pem, path, program="lint_pkix_cert"):
    found = findings(pem, path, program)
    assert not found, "\n".join(found)


def assert_openssl_verifies(pem, path, roots, *untrusted, purpose="sslserver"):
    Path(path).write_text(pem)
    options = [option for file in untrusted for option in ("-untrusted", file)]
    done = run("openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", roots, *options, path)
    assert done.returncode == 0, done.stdout + done.stderr
