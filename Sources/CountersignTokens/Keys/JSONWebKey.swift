package import CountersignJSON
package import CountersignPKI
import Crypto

/// A public key that tokens are verified with (RFC 7517).
package struct JSONWebKey: Sendable {
    /// The key.
    package let publicKey: SubjectPublicKey
    /// The name by which tokens refer to it; nil when its publisher gave it none.
    package let keyID: String?
    /// The algorithms that signatures by it may have; never empty.
    package let algorithms: Set<TokenAlgorithm>

    /// The longest name of a key, in bytes.
    package static let maximumKeyIDLength = 256

    /// A key whose name is its thumbprint.
    ///
    /// - Parameters:
    ///   - publicKey: The key.
    ///   - algorithm: The one algorithm that it is for; nil for all that fit its kind.
    /// - Throws: `PKIError` with `unsupportedKey` for a key that no algorithm fits.
    package init(_ publicKey: SubjectPublicKey, algorithm: TokenAlgorithm? = nil) throws(PKIError) {
        try self.init(
            publicKey,
            keyID: try Self.thumbprint(of: publicKey),
            algorithms: algorithm.map { [$0] } ?? TokenAlgorithm.fitting(publicKey.kind)
        )
    }

    /// A key with the name and the algorithms that its publisher gave it.
    ///
    /// - Throws: `PKIError` with `unsupportedKey` when none of the algorithms fits the key.
    package init(
        _ publicKey: SubjectPublicKey,
        keyID: String?,
        algorithms: Set<TokenAlgorithm>
    ) throws(PKIError) {
        let fitting = algorithms.intersection(TokenAlgorithm.fitting(publicKey.kind))
        guard !fitting.isEmpty else {
            throw PKIError(.unsupportedKey, "a key of \(publicKey.kind.name) signs with none of the algorithms wanted")
        }
        self.publicKey = publicKey
        self.keyID = keyID
        self.algorithms = fitting
    }

    /// The thumbprint of a key (RFC 7638): SHA-256 over its required members in their one spelling, in base64url.
    ///
    /// - Throws: `PKIError` with `unsupportedKey` for a key that has no form as a JSON Web Key.
    package static func thumbprint(of key: SubjectPublicKey) throws(PKIError) -> String {
        let document = JSONValue.object(try JSONWebKeyParameters.members(of: key)).compact
        return Base64.encodeURL(Array(SHA256.hash(data: Array(document.utf8))))
    }

    /// The key as it is published.
    ///
    /// - Parameter use: What it says to be for: `sig` (RFC 7517 section 4.2), or `jwt-svid` in a SPIFFE bundle.
    /// - Throws: `PKIError` with `unsupportedKey` for a key that has no form as a JSON Web Key.
    package func json(use: String = "sig") throws(PKIError) -> JSONValue {
        var members = try JSONWebKeyParameters.members(of: publicKey)
        members.append(.init("use", .string(use)))
        if let keyID { members.append(.init("kid", .string(keyID))) }
        if algorithms.count == 1, let only = algorithms.first { members.append(.init("alg", .string(only.rawValue))) }
        return .object(members)
    }
}
