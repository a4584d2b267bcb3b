/// What a revocation list says about one certificate.
package struct RevocationEntry: Sendable, Hashable {
    /// When it was revoked, in Unix seconds.
    package let date: Int64

    /// Why; `unspecified` when the list does not say.
    package let reason: RevocationReason
}
