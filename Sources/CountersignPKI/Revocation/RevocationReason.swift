/// Why a certificate was revoked (RFC 5280 section 5.3.1).
public enum RevocationReason: Int, Sendable, Hashable, CaseIterable {
    /// No reason was given.
    case unspecified = 0
    /// The private key is in other hands, or may be.
    case keyCompromise = 1
    /// The authority's private key is in other hands, or may be.
    case caCompromise = 2
    /// The subject's name or other facts changed.
    case affiliationChanged = 3
    /// Another certificate took its place.
    case superseded = 4
    /// It is not needed any more.
    case cessationOfOperation = 5
    /// It is suspended for now.
    case certificateHold = 6
    /// The suspension is over; only in delta lists.
    case removeFromCRL = 8
    /// A right that it stated was withdrawn.
    case privilegeWithdrawn = 9
    /// The attribute authority's private key is in other hands, or may be.
    case aaCompromise = 10

    /// Whether it says that a private key is in other hands.
    public var meansCompromise: Bool {
        switch self {
        case .keyCompromise, .caCompromise, .aaCompromise: true
        default: false
        }
    }

    /// The name of the reason in RFC 5280.
    public var name: String {
        switch self {
        case .caCompromise: "cACompromise"
        case .aaCompromise: "aACompromise"
        default: String(describing: self)
        }
    }
}
