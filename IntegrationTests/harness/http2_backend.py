"""A backend of HTTP/2, in plain text or over TLS, whose answers a test scripts."""

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from harness.backend import Backend
from harness.waiting import Journal

# What an answer says when the backend is to end the connection in order right behind it.
FINISH = "finish"


def echo(state, number, head, body, trailers):
    """Answers with the request's own content and trailers, and its path in a field."""
    state.send_headers(number, [(":status", "200"), ("x-path", dict(head)[":path"])])
    sent = 0
    while sent < len(body) and (room := min(state.local_flow_control_window(number), 16384)) > 0:
        state.send_data(number, body[sent : sent + room])
        sent += room
    if trailers:
        state.send_headers(number, trailers, end_stream=True)
    else:
        state.end_stream(number)


def fields_of(event):
    return [(str(name), str(value)) for name, value in event.headers]


class HTTP2Backend(Backend):
    """`answer(state, number, head, body, trailers)` is called for each request, `state` being the library's connection.

    It is called when the request is complete, or with its head alone where the backend `answers_early`.
    `greet(exchange)` may read what comes before the client's preface. `requests` has pairs of number and head, `resets`
    pairs of number and code.
    """

    def __init__(self, answer=echo, answers_early=False, greet=None, **options):
        self.answer, self.answers_early, self.greet = answer, answers_early, greet
        self.resets = Journal()
        super().__init__(self._serve, **options)

    @property
    def connections(self):
        return self.exchanges.snapshot()

    def _serve(self, exchange):
        if self.greet:
            self.greet(exchange)
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="latin-1"))
        heads, bodies, trailers = {}, {}, {}
        state.initiate_connection()
        exchange.send(state.data_to_send())
        data = bytes(exchange.reader.buffer) or exchange.sock.recv(65536)
        while data:
            try:
                events = state.receive_data(data)
            except h2.exceptions.ProtocolError as error:
                return type(error).__name__
            for event in events:
                number = getattr(event, "stream_id", None)
                if isinstance(event, h2.events.RequestReceived):
                    heads[number], bodies[number] = fields_of(event), b""
                    self.requests.add((number, heads[number]))
                elif isinstance(event, h2.events.DataReceived):
                    bodies[number] += event.data
                    state.acknowledge_received_data(event.flow_controlled_length, number)
                elif isinstance(event, h2.events.TrailersReceived):
                    trailers[number] = fields_of(event)
                elif isinstance(event, h2.events.StreamReset):
                    self.resets.add((number, event.error_code))
                if isinstance(event, h2.events.RequestReceived if self.answers_early else h2.events.StreamEnded):
                    outcome = self.answer(state, number, heads[number], bodies[number], trailers.get(number))
                    if outcome == FINISH:
                        exchange.send(state.data_to_send())
                        exchange.finish()
                        return exchange.wait_until_peer_closes()
            exchange.send(state.data_to_send())
            data = exchange.sock.recv(65536)
        return None
