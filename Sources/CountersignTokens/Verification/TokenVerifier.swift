import CountersignPKI

/// Judges tokens of one issuer (RFC 8725 is what it follows).
///
/// It holds the keys as they were when it was made; whoever follows an issuer's key set makes a new one for each.
package struct TokenVerifier: Sendable {
    /// The keys of the issuer.
    package let keys: JSONWebKeySet
    /// What a token has to be.
    package let requirements: TokenRequirements

    /// A verifier with these keys.
    package init(keys: JSONWebKeySet, requirements: TokenRequirements) {
        self.keys = keys
        self.requirements = requirements
    }

    /// The allowance for clocks, within its bounds.
    var skewSeconds: Int64 { min(max(requirements.skewSeconds, 0), TokenRequirements.maximumSkewSeconds) }

    /// Verifies the signature.
    ///
    /// - Returns: the key that made it.
    /// - Throws: ``TokenRejection`` with `wrongType`, `unexpectedHeader`, `algorithmNotAllowed`, `missingKeyID`,
    ///   `unknownKey`, `keyMismatch` or `badSignature`.
    func signer(of token: UnverifiedToken) throws(TokenRejection) -> JSONWebKey {
        guard requirements.kind.allows(type: token.type) else {
            throw TokenRejection(.wrongType, "header.typ: expected \(requirements.kind.type)")
        }
        if requirements.kind == .svid, !token.otherHeaders.isEmpty {
            throw TokenRejection(.unexpectedHeader, "a JWT-SVID has no other headers than alg, kid and typ")
        }
        guard let algorithm = token.algorithm.flatMap(TokenAlgorithm.init(rawValue:)),
            requirements.algorithms.contains(algorithm), requirements.kind.algorithms.contains(algorithm)
        else { throw TokenRejection(.algorithmNotAllowed, "header.alg: the algorithm is not one that is accepted") }
        let key = try key(named: token.keyID, for: algorithm)
        guard key.algorithms.contains(algorithm) else {
            throw TokenRejection(.keyMismatch, "header.alg: the key signs with another algorithm")
        }
        let isGood = key.publicKey.verifies(
            fixedWidth: token.signature,
            over: token.signedBytes,
            algorithm: algorithm.signature
        )
        guard isGood else { throw TokenRejection(.badSignature, "the signature does not verify") }
        return key
    }

    /// The one key that a token means: trying several would let a token without a name cost as much as all of them.
    private func key(named name: String?, for algorithm: TokenAlgorithm) throws(TokenRejection) -> JSONWebKey {
        if let name {
            let named = keys.keys.first { $0.keyID.map { $0.utf8.elementsEqual(name.utf8) } ?? false }
            guard let named else {
                throw TokenRejection(.unknownKey, "header.kid: the issuer's key set has no key of that name")
            }
            return named
        }
        let fitting = keys.keys.filter { $0.algorithms.contains(algorithm) }
        guard fitting.count == 1 else {
            throw TokenRejection(.missingKeyID, "header.kid: it is needed, as \(fitting.count) keys fit the algorithm")
        }
        return fitting[0]
    }
}
