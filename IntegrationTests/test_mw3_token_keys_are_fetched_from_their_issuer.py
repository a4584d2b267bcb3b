"""Keys of tokens that are fetched from where their issuer publishes them, by authz and by the router."""

import hashlib
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from jwt.algorithms import ECAlgorithm

from harness.authz import Authz
from harness.bundle_endpoint import BundleEndpoint
from harness.pki import ec_key
from harness.tokens import encoded
from harness.tools import COUNTERSIGN, run
from harness.waiting import until
from harness.world import route

HOST = "a.apps.mtls.internal"
ISSUER, AUDIENCE = "https://issuer.example.com", "crud"


class Key:
    """A key of the issuer with its name."""

    def __init__(self, name):
        self.name, self._key = name, ec_key()

    @property
    def public(self):
        return {
            **json.loads(ECAlgorithm.to_jwk(self._key.public_key())),
            "kid": self.name,
            "use": "sig",
            "alg": "ES256",
        }

    def token(self, leaf=None):
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "iat": now, "exp": now + 300}
        if leaf:
            digest = hashlib.sha256(leaf.certificate.public_bytes(Encoding.DER)).digest()
            claims["cnf"] = {"x5t#S256": encoded(digest)}
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self.name, "typ": "JWT"})


def key_set(*keys):
    return json.dumps({"keys": [key.public for key in keys]}).encode()


@pytest.fixture
def publisher(world, tmp_path):
    leaf = world.server_root.leaf("issuer", ips=["127.0.0.1"])
    with BundleEndpoint(leaf, tmp_path / "publisher") as made:
        yield made


class InAuthz:
    """The one that judges tokens: `countersign authz`."""

    def __init__(self, directory, **source):
        source = {f"keys_{name}": value for name, value in source.items()}
        tokens = {"keys": "fetched.jwks", "issuer": ISSUER, "audiences": AUDIENCE, **source}
        self.process = Authz(directory / "authz", tokens=tokens, inbound_auth_mode="bearer_only")
        self.path = directory / "authz" / "fetched.jwks"

    def start(self):
        self.process.__enter__()
        return self

    def stop(self):
        self.process.__exit__()

    def status(self, key):
        return self.process.ask("/auth/traefik", ("Authorization", f"Bearer {key.token()}"))[0]

    @property
    def log(self):
        return self.process.log

    def health(self):
        return self.process.admin("/health")[2]


class InRouter:
    """The one that judges tokens: a domain of the router."""

    def __init__(self, directory, world, start_router, backend, **source):
        self.path = directory / "fetched.jwks"
        source = {f"keys_{name}": value for name, value in source.items()}
        binding = {"keys": str(self.path), "issuer": ISSUER, "audiences": AUDIENCE, "kind": "bearer", **source}
        domains = [world.platform_domain(authorization={"mode": "none"}, token_binding=binding)]
        self._world, self._start = world, lambda: start_router(world.configuration([route(HOST, backend)], domains))

    def start(self):
        self._router = self._start()
        return self

    def stop(self):
        self._router.stop()

    def status(self, key):
        with self._world.connect(self._router, HOST, self._world.frontend) as connection:
            token = key.token(self._world.frontend)
            return connection.get(HOST, "/", f"Authorization: Bearer {token}").status

    @property
    def log(self):
        return self._router.log

    def health(self):
        return self._router.admin("/health")[2]


@pytest.fixture(params=["authz", "router"])
def judge(request, world, start_router, backend, publisher, tmp_path):
    """Makes the one that judges tokens, following the publisher unless told otherwise."""
    made = []

    def make(**source):
        source = {"url": publisher.url, "ca_certs": world.server_roots, "refresh_interval": "1h", **source}
        source = {name: value for name, value in source.items() if value}
        of_router = world, start_router, backend
        made.append(
            InAuthz(tmp_path, **source) if request.param == "authz" else InRouter(tmp_path, *of_router, **source)
        )
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_keys_are_fetched_and_kept(judge, publisher):
    first, stranger = Key("first"), Key("first")
    publisher.content = key_set(first)
    judging = judge().start()
    until(lambda: judging.status(first) == 200, what="the first keys")
    assert judging.status(stranger) == 401
    assert judging.path.read_bytes() == publisher.content
    assert '"degraded"' not in judging.health()


def test_a_key_that_is_not_there_is_asked_for_and_not_too_often(judge, publisher):
    first, second, stranger = Key("first"), Key("second"), Key("stranger")
    publisher.content = key_set(first)
    judging = judge().start()
    until(lambda: judging.status(first) == 200, what="the first keys")
    publisher.content = key_set(first, second)
    asked, began = publisher.asked, time.monotonic()
    until(lambda: judging.status(second) == 200, 20, "the second key")
    assert judging.status(first) == 200
    until(lambda: judging.status(stranger) == 401 and time.monotonic() - began > 7, 20)
    assert publisher.asked - asked <= 1 + (time.monotonic() - began) // 5


@pytest.mark.parametrize("fault", ["error", "no key set", "no key", "a private key", "too large"])
def test_the_last_good_keys_stay(judge, publisher, fault):
    first = Key("first")
    publisher.content = good = key_set(first)
    judging = judge(refresh_interval="1s").start()
    until(lambda: judging.status(first) == 200, what="the first keys")
    publisher.status = 503 if fault == "error" else 200
    publisher.content = {
        "error": good,
        "no key set": b"<html>",
        "no key": key_set(),
        "a private key": json.dumps({"keys": [{**first.public, "d": "AA"}]}).encode(),
        "too large": b" " * 300_000 + good,
    }[fault]
    judging.log.wait_for(lambda line: (line["message"] or "").startswith("token keys are not fetched"))
    assert judging.status(first) == 200 and judging.path.read_bytes() == good
    until(lambda: "token_keys:https" in judging.health() and "degraded" in judging.health(), what="degraded health")
    publisher.status, publisher.content = 200, good
    judging.log.wait_for(lambda line: line["message"] == "token keys are fetched again", 20)


def test_without_any_keys_no_token_is_good_until_there_are(judge, publisher):
    first = Key("first")
    publisher.status = 503
    judging = judge().start()
    assert judging.status(first) == 401
    publisher.status, publisher.content = 200, key_set(first)
    until(lambda: judging.status(first) == 200, 20, "the first keys")


def test_a_restart_begins_with_the_last_good_keys(judge, publisher):
    first = Key("first")
    publisher.status = 503
    judging = judge()
    judging.path.parent.mkdir(exist_ok=True)
    judging.path.write_bytes(key_set(first))
    assert judging.start().status(first) == 200


@pytest.mark.parametrize("fault", ["another root", "another name"])
def test_keys_of_somebody_else_are_not_taken(world, judge, publisher, tmp_path, fault):
    first = Key("first")
    publisher.content = key_set(first)
    if fault == "another root":
        judging = judge(ca_certs=world.partner_roots).start()
    else:
        judging = judge(url=publisher.url.replace("127.0.0.1", "localhost")).start()
    judging.log.wait_for(lambda line: (line["message"] or "").startswith("token keys are not fetched"))
    assert judging.status(first) == 401 and not judging.path.exists() and publisher.asked == 0


def test_an_issuer_of_this_host_may_do_without_tls(judge):
    first = Key("first")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(key_set(first))))
            self.end_headers()
            self.wfile.write(key_set(first))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        judging = judge(url=f"http://127.0.0.1:{server.server_port}/jwks", ca_certs=None).start()
        until(lambda: judging.status(first) == 200, what="the keys")
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "source, words",
    [
        ({"url": "http://issuer.example.com/jwks"}, "https:// only"),
        ({"url": "https://issuer.example.com/jwks"}, "keys_ca_certs"),
        ({"url": "https://issuer.example.com/jwks?a=b", "ca_certs": "r.pem"}, "expected a URL"),
        ({"ca_certs": "r.pem"}, "keys_url"),
        ({"refresh_interval": "5m"}, "keys_url"),
    ],
)
def test_sources_that_say_nothing_good_are_refused(tmp_path, source, words):
    judging = InAuthz(tmp_path, **source)
    judging.path.write_bytes(key_set(Key("first")))
    ended = run(COUNTERSIGN, "config", "check", "--role", "authz", judging.process.path)
    assert ended.returncode == 1 and words in ended.stdout + ended.stderr
