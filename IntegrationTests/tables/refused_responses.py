"""Answers of a backend that are not HTTP, or ambiguous; the client gets 502, or a cut where the head was sound."""

_OK = "HTTP/1.1 200 OK\r\n"

# Refused before anything of them went to the client: 502, whole, and the backend's connection is not used again.
HEADS = [
    ("not HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ("HTTP/0.9", "<html>hello</html>\r\n\r\n"),
    ("another version", "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ("lower-case version", "http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ("status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok"),
    ("status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok"),
    ("status out of range", "HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nok"),
    ("no status", "HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok"),
    ("two different lengths", _OK + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok"),
    ("the same length twice", _OK + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
    ("lengths in one list", _OK + "Content-Length: 2, 2\r\n\r\nok"),
    ("signed length", _OK + "Content-Length: +2\r\n\r\nok"),
    ("length over 64 bits", _OK + "Content-Length: 18446744073709551618\r\n\r\nok"),
    ("length and transfer coding", _OK + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("unknown transfer coding", _OK + "Transfer-Encoding: zorb\r\n\r\n0\r\n\r\n"),
    ("chunked twice", _OK + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    ("transfer coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("transfer coding on 204", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("bare LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
    ("bare LF after a field", _OK + "X: a\nContent-Length: 2\r\n\r\nok"),
    ("bare CR in a value", _OK + "X: a\rb\r\nContent-Length: 2\r\n\r\nok"),
    ("NUL in a value", _OK + "X: a\0b\r\nContent-Length: 2\r\n\r\nok"),
    ("folded field", _OK + "X: a\r\n b\r\nContent-Length: 2\r\n\r\nok"),
    ("space before the colon", _OK + "X : a\r\nContent-Length: 2\r\n\r\nok"),
    ("no colon", _OK + "X\r\nContent-Length: 2\r\n\r\nok"),
    ("space in a name", _OK + "X Y: a\r\nContent-Length: 2\r\n\r\nok"),
    ("line without end", "A" * 200000),
    ("head without end", _OK + "X: a\r\n" * 40000),
    ("head over the limit", _OK + "X: " + "a" * 80000 + "\r\n\r\n"),
    ("too many fields", _OK + "".join(f"X-{number}: a\r\n" for number in range(300)) + "\r\n"),
    ("unasked for 101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
]

# The head went out already: the client must see a cut, never a whole answer.
CHUNKED_BODIES = [
    ("size is no number", "xyz\r\nok\r\n0\r\n\r\n"),
    ("size is negative", "-2\r\nok\r\n0\r\n\r\n"),
    ("size over 64 bits", "10000000000000002\r\nok\r\n0\r\n\r\n"),
    ("bare LF after the size", "2\nok\r\n0\r\n\r\n"),
    ("data longer than the size", "2\r\nokay\r\n0\r\n\r\n"),
    ("no line end after the data", "2\r\nok0\r\n\r\n"),
    ("extensions without end", "2;" + "a" * 80000 + "\r\nok\r\n0\r\n\r\n"),
    ("trailer without a colon", "2\r\nok\r\n0\r\nbad\r\n\r\n"),
    ("length in the trailers", "2\r\nok\r\n0\r\nContent-Length: 7\r\n\r\n"),
]

ALL_HEADS = [(name, data.encode("latin-1")) for name, data in HEADS]
ALL_CHUNKED = [(name, data.encode("latin-1")) for name, data in CHUNKED_BODIES]
