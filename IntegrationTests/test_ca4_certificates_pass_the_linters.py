"""Certificates pass the linters of pkilint (RFC 5280) and OpenSSL's strict verification."""

import pytest

from harness.ceremony import Ceremony
from harness.linters import certificate_findings
from harness.pki import Authority, key_usage
from harness.tools import countersign, run
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP

URLS = ["--crl-url", "http://ca.example.com/ca.crl", "--ocsp-url", "http://ca.example.com/ocsp"]


@pytest.fixture(scope="module", params=["p256", "p384", "rsa2048"])
def ceremony(request, tmp_path_factory):
    """A hierarchy with keys of each kind; everything that can be written into its certificates is."""
    return Ceremony(tmp_path_factory.mktemp("hierarchy")).perform(
        root=["--key", request.param, "--org", "Müller & Söhne", "--country", "DE"],
        intermediate=["--key", request.param, "--org", "Müller & Söhne", "--trust-domain", "link.internal"],
        signing=["--permit-trust-domain", "link.internal", "--issuer-url", "http://ca.example.com/root.cer", *URLS],
    )


def test_root_and_intermediate(ceremony):
    assert certificate_findings(ceremony.root) == []
    assert certificate_findings(ceremony.certificate) == []


LEAVES = {
    "workload": ["--trust-domain", "link.internal", "--namespace", "shop", "--service", "cart"],
    "service": ["--trust-domain", "link.internal", "--service", "cart"],
    "host": ["--dns", "cart.link.internal", "--dns", "*.link.internal", "--ip", "192.0.2.1", "--ip", "2001:db8::1"],
    "server": ["--dns", "cart.link.internal", "--usage", "server", "--org", "Müller & Söhne"],
    "client": ["--spiffe-id", "spiffe://link.internal/cart", "--usage", "client"],
    "Cloud Foundry instance": ["--cn", "one", "--cf-app", APP_FRONTEND, "--cf-space", SPACE_SHOP, "--cf-org", ORG_SHOP],
}


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048"])
@pytest.mark.parametrize("case", LEAVES)
def test_leaves(ceremony, tmp_path, case, kind):
    done = countersign(
        *("issue", "--ca-cert", ceremony.certificate, "--ca-key", ceremony.key, "--out-dir", tmp_path / "out"),
        *("--key-type", kind, *URLS, *LEAVES[case]),
    )
    assert done.returncode == 0, done.stderr
    leaf = tmp_path / "leaf.pem"
    run("openssl", "x509", "-in", tmp_path / "out" / "cert.pem", "-out", leaf)
    assert certificate_findings(leaf) == []
    verified = run(
        "openssl", "verify", "-x509_strict", "-CAfile", ceremony.root, "-untrusted", ceremony.certificate, leaf
    )
    assert verified.returncode == 0, verified.stderr


def leaf_findings(tmp_path, **options):
    chain, _ = Authority.root("Linted Root").leaf("x", **options).save(tmp_path, "linted")
    return certificate_findings(chain)


@pytest.mark.parametrize(
    "options",
    [
        {"usage": key_usage(key_cert_sign=True)},
        {"dns": ["a b.example.com"]},
        {"dns": ["*"]},
        {"dns": ["*.com"]},
        {"dns": ["a.*.example.com"]},
        {"dns": ["w*.example.com"]},
        {"uris": ["spiffe"]},
    ],
    ids=str,
)
def test_linter_would_tell(tmp_path, options):
    """What a certificate should not have is told, so that silence means something."""
    assert leaf_findings(tmp_path, **options) != []


@pytest.mark.parametrize("name", ["cart", "cart.link.internal", "*.link.internal"])
def test_linter_has_nothing_against_names_that_are_in_order(tmp_path, name):
    assert leaf_findings(tmp_path, dns=[name], uris=["spiffe://link.internal/cart"]) == []
