package import CountersignIdentityMapping

/// Judges bearer tokens.
package protocol TokenChecking: Sendable {
    /// Judges a token.
    ///
    /// - Parameters:
    ///   - token: what stands behind `Bearer`.
    ///   - now: the current time in Unix seconds.
    /// - Returns: what a good token says, or why it is none.
    func check(_ token: String, atUnixSeconds now: Int64) -> Result<CheckedToken, TokenFault>
}

/// What a good token says.
package struct CheckedToken: Sendable, Hashable {
    /// Whom it is about.
    package var subject: String
    /// The service that it was issued to, where it is a service token of an authority.
    package var service: String?
    /// The certificate that it is bound to (`cnf.x5t#S256`); nil when it is bound to none.
    package var binding: CertificateThumbprint?

    /// Takes the parts.
    package init(subject: String, service: String? = nil, binding: CertificateThumbprint? = nil) {
        self.subject = subject
        self.service = service
        self.binding = binding
    }
}

/// Why a token was not taken; nothing of the token itself.
package struct TokenFault: Error, Sendable, Hashable {
    /// The reason as a word from a closed set.
    package var label: String
    /// One sentence.
    package var explanation: String

    /// Takes the parts.
    package init(label: String, explanation: String) {
        self.label = label
        self.explanation = explanation
    }
}
