"""Requests that the router answers itself and closes the connection after; no byte of them reaches a backend.

Each is a name, the bytes and the status. `HOST` is a routed host. Where the bytes hold `GET /smuggled`, that is the
request that a more lenient reader would find inside the first one.
"""

HOST = "plain.example.com"
SMUGGLED = f"GET /smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
_POST = f"POST / HTTP/1.1\r\nHost: {HOST}\r\n"
_GET = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n"


def _post(*fields, body=""):
    return _POST + "".join(f"{field}\r\n" for field in fields) + "\r\n" + body


def _get(*fields):
    return _GET + "".join(f"{field}\r\n" for field in fields) + "\r\n"


def _first(line, *fields):
    return f"{line}\r\n" + "".join(f"{field}\r\n" for field in fields or (f"Host: {HOST}",)) + "\r\n"


CONTENT_LENGTH = [
    ("two different lengths", _post("Content-Length: 5", "Content-Length: 6", body="hello" + SMUGGLED), 400),
    ("the same length twice", _post("Content-Length: 5", "Content-Length: 5", body="hello"), 400),
    ("lengths in one list", _post("Content-Length: 5, 5", body="hello"), 400),
    ("different lengths in one list", _post("Content-Length: 5, 6", body="hello"), 400),
    ("plus sign", _post("Content-Length: +5", body="hello"), 400),
    ("minus sign", _post("Content-Length: -5", body="hello"), 400),
    ("minus zero", _post("Content-Length: -0"), 400),
    ("space inside", _post("Content-Length: 1 5", body="hello"), 400),
    ("hexadecimal", _post("Content-Length: 0x5", body="hello"), 400),
    ("fraction", _post("Content-Length: 5.0", body="hello"), 400),
    ("exponent", _post("Content-Length: 5e0", body="hello"), 400),
    ("underscore", _post("Content-Length: 1_0", body="hellohello"), 400),
    ("letters", _post("Content-Length: five", body="hello"), 400),
    ("empty", _post("Content-Length:", body="hello"), 400),
    ("quoted", _post('Content-Length: "5"', body="hello"), 400),
    ("semicolon after it", _post("Content-Length: 5;", body="hello"), 400),
    ("over 64 bits", _post("Content-Length: 18446744073709551621", body="hello"), 400),
    ("far over 64 bits", _post("Content-Length: " + "9" * 60, body="hello"), 400),
    ("non-ASCII digit", _post("Content-Length: \xb2", body="hello"), 400),
    ("vertical tab before it", _post("Content-Length:\x0b5", body="hello"), 400),
    ("underscore for the hyphen", _post("Content_Length: 5", body="hello"), 400),
]

TRANSFER_ENCODING = [
    ("with a length", _post("Content-Length: 4", "Transfer-Encoding: chunked", body="0\r\n\r\n" + SMUGGLED), 400),
    ("with a length after it", _post("Transfer-Encoding: chunked", "Content-Length: 4", body="0\r\n\r\n" + SMUGGLED), 400),
    ("with the length zero", _post("Content-Length: 0", "Transfer-Encoding: chunked", body="0\r\n\r\n"), 400),
    ("unknown coding", _post("Transfer-Encoding: zorb", body="0\r\n\r\n"), 501),
    ("identity", _post("Transfer-Encoding: identity", body="0\r\n\r\n"), 501),
    ("gzip alone", _post("Transfer-Encoding: gzip", body="0\r\n\r\n"), 501),
    ("gzip before chunked", _post("Transfer-Encoding: gzip, chunked", body="0\r\n\r\n"), 501),
    ("chunked not last", _post("Transfer-Encoding: chunked, gzip", body="0\r\n\r\n"), 400),
    ("chunked twice in a list", _post("Transfer-Encoding: chunked, chunked", body="0\r\n\r\n"), 400),
    ("chunked twice in two fields", _post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body="0\r\n\r\n"), 400),
    ("second field that is not chunked", _post("Transfer-Encoding: chunked", "Transfer-Encoding: x", body="0\r\n\r\n"), 400),
    ("empty element before it", _post("Transfer-Encoding: , chunked", body="0\r\n\r\n"), 400),
    ("parameter", _post("Transfer-Encoding: chunked;x=y", body="0\r\n\r\n"), 400),
    ("quoted", _post('Transfer-Encoding: "chunked"', body="0\r\n\r\n"), 400),
    ("misspelt", _post("Transfer-Encoding: xchunked", body="0\r\n\r\n"), 501),
    ("empty", _post("Transfer-Encoding:", body="0\r\n\r\n"), 400),
    ("vertical tab before it", _post("Transfer-Encoding:\x0bchunked", body="0\r\n\r\n"), 400),
    ("non-breaking space before it", _post("Transfer-Encoding: \xa0chunked", body="0\r\n\r\n"), 400),
    ("folded", _post("Transfer-Encoding:\r\n chunked", body="0\r\n\r\n"), 400),
    ("space before the colon", _post("Transfer-Encoding : chunked", body="0\r\n\r\n"), 400),
    ("underscore for the hyphen", _post("Transfer_Encoding: chunked", body="0\r\n\r\n" + SMUGGLED), 400),
    ("in HTTP/1.0", f"POST / HTTP/1.0\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("nominated by Connection", _post("Connection: Transfer-Encoding", "Transfer-Encoding: chunked", body="0\r\n\r\n"), 400),
    ("length nominated by Connection", _post("Connection: close, Content-Length", "Content-Length: 5", body="hello"), 400),
    ("Host nominated by Connection", _get("Connection: host"), 400),
]

LINES = [
    ("bare LF after the request line", f"GET / HTTP/1.1\nHost: {HOST}\r\n\r\n", 400),
    ("bare LF after a field", f"GET / HTTP/1.1\r\nHost: {HOST}\nX: y\r\n\r\n", 400),
    ("bare LF at the end", f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\n" + SMUGGLED, 400),
    ("bare LF throughout", f"GET / HTTP/1.1\nHost: {HOST}\n\n", 400),
    ("bare CR in a value", _get("X: a\rb"), 400),
    ("bare CR as the end of a field", f"GET / HTTP/1.1\r\nHost: {HOST}\rX: y\r\n\r\n", 400),
    ("bare CR in the request line", f"GET /\r HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 400),
    ("two CRs before LF", f"GET / HTTP/1.1\r\r\nHost: {HOST}\r\n\r\n", 400),
    ("NUL in a value", _get("X: a\0b"), 400),
    ("NUL in a name", _get("X\0Y: a"), 400),
    ("NUL in the target", _first("GET /\0 HTTP/1.1"), 400),
    ("DEL in a value", _get("X: a\x7fb"), 400),
    ("escape in a value", _get("X: a\x1bb"), 400),
    ("folded field", _get("X: a", " b"), 400),
    ("field folded with a tab", _get("X: a", "\tb"), 400),
    ("whitespace before the first field", f"GET / HTTP/1.1\r\n X: a\r\nHost: {HOST}\r\n\r\n", 400),
    ("space before the colon", _get("X : a"), 400),
    ("tab before the colon", _get("X\t: a"), 400),
    ("no colon", _get("X"), 400),
    ("no name", _get(": a"), 400),
    ("space in a name", _get("X Y: a"), 400),
    ("non-ASCII in a name", _get("X\xe9: a"), 400),
    ("slash in a name", _get("X/Y: a"), 400),
    ("parenthesis in a name", _get("X(Y): a"), 400),
]

REQUEST_LINE = [
    ("no version", _first("GET /"), 400),
    ("HTTP/0.9", "GET /\r\n\r\n", 400),
    ("no target", _first("GET  HTTP/1.1"), 400),
    ("two spaces", _first("GET  / HTTP/1.1"), 400),
    ("two spaces before the version", _first("GET /  HTTP/1.1"), 400),
    ("tab for a space", _first("GET\t/\tHTTP/1.1"), 400),
    ("space in the target", _first("GET /a b HTTP/1.1"), 400),
    ("space after the version", _first("GET / HTTP/1.1 "), 400),
    ("space before the method", _first(" GET / HTTP/1.1"), 400),
    ("method that is no token", _first("G(T / HTTP/1.1"), 400),
    ("no method", _first(" / HTTP/1.1"), 400),
    ("lower-case version", _first("GET / http/1.1"), 400),
    ("version without a minor one", _first("GET / HTTP/1"), 400),
    ("version with two digits", _first("GET / HTTP/1.10"), 400),
    ("version with a sign", _first("GET / HTTP/+1.1"), 400),
    ("HTTP/1.2", _first("GET / HTTP/1.2"), 505),
    ("HTTP/2.0", _first("GET / HTTP/2.0"), 505),
    ("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    ("another protocol", _first("GET / RTSP/1.0"), 400),
    ("fragment", _first("GET /a#b HTTP/1.1"), 400),
    ("relative target", _first("GET a HTTP/1.1"), 400),
    ("backslash", _first("GET \\ HTTP/1.1"), 400),
    ("asterisk for GET", _first("GET * HTTP/1.1"), 400),
    ("authority for GET", _first(f"GET {HOST}:443 HTTP/1.1"), 400),
    ("another scheme", _first(f"GET ftp://{HOST}/ HTTP/1.1"), 400),
    ("absolute form with a user", _first(f"GET http://user@{HOST}/ HTTP/1.1"), 400),
    ("absolute form without a host", _first("GET http:/// HTTP/1.1"), 400),
    ("absolute form with another Host", _first("GET http://other.example.com/ HTTP/1.1"), 400),
    ("two empty lines first", "\r\n\r\n" + _first("GET / HTTP/1.1"), 400),
    ("TLS in TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
]

HOST_FIELD = [
    ("missing", "GET / HTTP/1.1\r\n\r\n", 400),
    ("missing in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 400),
    ("missing with absolute form", f"GET http://{HOST}/ HTTP/1.1\r\n\r\n", 400),
    ("repeated", _first("GET / HTTP/1.1", f"Host: {HOST}", f"Host: {HOST}"), 400),
    ("repeated with another", _first("GET / HTTP/1.1", f"Host: {HOST}", "Host: other.example.com"), 400),
    ("repeated in another case", _first("GET / HTTP/1.1", f"Host: {HOST}", f"hOST: {HOST}"), 400),
    ("empty", _first("GET / HTTP/1.1", "Host:"), 400),
    ("two in a list", _first("GET / HTTP/1.1", f"Host: {HOST}, other.example.com"), 400),
    ("with a space", _first("GET / HTTP/1.1", f"Host: {HOST} other"), 400),
    ("with a path", _first("GET / HTTP/1.1", f"Host: {HOST}/a"), 400),
    ("with a user", _first("GET / HTTP/1.1", f"Host: user@{HOST}"), 400),
    ("with a bad port", _first("GET / HTTP/1.1", f"Host: {HOST}:99999"), 400),
    ("with two ports", _first("GET / HTTP/1.1", f"Host: {HOST}:1:2"), 400),
    ("with a NUL", _first("GET / HTTP/1.1", f"Host: {HOST}\0"), 400),
    ("with an underscore twin", _first("GET / HTTP/1.1", f"Host: {HOST}", "Transfer_Encoding: chunked"), 400),
]

SIZES = [
    ("request line of 9000 bytes", _first("GET /" + "a" * 9000 + " HTTP/1.1"), 414),
    ("method without end", "A" * 9000, (400, 414)),
    ("field of 17000 bytes", _get("X: " + "a" * 17000), 431),
    ("field name of 17000 bytes", _get("X" * 17000 + ": a"), 431),
    ("101 fields", _get(*(f"X-{number}: a" for number in range(100))), 431),
    ("head of 66000 bytes", _get(*(f"X-{number}: " + "a" * 1300 for number in range(51))), 431),
]

METHODS = [
    ("CONNECT", _first(f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443"), 501),
    ("CONNECT to elsewhere", _first("CONNECT other.example.com:443 HTTP/1.1", f"Host: {HOST}"), 400),
    ("CONNECT with content", _first(f"CONNECT {HOST}:443 HTTP/1.1", f"Host: {HOST}:443", "Content-Length: 5") + "hello", 400),
    ("CONNECT with a path", _first("CONNECT / HTTP/1.1"), 400),
]

EXPECTATIONS = [
    ("another expectation", _post("Expect: 200-ok", "Content-Length: 5"), 417),
    ("another after the known one", _post("Expect: 100-continue, x", "Content-Length: 5"), 417),
]

GROUPS = {
    "Content-Length": CONTENT_LENGTH, "Transfer-Encoding": TRANSFER_ENCODING, "lines": LINES,
    "request line": REQUEST_LINE, "Host": HOST_FIELD, "sizes": SIZES, "methods": METHODS, "expectations": EXPECTATIONS,
}
ALL = [(f"{group}: {name}", data.encode("latin-1"), status) for group, rows in GROUPS.items() for name, data, status in rows]
