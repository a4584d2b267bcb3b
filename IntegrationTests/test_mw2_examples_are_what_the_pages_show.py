"""Examples/authz.yaml and Examples/mappings.yaml are the files of the pages on proxies, and are taken as they are."""

import json
import re
import subprocess

import pytest
import yaml

from harness import documents
from harness.authz import Issuer
from harness.pki import Leaf, subject
from harness.tools import COUNTERSIGN, countersign

EXAMPLES = documents.DOCS.parent / "Examples"
PAGES = ["forward-auth.md", "behind-nginx.md", "behind-traefik.md", "behind-envoy.md"]


@pytest.fixture
def folder(world, tmp_path):
    """The examples, and what the commands of the page make of an authority's files."""
    for name in ("authz.yaml", "mappings.yaml"):
        (tmp_path / name).write_text((EXAMPLES / name).read_text())
    pki = tmp_path / "pki"
    pki.mkdir()
    Leaf(world.platform.certificate, world.platform.key, []).save(pki, "int")
    (pki / "root.pem").write_text(world.platform_root.pem)
    commands = re.search(r"```sh\n(cat pki/int.pem.*?)curl", documents.text("forward-auth.md"), re.DOTALL)[1]
    script = f'countersign() {{ {COUNTERSIGN} "$@"; }}\nset -e\n{commands}'
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (pki / "crl.pem").write_text(world.platform.revocation_list())
    (pki / "issuer.jwks").write_text(json.dumps(Issuer().key_set()))
    return tmp_path


def check(folder):
    return countersign("config", "check", "--config", folder / "authz.yaml", cwd=folder)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_shows_the_example_for_its_header(page):
    shown = yaml.safe_load(re.search(r"```yaml\n(# authz.yaml.*?)```", documents.text(page), re.DOTALL)[1])
    example = yaml.safe_load((EXAMPLES / "authz.yaml").read_text())
    for configuration in (shown, example):
        del configuration["authz"]["forwarded_client_cert_header"]
    assert shown == example


def test_the_example_is_taken_with_the_files_that_the_page_makes(folder):
    done = check(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout + done.stderr


@pytest.mark.parametrize("missing", ["pki/client-ca.pem", "pki/crl.pem", "mappings.yaml", "pki/issuer.jwks"])
def test_without_one_of_them_it_is_refused(folder, missing):
    (folder / missing).unlink()
    done = check(folder)
    assert done.returncode != 0 and missing in done.stdout + done.stderr


def test_without_revocation_lists_it_is_taken_with_a_warning(folder):
    file = folder / "authz.yaml"
    file.write_text("".join(line for line in file.open() if "crls:" not in line))
    done = check(folder)
    assert done.returncode == 0 and "crls is not set" in done.stdout + done.stderr


def test_the_rules_name_services_and_nobody_of_another_domain(world, folder):
    for domain, expected in (("link.internal", "arn:crud:iam::default:service/user-svc"), ("other.internal", None)):
        leaf = world.platform.leaf(subject(("CN", "x")), uris=[f"spiffe://{domain}/ns/default/sa/user-svc"])
        chain, _ = leaf.save(folder, domain)
        done = countersign("identity", "explain", chain, "--mappings", folder / "mappings.yaml", "--json")
        assert json.loads(done.stdout)["arn"] == expected and done.returncode == (expected is None)
