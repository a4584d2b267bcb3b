"""A stream is for the host of its connection's handshake or is answered with 421, whatever the others on it are for."""

import pytest

from harness.world import APP_FRONTEND, route

pytestmark = pytest.mark.usefixtures("echoing")

HOST = "plain.example.com"
SECURE = "backend.apps.mtls.internal"
PARTNER = "partner.example.com"


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [
        route(HOST, module_backend),
        route(SECURE, module_backend, mtls_allowed_apps=APP_FRONTEND),
        route("other.apps.mtls.internal", module_backend, mtls_allow_any=True),
        route(PARTNER, module_backend),
    ]
    return start_module_router(world.configuration(routes))


def test_coalesced_stream_is_misdirected_and_others_go_on(world, router, module_backend):
    with world.connect_http2(router, SECURE, world.frontend) as client:
        assert client.get(SECURE).status == 200
        for host in (
            "other.apps.mtls.internal",
            HOST,
            PARTNER,
            "apps.mtls.internal",
            "x." + SECURE,
            "127.0.0.1",
            "[::1]",
            "unknown.example.com",
        ):
            assert client.get(host).status == 421, host
        for host in (SECURE.upper(), SECURE + ".", f"{SECURE}:443", f"{SECURE}.:8443"):
            assert client.get(host).status == 200, host
        assert client.get(SECURE).status == 200
    for sni, identity in ((HOST, None), (PARTNER, world.partner_device), (None, None)):
        with world.connect_http2(router, sni, identity) as client:
            for host in (SECURE, SECURE.upper() + ".:443"):
                assert client.get(host).status == 421
    assert {seen.get("Host").lower().partition(":")[0].rstrip(".") for seen in module_backend.seen()} == {SECURE}


def test_resumed_session_is_measured_by_its_own_name(world, router):
    with world.connect_http2(router, SECURE, world.frontend) as first:
        assert first.get(SECURE).status == 200
        session = first.connection.session
    with world.connect_http2(router, SECURE, world.frontend, session=session) as again:
        assert again.connection.resumed
        assert again.get(SECURE).status == 200
        assert again.get("other.apps.mtls.internal").status == 421
    with world.connect_http2(router, "other.apps.mtls.internal", world.frontend, session=session) as other:
        assert other.get("other.apps.mtls.internal").status == 200
        assert other.get(SECURE).status == 421
