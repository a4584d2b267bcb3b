package import CountersignTokens
import Synchronization

/// That callers of a domain show a token which is bound to the certificate of their connection (RFC 8705 section 3).
package final class TokenBindingRule: Sendable {
    /// Judges the tokens.
    package let verifier: TokenVerifier
    /// What tells this rule from every other, also from those that are there no more.
    let number: UInt64

    /// Is told of tokens that name a key which is not there; nil when nobody would look for it.
    let unknownKeys: UnknownTokenKeys?

    /// A rule with this judge.
    ///
    /// - Parameters:
    ///   - verifier: judges the tokens.
    ///   - unknownKeys: is told of tokens that name a key which the judge does not have.
    package init(verifier: TokenVerifier, unknownKeys: UnknownTokenKeys? = nil) {
        self.verifier = verifier
        self.unknownKeys = unknownKeys
        self.number = Self.numbers.wrappingAdd(1, ordering: .relaxed).newValue
    }

    private static let numbers = Atomic<UInt64>(0)
}
