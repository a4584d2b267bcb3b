"""The files of Examples are good configurations: with what they name there is no problem, without it they say so."""

import json
import re

import pytest

from harness import documents
from harness.authz import Issuer
from harness.pki import Leaf
from harness.tools import countersign

EXAMPLES = documents.DOCS.parent / "Examples"
# mappings.yaml is no configuration, and one that test_mw2_examples_are_what_the_pages_show.py looks at.
NAMES = sorted(path.name for path in EXAMPLES.glob("*.yaml") if path.name != "mappings.yaml")


@pytest.fixture
def folder(world, tmp_path):
    """Copies of all, and what any of them names."""
    for path in EXAMPLES.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    pki, run = tmp_path / "pki", tmp_path / "run"
    pki.mkdir()
    run.mkdir(mode=0o700)
    for name in ("ca", "int"):
        Leaf(world.platform.certificate, world.platform.key, []).save(pki, name)
    authorities = {"root": world.platform_root, "client-ca": world.platform_root, "partner-ca": world.partner_root}
    for name, authority in {**authorities, "kafka-ca": world.server_root}.items():
        (pki / f"{name}.pem").write_text(authority.pem)
    world.server_root.leaf("server", dns=["*.apps.mtls.internal", "partner.example.com"]).save(pki, "server")
    world.partner_device.save(pki, "authz")
    (pki / "revoked.crl").write_text(world.platform_root.revocation_list())
    (pki / "crl.pem").write_text(world.platform_root.revocation_list())
    (pki / "issuer.jwks").write_text(json.dumps(Issuer().key_set()))
    for name in ("cfssl-key", "join-token"):
        (run / name).touch(mode=0o600)
        (run / name).write_text("0123456789abcdef0123456789abcdef\n")
    return tmp_path


def check(folder, name):
    done = countersign("config", "check", "--config", folder / name, cwd=folder)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_taken(folder, name):
    code, said = check(folder, name)
    assert code == 0, said


@pytest.mark.parametrize("name", NAMES)
def test_without_what_it_names_it_is_refused_and_says_what_is_missing(folder, name):
    (folder / "pki").rename(folder / "elsewhere")
    code, said = check(folder, name)
    assert code != 0
    named = set(re.findall(r"\bpki/[\w.-]+", (folder / name).read_text()))
    assert named and all(f"{path} does not exist" in said for path in named), said
