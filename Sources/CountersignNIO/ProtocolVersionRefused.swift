/// A peer speaks an older TLS than is allowed here; comes down the pipeline as an error.
public struct ProtocolVersionRefused: Error, Sendable, Hashable, CustomStringConvertible {
    init() {}

    /// One sentence.
    public var description: String { "the peer speaks TLS 1.2, where 1.3 is needed" }
}
