"""Raw TLS connections: any SNI with any bytes after it, resumption, and the alert that ended a handshake."""

import select
import socket
import ssl
import struct
import time

from harness.http import Reader

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

ALERTS = {
    "SSLV3_ALERT_UNEXPECTED_MESSAGE": 10,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": 40,
    "SSLV3_ALERT_BAD_CERTIFICATE": 42,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": 43,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": 44,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": 45,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": 46,
    "SSLV3_ALERT_ILLEGAL_PARAMETER": 47,
    "TLSV1_ALERT_UNKNOWN_CA": 48,
    "TLSV1_ALERT_ACCESS_DENIED": 49,
    "TLSV1_ALERT_DECODE_ERROR": 50,
    "TLSV1_ALERT_DECRYPT_ERROR": 51,
    "TLSV1_ALERT_PROTOCOL_VERSION": 70,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": 71,
    "TLSV1_ALERT_INTERNAL_ERROR": 80,
    "TLSV1_ALERT_NO_RENEGOTIATION": 100,
    "TLSV1_UNRECOGNIZED_NAME": 112,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": 116,
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": 120,
}


class Refused(Exception):
    """The peer ended the handshake (or what followed it) with a TLS alert; None where it gave none."""

    def __init__(self, alert, text):
        super().__init__(f"alert {alert}: {text}")
        self.alert = alert


def context(roots, identity=None, version=None, ciphers=None, alpn=None):
    """A client context that presents `identity` (chain and key paths) and verifies the server where it has `roots`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.set_ciphers(ciphers or "ALL:@SECLEVEL=0")
    if roots:
        made.load_verify_locations(roots)
    else:
        made.verify_mode = ssl.CERT_NONE
    if identity:
        made.load_cert_chain(*identity)
    if version:
        made.minimum_version = made.maximum_version = version
    if alpn:
        made.set_alpn_protocols(list(alpn))
    return made


class Connection:
    """One TLS connection to a loopback port; the handshake happens at once and may raise `Refused`."""

    def __init__(self, port, sni, made_context, session=None, within=10.0, receive_buffer=None):
        raw = socket.socket()
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.settimeout(within)
        raw.connect(("127.0.0.1", port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._raw = raw
        try:
            self.tls = made_context.wrap_socket(
                raw, server_hostname=sni or None, session=session, suppress_ragged_eofs=False
            )
        except (ssl.SSLError, ConnectionError) as error:
            raw.close()
            raise _refusal(error) from None
        self.reader = Reader(self._receive)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.tls.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def send_byte_by_byte(self, data):
        for index in range(len(data)):
            self.tls.sendall(data[index : index + 1])

    def send_while_reading(self, blocks, within=60):
        """Sends the blocks and buffers all that comes meanwhile, in one thread as OpenSSL wants it."""
        deadline = time.monotonic() + within
        self.tls.setblocking(False)
        for block in blocks:
            left = memoryview(block)
            while left:
                assert time.monotonic() < deadline, "the peer takes no more"
                wanted = None
                try:
                    left = left[self.tls.send(left) :]
                except ssl.SSLWantWriteError:
                    wanted = [self.tls], [self.tls], []
                except ssl.SSLWantReadError:
                    wanted = [self.tls], [], []
                try:
                    while chunk := self.tls.recv(65536):
                        self.reader.buffer += chunk
                except ssl.SSLWantReadError:
                    if wanted:
                        select.select(*wanted, 1)
        self.tls.settimeout(10.0)

    def response(self, method="GET"):
        return self.reader.response(method)

    def exchange(self, data, method=None):
        """Sends one request and reads its response."""
        data = data if isinstance(data, bytes) else data.encode("latin-1")
        self.send(data)
        return self.response(method or data.split(b" ", 1)[0].decode("latin-1"))

    def get(self, host, path="/", *fields):
        return self.exchange(request("GET", path, host, *fields))

    def how_it_ends(self):
        """Reads to the end and answers what came and how it ended: `close_notify`, `cut` or `reset`."""
        try:
            return self.reader.rest(), "close_notify"
        except ssl.SSLEOFError:
            return self._taken(), "cut"
        except ConnectionResetError:
            return self._taken(), "reset"

    def is_closed_by_peer(self):
        """Whether the peer ends the stream with nothing more to read; waits for it up to the socket's deadline."""
        data, _ = self.how_it_ends()
        assert data == b"", f"more came before the end: {data[:200]!r}"
        return True

    def expect_refusal(self):
        """Reads until the peer's alert and answers its number (TLS 1.3 refuses only after the client's flight)."""
        try:
            data = self.tls.recv(1)
        except (ssl.SSLError, ConnectionError) as error:
            return _refusal(error).alert
        raise AssertionError(f"the peer went on instead of refusing: {data!r}")

    def half_close(self):
        """Ends our direction with close_notify and TCP FIN, and keeps reading; no answer may be under way yet."""
        self.tls.setblocking(False)
        try:
            self.tls.unwrap()
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        socket.socket.shutdown(self.tls, socket.SHUT_WR)
        self.tls.settimeout(10.0)

    def reset(self):
        """Drops the connection with a TCP reset."""
        self.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.tls.close()

    def close(self):
        try:
            self.tls.close()
        except OSError:
            pass

    @property
    def session(self):
        return self.tls.session

    @property
    def resumed(self):
        return self.tls.session_reused

    def _receive(self, count):
        try:
            return self.tls.recv(count)
        except ssl.SSLZeroReturnError:  # What a close_notify is called once our own has gone out.
            return b""

    def _taken(self):
        taken = bytes(self.reader.buffer)
        self.reader.buffer.clear()
        return taken


def request(method, path, host, *fields, body=b""):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _refusal(error):
    reason = getattr(error, "reason", None)
    return Refused(ALERTS.get(reason), f"{reason or type(error).__name__}: {error}")
