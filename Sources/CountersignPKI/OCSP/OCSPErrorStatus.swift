/// Why an OCSP request has no signed answer (RFC 6960 section 2.3).
package enum OCSPErrorStatus: UInt8, Sendable, CaseIterable {
    /// The request does not parse.
    case malformedRequest = 1
    /// The responder is broken.
    case internalError = 2
    /// The responder cannot answer now.
    case tryLater = 3
    /// The responder does not answer for that issuer.
    case unauthorized = 6

    /// The whole response; errors are not signed.
    package var der: [UInt8] {
        DERWriter.sequence { $0.field(DERTag.enumerated, content: [self.rawValue]) }
    }
}
