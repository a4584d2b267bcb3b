"""An HTTP/2 client over TLS that can be told to break every rule, and the story of each of its streams."""

import time

import h2.config
import h2.connection
import h2.events
import h2.exceptions
from h2.settings import SettingCodes
from hyperframe.frame import Frame, GoAwayFrame, RstStreamFrame

from harness.tls_client import Connection


class Stream:
    """What came of one request."""

    def __init__(self, number):
        self.number = number
        self.status, self.headers, self.trailers = None, [], []
        self.interim = []
        self.body = bytearray()
        self.reset = None
        self.is_complete = False

    def get(self, name):
        return next((value for key, value in self.headers if key == name), None)

    @property
    def is_over(self):
        return self.is_complete or self.reset is not None


class HTTP2:
    """A connection that has sent its preface; `window` is what each stream may be sent before it is read."""

    def __init__(self, port, sni, context, window=None, acknowledges=True, **options):
        self.connection = Connection(port, sni, context, **options)
        assert self.connection.tls.selected_alpn_protocol() == "h2", "the router did not choose HTTP/2"
        self.state = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=True,
                header_encoding="latin-1",
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                split_outbound_cookies=False,
            )
        )
        self.complaint = None
        self.acknowledges = acknowledges
        self.streams = {}
        self.goaways = []
        self.pings = []
        self.ended = False
        self._raw = b""
        self.state.initiate_connection()
        if window is not None:
            self.state.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    # Sending

    def flush(self):
        self.send(self.state.data_to_send())

    def send(self, data):
        if data:
            self.connection.send(data)

    def request(self, host, path="/", *fields, method="GET", body=None, end=True, authority=True):
        """Opens a stream; answers its story, which `read` goes on with."""
        head = [(":method", method), (":scheme", "https")]
        head += [(":authority", host)] if authority else []
        head += [(":path", path), *fields]
        return self.open(head, body, end)

    def open(self, head, body=None, end=True):
        number = self.state.get_next_available_stream_id()
        self.streams[number] = Stream(number)
        self.state.send_headers(number, head, end_stream=end and body is None)
        self.flush()
        if body is not None:
            self.content(self.streams[number], body, end)
        return self.streams[number]

    def content(self, stream, data, end=False):
        """Sends content as the router's windows allow."""
        sent = 0
        while sent < len(data):
            room = min(self.state.local_flow_control_window(stream.number), 16384)
            if room <= 0:
                self.read(lambda: self.state.local_flow_control_window(stream.number) > 0 or stream.is_over)
                if stream.is_over:
                    return
                continue
            self.state.send_data(stream.number, data[sent : sent + room])
            sent += room
            self.flush()
        if end:
            self.state.end_stream(stream.number)
            self.flush()

    def trailers(self, stream, *fields):
        self.state.send_headers(stream.number, list(fields), end_stream=True)
        self.flush()

    def get(self, host, path="/", *fields, **options):
        """One request and its whole response."""
        return self.finish(self.request(host, path, *fields, **options))

    # Reading

    def finish(self, stream, within=10):
        self.read(lambda: stream.is_over, within)
        return stream

    def read(self, until, within=10):
        """Reads until the condition holds; the connection's end is an error unless that is what is awaited."""
        deadline = time.monotonic() + within
        while not until():
            assert not self.ended, f"the connection ended: {self.goaways}"
            assert time.monotonic() < deadline, "nothing came of it in time"
            self._read_once()

    def read_to_the_end(self, within=10):
        """Reads until the router closes; answers the codes of its GOAWAY frames."""
        self.read(lambda: self.ended, within)
        return [code for _, code in self.goaways]

    def _read_once(self):
        try:
            data = self.connection.tls.recv(65536)
        except (TimeoutError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            data = b""
        if not data:
            self.ended = True
            return
        self._note(data)
        try:
            events = self.state.receive_data(data)
        except h2.exceptions.ProtocolError as error:
            # What comes of a broken rule is told by the frames themselves.
            self.complaint = error
            return
        for event in events:
            self._take(event)
        try:
            self.flush()
        except OSError:
            pass

    def _note(self, data):
        """Notes what the library would keep for itself once it holds the connection for over."""
        self._raw += data
        while len(self._raw) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self._raw[:9]))
            if len(self._raw) < 9 + length:
                return
            frame.parse_body(memoryview(self._raw[9 : 9 + length]))
            self._raw = self._raw[9 + length :]
            if isinstance(frame, GoAwayFrame):
                self.goaways.append((frame.last_stream_id, frame.error_code))
            if isinstance(frame, RstStreamFrame) and frame.stream_id in self.streams:
                self.streams[frame.stream_id].reset = frame.error_code

    def _take(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.PingAckReceived):
            self.pings.append(event.ping_data)
        if stream is None:
            return
        if isinstance(event, h2.events.InformationalResponseReceived):
            self._pairs(event)
            stream.interim.append(int(dict(self._pairs(event))[":status"]))
        elif isinstance(event, h2.events.ResponseReceived):
            stream.headers = self._pairs(event)
            stream.status = int(dict(stream.headers)[":status"])
        elif isinstance(event, h2.events.TrailersReceived):
            stream.trailers = self._pairs(event)
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            if self.acknowledges:
                self.state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.is_complete = True

    @staticmethod
    def _pairs(event):
        return [(str(name), str(value)) for name, value in event.headers]


def frame(kind, flags=0, stream=0, payload=b""):
    """A frame made by hand."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def block(*fields):
    """A header block without compression."""
    made = b""
    for name, value in fields:
        name, value = name.encode("latin-1"), value.encode("latin-1")
        made += b"\x00" + _string(name) + _string(value)
    return made


def _string(text):
    if len(text) < 127:
        return bytes([len(text)]) + text
    rest, made = len(text) - 127, b"\x7f"
    while rest >= 128:
        made += bytes([rest % 128 + 128])
        rest //= 128
    return made + bytes([rest]) + text


DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED = 1, 4, 8
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR = 0, 1, 2, 3
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL = 5, 6, 7, 8
COMPRESSION_ERROR, ENHANCE_YOUR_CALM = 9, 11
