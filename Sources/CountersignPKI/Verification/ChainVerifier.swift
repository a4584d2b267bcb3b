import Synchronization

/// The judge of certificate chains: RFC 5280 path validation for TLS peers, synchronous and without I/O.
///
/// Immutable and cheap to copy; make a new one when the trust store or the revocation lists change.
public struct ChainVerifier: Sendable {
    /// The authorities that are trusted.
    public let trust: TrustStore

    /// What the certificate is to be used for.
    public let purpose: VerificationPurpose

    /// The most intermediate authorities between the leaf and the trusted authority.
    public let maxDepth: Int

    /// Whether and how revocation is looked at.
    public let revocation: RevocationChecking

    /// How closely certificates must keep to the letter of RFC 5280.
    public let profile: VerificationProfile

    /// A number that no other verifier of this process has; copies share it.
    let generation: UInt64

    private static let lastGeneration = Atomic<UInt64>(0)

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - trust: The authorities that are trusted.
    ///   - purpose: What the certificate is to be used for.
    ///   - maxDepth: The most intermediate authorities in a path, 0 or more.
    ///   - revocation: Whether and how revocation is looked at.
    ///   - profile: How closely certificates must keep to the letter of RFC 5280.
    public init(
        trust: TrustStore,
        purpose: VerificationPurpose,
        maxDepth: Int = 8,
        revocation: RevocationChecking = .none,
        profile: VerificationProfile = .compatible
    ) {
        self.trust = trust
        self.purpose = purpose
        self.maxDepth = maxDepth
        self.revocation = revocation
        self.profile = profile
        self.generation = Self.lastGeneration.add(1, ordering: .relaxed).newValue
    }
}
