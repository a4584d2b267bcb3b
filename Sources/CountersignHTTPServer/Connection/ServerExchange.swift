import CountersignHTTP1

/// One request of a connection from its last byte to the last byte of its answer.
struct ServerExchange {
    enum Answer {
        /// The handler has not answered yet.
        case waiting
        case response(ServerResponse)
        /// The head of a stream is still to be sent.
        case opening(StreamCore, head: ServerResponse)
        case stream(StreamCore)
    }

    /// The request's number on its connection.
    let sequence: UInt64
    /// Whether the answer has no content, whatever it says.
    let isHead: Bool
    let version: HTTPVersion
    /// Whether the client wants the connection to persist.
    let keepAlive: Bool
    var answer = Answer.waiting
    /// The connection ends after this one, and the client was told so.
    var isLast = false

    /// The stream, once there is one.
    var stream: StreamCore? {
        switch answer {
        case .waiting, .response: nil
        case .opening(let core, _), .stream(let core): core
        }
    }
}
