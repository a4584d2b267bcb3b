"""Certificates of ten seconds, of a router and of two services that call through it: not one request fails."""

import os

import pytest

from harness.agent import Agent
from harness.authority_process import TRUST_DOMAIN
from harness.load import Caller, CountingBackend, run_callers

HOST = "inventory.apps.mtls.internal"
CALLERS = ("orders", "billing")
SERVICES = [
    {"name": "edge", "dns_names": ["*.apps.mtls.internal"]},
    *({"name": name} for name in CALLERS),
]
LIFETIME = 10
LONG = int(os.environ.get("SOAK_SECONDS", "180"))


@pytest.fixture
def backend():
    made = CountingBackend()
    yield made
    made.stop()


@pytest.fixture
def agent(start_authority, tmp_path):
    """An agent of a real authority that keeps the certificates of the router and of both services."""
    authority = start_authority(services=SERVICES, profiles={"default": {"ttl": f"{LIFETIME}s"}})
    names = [service["name"] for service in SERVICES]
    made = Agent(tmp_path / "agent", authority, names, token=authority.join_token("host-1", *names))
    made.authority = authority
    made.start().wait_until_ready()
    yield made
    made.stop()


def configuration(agent, backend):
    sources = ",".join(f"spiffe://{TRUST_DOMAIN}/ns/default/sa/{name}" for name in CALLERS)
    options = {"route_policy_scope": "any", "route_policy_sources": sources}
    edge = {
        name: str(agent.file(f"edge/{file}")) for name, file in (("cert_chain", "cert.pem"), ("private_key", "key.pem"))
    }
    domain = {
        "name": "*.apps.mtls.internal",
        "trust_domains": [{"name": TRUST_DOMAIN, "ca_certs": str(agent.file("ca.pem"))}],
        "xfcc_format": "envoy",
        "authorization": {"mode": "cf_identity"},
    }
    route = {"route": HOST, "endpoints": [backend.address], "options": options}
    return {"router": {"tls": {"certificates": [edge]}, "domains": [domain], "routes": [route]}}


def drive(agent, backend, start_router, seconds, rate, rotations, kept=0.95):
    router = start_router(configuration(agent, backend))
    share = rate / len(CALLERS) / 2
    callers = [
        Caller(str(agent.file(name)), str(agent.file("ca.pem")), router.port, HOST, share, seconds)
        for name in CALLERS
        for _ in range(2)
    ]
    outcomes = run_callers(callers)
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    total = sum(outcome.requests for outcome in outcomes)
    seen = backend.counts()
    by_certificate = {name: len(seen[f"spiffe://{TRUST_DOMAIN}/ns/default/sa/{name}"]) for name in CALLERS}
    by_certificate["edge"] = len(set().union(*(outcome.server_serials for outcome in outcomes)))
    print(
        f"{total} requests in {seconds} s over {sum(outcome.connections for outcome in outcomes)} connections, "
        f"{len(failures)} failed, the slowest took {max(outcome.latest for outcome in outcomes) * 1000:.0f} ms; "
        f"certificates used: {by_certificate}"
    )
    assert not failures, "\n".join(failures[:3])
    assert total >= kept * rate * seconds, "the rate was not kept"
    # The first certificate is no rotation.
    assert all(count > rotations for count in by_certificate.values()), by_certificate
    assert sum(sum(counts.values()) for counts in seen.values()) == total, "a request arrived twice, or not at all"
    for name in ("edge", *CALLERS):
        assert agent.metric("mtls_cert_rotations_total", service=name, result="success") > rotations
        assert agent.metric("mtls_cert_rotations_total", service=name, result="failure") == 0
        issued = agent.authority.certificates(service=name)
        assert len(issued) > rotations and {entry["channel"] for entry in issued} == {"native"}
    assert router.metric("router_config_reloads_total", result="failure") == 0


def test_a_caller_that_the_route_does_not_name_is_refused_all_the_while(agent, backend, start_router, tmp_path):
    router = start_router(configuration(agent, backend))
    other = Caller(str(agent.file("edge")), str(agent.file("ca.pem")), router.port, HOST, 20, 3)
    outcome = run_callers([other])[0]
    assert outcome.requests == len(outcome.failures) and "403" in outcome.failures[0]
    assert backend.counts() == {}


# Beside other tests the rate may not be kept; what is proven here is that nothing fails.
def test_no_request_fails_at_any_of_four_rotations(agent, backend, start_router):
    drive(agent, backend, start_router, seconds=30, rate=200, rotations=4, kept=0.2)


@pytest.mark.soak
@pytest.mark.timeout(LONG + 120)
def test_no_request_of_a_thousand_a_second_fails_at_any_rotation(agent, backend, start_router):
    drive(agent, backend, start_router, seconds=max(LONG, 60), rate=1000, rotations=10)
