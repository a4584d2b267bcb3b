"""A Host on an mTLS domain is served only on a connection whose handshake was for exactly that host."""

import pytest

from harness.tls_client import TLS12, TLS13, Refused, request
from harness.world import route

A, B = "a.apps.mtls.internal", "b.apps.mtls.internal"
PARTNER, PARTNER_WILD = "partner.example.com", "x.partners.example.net"
PLAIN, OTHER = "plain.example.com", "other.example.com"
BELOW, APEX = "one.two.apps.mtls.internal", "apps.mtls.internal"
HOSTS = [A, B, PARTNER, PARTNER_WILD, PLAIN, OTHER, BELOW, APEX]
MTLS = {A: "platform", B: "platform", PARTNER: "partner", PARTNER_WILD: "partner"}

# What a client may send for a host without meaning another one.
SPELLINGS = {
    "as it is": lambda host: host,
    "upper case": str.upper,
    "mixed case": str.title,
    "trailing dot": lambda host: host + ".",
    "port": lambda host: host + ":443",
    "another port": lambda host: host + ":65535",
    "all at once": lambda host: host.upper() + ".:8443",
}

# What is none of the routed hosts, or no host at all, however much it resembles one.
STRANGE = [
    "127.0.0.1",
    "127.0.0.1:443",
    "1.2.3",
    "-a.b",
    "[::1]",
    "[::1]:443",
    "",
    " ",
    ".",
    ":443",
    ".apps.mtls.internal",
    "*.apps.mtls.internal",
    f"{A}..",
    f".{A}",
    f"{A}.evil.example",
    f"evil-{A}",
    f"{A}:443:443",
    f"{A}:port",
    f"{A}:-1",
    f"{A}:65536",
    f"{A}/",
    f"{A}/v1",
    f"{A}?x",
    f"{A}#x",
    f"user@{A}",
    f"{A}@{PLAIN}",
    f"{PLAIN}@{A}",
    f"{A},{PLAIN}",
    f"{PLAIN},{A}",
    f"{PLAIN} {A}",
    "a%2eapps.mtls.internal",
    "a。apps.mtls.internal",
    f"{A}\\",
    f"{PLAIN}\t{A}",
    "xn--.apps.mtls.internal",
    "localhost",
]


@pytest.fixture(scope="module")
def router(world, start_module_router, module_backend):
    routes = [route(host, module_backend, mtls_allow_any=True) for host in (A, B)]
    routes += [route(host, module_backend) for host in HOSTS if host not in (A, B)]
    domains = [*world.domains(), world.partner_domain("*.partners.example.net")]
    return start_module_router(world.configuration(routes, domains))


def identity_for(world, sni):
    return {"platform": world.frontend, "partner": world.partner_device}.get(MTLS.get(sni))


@pytest.mark.parametrize("version", [TLS12, TLS13], ids=["tls12", "tls13"])
@pytest.mark.parametrize("sni", HOSTS + [None], ids=str)
def test_every_sni_with_every_host_in_every_spelling(world, router, module_backend, sni, version):
    for host in HOSTS:
        for spelling, respell in SPELLINGS.items():
            expected = expected_status(sni, host)
            with world.connect(router, sni, identity_for(world, sni), version) as connection:
                module_backend.forget()
                response = connection.get(respell(host))
            where = f"SNI {sni}, Host {respell(host)} ({spelling})"
            assert response.status == expected, where
            assert len(module_backend.seen()) == (expected == 200), where


def expected_status(sni, host):
    if sni in MTLS:
        return 200 if sni == host else 421
    return 421 if host in MTLS else 200


@pytest.mark.parametrize("sni", [A, PARTNER, PLAIN, None], ids=str)
@pytest.mark.parametrize("host", STRANGE, ids=repr)
def test_strange_host_reaches_no_backend_on_an_mtls_domain(world, router, module_backend, sni, host):
    module_backend.forget()
    with world.connect(router, sni, identity_for(world, sni)) as connection:
        response = connection.exchange(request("GET", "/", host.encode("utf-8").decode("latin-1")))
    assert response.status in ((400, 421) if sni in MTLS else (400, 404, 421))
    assert module_backend.seen() == []


@pytest.mark.parametrize("sni", [A.upper(), A.title(), A + "."], ids=repr)
def test_sni_is_matched_without_regard_to_case_and_trailing_dot(world, router, sni):
    with world.connect(router, sni, world.frontend, TLS13) as connection:
        assert connection.get(A).status == 200
        assert connection.get(B).status == 421
    with pytest.raises(Refused):
        world.connect(router, sni, None, TLS12).close()


def test_host_that_differs_later_on_a_connection_is_refused_while_the_right_one_is_still_served(world, router):
    with world.connect(router, A, world.frontend) as connection:
        assert connection.get(A).status == 200
        assert connection.get(B).status == 421
        with world.connect(router, A, world.frontend) as second:
            assert [second.get(host).status for host in (A, A, PLAIN)] == [200, 200, 421]


@pytest.mark.parametrize("target", [f"http://{B}/", f"https://{B}/", f"http://{PLAIN}/", f"https://{PARTNER}:443/"])
def test_absolute_form_that_names_another_host_does_not_pass(world, router, module_backend, target):
    module_backend.forget()
    with world.connect(router, A, world.frontend) as connection:
        assert connection.get(A, target).status in (400, 421)
    assert module_backend.seen() == []


@pytest.mark.parametrize("target", [f"http://{A}/", f"https://{A}:443/", f"HTTPS://{A.upper()}./"])
def test_absolute_form_of_an_mtls_host_does_not_pass_on_a_plain_connection(world, router, module_backend, target):
    for host in (PLAIN, A):
        module_backend.forget()
        with world.connect(router, PLAIN) as connection:
            assert connection.get(host, target).status in (400, 421)
        assert module_backend.seen() == []


def test_forwarded_host_headers_do_not_stand_in_for_host(world, router, module_backend):
    fields = [f"X-Forwarded-Host: {A}", f"X-Host: {A}", f"Forwarded: host={A}", f"X-Original-Host: {A}"]
    module_backend.forget()
    with world.connect(router, PLAIN) as connection:
        assert connection.get(OTHER, "/", *fields).status == 200
        assert connection.get(A, "/", *fields, f"X-Forwarded-Host: {PLAIN}").status == 421
    assert len(module_backend.seen()) == 1


def test_misdirected_answer_names_its_cause(world, router):
    with world.connect(router, A, world.frontend) as connection:
        response = connection.get(B)
    assert response.status == 421
    assert response.start == "HTTP/1.1 421 Misdirected Request"
    assert response.get("Content-Type").startswith("text/plain")
    assert response.body.startswith(b"421 Misdirected Request: ")
