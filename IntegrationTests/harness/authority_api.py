"""Callers of the authority's APIs: single calls, the stream of revocations, and what comes of them."""

import contextlib
import http.client
import json
import socket
import ssl
import threading
import urllib.parse
from dataclasses import dataclass

from harness.waiting import Journal

ADMIN = "/api/admin"
CERTIFICATES = f"{ADMIN}/security/certificates"


@dataclass
class Answer:
    """The answer to one call."""

    status: int
    headers: dict
    body: bytes

    @property
    def document(self):
        return json.loads(self.body)

    def ok(self, status=200):
        """The document of a call that has to succeed."""
        assert self.status == status, f"{self.status}: {self.body[:500]!r}"
        return self.document if self.body else None

    def problem(self, status, code):
        """The detail of a refusal, which has to be a problem document (RFC 9457) with these."""
        assert self.status == status, f"{self.status}: {self.body[:500]!r}"
        assert self.headers["content-type"] == "application/problem+json", self.headers
        assert self.headers["cache-control"] == "no-store"
        document = self.document
        assert set(document) == {"type", "title", "status", "detail", "code"}, document
        assert document["type"] == "about:blank" and document["status"] == status and document["title"]
        assert document["code"] == code, document
        assert document["detail"] and "\n" not in document["detail"]
        return document["detail"]


class API:
    """Calls of one listener as one caller; each call has a connection of its own, so any thread may call."""

    def __init__(self, port, context=None, token=None):
        self.port, self.context, self.token = port, context, token

    def connection(self, within=20):
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=within, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=within)

    def call(self, method, path, document=None, body=None, **fields):
        """Makes a call; `document` is sent as JSON, `body` as it is, fields with `-` for `_`."""
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        if document is not None:
            body = json.dumps(document).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = self.connection()
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path, **query):
        query = {name: value for name, value in query.items() if value is not None}
        return self.call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path, document=None, **fields):
        return self.call("POST", path, document, **fields)

    def is_revoked(self, method="GET", path="/v1/services", document=None):
        """Whether the handshake of a call is refused because the caller's certificate is revoked."""
        try:
            self.call(method, path, document)
        except ssl.SSLError as error:
            return error.reason == "SSLV3_ALERT_CERTIFICATE_REVOKED"
        return False

    def pages(self, path, member, **query):
        """All elements of a list, page by page."""
        found, cursor = [], None
        while True:
            page = self.get(path, cursor=cursor, **query).ok()
            found += page[member]
            cursor = page["next_cursor"]
            if cursor is None:
                return found


class Stream:
    """The lines of `/v1/revocations/stream`, as they come."""

    def __init__(self, api, **query):
        self.lines = Journal()
        self._connection = api.connection(within=60)
        text = urllib.parse.urlencode(query)
        self._connection.request("GET", "/v1/revocations/stream" + ("?" + text if text else ""))
        self._socket = self._connection.sock  # The connection forgets it when the answer has no length.
        self.answer = self._connection.getresponse()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def next(self, kind, start=0, within=10):
        """The first line of that type."""
        return self.lines.wait_for(lambda line: line.get("type") == kind, within, f"a line {kind}", start)

    def wait_for_serial(self, serial, reason=None, within=10):
        wanted = lambda line: line.get("serial") == serial and reason in (None, line["reason"])  # noqa: E731
        return self.lines.wait_for(wanted, within, f"a line about {serial}")

    def close(self):
        # Closing alone would not end it while the reading thread holds it.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        self._thread.join(10)
        self._connection.close()

    def _read(self):
        try:
            while line := self.answer.readline():
                self.lines.add(json.loads(line))
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        self.lines.add({"type": "(end)"})
