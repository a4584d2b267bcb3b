import CountersignIdentityMapping
package import CountersignTokens

extension TokenFault {
    /// Every ``label`` that a `TokenVerifier` gives.
    package static var labels: [String] { TokenRejection.Code.allCases.map(\.rawValue) }
}

extension TokenVerifier: TokenChecking {
    /// Judges a token by its signature and what it says.
    package func check(_ token: String, atUnixSeconds now: Int64) -> Result<CheckedToken, TokenFault> {
        switch verify(token.utf8, atUnixSeconds: now) {
        case .success(let verified):
            let claims = verified.claims
            return .success(
                CheckedToken(
                    subject: claims.subject ?? claims.serviceID ?? "",
                    // Anybody may have other tokens say so.
                    service: verified.kind == .service ? claims.serviceID : nil,
                    binding: claims.binding.flatMap { CertificateThumbprint($0.sha256) }
                )
            )
        case .failure(let rejection):
            return .failure(TokenFault(label: rejection.metricLabel, explanation: rejection.explanation))
        }
    }
}
