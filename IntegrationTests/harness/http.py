"""Reading HTTP/1.1 messages strictly from a byte stream, on both sides of the router."""

from dataclasses import dataclass, field


class Cut(Exception):
    """The stream ended before the message did; `partial` is what of the body had come by then."""

    def __init__(self, message, partial=b""):
        super().__init__(message)
        self.partial = partial


@dataclass
class Message:
    start: str
    headers: list
    raw_head: bytes = b""
    body: bytes = b""
    trailers: list = field(default_factory=list)
    interim: list = field(default_factory=list)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else None

    def names(self):
        return [key.lower() for key, _ in self.headers]

    @property
    def status(self):
        return int(self.start.split(" ")[1])

    @property
    def method(self):
        return self.start.split(" ")[0]

    @property
    def target(self):
        return self.start.split(" ")[1]

    @property
    def router_error(self):
        return self.get("X-Cf-RouterError")


class Reader:
    """Buffers what `receive(count)` gives; an empty answer means the end of the stream."""

    def __init__(self, receive):
        self._receive = receive
        self.buffer = bytearray()

    def fill(self):
        chunk = self._receive(65536)
        self.buffer += chunk
        return len(chunk)

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise Cut(f"the stream ended after {len(self.buffer)} of {count} bytes", bytes(self.buffer))
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def line(self):
        return self.until(b"\r\n")[:-2]

    def until(self, mark):
        searched = 0
        while True:
            at = self.buffer.find(mark, searched)
            if at >= 0:
                taken = bytes(self.buffer[: at + len(mark)])
                del self.buffer[: at + len(mark)]
                return taken
            searched = max(0, len(self.buffer) - len(mark))
            if not self.fill():
                raise Cut(f"the stream ended before {mark!r}", bytes(self.buffer))

    def rest(self):
        while self.fill():
            pass
        taken = bytes(self.buffer)
        self.buffer.clear()
        return taken

    def head(self):
        raw = self.until(b"\r\n\r\n")
        lines = raw[:-4].decode("latin-1").split("\r\n")
        return Message(lines[0], _fields(lines[1:]), raw_head=raw)

    def chunked_body(self):
        """The decoded body and the trailers; every chunk must be framed exactly as RFC 9112 section 7.1 says."""
        body = bytearray()
        while True:
            size = int(self.line().split(b";")[0], 16)
            if size == 0:
                break
            try:
                body += self.exactly(size)
            except Cut as cut:
                raise Cut(str(cut), bytes(body) + cut.partial) from None
            assert self.exactly(2) == b"\r\n", "a chunk must end with CRLF"
        trailers = []
        while line := self.line():
            trailers.append(line.decode("latin-1"))
        return bytes(body), _fields(trailers)

    def request(self):
        message = self.head()
        if "chunked" in ",".join(message.all("transfer-encoding")).lower():
            message.body, message.trailers = self.chunked_body()
        elif length := message.get("content-length"):
            message.body = self.exactly(int(length))
        return message

    def response(self, method="GET"):
        interim = []
        message = self.head()
        while 100 <= message.status < 200 and message.status != 101:
            interim.append(message)
            message = self.head()
        message.interim = interim
        if method == "HEAD" or message.status in (204, 304):
            return message
        if "chunked" in ",".join(message.all("transfer-encoding")).lower():
            message.body, message.trailers = self.chunked_body()
        elif (length := message.get("content-length")) is not None:
            message.body = self.exactly(int(length))
        else:
            message.body = self.rest()
        return message


def _fields(lines):
    pairs = []
    for line in lines:
        name, separator, value = line.partition(":")
        assert separator, f"a field line has no colon: {line!r}"
        pairs.append((name, value.strip(" \t")))
    return pairs
