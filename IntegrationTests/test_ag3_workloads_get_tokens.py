"""JWT-SVIDs over the Workload API: issued for attested processes, verified for them, with the keys as they are."""

import os

import grpc
import pytest
from spiffe import TrustDomain
from spiffe._proto import workload_pb2

from harness.tokens import TOKENS
from harness.waiting import until
from harness.workload import HEADER, Calls, client, fetch, socket_of

ID = "spiffe://link.internal/ns/default/sa/user-svc"
RULE = {"service": "user-svc", "uid": os.getuid()}


@pytest.fixture
def authority(start_authority):
    return start_authority(tokens=TOKENS)


@pytest.fixture
def agent(authority, join_agent):
    agent = join_agent(authority, "user-svc", name="host-1", socket="unix:run/agent.sock", workloads=[RULE])
    agent.wait_until_ready()
    with client(agent) as stock:

        def keys():
            try:
                return (
                    stock.fetch_jwt_bundles().get_bundle_for_trust_domain(TrustDomain("link.internal")).jwt_authorities
                )
            except Exception:
                return None

        until(keys, 15, "the keys of JWT-SVIDs")
    return agent


def test_stock_client_fetches_and_validates_a_token(agent):
    with client(agent) as stock:
        token = stock.fetch_jwt_svid(audience={"billing"})
        assert str(token.spiffe_id) == ID and token.audience == {"billing"}
        assert str(stock.validate_jwt_svid(token.token, "billing").spiffe_id) == ID
        with pytest.raises(Exception, match="token_audience"):
            stock.validate_jwt_svid(token.token, "others")
        with pytest.raises(Exception, match="token_"):
            stock.validate_jwt_svid(token.token[:-4] + "AAAA", "billing")
    assert token.token not in "\n".join(agent.raw_log)


def test_request_that_says_too_little_is_refused(agent):
    with Calls(socket_of(agent)) as calls:

        def refusal(method, request):
            return calls.refusal(lambda: method(request, metadata=HEADER))[0]

        invalid, denied = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.PERMISSION_DENIED
        assert refusal(calls.stub.FetchJWTSVID, workload_pb2.JWTSVIDRequest()) == invalid
        assert refusal(calls.stub.FetchJWTSVID, workload_pb2.JWTSVIDRequest(audience=[""])) == invalid
        for audiences in (["a" * 257], ["a\x01"], [" billing"], ["bïlling"], [f"a{number}" for number in range(17)]):
            assert refusal(calls.stub.FetchJWTSVID, workload_pb2.JWTSVIDRequest(audience=audiences)) == invalid
        twice = calls.stub.FetchJWTSVID(workload_pb2.JWTSVIDRequest(audience=["billing"] * 20), metadata=HEADER)
        assert len(twice.svids) == 1
        other = workload_pb2.JWTSVIDRequest(audience=["billing"], spiffe_id=f"{ID}-else")
        assert refusal(calls.stub.FetchJWTSVID, other) == denied
        assert refusal(calls.stub.ValidateJWTSVID, workload_pb2.ValidateJWTSVIDRequest(svid="a.b.c")) == invalid
        assert refusal(calls.stub.ValidateJWTSVID, workload_pb2.ValidateJWTSVIDRequest(audience="x")) == invalid


def test_command_prints_a_token(agent):
    done = fetch(agent, arguments=["jwt", "--audience", "billing"])
    assert done.returncode == 0 and done.stdout.count(".") == 2, done.stderr
    assert fetch(agent, arguments=["jwt"]).returncode != 0
    refused = fetch(agent, arguments=["jwt", "--audience", "a" * 257])
    assert refused.returncode == 1 and "INVALID_ARGUMENT: audience: 1 to 256 printable" in refused.stderr


def test_authority_that_is_away_is_told(agent, authority):
    authority.stop()
    with Calls(socket_of(agent)) as calls:
        request = workload_pb2.JWTSVIDRequest(audience=["billing"])
        refused = calls.refusal(lambda: calls.stub.FetchJWTSVID(request, metadata=HEADER))
        assert refused[0] == grpc.StatusCode.UNAVAILABLE


def test_calls_that_have_ended_do_not_count(agent):
    with Calls(socket_of(agent)) as calls:
        # What is answered without the authority, and is over at once.
        request = workload_pb2.ValidateJWTSVIDRequest(svid="a.b.c", audience="x")
        for _ in range(300):
            refused = calls.refusal(lambda: calls.stub.ValidateJWTSVID(request, metadata=HEADER))
            assert refused[0] == grpc.StatusCode.INVALID_ARGUMENT, refused
