/// A token that was verified: the proof is that only ``TokenVerifier`` can make one.
package final class VerifiedToken: Sendable {
    /// What the token says.
    package let claims: TokenClaims
    /// The kind of token that it was verified as.
    package let kind: TokenKind
    /// The name of the key that signed it; nil when the only key has none.
    package let keyID: String?
    /// The last second for which the verification holds, in Unix seconds: the token's end and the allowance for clocks.
    package let verifiedUntil: Int64

    /// Takes a token that was judged good.
    fileprivate init(_ claims: TokenClaims, _ kind: TokenKind, keyID: String?, verifiedUntil: Int64) {
        self.claims = claims
        self.kind = kind
        self.keyID = keyID
        self.verifiedUntil = verifiedUntil
    }
}

extension TokenVerifier {
    /// Judges a token.
    ///
    /// The signature comes before everything that the token says; the work is bounded whatever it is.
    ///
    /// - Parameters:
    ///   - token: The token in compact form, as it follows `Bearer `.
    ///   - now: The current time.
    /// - Returns: The verified token, or the first reason against it.
    package func verify(
        _ token: some Collection<UInt8>,
        atUnixSeconds now: Int64
    ) -> Result<VerifiedToken, TokenRejection> {
        do throws(TokenRejection) {
            let parsed = try UnverifiedToken(parsing: token)
            let key = try signer(of: parsed)
            let claims = try TokenClaims(payload: parsed.payload)
            try check(claims, atUnixSeconds: now)
            return .success(
                VerifiedToken(
                    claims,
                    requirements.kind,
                    keyID: key.keyID,
                    verifiedUntil: claims.expiresAt + skewSeconds - 1
                )
            )
        } catch {
            return .failure(error)
        }
    }
}
