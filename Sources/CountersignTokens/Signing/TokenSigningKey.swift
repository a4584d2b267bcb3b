package import CountersignJSON
package import CountersignPKI

/// A private key that tokens are signed with, under the name that its public half is published by.
package struct TokenSigningKey: Sendable {
    /// The public half, as it is published.
    package let publicKey: JSONWebKey
    /// The private half: a secret.
    package let privateKey: PrivateKey
    /// The algorithm of its signatures.
    package let algorithm: TokenAlgorithm
    /// The name of the key: its thumbprint (RFC 7638).
    package let keyID: String

    /// A key that signs with the one algorithm that fits it best: the digest is as strong as the key.
    ///
    /// - Throws: `PKIError` with `unsupportedKey` for a key that no algorithm fits.
    package init(_ privateKey: PrivateKey) throws(PKIError) {
        let signature = privateKey.signingAlgorithm
        guard let algorithm = TokenAlgorithm.allCases.first(where: { $0.signature == signature }) else {
            throw PKIError(.unsupportedKey, "tokens cannot be signed with \(signature.name)")
        }
        self.privateKey = privateKey
        self.algorithm = algorithm
        self.publicKey = try JSONWebKey(privateKey.publicKey, algorithm: algorithm)
        self.keyID = try JSONWebKey.thumbprint(of: privateKey.publicKey)
    }

    /// A signed token in compact form (RFC 7515 section 7.1): a secret.
    ///
    /// - Parameters:
    ///   - payload: The claims.
    ///   - kind: The kind of token, which decides on `typ`.
    /// - Throws: `PKIError` with `unsupportedKey` when tokens of the kind are not signed with ``algorithm``, and `signingFailed`
    ///   when the cryptography library refuses.
    package func token(_ payload: JSONValue, kind: TokenKind) throws(PKIError) -> String {
        guard kind.algorithms.contains(algorithm) else {
            throw PKIError(.unsupportedKey, "no JWT-SVID is signed with \(algorithm.rawValue)")
        }
        let header = JSONValue.object([
            .init("alg", .string(algorithm.rawValue)),
            .init("kid", .string(keyID)),
            .init("typ", .string(kind.type)),
        ])
        let content = [header, payload].map { Base64.encodeURL($0.compactBytes) }.joined(separator: ".")
        let signature = try privateKey.fixedWidthSignature(over: Array(content.utf8))
        return "\(content).\(Base64.encodeURL(signature))"
    }
}

extension TokenSigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name and the algorithm alone.
    package var description: String { "signing key \(keyID) (\(algorithm.rawValue))" }

    /// The name and the algorithm alone.
    package var debugDescription: String { description }

    /// Nothing: a dump of a structure that holds a key must not show it.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
