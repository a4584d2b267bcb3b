"""What a signed request costs is bounded, by count of allocations: a slow machine changes nothing about it.

The bound is for a build for debugging, where the compiler leaves allocations that it removes in a release.
"""

from harness.allocations import AllocationCounter
from harness.authority_holdings import csr
from harness.pki import ec_key

SIGN_LIMIT = 3500


def test_signing_a_request_allocates_a_bounded_number(start_authority, tmp_path):
    counter = AllocationCounter(tmp_path)
    authority = start_authority(environment=counter.environment)
    agent = authority.native(authority.agent("user-svc"))
    request = csr(ec_key(), "user-svc")

    def step():
        agent.post("/v1/sign", {"service": "user-svc", "csr": request}).ok(201)

    assert 1 <= counter.per_step(step, 200) <= SIGN_LIMIT
