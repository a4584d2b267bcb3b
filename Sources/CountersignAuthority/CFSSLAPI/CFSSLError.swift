import CountersignJSON
import CountersignPKI

/// A refusal in the terms of the CFSSL API: an HTTP status, a code of its table, and a sentence.
struct CFSSLError: Error, Sendable, Hashable {
    /// The HTTP status.
    let status: Int
    /// The code in the answer; the status again where CFSSL has no code of its own.
    let code: Int
    /// One sentence for the caller.
    let message: String

    init(status: Int = 400, code: Int, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// A request that cannot be understood or is not served.
    static func badRequest(_ message: String) -> CFSSLError {
        CFSSLError(code: 400, message)
    }

    /// The caller has not proven who it is.
    static let authenticationRequired = CFSSLError.badRequest("authentication required")
    /// The token is of none of the profile's keys, or was used before.
    static let invalidToken = CFSSLError.badRequest("invalid token")
    /// A certificate that is not in the inventory.
    static let unknownCertificate = CFSSLError(code: 11200, "certificate not found")
}

extension CFSSLError {
    /// A refusal of the engine.
    init(_ error: AuthorityError) {
        switch error.code {
        case .malformedRequest, .unknownAgent, .unknownToken, .invalidToken, .conflict, .notHeld:
            self.init(code: 400, error.message)
        case .weakKey, .proofOfPossessionFailed: self.init(code: 9300, error.message)
        case .nameNotAllowed, .unknownService: self.init(code: 5500, error.message)
        case .unknownProfile: self.init(code: 5400, error.message)
        case .unknownCertificate: self = .unknownCertificate
        case .alreadyRevoked: self.init(code: 400, error.message)
        case .unauthenticated: self.init(code: 400, "\(Self.authenticationRequired.message): \(error.message)")
        case .forbidden: self.init(status: 403, code: 403, error.message)
        case .rateLimited: self.init(status: 429, code: 429, error.message)
        case .unavailable: self.init(status: 503, code: 11000, error.message)
        case .signingFailed: self.init(status: 500, code: 0, error.message)
        }
    }

    /// A certificate request that cannot be read.
    init(ofRequest error: PKIError) {
        switch error.code {
        case .unexpectedBlock: self.init(code: 9300, "not a csr: \(error)")
        case .malformedRequest, .tooLarge: self.init(code: 9003, error.description)
        default: self.init(code: 9002, "CSR Decode failed: \(error)")
        }
    }

    /// A certificate that cannot be read.
    init(ofCertificate error: PKIError) {
        switch error.code {
        case .malformedCertificate, .tooLarge: self.init(code: 1003, "Failed to parse certificate: \(error)")
        default: self.init(code: 1002, "Failed to decode certificate: \(error)")
        }
    }

    /// Content that is not the JSON that is wanted.
    ///
    /// - Parameter prefix: what CFSSL says of the endpoint's content, where it says more than the parser.
    init(_ error: JSONError, isEmpty: Bool, prefix: String? = nil) {
        let reason = isEmpty ? "unexpected end of JSON input" : error.description
        self.init(code: 400, prefix.map { "\($0): \(reason)" } ?? reason)
    }
}
