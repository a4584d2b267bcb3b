import GRPCCore

/// A service without generated code: each method says by itself how its messages are read and written.
struct EchoService: RegistrableRPCService {
    private typealias Request = StreamingServerRequest<[UInt8]>
    private typealias Response = StreamingServerResponse<[UInt8]>

    private static let initial: Metadata = ["x-initial": "1"]
    private static let trailing: Metadata = ["x-trailing": "2"]

    let events: Events

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        register(.unary, with: &router, handler: unary)
        register(.serverStream, with: &router, handler: serverStream)
        register(.clientStream, with: &router, handler: clientStream)
        register(.both, with: &router, handler: both)
        register(.fail, with: &router, handler: fail)
        register(.hang, with: &router, handler: hang)
    }

    private func register<Transport: ServerTransport>(
        _ method: EchoMethod,
        with router: inout RPCRouter<Transport>,
        handler: @escaping @Sendable (Request) async throws -> Response
    ) {
        router.registerHandler(
            forMethod: method.descriptor,
            deserializer: PlainBytes(),
            serializer: PlainBytes()
        ) { request, _ in
            events.tell(ServiceEvent(event: "called", method: method.rawValue, metadata: request.metadata.strings))
            return try await handler(request)
        }
    }

    private func unary(_ request: Request) async throws -> Response {
        let message = try await ServerRequest(stream: request).message
        return response { try await $0.write(message.reversed()) }
    }

    private func serverStream(_ request: Request) async throws -> Response {
        let message = try await ServerRequest(stream: request).message
        guard let count = Int(String(decoding: message, as: UTF8.self)), count >= 0 else {
            throw RPCError(code: .invalidArgument, message: "the message is not a number of messages")
        }
        return response { writer in
            for number in 0..<count {
                try await writer.write(Array(String(number).utf8))
            }
        }
    }

    private func clientStream(_ request: Request) async throws -> Response {
        var messages: [[UInt8]] = []
        for try await message in request.messages {
            messages.append(message)
        }
        let joined = Array(messages.joined(separator: [UInt8(ascii: ",")]))
        return response { try await $0.write(joined) }
    }

    private func both(_ request: Request) -> Response {
        response { writer in
            for try await message in request.messages {
                try await writer.write(Array("re:".utf8) + message)
            }
        }
    }

    private func fail(_: Request) throws -> Response {
        throw RPCError(code: .failedPrecondition, message: "not today", metadata: Self.trailing)
    }

    private func hang(_: Request) -> Response {
        response { writer in
            try await writer.write(Array("begun".utf8))
            let (ended, end) = AsyncStream.makeStream(of: Never.self)
            await withRPCCancellationHandler {
                for await _ in ended {}
            } onCancelRPC: {
                end.finish()
            }
            events.tell(ServiceEvent(event: "cancelled", method: EchoMethod.hang.rawValue))
        }
    }

    private func response(write: @escaping @Sendable (RPCWriter<[UInt8]>) async throws -> Void) -> Response {
        Response(metadata: Self.initial) { writer in
            try await write(writer)
            return Self.trailing
        }
    }
}
