/// A peer began a connection and did not end the handshake in time; comes down the pipeline as an error.
public struct HandshakeTimedOut: Error, Sendable, Hashable, CustomStringConvertible {
    init() {}

    /// One sentence.
    public var description: String { "the peer did not end the handshake in time" }
}
