"""Service tokens: an authority that issues them, and readers of them that are not of this project."""

import base64
import hashlib
import json

import jwt

AUDIENCE = "https://orders.link.internal"
ISSUER = "https://authority.link.internal"
KEYS = "/api/admin/token-keys"
SERVICES = (
    {
        "name": "user-svc",
        "audiences": [AUDIENCE, "billing"],
        "roles": ["reader", "lister"],
        "scopes": ["orders:read", "orders:list"],
    },
    {"name": "billing"},
)
TOKENS = {"issuer": ISSUER, "audiences": ["everyone"]}


def thumbprint(holder):
    """`x5t#S256` of a holder's certificate, computed without the product."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return encoded(hashlib.sha256(holder.certificate.public_bytes(Encoding.DER)).digest())


def encoded(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def key_set(authority):
    return authority.public.get("/.well-known/jwks.json").ok()


def verified(token, keys, audience=AUDIENCE, issuer=ISSUER, **options):
    """The claims of a token as PyJWT finds them with a key set."""
    known = jwt.PyJWKSet.from_dict(keys)
    key = known[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=[key.algorithm_name], audience=audience, issuer=issuer, **options)


def issue(authority, holder, audiences=(AUDIENCE,), **options):
    return authority.native(holder).post("/v1/tokens", {"audiences": list(audiences), **options})


def signing_key(authority):
    """The name of the key that signs now."""
    keys = authority.admin.get(KEYS).ok()["keys"]
    return next(key["kid"] for key in keys if key["state"] == "current")


def payload(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
