package import CountersignIssuance

/// What the publisher of revocation information signs, and the CFSSL API hands out as well; what is nil is not served.
package struct CFSSLPublications: Sendable {
    package typealias Answer = @Sendable (Result<[UInt8], AuthorityError>) -> Void

    /// A revocation list in DER that may be relied upon for so many seconds, or as long as usual.
    package var revocationList: (@Sendable (_ lifetimeSeconds: Int64?, _ answer: @escaping Answer) -> Void)?
    /// A signed OCSP answer in DER about a certificate of this authority.
    package var ocspAnswer: (@Sendable (_ certificate: CertificateRecord, _ answer: @escaping Answer) -> Void)?

    /// Nothing is published.
    package init() {}
}
