"""One certificate for each thing that can be wrong with it; beside each a sound one of the same kind."""

import pytest

from harness.clients import CLIENTS
from harness.defects import DEFECTS, SOUND
from harness.pki import key_usage
from harness.tls_client import TLS12, TLS13, Refused
from harness.world import APP_FRONTEND, ORG_SHOP, SPACE_SHOP, route

HOST = "a.apps.mtls.internal"


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    return start_module_router(world.configuration([route(HOST, module_backend, mtls_allow_any=True)]))


@pytest.fixture(scope="module")
def minted(world):
    """Each defective or sound leaf, minted once."""
    leaves = {defect.name: defect.mint(world.platform_root) for defect in DEFECTS}
    return leaves | {name: mint(world.platform_root) for name, mint in SOUND.items()}


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_defect_is_refused(world, router, module_backend, minted, defect, version):
    module_backend.forget()
    mark = len(router.log.entries)
    before = {reason: router.metric("mtls_auth_failure_total", reason=reason) for reason in defect.reasons}
    try:
        with world.connect(router, HOST, minted[defect.name], version) as connection:
            alert = connection.expect_refusal()
    except Refused as refused:
        alert = refused.alert
    assert alert in defect.alerts
    line = router.wait_for_line("handshake refused", mark)
    assert line["reason"] in defect.reasons
    assert router.metric("mtls_auth_failure_total", reason=line["reason"]) == before[line["reason"]] + 1
    assert module_backend.seen() == []


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
@pytest.mark.parametrize("name", SOUND)
def test_sound_twin_is_served(world, router, minted, name, version):
    with world.connect(router, HOST, minted[name], version) as connection:
        assert connection.get(HOST).status == 200


REAL = [
    "expired",
    "not_yet_valid",
    "self_signed",
    "wrong_authority",
    "server_certificate_only",
    "path_length_exceeded",
    "intermediate_is_no_authority",
    "missing_intermediate",
]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", REAL)
def test_real_clients_are_refused_too(world, router, minted, client, name):
    [defect] = [defect for defect in DEFECTS if defect.name == name]
    mark = len(router.log.entries)
    outcome = CLIENTS[client](router.port, HOST, HOST, world.server_roots, world.paths(minted[name]))
    assert outcome.was_refused, outcome.text
    line = router.wait_for_line("handshake refused", mark)
    assert line["reason"] in defect.reasons
    if client != "curl":
        assert outcome.alert in defect.alerts, outcome.text


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ["ecdsa_p256", "rsa_2048", "two_intermediates"])
def test_real_clients_with_sound_certificates_are_served(world, router, minted, client, name):
    outcome = CLIENTS[client](router.port, HOST, HOST, world.server_roots, world.paths(minted[name]))
    assert outcome.status == 200, outcome.text


@pytest.mark.parametrize("version, alerts", [(TLS12, (40, 116)), (TLS13, (116,))], ids=["tls12", "tls13"])
def test_missing_certificate_is_refused(world, router, version, alerts):
    mark = len(router.log.entries)
    try:
        with world.connect(router, HOST, None, version) as connection:
            alert = connection.expect_refusal()
    except Refused as refused:
        alert = refused.alert
    assert alert in alerts
    router.wait_for_line("handshake refused", mark)


def test_refusal_of_one_leaves_others_untouched(world, router, minted):
    with world.connect(router, HOST, world.frontend) as connection:
        for _ in range(5):
            try:
                with world.connect(router, HOST, minted["expired"]) as refused:
                    refused.expect_refusal()
            except Refused:
                pass
            assert connection.get(HOST).status == 200


def test_log_tells_more_than_the_alert_and_nothing_secret(world, router, minted):
    mark = len(router.log.entries)
    with world.connect(router, HOST, minted["wrong_authority"], TLS13) as connection:
        connection.expect_refusal()
    line = router.wait_for_line("handshake refused", mark)
    assert HOST in str(line) and "127.0.0.1" in str(line)
    assert "PRIVATE KEY" not in str(line)


def test_leaf_with_many_names_and_usages_is_still_judged(world, router):
    leaf = world.platform.cloud_foundry(
        APP_FRONTEND,
        SPACE_SHOP,
        ORG_SHOP,
        dns=[f"name-{number}.example" for number in range(200)],
        usage=key_usage(digital_signature=True, key_agreement=True),
    )
    with world.connect(router, HOST, leaf) as connection:
        assert connection.get(HOST).status == 200
