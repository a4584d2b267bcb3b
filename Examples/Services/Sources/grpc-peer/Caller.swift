import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Synchronization

/// Makes the call of a plan, each kind by the function that the library has for it.
struct Caller {
    let client: GRPCClient<HTTP2ClientTransport.Posix>
    let plan: CallPlan

    private let outcome = Shared()
    /// One for each reply: what is sent in turn waits for it.
    private let turns = AsyncStream.makeStream(of: Void.self)
    private let cancellation = AsyncStream.makeStream(of: Never.self)

    init(client: GRPCClient<HTTP2ClientTransport.Posix>, plan: CallPlan) {
        self.client = client
        self.plan = plan
    }

    func run() async -> Outcome {
        await withTaskGroup { group in
            group.addTask { await call() }
            group.addTask {
                for await _ in cancellation.stream {}
            }
            // Ends with the call, or when it is to be cancelled.
            await group.next()
            group.cancelAll()
        }
        return outcome.value.withLock { $0 }
    }

    private func call() async {
        do {
            switch plan.method {
            case .unary, .fail, .unknown: try await unary()
            case .clientStream: try await clientStream()
            case .serverStream, .hang: try await serverStream()
            case .both: try await both()
            }
        } catch let error as RPCError {
            outcome.value.withLock { $0.fail(error) }
        } catch {
            outcome.value.withLock { $0.fail(RPCError(code: .unknown, message: "\(error)")) }
        }
    }

    private func unary() async throws {
        try await client.unary(
            request: ClientRequest(message: plan.first, metadata: plan.metadata),
            descriptor: plan.method.descriptor,
            serializer: PlainBytes(),
            deserializer: PlainBytes(),
            options: plan.options,
            onResponse: take
        )
    }

    private func clientStream() async throws {
        try await client.clientStreaming(
            request: StreamingClientRequest(metadata: plan.metadata, producer: send),
            descriptor: plan.method.descriptor,
            serializer: PlainBytes(),
            deserializer: PlainBytes(),
            options: plan.options,
            onResponse: take
        )
    }

    private func serverStream() async throws {
        try await client.serverStreaming(
            request: ClientRequest(message: plan.first, metadata: plan.metadata),
            descriptor: plan.method.descriptor,
            serializer: PlainBytes(),
            deserializer: PlainBytes(),
            options: plan.options,
            onResponse: take
        )
    }

    private func both() async throws {
        try await client.bidirectionalStreaming(
            request: StreamingClientRequest(metadata: plan.metadata, producer: send),
            descriptor: plan.method.descriptor,
            serializer: PlainBytes(),
            deserializer: PlainBytes(),
            options: plan.options,
            onResponse: take
        )
    }

    @Sendable
    private func send(_ writer: RPCWriter<[UInt8]>) async throws {
        var turn = turns.stream.makeAsyncIterator()
        for number in 0..<(plan.messages.count + plan.fillerCount) {
            if plan.inTurn, number > 0 {
                await turn.next()
            }
            try await writer.write(number < plan.messages.count ? plan.messages[number] : plan.filler)
        }
    }

    @Sendable
    private func take(_ response: ClientResponse<[UInt8]>) async throws {
        try outcome.value.withLock {
            $0.metadata = response.metadata.strings
            if case .failure = response.accepted {
                $0.trailersOnly = true
            }
            $0.add(try response.message)
            $0.trailers = response.trailingMetadata.strings
        }
    }

    @Sendable
    private func take(_ response: StreamingClientResponse<[UInt8]>) async throws {
        outcome.value.withLock {
            $0.metadata = response.metadata.strings
            if case .failure = response.accepted {
                $0.trailersOnly = true
            }
        }
        for try await part in response.bodyParts {
            switch part {
            case .message(let message): takeReply(message)
            case .trailingMetadata(let trailers): outcome.value.withLock { $0.trailers = trailers.strings }
            }
        }
    }

    private func takeReply(_ message: [UInt8]) {
        let count = outcome.value.withLock {
            $0.add(message)
            return $0.count
        }
        turns.continuation.yield()
        if count == plan.cancelAfter {
            cancellation.continuation.finish()
        }
    }

    /// What both halves of a call write to.
    private final class Shared: Sendable {
        let value = Mutex(Outcome())
    }
}
