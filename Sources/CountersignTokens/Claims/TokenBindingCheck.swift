/// How a token's binding and the certificate of whoever presents it go together (RFC 8705 section 3).
package enum TokenBindingCheck: String, Sendable, Hashable, CaseIterable {
    /// The token is bound to this certificate.
    case bound
    /// The token is bound to none: a plain bearer token. Where binding is required, that is a refusal.
    case unbound
    /// The token is bound, and whoever presents it has shown no certificate. Always a refusal.
    case certificateMissing = "certificate_missing"
    /// The token is bound to another certificate. Always a refusal.
    case mismatch = "sender_binding_mismatch"
}

extension VerifiedToken {
    /// Compares the binding with a certificate.
    ///
    /// - Parameter digest: SHA-256 of the verified certificate of whoever presents the token; nil when there is none.
    package func binding(toCertificateSHA256 digest: [UInt8]?) -> TokenBindingCheck {
        guard let binding = claims.binding else { return .unbound }
        guard let digest else { return .certificateMissing }
        return binding.matches(certificateSHA256: digest) ? .bound : .mismatch
    }
}
