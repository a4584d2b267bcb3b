package import CountersignIssuance
package import CountersignPKI

/// Why the authority does not do what was asked; equal when the codes are.
///
/// The message is for the caller and for the audit trail: it names what is wrong and what would be right, and never
/// holds a key, a token or another caller's data.
package struct AuthorityError: Error, Sendable {
    /// The kind of refusal.
    package let code: Code
    /// One sentence.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The kinds of refusal; each surface maps them to its own codes in one table.
    package enum Code: String, Sendable, CaseIterable {
        /// The request cannot be read: JSON, PEM, a CSR, a name, a number.
        case malformedRequest = "malformed_request"
        /// The key of the request is too weak, of an unknown kind, an authority's, or was reported compromised.
        case weakKey = "weak_key"
        /// The request is not signed by its own key.
        case proofOfPossessionFailed = "proof_of_possession_failed"
        /// The name is not in the registration of the service.
        case nameNotAllowed = "name_not_allowed"
        /// No such service is registered.
        case unknownService = "unknown_service"
        /// No such profile is configured.
        case unknownProfile = "unknown_profile"
        /// No such certificate was issued here.
        case unknownCertificate = "unknown_certificate"
        /// No such agent has joined.
        case unknownAgent = "unknown_agent"
        /// No token of that name is there to be removed.
        case unknownToken = "unknown_token"
        /// The join token that was shown is unknown, was used or has expired.
        case invalidToken = "invalid_token"
        /// The certificate is revoked already.
        case alreadyRevoked = "already_revoked"
        /// The certificate is not on hold.
        case notHeld = "not_held"
        /// Something of that name is there already, or belongs to the configuration file.
        case conflict
        /// The caller proved no identity.
        case unauthenticated
        /// The caller may not do this.
        case forbidden
        /// The caller asks too often.
        case rateLimited = "rate_limited"
        /// The store cannot be written, or is not reconciled with the issuance log.
        case unavailable
        /// Signing failed, or the authority's own certificate is not valid.
        case signingFailed = "signing_failed"
    }
}

extension AuthorityError.Code {
    /// Whether the caller is at fault, and not the authority or its disk.
    var isRefusal: Bool { self != .unavailable && self != .signingFailed }
}

extension AuthorityError: Hashable {
    package static func == (left: AuthorityError, right: AuthorityError) -> Bool { left.code == right.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension AuthorityError: CustomStringConvertible {
    package var description: String { message }
}

extension AuthorityError {
    /// A problem with certificate material, seen as the caller's or the authority's.
    package init(_ error: PKIError) {
        let code: Code =
            switch error.code {
            case .weakKey, .unsupportedKey, .keyReused: .weakKey
            case .proofOfPossessionFailed: .proofOfPossessionFailed
            case .nameNotAllowed, .invalidProfile: .nameNotAllowed
            case .signingFailed, .expired, .notYetValid: .signingFailed
            default: .malformedRequest
            }
        self.init(code, error.description)
    }

    /// A refusal of the store.
    package init(_ error: StoreError) {
        let code: Code =
            switch error.code {
            case .unknownSerial: .unknownCertificate
            case .alreadyRevoked: .alreadyRevoked
            case .notHeld: .notHeld
            case .unknownService: .unknownService
            case .unknownAgent: .unknownAgent
            case .nameTaken: .conflict
            case .unknownToken: .unknownToken
            case .tokenUsed, .tokenExpired: .invalidToken
            case .serialRepeated: .signingFailed
            case .numberNotAbove, .unavailable, .needsReconciliation, .newerSchema: .unavailable
            }
        self.init(code, error.message)
    }
}
