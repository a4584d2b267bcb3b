"""A stand-in for the authority's feed of revocations: real TLS, HTTP/1.1, lines of JSON, and every way to go wrong."""

import datetime
import json
import socket
import ssl
import threading
import urllib.parse

from cryptography import x509

from harness.http import Cut, Reader
from harness.pki import SERVER_AUTH, ec_key, subject
from harness.ports import free_port
from harness.waiting import Journal

SPIFFE_ID = "spiffe://cluster.local/authority"


def revocation(leaf, sequence, reason="keyCompromise"):
    """The event that revokes a leaf, or releases it with the reason `removeFromCRL`."""
    certificate = leaf.certificate
    issuer = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    return {
        "sequence": sequence,
        "serial": f"{certificate.serial_number:x}",
        "issuer_key_id": issuer.hex(),
        "date": _rfc3339(datetime.datetime.now(datetime.timezone.utc)),
        "reason": reason,
        "not_after": _rfc3339(certificate.not_valid_after_utc),
    }


def _rfc3339(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


class Authority:
    """Serves `/v1/revocations` and its stream to clients of `root`, until `stop`; may be started later and again."""

    def __init__(self, root, directory, heartbeat=0.2):
        self.requests = Journal()
        self.streams = Journal()
        self.client_serials = Journal()
        self.port = free_port()
        self.epoch = "one"
        self.events = []
        self.heartbeat = heartbeat
        self.offers_stream = True
        self.is_silent = False
        self.is_slow = False
        server = root.leaf(subject(("CN", "authority")), uris=[SPIFFE_ID], purposes=[SERVER_AUTH])
        chain, key = server.save(directory, "authority")
        self._root, self._directory, self._client_key = root, directory, ec_key()
        self.renew_client()
        self._roots = str(root.save(directory, "authority-root"))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._context.load_cert_chain(chain, key)
        self._context.load_verify_locations(self._roots)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._lock = threading.RLock()
        self._streams = []
        self._sockets = []
        self._listener = None

    def section(self, **options):
        """The router's section `revocation` for this authority."""
        return {
            "authority": f"https://127.0.0.1:{self.port}",
            "ca_certs": self._roots,
            "cert_chain": self._client[0],
            "private_key": self._client[1],
            "spiffe_id": SPIFFE_ID,
            **options,
        }

    def renew_client(self):
        """Gives the router a new certificate in place of the one before, and answers its serial number."""
        client = self._root.leaf(
            subject(("CN", "router")), uris=["spiffe://cluster.local/router"], key=self._client_key
        )
        self._client = tuple(map(str, client.save(self._directory, "authority-client")))
        return client.certificate.serial_number

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(16)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def stop(self):
        if self._listener:
            try:
                self._listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._listener.close()
        self.cut_streams()

    def cut_streams(self):
        """Drops every connection without a word."""
        with self._lock:
            sockets, self._sockets, self._streams = self._sockets, [], []
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    # What happens

    def revoke(self, leaf, reason="keyCompromise", is_told=True):
        """Records an event and tells it on all streams, unless it is to be missed."""
        with self._lock:
            event = revocation(leaf, len(self.events) + 1, reason)
            self.events.append(event)
            if is_told:
                self.say({"type": "revocation", **event})
            return event

    def release(self, leaf):
        return self.revoke(leaf, "removeFromCRL")

    def begin_epoch(self, name, *leaves):
        """Forgets everything, as after a restored backup, and revokes the leaves alone."""
        with self._lock:
            self.epoch = name
            self.events = [revocation(leaf, number + 1) for number, leaf in enumerate(leaves)]
        self.cut_streams()

    def say(self, line):
        """Sends a line, as JSON unless it is bytes, on all streams."""
        data = line if isinstance(line, bytes) else json.dumps(line).encode()
        with self._lock:
            for sock in list(self._streams):
                self._chunk(sock, data + b"\n")

    def asked(self, path):
        """How many requests came for a path."""
        return sum(1 for entry in self.requests.snapshot() if entry[0] == path)

    def wait_for_stream(self, count=1):
        """Waits until that many streams have been opened; what is said from then on is heard."""
        self.streams.wait_for(lambda _: len(self.streams.entries) >= count, 20, f"stream {count}")

    # Serving

    def _accept(self, listener):
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        try:
            with self._context.wrap_socket(raw, server_side=True) as sock:
                with self._lock:
                    self._sockets.append(sock)
                self.client_serials.add(int(sock.getpeercert()["serialNumber"], 16))
                reader = Reader(sock.recv)
                while reader.buffer or reader.fill():
                    if not self._answer(sock, reader.request().target):
                        return
        except (OSError, Cut, ValueError):
            pass

    def _answer(self, sock, target):
        url = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.requests.add((url.path, query))
        if url.path == "/v1/revocations/stream" and self.offers_stream:
            self._stream(sock, query)
            return False
        if url.path != "/v1/revocations":
            sock.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return True
        with self._lock:
            answer = {"epoch": self.epoch, "sequence": len(self.events), **self._since(query)}
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        sock.sendall(head.encode() + body)
        return True

    def _since(self, query):
        """The events after the one that is known, or all that is revoked when too little is."""
        after = int(query.get("after", "0"))
        if after and query.get("epoch") == self.epoch and after <= len(self.events):
            return {"snapshot": False, "entries": self.events[after:]}
        in_force = {}
        for event in self.events:
            in_force[event["serial"]] = event
        return {"snapshot": True, "entries": [e for e in in_force.values() if e["reason"] != "removeFromCRL"]}

    def _stream(self, sock, query):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
        with self._lock:
            since = self._since(query)
            place = {"epoch": self.epoch, "sequence": len(self.events)}
            if since["snapshot"]:
                lines = [{"type": "snapshot", **place, "entries": since["entries"]}]
            else:
                lines = [{"type": "resumed", **place}] + [{"type": "revocation", **e} for e in since["entries"]]
            for line in lines:
                self._chunk(sock, json.dumps(line).encode() + b"\n")
            self._streams.append(sock)
            self.streams.add(query)
        beat = threading.Event()
        while sock in self._streams:
            beat.wait(self.heartbeat)
            if not self.is_silent:
                with self._lock:
                    if sock in self._streams:
                        self._chunk(sock, b'{"type":"heartbeat"}\n')

    def _chunk(self, sock, data):
        pieces = [data[at : at + 7] for at in range(0, len(data), 7)] if self.is_slow else [data]
        try:
            for piece in pieces:
                sock.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        except OSError:
            with self._lock:
                if sock in self._streams:
                    self._streams.remove(sock)
