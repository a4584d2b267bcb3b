"""Forward-auth with the revocation lists that an agent keeps: a revocation counts without a signal, within seconds."""

import base64
import json

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from harness.authority_process import Hierarchy
from harness.authz import Authz
from harness.databases import REVOKED_WITHIN, ready
from harness.waiting import until

HEADER = "X-Forwarded-Tls-Client-Cert"


def shown(agent, service):
    """What Traefik forwards of a caller with the service's certificate."""
    chain = x509.load_pem_x509_certificates(agent.file(f"{service}/cert.pem").read_bytes())
    return ",".join(base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in chain)


def test_certificate_that_is_revoked_or_on_hold_is_refused_without_a_signal(start_authority, join_agent, tmp_path):
    hierarchy = Hierarchy()
    authority = start_authority(hierarchy=hierarchy, crl={"offline": hierarchy.root.revocation_list()})
    agent = ready(join_agent(authority, "user-svc", "billing", name="host-1"), authority)
    section = {"client_ca": str(authority.root_path), "crls": str(agent.file("crl.pem")), "tokens": None}
    with Authz(
        tmp_path / "authz", inbound_auth_mode="mtls_only", forwarded_client_cert_header=HEADER, **section
    ) as authz:

        def outcome(certificate):
            status, _, content = authz.ask("/auth/traefik", (HEADER, certificate))
            return status if status == 200 else json.loads(content)["code"]

        stolen, held, serial = shown(agent, "user-svc"), shown(agent, "billing"), agent.serial()
        assert outcome(stolen) == outcome(held) == 200
        authority.revoke("user-svc", serial=f"{serial:x}", reason="keyCompromise").ok()
        until(lambda: outcome(stolen) == "certificate_revoked", REVOKED_WITHIN, "the refusal")
        assert outcome(held) == 200
        agent.wait_for_certificate(other_than=serial)
        assert outcome(shown(agent, "user-svc")) == 200
        for reason, expected in (("certificateHold", "certificate_revoked"), ("removeFromCRL", 200)):
            authority.revoke("billing", serial=f"{agent.serial('billing'):x}", reason=reason).ok()
            until(lambda expected=expected: outcome(held) == expected, REVOKED_WITHIN, reason)
        assert outcome(stolen) == "certificate_revoked"
