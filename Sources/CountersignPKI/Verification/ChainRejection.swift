/// Why a chain of certificates was not accepted.
///
/// ``code`` is for programs, ``explanation`` for the operator; the peer only ever sees ``alert``.
public struct ChainRejection: Error, Sendable {
    /// The reason.
    public let code: Code

    /// Which certificate is at fault, what is wrong with it, and what would be right; without control characters.
    public let explanation: String

    /// Creates a rejection.
    package init(_ code: Code, _ explanation: String) {
        self.code = code
        self.explanation = explanation
    }

    /// The reason as a snake_case word from a closed set.
    public var metricLabel: String {
        self.code.rawValue
    }

    /// The alert that the peer is sent.
    public var alert: TLSAlert {
        self.code.alert
    }
}

extension ChainRejection: Equatable {
    /// Whether both are of the same kind, whatever their wording.
    public static func == (left: ChainRejection, right: ChainRejection) -> Bool {
        left.code == right.code
    }
}

extension ChainRejection: CustomStringConvertible {
    /// The metric label and the explanation.
    public var description: String {
        "\(self.code.rawValue): \(self.explanation)"
    }
}

extension ChainRejection {
    /// The reasons; the raw value is the metric label.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// A certificate does not parse, or breaks a rule of its form.
        case malformed = "malformed"
        /// The peer sent more certificates than are looked at.
        case tooManyCertificates = "too_many_certificates"
        /// The peer sent no certificate.
        case noCertificate = "no_certificate"
        /// A certificate's validity is over.
        case expired = "expired"
        /// A certificate's validity has not begun.
        case notYetValid = "not_yet_valid"
        /// No path leads to a trusted authority.
        case unknownIssuer = "unknown_issuer"
        /// The certificate vouches for itself and is not trusted.
        case selfSigned = "self_signed"
        /// A signature does not verify.
        case badSignature = "bad_signature"
        /// The extended key usage does not allow this purpose.
        case wrongPurpose = "wrong_purpose"
        /// The key usage does not allow this use.
        case keyUsage = "key_usage"
        /// An issuer is not a certificate authority.
        case notAuthority = "not_authority"
        /// The peer's own certificate is a certificate authority's.
        case leafIsAuthority = "leaf_is_authority"
        /// There are more certificates below an authority than it may have, or than are configured.
        case pathLengthExceeded = "path_length_exceeded"
        /// A name lies outside what an authority may vouch for.
        case nameConstraint = "name_constraint"
        /// A key is too short or of a kind that is not accepted.
        case weakKey = "weak_key"
        /// A signature was made with an algorithm that is broken or not accepted.
        case weakSignature = "weak_signature"
        /// A critical extension is not understood.
        case unhandledCriticalExtension = "unhandled_critical_extension"
        /// A certificate was revoked.
        case revoked = "revoked"
        /// Whether a certificate was revoked cannot be told.
        case revocationUnknown = "crl_unusable"
        /// The search for a path took more work than is allowed.
        case tooComplex = "too_complex"
        /// The certificate does not carry the expected name.
        case nameMismatch = "name_mismatch"
        /// The SPIFFE identity is missing, malformed or ambiguous where one is needed.
        case invalidSPIFFE = "invalid_spiffe"
        /// The SPIFFE identity belongs to a trust domain for which this authority cannot speak.
        case foreignTrustDomain = "foreign_trust_domain"

        /// The alert that a peer is sent for this reason.
        public var alert: TLSAlert {
            switch self {
            case .malformed, .tooManyCertificates, .badSignature, .nameConstraint, .weakKey, .weakSignature,
                .tooComplex, .nameMismatch, .invalidSPIFFE:
                .badCertificate
            case .noCertificate: .certificateRequired
            case .expired, .notYetValid: .certificateExpired
            case .unknownIssuer, .selfSigned, .notAuthority, .pathLengthExceeded, .foreignTrustDomain: .unknownCA
            case .wrongPurpose, .keyUsage, .leafIsAuthority, .unhandledCriticalExtension: .unsupportedCertificate
            case .revoked: .certificateRevoked
            case .revocationUnknown: .certificateUnknown
            }
        }
    }
}
