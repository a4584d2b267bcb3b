/// Why a token was not accepted.
///
/// ``code`` is for programs, ``explanation`` for the operator. Neither holds the token, or anything of it but names of
/// members.
package struct TokenRejection: Error, Sendable {
    /// The reason.
    package let code: Code
    /// One sentence: what is wrong, where, and what would be right.
    package let explanation: String

    /// A rejection.
    package init(_ code: Code, _ explanation: String) {
        self.code = code
        self.explanation = explanation
    }

    /// The reason as a snake_case word from a closed set.
    package var metricLabel: String { code.rawValue }

    /// The reasons; the raw value is the metric label.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// The token is larger than is read.
        case tooLarge = "token_too_large"
        /// The text is not three parts with points between them: no token in compact form.
        case notCompact = "token_malformed"
        /// The token is encrypted (RFC 7516), which is not supported.
        case encrypted = "token_encrypted"
        /// A part is not base64url without padding in its one spelling.
        case malformedEncoding = "token_encoding"
        /// The header is not JSON, repeats a member, or has one of a wrong type.
        case malformedHeader = "token_header"
        /// The header names no algorithm, or `none`.
        case unsigned = "token_unsigned"
        /// The algorithm is not one that is accepted: a shared secret, for example.
        case algorithmNotAllowed = "token_algorithm"
        /// The header says that an extension must be understood, and it is not.
        case criticalExtension = "token_critical"
        /// The header brings a key, or says where to get one: no reason to trust it.
        case embeddedKey = "token_embedded_key"
        /// The payload is another token.
        case nested = "token_nested"
        /// The token says to be of another kind, or does not say its kind where it has to.
        case wrongType = "token_type"
        /// The header has a member that this kind of token may not have.
        case unexpectedHeader = "token_unexpected_header"
        /// The token names no key, and there is not exactly one that it could mean.
        case missingKeyID = "token_key_unnamed"
        /// No key of that name is known; it may have been published since.
        case unknownKey = "token_key_unknown"
        /// The algorithm does not belong to the key that the token names.
        case keyMismatch = "token_key_mismatch"
        /// The signature is not one by the key over this token.
        case badSignature = "token_signature"
        /// A claim is missing where it is needed.
        case missingClaim = "token_claim_missing"
        /// The claims are not JSON, repeat a member, or one is out of range, of a wrong type, or without meaning.
        case malformedClaims = "token_claims"
        /// The token is no longer good.
        case expired = "token_expired"
        /// The token is not good yet.
        case notYetValid = "token_not_yet_valid"
        /// The token says to have been made in the future.
        case issuedInFuture = "token_issued_in_future"
        /// The token is good for longer than is accepted, or for no time at all.
        case lifetimeNotAllowed = "token_lifetime"
        /// The token was made by somebody else.
        case wrongIssuer = "token_issuer"
        /// The token is for somebody else.
        case wrongAudience = "token_audience"
        /// The subject is no SPIFFE ID of the trust domain.
        case wrongSubject = "token_subject"
    }
}

extension TokenRejection: Hashable {
    /// Whether both have the same reason, whatever their wording.
    package static func == (left: TokenRejection, right: TokenRejection) -> Bool { left.code == right.code }

    /// Feeds the code alone.
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension TokenRejection: CustomStringConvertible {
    /// The metric label and the explanation.
    package var description: String { "\(code.rawValue): \(explanation)" }
}
