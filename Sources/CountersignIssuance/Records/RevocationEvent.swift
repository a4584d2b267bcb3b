package import CountersignPKI

/// One change of the revoked set; what routers and authorities follow.
package struct RevocationEvent: Sendable, Hashable {
    /// The position of the event, from 1 upward and never repeated; with a gap only where an issuance log was given up.
    package var sequence: Int64
    /// The serial number in lower-case hexadecimal.
    package var serial: String
    /// The key identifier of the issuer, in lower-case hexadecimal.
    package var issuerKeyID: String
    /// When it happened, in Unix seconds.
    package var date: Int64
    /// Why; `removeFromCRL` releases a certificate from hold.
    package var reason: RevocationReason
    /// The certificate's end, in Unix seconds.
    package var notAfter: Int64

    package init(
        sequence: Int64,
        serial: String,
        issuerKeyID: String,
        date: Int64,
        reason: RevocationReason,
        notAfter: Int64
    ) {
        self.sequence = sequence
        self.serial = serial
        self.issuerKeyID = issuerKeyID
        self.date = date
        self.reason = reason
        self.notAfter = notAfter
    }
}
