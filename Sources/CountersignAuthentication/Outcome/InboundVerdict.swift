/// What became of a request.
package struct InboundVerdict: Sendable {
    /// The proof, or the refusal.
    package let result: Result<Authenticated, AuthenticationRefusal>
    /// What is to be kept of it.
    package let audit: AuditEvent
    /// Whether a certificate's digest was at hand.
    package let hasThumbprint: Bool
    /// Whether a header about a certificate was left out of account, as it came from an address that is not trusted.
    package let ignoredForwarded: Bool

    /// The refusal in place of this, as what became of the request could not be kept.
    package func unkept() -> InboundVerdict {
        var audit = self.audit
        (audit.isSuccess, audit.reason) = (false, .auditUnavailable)
        return InboundVerdict(
            result: .failure(.auditUnavailable),
            audit: audit,
            hasThumbprint: hasThumbprint,
            ignoredForwarded: ignoredForwarded
        )
    }
}
