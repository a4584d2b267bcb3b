"""Every mistake in the file keeps the router from starting, and is named with its file, line and column."""

import os
import re
import socket

import pytest
import yaml

from harness.pki import Leaf
from harness.ports import free_port
from harness.tools import countersign
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

HOST = "a.apps.mtls.internal"


def write(path, text, mode=0o644):
    path.write_text(text)
    path.chmod(mode)
    return str(path)


@pytest.fixture
def good(world, tmp_path):
    """A configuration that is sound, for a test to break in one place."""
    configuration = world.configuration([route(HOST, "127.0.0.1:9000", mtls_allowed_apps=APP_FRONTEND)])
    configuration["router"]["listen"] = [f"127.0.0.1:{free_port()}"]
    configuration["router"]["access_log"] = {"path": str(tmp_path / "access.log")}
    configuration["admin"] = {"listen": f"127.0.0.1:{free_port()}"}
    return configuration


def domain(configuration):
    return configuration["router"]["domains"][0]


def set_in(configuration, path, value):
    *parents, last = path.split(".")
    for key in parents:
        configuration = configuration[int(key) if key.isdigit() else key]
    configuration[int(last) if last.isdigit() else last] = value


def another_domain(name):
    def broken(world, configuration, folder):
        configuration["router"]["domains"].append(world.partner_domain(name))

    return broken


def at(path, value):
    return lambda world, configuration, folder: set_in(configuration, path, value)


def authorities(content, mode=0o644):
    def broken(world, configuration, folder):
        text = content(world) if callable(content) else content
        domain(configuration)["ca_certs"] = write(folder / "authorities.pem", text, mode)

    return broken


def server_key(make, mode=0o600):
    def broken(world, configuration, folder):
        path = write(folder / "server-key.pem", make(world), mode)
        configuration["router"]["tls"]["certificates"][0]["private_key"] = path

    return broken


def options(**values):
    return lambda world, configuration, folder: configuration["router"]["routes"][0].update(options=values)


# What is wrong, how it is made wrong, and words that the message must have.
MISTAKES = {
    "no file of authorities": (at("router.domains.0.ca_certs", "absent.pem"), ["absent.pem"]),
    "empty file of authorities": (authorities(""), ["authorities.pem"]),
    "authorities that are no PEM": (authorities("hello\n"), ["authorities.pem"]),
    "authorities cut in the middle": (authorities(lambda world: world.platform_root.pem[:200]), ["authorities.pem"]),
    "a leaf as authority": (authorities(lambda world: world.frontend.pem), ["authorities.pem"]),
    "a key as authority": (authorities(lambda world: world.frontend.key_pem, 0o600), ["authorities.pem"]),
    "authorities missing": (lambda world, configuration, folder: domain(configuration).pop("ca_certs"), ["ca_certs"]),
    "authorities null": (at("router.domains.0.ca_certs", None), ["ca_certs"]),
    "authorities an empty text": (at("router.domains.0.ca_certs", ""), ["ca_certs"]),
    "the same domain twice": (another_domain("*.apps.mtls.internal"), ["*.apps.mtls.internal"]),
    "the same domain in another case": (another_domain("*.APPS.mtls.internal."), ["apps.mtls.internal"]),
    "a domain below a wildcard": (another_domain("x.apps.mtls.internal"), ["x.apps.mtls.internal"]),
    "a wildcard in the middle": (another_domain("a.*.example.com"), ["a.*.example.com"]),
    "a wildcard alone": (another_domain("*"), []),
    "a wildcard of part of a label": (another_domain("a*.example.com"), ["a*.example.com"]),
    "a domain that is an address": (another_domain("127.0.0.1"), ["127.0.0.1"]),
    "a domain with a port": (another_domain("partner.example.com:443"), ["partner.example.com:443"]),
    "an empty domain": (another_domain(""), []),
    "unknown mode of forwarding": (at("router.domains.0.forwarded_client_cert", "sanitise_set"), ["sanitize_set"]),
    "unknown format": (at("router.domains.0.xfcc_format", "envoi"), ["envoy"]),
    "unknown authorization": (at("router.domains.0.authorization", {"mode": "cf_identiti"}), ["cf_identity"]),
    "authorization without a mode": (at("router.domains.0.authorization", {"config": {"orgs": [ORG_SHOP]}}), ["mode"]),
    "orgs and spaces": (
        at(
            "router.domains.0.authorization",
            {"mode": "cf_identity", "config": {"orgs": [ORG_SHOP], "spaces": [SPACE_SHOP]}},
        ),
        ["orgs", "spaces"],
    ),
    "no orgs in a list of orgs": (
        at("router.domains.0.authorization", {"mode": "cf_identity", "config": {"orgs": []}}),
        ["orgs"],
    ),
    "misspelt authorization": (at("router.domains.0.authorisation", {"mode": "cf_identity"}), ["authorization"]),
    "misspelt domains": (at("router.domain", []), ["domains"]),
    "misspelt option": (options(mtls_allowed_app=APP_FRONTEND), ["mtls_allowed_apps"]),
    "any and an app": (options(mtls_allow_any=True, mtls_allowed_apps=APP_FRONTEND), ["mtls_allow_any"]),
    "any that is no truth value": (options(mtls_allow_any="yes please"), ["mtls_allow_any"]),
    "nested option": (options(mtls_allowed_sources={"apps": [APP_FRONTEND]}), []),
    "options over their limit": (options(mtls_allowed_apps=",".join([APP_FRONTEND] * 40)), ["1024"]),
    "an endpoint without a port": (at("router.routes.0.endpoints", ["127.0.0.1"]), ["127.0.0.1"]),
    "an endpoint with a bad port": (at("router.routes.0.endpoints", ["127.0.0.1:99999"]), ["99999"]),
    "the same route twice": (
        lambda world, configuration, folder: configuration["router"]["routes"].append(
            route(HOST.upper(), "127.0.0.1:9")
        ),
        [HOST],
    ),
    "a listener without a port": (at("router.listen", ["127.0.0.1"]), ["listen"]),
    "no listener": (at("router.listen", []), ["listen"]),
    "an old TLS version": (at("router.tls.min_version", "TLSv1.1"), ["TLSv1.2"]),
    "no server certificate": (at("router.tls.certificates", []), ["certificates"]),
    "key of another certificate": (server_key(lambda world: world.frontend.key_pem), ["key"]),
    "key that others may read": (server_key(lambda world: world.server.key_pem, 0o644), ["server-key.pem"]),
    "key that is none": (server_key(lambda world: world.server.pem), ["server-key.pem"]),
    "access log in no folder": (at("router.access_log.path", "absent/access.log"), ["access_log.path", "absent"]),
    "access log that is a folder": (at("router.access_log.path", "."), ["access_log.path"]),
    "trust bundle in no folder": (
        at("mtls", {"enabled": True, "trust_bundle_path": "absent/bundle.pem"}),
        ["trust_bundle_path", "absent"],
    ),
    "unknown log level": (at("log.level", "loud"), ["loud"]),
    "a number for a text": (at("router.domains.0.name", 5), []),
    "a list for a map": (at("router.tls", []), ["tls"]),
    "an unset variable": (at("log.level", "${COUNTERSIGN_TEST_UNSET}"), ["COUNTERSIGN_TEST_UNSET"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_named_by_the_check_and_keeps_the_router_from_starting(world, good, tmp_path, mistake):
    break_it, words = MISTAKES[mistake]
    break_it(world, good, tmp_path)
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=False))

    checked = countersign("config", "check", "--config", path, cwd=tmp_path)
    text = checked.stdout + checked.stderr
    assert checked.returncode == 1, f"the check finds nothing wrong: {text}"
    assert re.search(r"router\.yaml:\d+:\d+", text), text
    for word in words:
        assert word in text
    for secret in (world.frontend.key_pem, world.server.key_pem):
        assert secret.splitlines()[1] not in text

    started = countersign("router", "--config", path, cwd=tmp_path, within=20)
    assert started.returncode == 78
    assert "router is serving" not in started.stdout + started.stderr


def test_sound_file_passes_the_check(world, good, tmp_path):
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=False))
    done = countersign("config", "check", "--config", path, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_problem_is_reported_at_once_with_its_place(world, good, tmp_path):
    text = yaml.safe_dump(good, sort_keys=False)
    text = text.replace("xfcc_format: envoy", "xfc_format: envoy").replace(
        "  domains:", "  domain_names: []\n  domains:"
    )
    text = text.replace("level: info", "level: loud")
    path = tmp_path / "router.yaml"
    path.write_text(text)
    done = countersign("config", "check", "--config", path, cwd=tmp_path)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    for wrong, right in (("xfc_format", "xfcc_format"), ("domain_names", "domains"), ("loud", "info")):
        line, column = place(text, wrong)
        assert f"router.yaml:{line}:{column}" in output, output
        assert right in output


def test_one_problem_does_not_hide_another(world, good, tmp_path):
    sections = good["router"]
    leaf = write(tmp_path / "leaf.pem", world.frontend.pem)
    sections["domains"] += [
        {"name": "no name", "ca_certs": leaf, "crls": "absent.crl"},
        {"name": "second.example.com", "ca_certs": "absent.pem", "crls": "absent-too.crl"},
        {"name": "third.example.com"},
    ]
    sections["routes"] += [route("b.example.com", "nowhere"), route("b.example.com", "127.0.0.1:9")]
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=False))
    lines = countersign("config", "check", "--config", path, cwd=tmp_path).stdout.splitlines()
    wanted = ["no name", "leaf.pem", "absent.crl", "absent.pem", "absent-too.crl", "domains[4]", "nowhere", "already"]
    for word in wanted:
        assert len([line for line in lines if word in line]) == 1, (word, lines)
    assert f"refused: {len(wanted)} problems" in lines[-1]


def authority(world, tmp_path, chain, key):
    (tmp_path / "intermediate.pem").write_text(chain)
    (tmp_path / "intermediate-key.pem").write_text(key)
    (tmp_path / "intermediate-key.pem").chmod(0o600)
    pair = {"cert_path": "intermediate.pem", "key_path": "intermediate-key.pem"}
    section = {"trust_domain": "example.org", "store": {"sqlite": "authority.db"}, "intermediate": pair}
    path = tmp_path / "authority.yaml"
    path.write_text(yaml.safe_dump({"authority": section}))
    return path


@pytest.mark.parametrize("role", [[], ["--role", "authority"]], ids=["every role", "authority"])
def test_intermediate_of_the_authority_must_be_one_with_its_own_key(world, tmp_path, role):
    issuer = world.platform
    own = Leaf(issuer.certificate, issuer.key, []).key_pem
    for chain, key, status in (
        (issuer.pem, own, 0),
        (issuer.pem, world.frontend.key_pem, 1),
        (world.frontend.pem, world.frontend.key_pem, 1),
    ):
        path = authority(world, tmp_path, chain, key)
        done = countersign("config", "check", "--config", path, *role)
        assert done.returncode == status, done.stdout
        assert status == 0 or "intermediate" in done.stdout


def test_files_of_other_roles_are_looked_at_without_a_role_alone(world, good, tmp_path):
    good["egress"] = {
        "domains": ["a.internal"],
        "routers": ["127.0.0.1:1"],
        "ca_certs": "absent.pem",
        "cert_dir": "certs",
        "workloads": [{"service": "a", "uid": 1000}],
    }
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=False))
    done = countersign("config", "check", "--config", path, cwd=tmp_path)
    assert done.returncode == 1 and "egress.ca_certs: " in done.stdout
    done = countersign("config", "check", "--config", path, "--role", "egress", cwd=tmp_path)
    assert done.returncode == 1 and "egress.ca_certs: " in done.stdout
    done = countersign("config", "check", "--config", path, "--role", "router", cwd=tmp_path)
    assert done.returncode == 0 and "egress" not in done.stdout.replace("usable: router, egress", "")


def test_same_key_twice_is_a_mistake(world, good, tmp_path):
    text = yaml.safe_dump(good, sort_keys=False) + "\nlog: {level: debug}\n"
    path = tmp_path / "router.yaml"
    path.write_text(text)
    done = countersign("config", "check", "--config", path, cwd=tmp_path)
    assert done.returncode != 0
    assert "log" in done.stdout + done.stderr


def test_values_come_from_the_environment(world, good, tmp_path):
    good["log"]["level"] = "${COUNTERSIGN_TEST_LEVEL}"
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=False))
    check = ("config", "check", "--config", path)
    assert countersign(*check, environment={"COUNTERSIGN_TEST_LEVEL": "debug"}, cwd=tmp_path).returncode == 0
    assert countersign(*check, environment={"COUNTERSIGN_TEST_LEVEL": "loud"}, cwd=tmp_path).returncode != 0
    good["log"]["level"] = "${COUNTERSIGN_TEST_UNSET:-info}"
    path.write_text(yaml.safe_dump(good, sort_keys=False))
    assert countersign(*check, cwd=tmp_path).returncode == 0


def test_key_inside_a_file_that_others_may_read_is_refused(world, good, tmp_path):
    good["router"]["tls"]["certificates"][0]["private_key"] = world.server.key_pem
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=False))
    for mode, status in ((0o600, 0), (0o640, 1), (0o644, 1), (0o604, 1)):
        path.chmod(mode)
        done = countersign("config", "check", "--config", path, cwd=tmp_path)
        assert done.returncode == status, done.stdout + done.stderr


def test_port_in_use_keeps_the_router_from_starting(world, good, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        good["router"]["listen"] = [address]
        path = tmp_path / "router.yaml"
        path.write_text(yaml.safe_dump(good, sort_keys=False))
        done = countersign("router", "--config", path, cwd=tmp_path)
    assert done.returncode != 0
    assert address in done.stdout + done.stderr


def test_port_of_another_router_keeps_the_router_from_starting(world, good, tmp_path, start_router, backend):
    first = start_router(world.configuration([route("plain.example.com", backend)]))
    address = f"127.0.0.1:{first.port}"
    good["router"]["listen"] = [address]
    path = tmp_path / "router.yaml"
    path.write_text(yaml.safe_dump(good, sort_keys=False))
    done = countersign("router", "--config", path, cwd=tmp_path, within=15)
    assert done.returncode != 0
    assert address in done.stdout + done.stderr


def test_file_that_is_absent_or_unreadable_is_named(tmp_path):
    done = countersign("router", "--config", tmp_path / "absent.yaml")
    assert done.returncode != 0
    assert "absent.yaml" in done.stdout + done.stderr
    done = countersign("router", "--config", tmp_path)
    assert done.returncode != 0
    assert os.path.basename(tmp_path) in done.stdout + done.stderr


def place(text, word):
    """Line and column, both from 1, of the first occurrence."""
    for number, line in enumerate(text.splitlines(), 1):
        if word in line:
            return number, line.index(word) + 1
    raise AssertionError(f"{word} is not in the text")
