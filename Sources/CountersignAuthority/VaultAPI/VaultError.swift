import CountersignJSON
import CountersignPKI

/// A refusal in the terms of the Vault API: an HTTP status and sentences.
struct VaultError: Error, Sendable, Hashable {
    /// The HTTP status.
    let status: Int
    /// Sentences for the caller; none where nothing was found.
    let messages: [String]

    init(_ status: Int, _ messages: String...) {
        self.status = status
        self.messages = messages
    }

    /// The caller has not proven who it is, or may not do this.
    static let permissionDenied = VaultError(403, "permission denied")
    /// There is nothing of that name, or nothing in the list.
    static let nothing = VaultError(404)

    /// A parameter that cannot be used.
    static func parameter(_ name: String, _ expected: String) -> VaultError {
        VaultError(400, "\(name): expected \(expected)")
    }
}

extension VaultError {
    /// A refusal of the engine.
    init(_ error: AuthorityError) {
        switch error.code {
        case .unauthenticated, .invalidToken: self = .permissionDenied
        case .forbidden: self.init(403, "permission denied: \(error.message)")
        case .rateLimited: self.init(429, error.message)
        case .unavailable: self.init(503, error.message)
        case .signingFailed: self.init(500, error.message)
        case .malformedRequest, .weakKey, .proofOfPossessionFailed, .nameNotAllowed, .unknownService, .unknownProfile,
            .unknownCertificate, .unknownAgent, .unknownToken, .alreadyRevoked, .notHeld, .conflict:
            self.init(400, error.message)
        }
    }

    /// Content that is not the JSON that is wanted.
    init(_ error: JSONError) {
        self.init(400, "failed to parse JSON input: \(error)")
    }

    /// A certificate request that cannot be read.
    init(ofRequest error: PKIError) {
        self.init(400, "csr: the certificate request could not be read: \(error)")
    }
}
