package import CountersignIssuance
package import CountersignPKI

/// Signs what the authority has decided to certify: an outside CA behind this authority's registry and inventory.
///
/// Calls block, and are never made on an event loop.
package protocol CertificateSigner: Sendable {
    /// The name of the kind, for logs, metrics and health: `cfssl` or `vault`.
    var name: String { get }

    /// Has a certificate made.
    ///
    /// What comes back is only what the outside CA says; ``OutsideSigning`` checks it.
    ///
    /// - Throws: ``SignerFailure``.
    func sign(_ order: SigningOrder) throws(SignerFailure) -> SignedChain

    /// Passes a revocation on.
    ///
    /// - Throws: ``SignerFailure``.
    func revoke(_ certificate: CertificateRecord, reason: RevocationReason) throws(SignerFailure)

    /// Finds out whether the outside CA is there, without having it sign anything.
    ///
    /// - Throws: ``SignerFailure``.
    func probe() throws(SignerFailure)
}

/// What is to be certified, decided already.
package struct SigningOrder: Sendable {
    /// A request that is signed by the key to certify.
    ///
    /// Its names may be others than the certificate's.
    package var request: SigningRequest
    /// What the certificate is to say.
    package var content: CertificateProfile

    package init(request: SigningRequest, content: CertificateProfile) {
        self.request = request
        self.content = content
    }
}

/// A certificate from outside with those above it, about which nothing is known yet.
package struct SignedChain: Sendable, Hashable {
    /// The certificate.
    package var leafDER: [UInt8]
    /// Those above it, in any order; a root among them changes nothing.
    package var issuersDER: [[UInt8]]

    package init(leafDER: [UInt8], issuersDER: [[UInt8]]) {
        self.leafDER = leafDER
        self.issuersDER = issuersDER
    }
}

/// Why an outside CA did not do what it was asked; equal when the codes are.
package struct SignerFailure: Error, Sendable {
    /// The kind of failure.
    package let code: Code
    /// One sentence for the operator; no token and no key is in it.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The kinds of failure.
    package enum Code: String, Sendable, CaseIterable {
        /// It cannot be reached, or is not in a state to work; the next try may succeed.
        case unreachable
        /// It does not take this authority's credentials.
        case unauthorized
        /// It refuses the request, and would again.
        case refused
        /// Its answer cannot be understood.
        case malformedAnswer = "malformed_answer"
        /// Its certificate is not the one that was ordered.
        case wrongCertificate = "wrong_certificate"
        /// It does not offer this at all.
        case unsupported
    }
}

extension SignerFailure: Hashable {
    package static func == (left: SignerFailure, right: SignerFailure) -> Bool { left.code == right.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension SignerFailure: CustomStringConvertible {
    package var description: String { message }
}
