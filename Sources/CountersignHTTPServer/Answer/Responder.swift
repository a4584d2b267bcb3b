import Synchronization

/// The right to answer one request, once, from any thread.
///
/// Dropped without an answer, it answers 500. When the client is gone, answering does nothing.
package final class Responder: Sendable {
    private let inbox: AnswerInbox
    private let connection: UInt64
    private let sequence: UInt64
    private let isChunked: Bool
    private let isAnswered = Atomic(false)

    /// Makes the right to answer a request.
    ///
    /// - Parameter isChunked: whether the client understands chunks; without, the end of a stream is the connection's.
    init(inbox: AnswerInbox, connection: UInt64, sequence: UInt64, isChunked: Bool) {
        self.inbox = inbox
        self.connection = connection
        self.sequence = sequence
        self.isChunked = isChunked
    }

    deinit {
        answer(.text(500, "500 Internal Server Error: the request was dropped without an answer"))
    }

    /// Answers.
    ///
    /// - Returns: `false` when the request had been answered before; then nothing happens.
    @discardableResult
    package func answer(_ response: ServerResponse) -> Bool {
        guard !isAnswered.exchange(true, ordering: .relaxed) else { return false }
        inbox.deliver(Delivery(connection: connection, sequence: sequence, content: .response(response)))
        return true
    }

    /// Answers with content that is written bit by bit.
    ///
    /// - Parameters:
    ///   - status: the status code.
    ///   - contentType: the content's type.
    ///   - fields: further header fields.
    ///   - limit: how many bytes may wait for the client; one more, and it is cut.
    ///   - heartbeat: what is sent while nothing is written.
    ///   - onEnd: told once how the stream ended; runs on an event loop and must not block.
    /// - Returns: the stream, which the caller must keep; `nil` when the request had been answered before.
    package func openStream(
        status: Int = 200,
        contentType: String,
        fields: [(name: String, value: String)] = [],
        limit: Int = 1024 * 1024,
        heartbeat: StreamHeartbeat? = nil,
        onEnd: @escaping @Sendable (StreamEnd) -> Void = { _ in }
    ) -> ResponseStream? {
        guard !isAnswered.exchange(true, ordering: .relaxed) else { return nil }
        let changed = Delivery(connection: connection, sequence: sequence, content: .streamChanged)
        let core = StreamCore(
            limit: limit,
            isChunked: isChunked,
            heartbeat: heartbeat,
            onEnd: onEnd,
            announce: { [inbox] in inbox.deliver(changed) }
        )
        let head = ServerResponse(status: status, contentType: contentType, fields: fields, body: [])
        inbox.deliver(Delivery(connection: connection, sequence: sequence, content: .stream(core, head: head)))
        return ResponseStream(core)
    }
}
