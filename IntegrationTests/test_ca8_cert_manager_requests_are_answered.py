"""CA-8: what cert-manager's Vault issuer sends, request by request, and its way of reading the answers."""

import json
import resource

import pytest
from cryptography import x509

from harness import vault
from harness.authority_holdings import csr
from harness.authority_process import AuthorityProcess
from harness.pki import ec_key
from harness.waiting import until


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = []

    def start(**options):
        made.append(AuthorityProcess(tmp_path_factory.mktemp("authority"), **options).start())
        return made[0]

    process = vault.started(start)
    process.good = vault.token(process, "operator")
    yield process
    made[0].stop()


def parameters(request, common_name="web.example.com", names="web.example.com,www.example.com", **changes):
    """The content of its signing call: every value is a string."""
    return {
        "common_name": common_name,
        "alt_names": names,
        "ip_sans": "",
        "uri_sans": "",
        "ttl": "2160h0m0s",
        "csr": request,
        "exclude_cn_from_sans": "true",
        **changes,
    }


def web_request(key=None):
    return csr(key or ec_key(), "web.example.com", dns=["web.example.com", "www.example.com"])


def single_chain(data):
    """Orders what came back from the leaf up as the issuer does, which fails unless it is exactly one chain."""
    pems = [*data["ca_chain"], data["issuing_ca"], data["certificate"]]
    certificates = {x509.load_pem_x509_certificate(pem.encode()) for pem in pems}
    leaf = x509.load_pem_x509_certificate(data["certificate"].encode())
    chain, rest = [leaf], certificates - {leaf}
    while rest:
        (above,) = [candidate for candidate in rest if candidate.subject == chain[-1].issuer]
        chain[-1].verify_directly_issued_by(above)
        chain.append(above)
        rest.remove(above)
    return chain


def test_a_certificate_is_ordered_from_probe_to_chain(authority):
    health = vault.call(authority, "GET", "sys/health")
    assert health.status == 200
    assert health.document["initialized"] is True and health.document["sealed"] is False
    key = ec_key()
    answer = vault.call(authority, "POST", "pki/sign/web", parameters(web_request(key)), authority.good)
    envelope = answer.document
    assert set(envelope) == {
        "request_id", "lease_id", "renewable", "lease_duration", "data", "wrap_info", "warnings", "auth",
    }  # fmt: skip
    data = answer.data
    assert isinstance(data["expiration"], int) and isinstance(data["serial_number"], str)
    chain = single_chain(data)
    assert chain[0].public_key() == key.public_key() and chain[-1] == authority.hierarchy.root.certificate
    names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["web.example.com", "www.example.com"]


def test_the_chain_is_single_during_a_roll_over_of_the_root(start_authority, tmp_path):
    other = AuthorityProcess(tmp_path / "other").hierarchy.root
    process = AuthorityProcess(tmp_path / "first")
    bundle = tmp_path / "both.pem"
    bundle.write_text(other.pem + process.hierarchy.root.pem)
    rolled = vault.started(start_authority, hierarchy=process.hierarchy, trust_bundle=str(bundle))
    answer = vault.call(rolled, "POST", "pki/sign/web", parameters(web_request()), vault.token(rolled, "operator"))
    assert single_chain(answer.data)[-1] == process.hierarchy.root.certificate


def test_a_request_without_a_common_name_is_signed(authority):
    request = csr(ec_key(), dns=["ledger.example.com"])
    wanted = parameters(request, common_name="", names="ledger.example.com")
    answer = vault.call(authority, "POST", "pki/sign/long", wanted, authority.good)
    assert single_chain(answer.data)


def test_the_identity_of_a_service_may_be_asked_for(authority):
    identity = "spiffe://link.internal/ns/default/sa/web"
    wanted = parameters(csr(ec_key(), uris=[identity]), common_name="", names="", uri_sans=identity)
    assert single_chain(vault.call(authority, "POST", "pki/sign/default", wanted, authority.good).data)
    foreign = identity.replace("sa/web", "sa/ledger")
    wanted = parameters(csr(ec_key(), uris=[foreign]), common_name="", names="", uri_sans=foreign)
    assert "register it first" in vault.call(authority, "POST", "pki/sign/web", wanted, authority.good).refused(400)


def test_put_is_as_good_as_post(authority):
    assert single_chain(vault.call(authority, "PUT", "pki/sign/web", parameters(web_request()), authority.good).data)


def test_the_login_by_role_gives_a_token(authority):
    name = vault.call(authority, "GET", "auth/token/lookup-self", token=authority.good).data["display_name"]
    login = {"role_id": name, "secret_id": authority.good}
    auth = vault.call(authority, "POST", "auth/approle/login", login).document["auth"]
    assert auth["renewable"] is False and auth["policies"] == ["operator"]
    assert single_chain(
        vault.call(authority, "POST", "pki/sign/web", parameters(web_request()), auth["client_token"]).data
    )
    wrong = {"role_id": name, "secret_id": "csb_" + "1" * 64}
    assert "invalid role or secret ID" in vault.call(authority, "POST", "auth/approle/login", wrong).refused(400)


@pytest.mark.parametrize("token", [None, "", "s.0123456789", "csb_" + "f" * 64, "Bearer x"])
def test_a_bad_token_gets_nothing(authority, token):
    answer = vault.call(authority, "POST", "pki/sign/web", parameters(web_request()), token)
    assert answer.refused(403) == "permission denied"


def test_a_join_token_is_no_bearer_token(authority):
    token = authority.join_token("host", "web")
    assert vault.call(authority, "POST", "pki/sign/web", parameters(web_request()), token).refused(403)


def test_a_bearer_field_is_as_good_as_the_own_one(authority):
    good, bad = f"Bearer {authority.good}", "Bearer csb_00"
    answer = vault.call(authority, "POST", "pki/sign/web", parameters(web_request()), Authorization=good)
    assert single_chain(answer.data)
    assert vault.call(authority, "POST", "pki/sign/web", parameters(web_request()), Authorization=bad).refused(403)


@pytest.mark.parametrize(
    "path, status, reason",
    [
        ("pki/sign/nobody", 400, "unknown role: nobody"),
        ("pki/sign/", 404, "no handler for route"),
        ("other/sign/web", 404, "no handler for route"),
        ("pki/root/generate/internal", 404, "no handler for route"),
    ],
)
def test_a_path_that_is_not_there_is_told(authority, path, status, reason):
    assert reason in vault.call(authority, "POST", path, parameters(web_request()), authority.good).refused(status)


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"ttl": "soon"}, "ttl: expected"),
        ({"ttl": "-1h"}, "ttl: expected"),
        ({"ttl": ["1h"]}, "ttl: expected"),
        ({"csr": ""}, '"csr" is empty'),
        ({"csr": "nonsense"}, "csr: "),
        ({"csr": 7}, "csr: "),
        ({"alt_names": "elsewhere.example.com"}, "register it first"),
        ({"alt_names": {}}, "alt_names: expected"),
        ({"alt_names": ",".join(f"n{n}.example.com" for n in range(200))}, "at most 100"),
        ({"ip_sans": "198.51.100.1"}, "register it first"),
        ({"exclude_cn_from_sans": "maybe"}, "exclude_cn_from_sans: expected true or false"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(authority, changes, reason):
    wanted = {**parameters(web_request()), **changes}
    assert reason in vault.call(authority, "POST", "pki/sign/web", wanted, authority.good).refused(400)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b'{"csr":"a","csr":"b"}', b"\xff\xfe", b"[" * 10_000])
def test_content_that_is_no_object_is_refused(authority, body):
    answer = vault.call(authority, "POST", "pki/sign/web", token=authority.good, body=body)
    assert "JSON" in answer.refused(400)


def test_content_beyond_the_limit_is_refused(authority):
    body = json.dumps(parameters("x" * (2 << 20))).encode()
    assert vault.call(authority, "POST", "pki/sign/web", token=authority.good, body=body).status == 413
    assert vault.call(authority, "GET", "sys/health").status == 200


def test_lists_are_asked_for_in_two_ways(authority):
    by_method = vault.call(authority, "LIST", "pki/roles", token=authority.good).data["keys"]
    by_query = vault.call(authority, "GET", "pki/roles?list=true", token=authority.good).data["keys"]
    assert by_method == by_query == ["default", "ledger", "long", "web"]
    assert vault.call(authority, "LIST", "pki/roles/", token=authority.good).data["keys"] == by_method
    assert vault.call(authority, "GET", "pki/roles", token=authority.good).refused(405)
    assert vault.call(authority, "LIST", "pki/roles").refused(403)


def test_too_many_failures_are_slowed_down_and_do_not_fill_the_trail(start_authority):
    process = vault.started(start_authority)
    good = vault.token(process, "operator")
    answers = [vault.call(process, "POST", "pki/sign/web", {}, "csb_" + "0" * 64).status for _ in range(40)]
    # One failure more is allowed each second: the last of these may be such a one.
    assert answers[0] == 403 and answers.count(429) >= 10
    assert len(process.audit(action="vault.call")) <= 30
    assert single_chain(vault.call(process, "POST", "pki/sign/web", parameters(web_request()), good).data)


def test_authority_that_cannot_record_is_a_sealed_vault_until_it_can(start_authority):
    authority = vault.started(start_authority)
    token = vault.token(authority, "operator")
    health = lambda: vault.call(authority, "GET", "sys/health")  # noqa: E731
    assert health().status == 200
    resource.prlimit(authority.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    sign = lambda: vault.call(authority, "POST", "pki/sign/default", parameters(web_request()), token)  # noqa: E731
    assert sign().status == 503
    sealed = until(lambda: health().status == 503 and health(), 5, "a sealed answer")
    assert sealed.document["sealed"] is True
    assert vault.call(authority, "GET", "sys/seal-status").document["sealed"] is True
    assert sign().status == 503
    resource.prlimit(authority.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    # Nobody else writes: it finds out by itself.
    until(lambda: health().status == 200, 10, "an unsealed answer")
    assert health().document["sealed"] is False and sign().status == 200
    assert authority.admin.get("/health").document["components"]["store"] == {"status": "ok"}
    assert authority.audit(action="store.recover")[0]["outcome"] == "done"
