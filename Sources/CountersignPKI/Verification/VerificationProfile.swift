/// How closely certificates must keep to RFC 5280 where a breach does no harm to security.
public enum VerificationProfile: String, Sendable, Hashable, CaseIterable {
    /// Takes certificates as common tools make them: key identifiers may be missing, basicConstraints and
    /// nameConstraints may be non-critical, an authority may lack a key usage.
    case compatible
    /// Holds issuers to what RFC 5280 says that a conforming authority must do.
    case strict
}
