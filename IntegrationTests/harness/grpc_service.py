"""A gRPC service with a method of each of the four kinds, and its client; messages are plain bytes."""

import concurrent.futures
import threading

import grpc

SERVICE = "test.Echo"


class Service:
    """Serves on a loopback port of the system's choice, with TLS where it is given credentials."""

    def __init__(self, credentials=None, threads=16):
        self.metadata = []
        self.cancelled = threading.Event()
        self.released = threading.Event()
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(threads))
        handlers = {
            "Unary": grpc.unary_unary_rpc_method_handler(self._unary),
            "ServerStream": grpc.unary_stream_rpc_method_handler(self._server_stream),
            "ClientStream": grpc.stream_unary_rpc_method_handler(self._client_stream),
            "Both": grpc.stream_stream_rpc_method_handler(self._both),
            "Fail": grpc.unary_unary_rpc_method_handler(self._fail),
            "Hang": grpc.unary_stream_rpc_method_handler(self._hang),
        }
        self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
        if credentials:
            self.port = self._server.add_secure_port("127.0.0.1:0", credentials)
        else:
            self.port = self._server.add_insecure_port("127.0.0.1:0")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        self._server.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self._server.stop(0).wait(10)

    def _note(self, context):
        self.metadata.append(dict(context.invocation_metadata()))
        context.send_initial_metadata([("x-initial", "1")])
        context.set_trailing_metadata([("x-trailing", "2")])

    def _unary(self, request, context):
        self._note(context)
        return request[::-1]

    def _server_stream(self, request, context):
        self._note(context)
        for number in range(int(request)):
            yield b"%d" % number

    def _client_stream(self, requests, context):
        self._note(context)
        return b",".join(requests)

    def _both(self, requests, context):
        self._note(context)
        for request in requests:
            yield b"re:" + request

    def _fail(self, request, context):
        context.set_trailing_metadata([("x-trailing", "2")])
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not today")

    def _hang(self, request, context):
        context.add_callback(self.cancelled.set)
        yield b"begun"
        self.released.wait(20)


class Stub:
    """The methods of the service on a channel."""

    def __init__(self, channel):
        self.unary = channel.unary_unary(f"/{SERVICE}/Unary")
        self.server_stream = channel.unary_stream(f"/{SERVICE}/ServerStream")
        self.client_stream = channel.stream_unary(f"/{SERVICE}/ClientStream")
        self.both = channel.stream_stream(f"/{SERVICE}/Both")
        self.fail = channel.unary_unary(f"/{SERVICE}/Fail")
        self.hang = channel.unary_stream(f"/{SERVICE}/Hang")
        self.unknown = channel.unary_unary(f"/{SERVICE}/Unknown")
