/// A problem with certificate material that an operator, not a peer, supplied.
///
/// The message says what is wrong, where, and what would be right. It never contains key material. Equality looks
/// at ``code`` alone, so that callers and tests do not depend on wording.
public struct PKIError: Error, Sendable {
    /// The kind of problem, from a closed set.
    public let code: Code

    /// One sentence for the operator.
    public let message: String

    /// The line of the PEM text, counted from 1, at which the problem lies; absent when no line applies.
    public let line: Int?

    /// Creates an error.
    public init(_ code: Code, _ message: String, line: Int? = nil) {
        self.code = code
        self.message = message
        self.line = line
    }
}

extension PKIError: Equatable {
    /// Whether both are of the same kind, whatever their wording.
    public static func == (left: PKIError, right: PKIError) -> Bool {
        left.code == right.code
    }
}

extension PKIError: Hashable {
    /// Feeds the code alone.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.code)
    }
}

extension PKIError: CustomStringConvertible {
    /// The message, with its line where there is one.
    public var description: String {
        guard let line = self.line else { return self.message }
        return "line \(line): \(self.message)"
    }
}

extension PKIError {
    /// The kinds of problem; opaque so that it can grow.
    public struct Code: Sendable, Hashable {
        private let backing: Backing

        private init(_ backing: Backing) {
            self.backing = backing
        }

        /// The text is not well-formed PEM.
        public static let malformedPEM = Code(.malformedPEM)
        /// The text holds none of the PEM blocks that were wanted.
        public static let nothingFound = Code(.nothingFound)
        /// The text holds a block of a kind that does not belong there.
        public static let unexpectedBlock = Code(.unexpectedBlock)
        /// The input is larger than the stated limit.
        public static let tooLarge = Code(.tooLarge)
        /// The private key is protected by a passphrase.
        public static let encryptedKey = Code(.encryptedKey)
        /// The passphrase does not open the private key.
        public static let wrongPassphrase = Code(.wrongPassphrase)
        /// The passphrase is not fit to protect a key.
        public static let weakPassphrase = Code(.weakPassphrase)
        /// The private key does not parse.
        public static let malformedKey = Code(.malformedKey)
        /// The key is of a kind or on a curve that is not supported.
        public static let unsupportedKey = Code(.unsupportedKey)
        /// The key is too short to be trusted.
        public static let weakKey = Code(.weakKey)
        /// The private key belongs to another certificate.
        public static let keyMismatch = Code(.keyMismatch)
        /// The certificate does not parse.
        public static let malformedCertificate = Code(.malformedCertificate)
        /// The certificate's validity is over.
        public static let expired = Code(.expired)
        /// The certificate's validity has not begun.
        public static let notYetValid = Code(.notYetValid)
        /// The certificate is not a certificate authority's.
        public static let notAuthority = Code(.notAuthority)
        /// The certificate is an authority's whose key may not sign certificates.
        public static let mayNotSignCertificates = Code(.mayNotSignCertificates)
        /// The certificate is an authority's whose key may not sign revocation lists.
        public static let mayNotSignRevocationLists = Code(.mayNotSignRevocationLists)
        /// The private key of a root was given to a server.
        public static let rootKeyLoaded = Code(.rootKeyLoaded)
        /// The certificate is not self-signed, where a root is expected.
        public static let notSelfSigned = Code(.notSelfSigned)
        /// An authority above permits fewer authorities below it.
        public static let pathLengthExceeded = Code(.pathLengthExceeded)
        /// A certificate is not signed by the one that stands behind it, or by a trusted root.
        public static let brokenChain = Code(.brokenChain)
        /// The key already serves another purpose.
        public static let keyReused = Code(.keyReused)
        /// The trust bundle does not parse.
        public static let malformedBundle = Code(.malformedBundle)
        /// The revocation list does not parse.
        public static let malformedRevocationList = Code(.malformedRevocationList)
        /// The revocation list is past its next update, or has none.
        public static let staleRevocationList = Code(.staleRevocationList)
        /// The revocation list was issued, or signed, by somebody else.
        public static let foreignRevocationList = Code(.foreignRevocationList)
        /// The certificate request does not parse.
        public static let malformedRequest = Code(.malformedRequest)
        /// The certificate request is not signed by the key that it carries.
        public static let proofOfPossessionFailed = Code(.proofOfPossessionFailed)
        /// The certificate request asks for a name that the profile does not allow.
        public static let nameNotAllowed = Code(.nameNotAllowed)
        /// The profile asks for something that cannot be issued.
        public static let invalidProfile = Code(.invalidProfile)
        /// Signing failed inside the cryptography library.
        public static let signingFailed = Code(.signingFailed)

        /// The code as a snake_case word from a closed set.
        public var metricLabel: String {
            self.backing.rawValue
        }

        private enum Backing: String, Hashable {
            case malformedPEM = "malformed_pem"
            case nothingFound = "nothing_found"
            case unexpectedBlock = "unexpected_block"
            case tooLarge = "too_large"
            case encryptedKey = "encrypted_key"
            case wrongPassphrase = "wrong_passphrase"
            case weakPassphrase = "weak_passphrase"
            case malformedKey = "malformed_key"
            case unsupportedKey = "unsupported_key"
            case weakKey = "weak_key"
            case keyMismatch = "key_mismatch"
            case malformedCertificate = "malformed_certificate"
            case expired = "expired"
            case notYetValid = "not_yet_valid"
            case notAuthority = "not_authority"
            case mayNotSignCertificates = "may_not_sign_certificates"
            case mayNotSignRevocationLists = "may_not_sign_revocation_lists"
            case rootKeyLoaded = "root_key_loaded"
            case notSelfSigned = "not_self_signed"
            case pathLengthExceeded = "path_length_exceeded"
            case brokenChain = "broken_chain"
            case keyReused = "key_reused"
            case malformedBundle = "malformed_bundle"
            case malformedRevocationList = "malformed_revocation_list"
            case staleRevocationList = "stale_revocation_list"
            case foreignRevocationList = "foreign_revocation_list"
            case malformedRequest = "malformed_request"
            case proofOfPossessionFailed = "proof_of_possession_failed"
            case nameNotAllowed = "name_not_allowed"
            case invalidProfile = "invalid_profile"
            case signingFailed = "signing_failed"
        }
    }
}
