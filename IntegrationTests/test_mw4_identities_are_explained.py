"""`countersign identity explain` and the examples of docs/identity-mapping.md."""

import json
import re

import pytest
import yaml

from harness import documents
from harness.pki import subject
from harness.tools import countersign

[EXAMPLE] = re.findall(r"```yaml\n(# mappings.yaml.*?)```", documents.text("identity-mapping.md"), re.DOTALL)


@pytest.fixture
def explain(tmp_path):
    def run(leaf, rules=EXAMPLE, *arguments):
        mappings = tmp_path / "mappings.yaml"
        mappings.write_text(rules)
        chain, _ = leaf.save(tmp_path, "leaf")
        return countersign("identity", "explain", chain, "--mappings", mappings, *arguments)

    return run


def arn(done):
    return json.loads(done.stdout)["arn"]


def test_every_example_of_the_document_gives_the_name_beside_it(world, explain):
    leaf = world.partner.leaf
    for name, made in {
        "arn:crud:iam::shop:service/orders": leaf(
            subject(("CN", "x")), uris=["spiffe://prod.example/ns/shop/sa/orders"]
        ),
        "arn:crud:iam:::host/db1": leaf(subject(("CN", "x")), dns=["db1.internal.example"]),
    }.items():
        assert arn(explain(made, EXAMPLE, "--json")) == name


def test_each_rule_says_whether_it_matches_and_why_not(world, explain):
    made = world.partner.leaf(subject(("O", "Partner, Inc."), ("CN", "x/y")), dns=["db1.internal.example"])
    done = explain(made)
    assert done.returncode == 0
    assert "spiffe_id: the certificate has no SPIFFE ID" in done.stdout
    assert "(decides)" in done.stdout and done.stdout.endswith("arn  arn:crud:iam:::host/db1\n")
    assert made.sha256 in done.stdout


def test_nobody_is_nobody_and_says_why(world, explain):
    done = explain(world.partner.leaf(subject(("CN", "x"))))
    assert done.returncode == 1 and done.stdout.endswith("no identity: no rule matches\n")
    twice = world.partner.leaf(subject(("CN", "x")), dns=["a.internal.example", "b.internal.example"])
    done = explain(twice)
    assert done.returncode == 1 and "is ambiguous" in done.stdout and "no identity: hosts" in done.stdout


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("rules:\n  - { arn: 'arn:a:b:::{x}', dns: '{y}.example' }\n", ":2:5: rules[0]"),
        ("rules:\n  - { arn: 'arn:a:b:::x', subjekt: { CN: x } }\n", 'did you mean "subject"?'),
        ("rules:\n  - arn: arn:a:b:::x\n    subject:\n      CM: x\n", ":4:7: rules[0].subject.CM"),
        ("rules:\n  - arn: arn:a:b:::{x}{y}\n    dns: '{x}.{y}.example'\n", "side by side"),
        ("rules:\n  - arn: 'arn:a:b:::{x}-{y}'\n    dns: '{x}.{y}.example'\n", "two captures"),
        ("rules:\n  - arn: arn:a:b:::x\n", "would fit every certificate"),
        ("rules: []\n", "there is no rule"),
        ("- a\n", 'expected the key "rules:"'),
        ("rules:\n  - arn: arn:a:b:::x\n    thumbprint: abc\n", "64 hexadecimal digits"),
        ("rules:\n  - arn: arn:a:b:::x\n    spiffe_id: 'spiffe://{td}/x'\n", "rules[0].spiffe_id"),
    ],
)
def test_bad_rules_are_refused_at_their_place(world, explain, rules, found):
    done = explain(world.partner_device, rules)
    assert done.returncode == 2 and found in done.stderr, done.stderr


def test_unusable_files_are_named(world, explain, tmp_path):
    done = countersign("identity", "explain", tmp_path / "absent.pem", "--mappings", tmp_path / "absent.yaml")
    assert done.returncode == 2 and "absent.yaml" in done.stderr
    assert yaml.safe_load(EXAMPLE)["rules"]


TWO_RULES = """
rules:
  - { name: services, spiffe_id: "spiffe://prod.example/ns/{ns}/sa/{sa}", arn: "arn:crud:iam::{ns}:service/{sa}" }
  - { name: partner, subject: { CN: "{name}" }, arn: "arn:crud:iam::partner:%s/{name}" }
"""


@pytest.mark.parametrize(("kind", "warns"), [("service", True), ("device", False)])
def test_rules_that_can_make_one_name_are_warned_about(world, explain, tmp_path, kind, warns):
    done = explain(world.partner.leaf(subject(("CN", "billing"))), TWO_RULES % kind)
    assert done.returncode == 0 and ('the rule "services"' in done.stderr) == warns
    authz = {"inbound_auth_mode": "mtls_only", "cert_identity_mappings": "mappings.yaml"}
    (tmp_path / "authz.yaml").write_text(yaml.safe_dump({"authz": authz}))
    done = countersign("config", "check", "--role", "authz", "--config", tmp_path / "authz.yaml")
    said = done.stdout + done.stderr
    assert done.returncode == 0 and ('the rule "services"' in said and "mappings.yaml" in said) == warns, said


@pytest.mark.parametrize(
    ("rule", "found", "not_found"),
    [
        ('{ subject: { CN: "{a}{b}" }, arn: "arn:a:b:::{a}/{b}" }', "side by side", "at least one pattern"),
        ('{ cn: "{a}", arn: "arn:a:b:::{a}" }', "unknown key", "without conditions"),
        ('{ arn: "arn:a:b:::c" }', "without conditions", "unknown key"),
    ],
)
def test_a_mistake_is_told_once(world, explain, rule, found, not_found):
    done = explain(world.frontend, f"rules:\n  - {rule}\n")
    assert done.returncode == 2 and found in done.stderr and not_found not in done.stderr, done.stderr
