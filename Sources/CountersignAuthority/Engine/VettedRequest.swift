import CountersignIdentity
package import CountersignIssuance
package import CountersignPKI

/// A certificate request whose key is strong and proven, and which asks for nothing beyond one service's registration.
///
/// For doors whose clients say beside the request what the certificate is to contain: the request may then name less,
/// or other names of the same service. What its subject says beside common names is of no consequence, as subjects
/// come from profile and registration.
package struct VettedRequest: Sendable {
    /// The request.
    package let request: SigningRequest
    /// The service that it may be signed for.
    package let service: String

    /// Checks a request.
    ///
    /// - Parameters:
    ///   - request: what somebody sent, or what was made here for a generated key.
    ///   - service: whose names it may ask for.
    ///   - key: the private key of the request where it was generated here, which proves possession without a
    ///     verification; nil for a request that was sent.
    /// - Throws: ``AuthorityError`` with `weakKey`, `nameNotAllowed` or `proofOfPossessionFailed`.
    package init(
        _ request: SigningRequest,
        for service: ServiceRegistration,
        key: PrivateKey? = nil
    ) throws(AuthorityError) {
        guard request.publicKey.isStrong else {
            throw AuthorityError(
                .weakKey,
                "the key of the request is \(request.publicKey.kind.name); RSA from 2048 bits, P-256, P-384, P-521 and "
                    + "Ed25519 are accepted"
            )
        }
        if request.extensions.basicConstraints?.isAuthority ?? false {
            throw AuthorityError(.nameNotAllowed, "the request asks to be a certificate authority")
        }
        if let name = RequestedNames(of: request).firstForeign(to: service) {
            throw .foreign(name, to: service.name)
        }
        for name in request.commonNames where name != service.name && !service.mayBe(name) {
            throw .foreign(name, to: service.name)
        }
        // Last, as it costs more than all the rest.
        guard key?.publicKey.derEncoded == request.publicKey.derEncoded || request.isSelfConsistent else {
            throw AuthorityError(
                .proofOfPossessionFailed,
                "the request is not signed by the key that it carries, with ECDSA, RSA or Ed25519 and SHA-256 or better"
            )
        }
        self.request = request
        self.service = service.name
    }
}

extension SigningRequest {
    /// The common names of the subject that are text.
    var commonNames: [String] {
        subject.attributes.compactMap { $0.type == .commonName ? $0.text : nil }
    }
}

extension AuthorityError {
    /// A name that is not the service's.
    static func foreign(_ name: String, to service: String) -> AuthorityError {
        AuthorityError(
            .nameNotAllowed,
            "'\(PrintableText.escaped(String(name.prefix(256))))' is not among the names of the service '\(service)'; "
                + "register it first"
        )
    }
}
