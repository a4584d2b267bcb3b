"""The alert rules and the dashboard: valid, proven by cases, and about metrics that the programs really export."""

import json
import os
import re
from pathlib import Path

import pytest
import yaml

from harness.authority_api import API
from harness.authority_holdings import csr
from harness.authz import Authz
from harness.egress import FRONTEND_USER
from harness.pki import ec_key
from harness.tools import PROMTOOL, run
from harness.waiting import until
from harness.world import route

ROOT = Path(__file__).parents[1]
RULES = ROOT / "deploy" / "prometheus" / "countersign-alerts.yml"
CASES = sorted(RULES.parent.glob("countersign-*-test.yml"))
DASHBOARD = ROOT / "deploy" / "grafana" / "countersign.json"
DOCUMENT = ROOT / "docs" / "metrics.md"
# What Prometheus itself makes of a scrape.
OF_PROMETHEUS = {"up"}
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum")}


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels():
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def expressions():
    """Every expression of the rules and the dashboard, with what it is of."""
    found = [(rule["alert"], rule["expr"]) for rule in rules()]
    for panel in panels():
        for target in panel["targets"]:
            text = target["expr"].replace("$__rate_interval", "5m").replace("$job", ".*").replace("$instance", ".*")
            found.append((panel["title"], text))
    return found


def exposition(port):
    """The metrics of a process: by name the kind, and by name the label names of its samples."""
    text = API(port).get("/metrics").body.decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    labels = {}
    for name, inner in re.findall(r"^([a-z_]+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        base = next((name.removesuffix(s) for s in SUFFIXES["histogram"] if name.removesuffix(s) in kinds), name)
        labels.setdefault(base, set()).update(set(re.findall(r'(\w+)="', inner)) - {"le"})
    return kinds, labels


@pytest.fixture(scope="module")
def authority(shared_authority):
    holder = shared_authority.issue("user-svc")
    shared_authority.revoke("user-svc", serial=holder.serial).ok()
    shared_authority.issue("billing")
    shared_authority.stranger.get("/api/admin/services").problem(401, "unauthenticated")
    return shared_authority


@pytest.fixture
def exported(authority, start_router, start_egress, world, backend, make_agent, tmp_path):
    """Of each program what it exports, after it has done something."""
    router = start_router(world.configuration([route("a.example.com", backend)]))
    agent = make_agent(socket="unix:run/agent.sock", workloads=[{"service": "user-svc", "uid": os.getuid()}])
    agent.start()
    until(lambda: agent.metric("mtls_cert_rotations_total", result="success") >= 1, 15, "the agent's certificate")
    egress = start_egress(router)
    assert egress.status("http://a.example.com/", user=FRONTEND_USER) == 403
    programs = {"Authority": authority, "Router": router, "Agent": agent, "Egress": egress}
    kafka = {"brokers": ["127.0.0.1:1"], "topic": "audit"}
    audit = {"kafka": kafka, "spool": {"path": "spool"}, "drain_timeout": "0s"}
    with Authz(tmp_path / "authz", audit=audit, inbound_auth_mode="mtls_only") as authz:
        programs["Authz"] = authz
        return {name: exposition(program.admin_port) for name, program in programs.items()}


def test_rules_are_valid():
    done = run(PROMTOOL, "check", "rules", RULES)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("cases", CASES, ids=lambda path: path.stem)
def test_rules_tell_when_they_should_and_are_silent_when_not(cases):
    done = run(PROMTOOL, "test", "rules", cases, within=100)
    assert done.returncode == 0, done.stdout + done.stderr


def test_case_that_fails_would_be_told(tmp_path):
    changed = RULES.read_text().replace("mtls_crl_age_seconds > 7200", "mtls_crl_age_seconds > 72000")
    (tmp_path / RULES.name).write_text(changed)
    (tmp_path / "cases.yml").write_text((RULES.parent / "countersign-alerts-test.yml").read_text())
    done = run(PROMTOOL, "test", "rules", tmp_path / "cases.yml")
    assert done.returncode == 1 and "CountersignRevocationListOld" in done.stdout + done.stderr


def is_silent_about_another(alert, case, expression):
    """Whether the case has a series of the alert's own metrics, of an instance that the alert does not tell of."""
    told = {expected["exp_labels"]["instance"] for expected in alert["exp_alerts"]}
    metrics = {name for name, _ in metrics_of(expression)}
    series = [re.match(r"(\w+)\{.*instance=\"(\w+)\"", item["series"]) for item in case["input_series"]]
    return any(found[1] in metrics and found[2] not in told for found in series)


def test_every_alert_is_shown_to_tell_and_to_be_silent():
    """Silent at another time, or about another instance of its metric: the alerts of a moment are listed in full."""
    written = {rule["alert"]: rule["expr"] for rule in rules()}
    told, silent = set(), set()
    for path in CASES:
        for case in yaml.safe_load(path.read_text())["tests"]:
            for alert in case["alert_rule_test"]:
                name = alert["alertname"]
                if alert["exp_alerts"]:
                    told.add(name)
                if not alert["exp_alerts"] or is_silent_about_another(alert, case, written[name]):
                    silent.add(name)
    assert told == written.keys()
    assert silent == written.keys()


def test_alerts_have_what_their_readers_need():
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule["alert"].startswith("Countersign")
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]
    for days in (30, 15, 7):
        assert f"CountersignCertificateExpiresIn{days}Days" in names
    assert "CountersignCertificateExpiresIn1Day" in names


def test_every_expression_is_one_that_prometheus_reads(tmp_path):
    made = [{"record": f"expression_{number}", "expr": text} for number, (_, text) in enumerate(expressions())]
    path = tmp_path / "expressions.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "expressions", "rules": made}]}))
    done = run(PROMTOOL, "check", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


def metrics_of(text):
    """The metrics that an expression names, with the labels that it selects by or groups by."""
    text = re.sub(r'"[^"]*"', '""', text)
    grouped = {label for inner in re.findall(r"\bby \(([^)]*)\)", text) for label in inner.replace(" ", "").split(",")}
    text = re.sub(r"\b(?:by|on|ignoring|without) \([^)]*\)", "", text)
    found = []
    for name, inner in re.findall(r"\b([a-z_]+(?:_[a-z]+)+|up)\b(?!\()(?:\{([^}]*)\})?", text):
        found.append((name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", inner)) | grouped))
    return found


def test_expressions_name_exported_metrics_and_their_labels_alone(exported):
    kinds, labels = {}, {}
    for program_kinds, program_labels in exported.values():
        kinds |= program_kinds
        for name, found in program_labels.items():
            labels.setdefault(name, set()).update(found)
    documented = {row[0]: row[2] for row in rows()}
    seen = set()
    for owner, text in expressions():
        for name, used in metrics_of(text):
            if name in OF_PROMETHEUS:
                continue
            base = next((name.removesuffix(s) for s in SUFFIXES["histogram"] if kinds.get(name.removesuffix(s))), name)
            assert base in kinds, f"{owner}: nothing exports {name}"
            assert base == name or kinds[base] == "histogram", f"{owner}: {name}"
            known = labels.get(base) or documented[base]
            assert used - {"job", "instance", "le"} <= known, f"{owner}: {name} has {known}, not {used}"
            seen.add(base)
    assert len(seen) >= 20


def test_misspelt_metric_would_be_found():
    assert metrics_of('sum by (le, a) (rate(x_y_total{b="c_d"}[5m])) > 1 and up == 0') == [
        ("x_y_total", {"b", "le", "a"}),
        ("up", {"le", "a"}),
    ]


def rows():
    """Name, kind and labels of every metric of the document, with the heading that it is under."""
    found, heading = [], None
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("## "):
            heading = line[3:]
        if match := re.match(r"\| `(\w+)` \| (counter|gauge|histogram) \|([^|]*)\|", line):
            found.append((match[1], match[2], set(re.findall(r"`(\w+)`", match[3])), heading))
    return found


def test_every_metric_is_documented_as_it_is_exported(exported):
    """Names, kinds and labels; and nothing is documented that nothing exports."""
    everything = set()
    shared = {"Router": {"Router", "Identity"}, "Authority": {"Authority"}, "Agent": {"Agent", "Authority"}}
    shared["Authz"] = {"Forward-auth"}
    shared["Egress"] = {"Router", "Identity", "Egress"}
    for program, (kinds, labels) in exported.items():
        known = {name: (kind, names) for name, kind, names, heading in rows() if heading in shared[program]}
        for name, kind in kinds.items():
            assert name in known, f"{name} of the {program} is not documented"
            assert known[name][0] == kind, f"{name} of the {program} is a {kind}"
            if found := labels.get(name):
                assert found == known[name][1], f"{name} of the {program} has the labels {found}"
        everything |= kinds.keys()
    assert {name for name, *_ in rows()} == everything


def test_dashboard_is_one_that_grafana_reads():
    document = json.loads(DASHBOARD.read_text())
    every = document["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    cells = set()
    for panel in every:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        taken = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, f"{panel['title']} lies over another"
        cells |= taken
    variables = {variable["name"] for variable in document["templating"]["list"]}
    for panel in panels():
        assert panel["title"] and panel["description"] and panel["datasource"]["uid"] == "${datasource}"
        for target in panel["targets"]:
            used = set(re.findall(r"\$(\w+)", target["expr"])) - {"__rate_interval"}
            assert used == {"job", "instance"} <= variables


def test_expiry_is_known_after_a_restart_and_of_what_is_in_force(start_authority):
    operator = {"spiffe_id": "spiffe://link.internal/ns/default/sa/operations", "role": "operator"}
    services = [{"name": "user-svc"}, {"name": "operations"}]
    authority = start_authority(sweep_interval="1s", services=services, administrators=[operator])
    name = "mtls_cert_days_until_expiry"
    short = authority.issue("user-svc")
    order = {"service": "user-svc", "csr": csr(ec_key(), "user-svc"), "profile": "long"}
    long = authority.native(authority.issue("operations")).post("/v1/sign", order).ok(201)["serial"]
    assert authority.metric(name, service="user-svc") > 20
    authority.revoke("user-svc", serial=long).ok()
    until(lambda: authority.metric(name, service="user-svc") < 1, 10, "the revoked one to count no more")
    authority.stop()
    authority.start()
    assert 0 < authority.metric(name, service="user-svc") < 1
    assert 0 < authority.metric(name, service="authority")
    samples = API(authority.admin_port).get("/metrics").body.decode()
    assert f'{name}{{service="billing"}}' not in samples
    authority.revoke("user-svc", serial=short.serial).ok()
    wanted = f'{name}{{service="user-svc"}}'
    until(lambda: wanted not in API(authority.admin_port).get("/metrics").body.decode(), 10, "none to be left")
