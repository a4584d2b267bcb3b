/// What a peer sent as its certificates: bytes about which nothing is known yet.
///
/// The leaf comes first; the others may be in any order. Sizes are bounded here, and the verifier says what was too
/// much.
public struct UnverifiedPeerChain: Sendable, Hashable {
    /// The DER encodings as they came, at most ``maximumCertificates`` and one more.
    package let certificates: [[UInt8]]

    /// The most certificates that a peer may send.
    public static let maximumCertificates = 10

    /// Takes the encodings as the handshake gave them.
    public init(derCertificates: [[UInt8]]) {
        self.certificates = Array(derCertificates.prefix(Self.maximumCertificates + 1))
    }

    /// The leaf's encoding as it came; nil when the peer sent none.
    public var leafDER: [UInt8]? {
        self.certificates.first
    }
}
