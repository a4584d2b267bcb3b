"""Clients that have certificates issued and revoked as fast as they can, through every end of the authority."""

import hashlib
import http.client
import json
import random
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from harness.authority_api import CERTIFICATES
from harness.authority_holdings import crl_number, csr, serial_text
from harness.pki import ec_key


class IssuanceLoad:
    """What clients hold by the authority's own word: each entry is made after its answer was read whole."""

    def __init__(self, authority, service, signers=8, revokers=2):
        self.authority, self.service = authority, service
        # By serial number, the SHA-256 of the certificate.
        self.held = {}
        # By serial number, the sequence of the revocation.
        self.revoked = {}
        # By the number of the list, the SHA-256 of its bytes.
        self.lists = {}
        self.failures = []
        # Calls that were under way when the authority ended, and about which nothing was said.
        self.unanswered = 0
        self._agent = authority.agent(service)
        self._lock = threading.Lock()
        self._up, self._stop = threading.Event(), threading.Event()
        actors = [self._sign] * signers + [self._revoke] * revokers + [self._read_lists]
        self._threads = [threading.Thread(target=self._perform, args=(actor,)) for actor in actors]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._up.set()
        for thread in self._threads:
            thread.join(30)

    def resume(self):
        """Lets the clients go on: the authority is there."""
        self._up.set()

    def pause(self):
        """Keeps clients whose connection breaks from trying again before ``resume``."""
        self._up.clear()

    def snapshot(self):
        """What was answered so far, as copies."""
        with self._lock:
            return dict(self.held), dict(self.revoked), dict(self.lists)

    def _perform(self, actor):
        while not self._stop.is_set():
            if not self._up.wait(0.5):
                continue
            try:
                actor()
            except (ssl.SSLError, ConnectionError, TimeoutError, http.client.HTTPException, OSError):
                with self._lock:
                    self.unanswered += 1
                # While it is away there is nothing to do but to wait; while it is there, this was a fault.
                if self._up.is_set() and self.authority.is_running and not self._stop.wait(0.02):
                    continue
            except Exception as error:  # Told by the test, as a thread's own end would be told by nobody.
                self.failures.append(f"{actor.__name__}: {error!r}")
                return

    def _sign(self):
        key = ec_key()
        request = json.dumps({"service": self.service, "csr": csr(key, self.service)}).encode()
        connection = self.authority.native(self._agent).connection()
        try:
            while not self._stop.is_set():
                issued = self._call(connection, "POST", "/v1/sign", request, 201)
                certificate = x509.load_pem_x509_certificate(issued["certificate"].encode())
                serial = serial_text(certificate.serial_number)
                digest = certificate.fingerprint(hashes.SHA256()).hex()
                with self._lock:
                    if serial in self.held:
                        self.failures.append(f"the serial number {serial} was issued twice")
                    self.held[serial] = digest
        finally:
            connection.close()

    def _revoke(self):
        admin = self.authority.admin
        connection = admin.connection()
        fields = {"Authorization": f"Bearer {admin.token}"}
        path = f"{CERTIFICATES}/{self.service}/revoke"
        try:
            while not self._stop.is_set():
                with self._lock:
                    good = [serial for serial in list(self.held)[-200:] if serial not in self.revoked]
                if not good:
                    self._stop.wait(0.01)
                    continue
                serial = random.choice(good)
                body = json.dumps({"serial": serial, "reason": "superseded"}).encode()
                # The other one may have been faster, or the answer to an earlier try was lost.
                answer = self._call(connection, "POST", path, body, 200, or_else=409, fields=fields)
                if answer is not None:
                    with self._lock:
                        self.revoked[serial] = answer["revoked"][0]["sequence"]
                self._stop.wait(0.01)
        finally:
            connection.close()

    def _read_lists(self):
        path = f"/crl/{self.authority.key_id}.crl"
        while not self._stop.is_set():
            answer = self.authority.public.get(path)
            assert answer.status == 200, answer
            number = crl_number(x509.load_der_x509_crl(answer.body))
            digest = hashlib.sha256(answer.body).hexdigest()
            with self._lock:
                newest = max(self.lists, default=0)
                if number < newest:
                    self.failures.append(f"the list {number} came after the list {newest}")
                if self.lists.setdefault(number, digest) != digest:
                    self.failures.append(f"there are two lists of the number {number}")
            self._stop.wait(0.01)

    @staticmethod
    def _call(connection, method, path, body, status, or_else=None, fields=None):
        """The document of an answer; none for the other status that will do."""
        connection.request(method, path, body, {"Content-Type": "application/json", **(fields or {})})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status == or_else:
            return None
        assert answer.status == status, f"{answer.status}: {content[:300]!r}"
        return json.loads(content)
