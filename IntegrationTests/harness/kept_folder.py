"""The folder in which an authority keeps certificates of its services."""

import os

from cryptography import x509

from harness.stand_in_authority import public_key_of
from harness.waiting import until


class KeptFolder:
    """The folder of `cert_dir`."""

    def __init__(self, path):
        self.path = path

    def file(self, name):
        return self.path / name

    def certificate(self, service="user-svc"):
        """The certificate of a service, checked to belong to its key; None when there is none yet."""
        folder = os.path.realpath(self.file(service))
        try:
            with open(f"{folder}/cert.pem", "rb") as chain, open(f"{folder}/key.pem", "rb") as key:
                chain, key = chain.read(), key.read()
        except FileNotFoundError:
            return None
        assert public_key_of(chain) == public_key_of(key)
        return x509.load_pem_x509_certificate(chain)

    def serial(self, service="user-svc"):
        found = self.certificate(service)
        return found and found.serial_number

    def text_serial(self, service="user-svc"):
        """The serial number as the authority spells it."""
        digits = f"{self.serial(service):x}"
        return digits.rjust(len(digits) + len(digits) % 2, "0")

    def key(self, service="user-svc"):
        return self.file(f"{service}/key.pem").read_text()

    def wait_for_certificate(self, service="user-svc", other_than=None, within=15):
        def serial():
            found = self.serial(service)
            return found if found != other_than else None

        return until(serial, within, f"a new certificate of {service}")
