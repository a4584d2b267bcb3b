import CountersignIdentity

/// A request that passed: the proof is that only ``InboundAuthenticator`` can make one.
///
/// Where a check of mutual TLS failed and was waived, nobody has proved who calls: there is the waived refusal then, and neither
/// certificate nor names.
package struct Authenticated: Sendable {
    /// What is known of the caller.
    private enum Standing: Sendable {
        /// All checks went well.
        case verified(certificate: PresentedCertificate?, names: CallerNames, rule: String?)
        /// What would have refused the request if mutual TLS were enforced.
        case waived(AuthenticationRefusal)
    }

    private let standing: Standing
    /// What the token says, whose own checks are never waived; nil when none was needed.
    package let token: CheckedToken?

    /// A request whose checks went well, or that needed none.
    init(
        certificate: PresentedCertificate? = nil,
        token: CheckedToken? = nil,
        names: CallerNames = CallerNames(),
        rule: String? = nil
    ) {
        self.standing = .verified(certificate: certificate, names: names, rule: rule)
        self.token = token
    }

    /// A request that is let through all the same.
    init(waiving refusal: AuthenticationRefusal, token: CheckedToken?) {
        self.standing = .waived(refusal)
        self.token = token
    }

    /// The certificate that counted; nil when none did.
    package var certificate: PresentedCertificate? {
        if case .verified(let certificate, _, _) = standing { certificate } else { nil }
    }

    /// The names that the caller proved to have.
    package var names: CallerNames {
        if case .verified(_, let names, _) = standing { names } else { CallerNames() }
    }

    /// The rule that made ``CallerNames/arn``.
    package var rule: String? {
        if case .verified(_, _, let rule) = standing { rule } else { nil }
    }

    /// What would have refused the request if mutual TLS were enforced.
    package var waived: AuthenticationRefusal? {
        if case .waived(let refusal) = standing { refusal } else { nil }
    }

    /// The caller in one text: ARN, SPIFFE ID, service or subject of the token, whichever there is first; nil for nobody, and where
    /// a check was waived, as a token whose binding nobody proved names its thief as well.
    package var caller: String? {
        guard case .verified(_, let names, _) = standing else { return nil }
        return names.arn ?? names.spiffeID?.description ?? names.service ?? token?.subject
    }
}
