"""Schemathesis: calls made up from an OpenAPI document, whose answers have to be what the document says."""

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.tools import run

_PROGRAM = Path(sys.executable).parent / "schemathesis"

# A path with its query that no listener reads to its end is refused, as it should be, by a status that Schemathesis
# does not take for a refusal unless it is told so. What it warns of is not wrong: names that were made up are unknown.
_CONFIGURATION = """
warnings = false

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "414", "422", "429", "431"]

# No schema says what a certificate request is.
[[operations]]
include-operation-id = "signCertificate"
checks.positive_data_acceptance.expected-statuses = ["201", "400", "401", "403", "404", "422", "429"]
"""


@dataclass
class Findings:
    """What Schemathesis said of an API."""

    text: str
    status: int
    # The kinds of findings, as `Undocumented status code`.
    kinds: set
    operations: int
    cases: int


# Schemathesis repeats what has succeeded without credentials and with bad ones, faster than an authority lets anybody
# guess; so that is run by itself, at a pace.
CREDENTIALS = ("--checks=ignored_auth", "--phases=fuzzing", "--max-examples=1", "--rate-limit=2/s")
ALL_ELSE = ("--exclude-checks=ignored_auth",)


def fuzz(folder, document, base_url, token, *options, within=360):
    """Runs Schemathesis against an API; with one document it makes the same calls each time."""
    # From a file, as it leaves out the call that answers with the document where it has read it from there.
    file = Path(folder) / "openapi.json"
    file.write_text(json.dumps(document))
    configuration = Path(folder) / "schemathesis.toml"
    configuration.write_text(_CONFIGURATION)
    done = run(
        _PROGRAM,
        f"--config-file={configuration}",
        "run",
        file,
        f"--url={base_url}",
        f"--header=Authorization: Bearer {token}",
        "--seed=20300131",
        "--generation-database=none",
        "--suppress-health-check=all",
        "--no-color",
        *options,
        within=within,
        cwd=folder,
    )
    text = done.stdout + done.stderr
    operations = re.search(r"^  Tested: (\d+)", text, re.MULTILINE)
    cases = re.search(r"^  (\d+) generated", text, re.MULTILINE)
    assert operations and cases, f"schemathesis made no calls:\n{text}"
    kinds = set(re.findall(r"^- (?:ST\d+ )?(.+)$", text, re.MULTILINE))
    return Findings(text, done.returncode, kinds, int(operations[1]), int(cases[1]))
