"""Chunked bodies that go wrong after a sound head; the head may reach a backend, the request never does as a whole."""

from tables.refused_requests import SMUGGLED

BODIES = [
    ("size is no number", "xyz\r\nhello\r\n0\r\n\r\n"),
    ("size is empty", "\r\nhello\r\n0\r\n\r\n"),
    ("size is negative", "-5\r\nhello\r\n0\r\n\r\n"),
    ("size with a plus", "+5\r\nhello\r\n0\r\n\r\n"),
    ("size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
    ("space before the size", " 5\r\nhello\r\n0\r\n\r\n"),
    ("size over 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
    ("size of 63 bits and one more", "8000000000000000\r\nhello\r\n0\r\n\r\n"),
    ("size with many zeros", "0" * 40 + "5\r\nhello\r\n0\r\n\r\n"),
    ("bare LF after the size", "5\nhello\r\n0\r\n\r\n"),
    ("bare CR after the size", "5\rhello\r\n0\r\n\r\n"),
    ("bare LF after the data", "5\r\nhello\n0\r\n\r\n"),
    ("data longer than the size", "4\r\nhello\r\n0\r\n\r\n"),
    ("data shorter than the size", "6\r\nhello\r\n0\r\n\r\n"),
    ("no line end after the data", "5\r\nhello0\r\n\r\n" + SMUGGLED),
    ("bare LF in an extension", "5;a=b\nhello\r\n0\r\n\r\n"),
    ("NUL in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"),
    ("extensions without end in one chunk", "5;" + "a" * 70000),
    ("extensions in every chunk", ("1;" + "a" * 1000 + "\r\nx\r\n") * 100 + "0\r\n\r\n"),
    ("bare LF at the end of the trailers", "0\r\n\n" + SMUGGLED),
    ("trailer with a space before the colon", "0\r\nX : a\r\n\r\n"),
    ("folded trailer", "0\r\nX: a\r\n b\r\n\r\n"),
    ("trailer without a colon", "0\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
    ("length in the trailers", "0\r\nContent-Length: 50\r\n\r\n"),
    ("transfer coding in the trailers", "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("Host in the trailers", "0\r\nHost: other.example.com\r\n\r\n"),
    ("too many trailers", "0\r\n" + "".join(f"X-{number}: a\r\n" for number in range(2000)) + "\r\n"),
    ("trailer without end", "0\r\nX: " + "a" * 70000),
]
ALL = [(name, data.encode("latin-1")) for name, data in BODIES]
