/// What a thread hands to the event loop of a connection.
struct Delivery: Sendable {
    enum Content: Sendable {
        case response(ServerResponse)
        case stream(StreamCore, head: ServerResponse)
        /// The stream has something to send, or has ended.
        case streamChanged
    }

    /// Which connection it is for; it may be gone.
    let connection: UInt64
    /// Which request of that connection it answers.
    let sequence: UInt64
    let content: Content
}
