"""Requests that look unusual and are sound; each reaches the backend as one request, with the body it stands for."""

from tables.refused_requests import HOST

_POST = f"POST / HTTP/1.1\r\nHost: {HOST}\r\n"
_GET = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n"

ROWS = [
    ("one empty line first", "\r\n" + _GET + "\r\n", 0),
    ("length zero", _POST + "Content-Length: 0\r\n\r\n", 0),
    ("no length on POST", _POST + "\r\n", 0),
    ("length without a space after it", _POST + "Content-Length: 5\r\n\r\nhello", 5),
    ("length without a space before it", _POST + "Content-Length:5\r\n\r\nhello", 5),
    ("length with zeros before it", _POST + "Content-Length: 0005\r\n\r\nhello", 5),
    ("length in another case", _POST + "CONTENT-LENGTH: 5\r\n\r\nhello", 5),
    ("body on GET", _GET + "Content-Length: 5\r\n\r\nhello", 5),
    ("chunked", _POST + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 5),
    ("chunked in another case", _POST + "TRANSFER-encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 5),
    ("chunk size in either case", _POST + "Transfer-Encoding: chunked\r\n\r\n" + "a\r\n0123456789\r\n" + "A\r\n0123456789\r\n0\r\n\r\n", 20),
    ("chunk size with zeros before it", _POST + "Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n0\r\n\r\n", 5),
    ("chunk extension", _POST + "Transfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0;e\r\n\r\n", 5),
    ("trailers", _POST + "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5\r\nhello\r\n0\r\nX: a\r\n\r\n", 5),
    ("empty field value", _GET + "X:\r\n\r\n", 0),
    ("field value with a tab inside", _GET + "X: a\tb\r\n\r\n", 0),
    ("field value in Latin-1", _GET + "X: caf\xe9\r\n\r\n", 0),
    ("every token character in a name", _GET + "!#$%&'*+-.^`|~09azAZ: a\r\n\r\n", 0),
    ("99 more fields", _GET + "".join(f"X-{number}: a\r\n" for number in range(95)) + "\r\n", 0),
    ("field of 16000 bytes", _GET + "X: " + "a" * 16000 + "\r\n\r\n", 0),
    ("target of 8000 bytes", f"GET /{'a' * 8000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 0),
    ("absolute form with the same Host", f"GET http://{HOST}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 0),
    ("asterisk for OPTIONS", f"OPTIONS * HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 0),
    ("unknown method", f"BREW / HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 0),
    ("HTTP/1.0 with Host", f"GET / HTTP/1.0\r\nHost: {HOST}\r\n\r\n", 0),
    ("percent signs and a query", f"GET /%2e%2e/a?b=%00&c[]=d HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 0),
]
ALL = [(name, data.encode("latin-1"), length) for name, data, length in ROWS]
