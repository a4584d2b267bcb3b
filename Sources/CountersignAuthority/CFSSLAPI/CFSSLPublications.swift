package import CountersignIssuance

/// What the publisher of revocation information signs, and the CFSSL API hands out as well; what is nil is not served.
package struct CFSSLPublications: Sendable {
    package typealias Answer = @Sendable (Result<[UInt8], AuthorityError>) -> Void

    /// The newest revocation list in DER; answers nil before there is one.
    package var revocationList: (@Sendable () -> [UInt8]?)?
    /// A signed OCSP answer in DER about a certificate of this authority.
    package var ocspAnswer: (@Sendable (_ certificate: CertificateRecord, _ answer: @escaping Answer) -> Void)?

    package init(
        revocationList: (@Sendable () -> [UInt8]?)? = nil,
        ocspAnswer: (@Sendable (_ certificate: CertificateRecord, _ answer: @escaping Answer) -> Void)? = nil
    ) {
        self.revocationList = revocationList
        self.ocspAnswer = ocspAnswer
    }
}
