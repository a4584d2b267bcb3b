public import CountersignPKI

/// A handshake failed because the peer is not one that is expected here; comes down the pipeline as an error.
public struct PeerRefused: Error, Sendable, CustomStringConvertible {
    /// Why.
    public let rejection: ChainRejection

    package init(rejection: ChainRejection) {
        self.rejection = rejection
    }

    /// The reason's name and one sentence.
    public var description: String { "the peer was refused: \(rejection)" }
}
