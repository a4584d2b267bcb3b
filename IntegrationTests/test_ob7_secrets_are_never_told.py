"""Neither keys nor tokens appear in any log, metric, health answer, error or exception text."""

import base64

import yaml

from harness.http import Cut
from harness.tls_client import Refused, request
from harness.tools import countersign
from harness.world import route

HOST, PLAIN = "a.apps.mtls.internal", "plain.example.com"
SECRETS = {
    "Authorization": "Bearer s3cr3t-bearer-token",
    "Proxy-Authorization": "Basic czNjcjN0LWJhc2lj",
    "Cookie": "session=s3cr3t-cookie",
    "X-Api-Key": "s3cr3t-api-key",
}


def test_nothing_that_a_request_keeps_secret_is_told(world, start_router, backend):
    configuration = world.configuration([route(HOST, backend, mtls_allow_any=True), route(PLAIN, backend)])
    configuration["log"]["level"] = "trace"
    router = start_router(configuration)
    fields = [f"{name}: {value}" for name, value in SECRETS.items()]
    for sni, host in ((PLAIN, PLAIN), (HOST, HOST), (PLAIN, HOST), (PLAIN, "nowhere.example.com")):
        with world.connect(router, sni, world.frontend) as connection:
            connection.exchange(request("POST", "/", host, *fields, body=b"s3cr3t-body"))
    for broken in ("Content-Length: x", "Transfer-Encoding: x", "s3cr3t field", "X:\0s3cr3t-value"):
        try:
            with world.connect(router, PLAIN) as connection:
                connection.exchange(request("POST", "/", PLAIN, *fields, broken))
        except (Cut, OSError, Refused):
            pass
    router.wait_for_access(lambda record: record.get("status") == 404)
    told = everything(router)
    assert "s3cr3t" not in told
    assert "czNjcjN0" not in told


def test_keys_are_never_told(world, start_router, backend, tmp_path):
    configuration = world.configuration([route(PLAIN, backend)])
    configuration["log"]["level"] = "trace"
    configuration["router"]["tls"]["certificates"] = [
        {"cert_chain": world.server.chain_pem, "private_key": world.server.key_pem}
    ]
    router = start_router(configuration)
    with world.connect(router, PLAIN) as connection:
        assert connection.get(PLAIN).status == 200
    broken = yaml.safe_load(yaml.safe_dump(router.configuration))
    broken["router"]["tls"]["certificates"][0]["private_key"] = world.frontend.key_pem
    router.expect_refusal(yaml.safe_dump(broken))
    broken["router"]["tls"]["certificates"][0] = {
        "cert_chain": world.server.key_pem,
        "private_key": world.server.chain_pem,
    }
    router.expect_refusal(yaml.safe_dump(broken))
    broken["router"]["tls"]["certificates"][0] = {
        "cert_chai": world.server.key_pem,
        "private_kez": world.server.key_pem,
    }
    router.expect_refusal(yaml.safe_dump(broken))
    told = everything(router)
    for leaf in (world.server, world.frontend):
        body = "".join(leaf.key_pem.splitlines()[1:-1])
        raw = base64.b64decode(body)
        assert not [part for part in (body[10:50], body[60:100], raw[40:60].hex()) if part in told]


def test_a_key_without_its_lines_or_in_another_place_is_never_told(world, start_router, backend, tmp_path):
    bare = "".join(world.server.key_pem.splitlines()[1:-1])
    configuration = world.configuration([route(PLAIN, backend)])
    router = start_router(configuration, environment={"BARE_KEY": bare, "WHOLE_KEY": world.server.key_pem})
    texts = []
    for place, value in (
        ("certificates", [{"cert_chain": world.server.chain_pem, "private_key": "${BARE_KEY}"}]),
        ("certificates", [{"cert_chain": "${BARE_KEY}", "private_key": "${WHOLE_KEY}"}]),
        ("certificates", [{"cert_chain": bare, "private_key": bare, bare: bare}]),
        ("listen", "${WHOLE_KEY}"),
        ("listen", "${BARE_KEY}"),
    ):
        broken = yaml.safe_load(yaml.safe_dump(router.configuration))
        (broken["router"]["tls"] if place == "certificates" else broken["router"])[place] = value
        text = yaml.safe_dump(broken)
        router.expect_refusal(text)
        texts += [router.admin("/health")[2], router.admin("/health/ready")[2]]
        path = tmp_path / "broken.yaml"
        path.write_text(text)
        path.chmod(0o600)
        environment = {"BARE_KEY": bare, "WHOLE_KEY": world.server.key_pem}
        for options in ((), ("--json",)):
            checked = countersign("config", "check", path, *options, environment=environment)
            assert checked.returncode == 1
            assert "private key" in checked.stdout
            texts += [checked.stdout, checked.stderr]
    told = everything(router) + "\n".join(texts)
    assert not [start for start in range(0, len(bare) - 12, 4) if bare[start : start + 12] in told]


def everything(router):
    told = list(router.raw_log)
    told += [router.admin(path)[2] for path in ("/health", "/health/ready", "/health/live", "/metrics")]
    if router.access_log.exists():
        told.append(router.access_log.read_text(errors="replace"))
    return "\n".join(told)
