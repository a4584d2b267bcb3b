package import CountersignHTTPServer
package import CountersignPKI

/// What each API answers on an open connection whose client certificate has ended, was revoked or is no longer trusted.
///
/// With 421 a client may repeat the request on a new connection, with a certificate that it may have renewed meanwhile
/// (RFC 9110 section 15.5.20). One that is revoked is told so as it is told by each call.
package enum RefusedPeer {
    /// The code in a problem document of a certificate that has ended or is no longer trusted.
    static let code = "certificate_no_longer_valid"

    /// The answer of the native and the admin API: a problem document.
    package static func native(_ rejection: ChainRejection) -> ServerResponse {
        guard rejection.code != .revoked else { return ProblemDetails(revoked).response }
        return ProblemDetails(status: misdirected, code: code, detail: text(rejection)).response
    }

    /// The answer of the CFSSL API.
    package static func cfssl(_ rejection: ChainRejection) -> ServerResponse {
        guard rejection.code != .revoked else { return CFSSLEnvelope.failure(CFSSLError(revoked)) }
        return CFSSLEnvelope.failure(CFSSLError(status: misdirected, code: misdirected, text(rejection)))
    }

    /// The answer of the Vault API.
    package static func vault(_ rejection: ChainRejection) -> ServerResponse {
        guard rejection.code != .revoked else { return VaultEnvelope.failure(VaultError(revoked)) }
        return VaultEnvelope.failure(VaultError(misdirected, text(rejection)))
    }

    private static let misdirected = 421
    private static let revoked = AuthorityError(.unauthenticated, "the certificate is revoked")

    private static func text(_ rejection: ChainRejection) -> String {
        "the client certificate is no longer accepted (\(rejection.metricLabel)); connect again with one that is"
    }
}
