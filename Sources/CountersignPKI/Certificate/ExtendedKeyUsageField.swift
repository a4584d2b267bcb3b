import SwiftASN1

/// The extKeyUsage extension (RFC 5280 section 4.2.1.12).
package struct ExtendedKeyUsageField: Sendable, Hashable {
    /// Whether a TLS server may use the key.
    package let allowsServer: Bool
    /// Whether a TLS client may use the key.
    package let allowsClient: Bool
    /// Whether every purpose is allowed.
    package let allowsAny: Bool
    /// Every purpose: a name where it is known, the dotted object identifier otherwise.
    package let names: [String]

    private static let knownNames: [ASN1ObjectIdentifier: String] = [
        ObjectIdentifiers.serverAuthentication: "serverAuth",
        ObjectIdentifiers.clientAuthentication: "clientAuth",
        ObjectIdentifiers.anyExtendedKeyUsage: "anyExtendedKeyUsage",
        [1, 3, 6, 1, 5, 5, 7, 3, 3]: "codeSigning",
        [1, 3, 6, 1, 5, 5, 7, 3, 4]: "emailProtection",
        [1, 3, 6, 1, 5, 5, 7, 3, 8]: "timeStamping",
        ObjectIdentifiers.ocspSigning: "OCSPSigning",
    ]
}

extension ExtendedKeyUsageField {
    /// Reads the extension's value; at least one purpose must be there.
    init(derEncoded node: ASN1Node) throws {
        let purposes = try DER.sequence(of: ASN1ObjectIdentifier.self, identifier: .sequence, rootNode: node)
        guard !purposes.isEmpty else {
            throw EncodingFault("an extended key usage without any purpose")
        }
        self.allowsServer = purposes.contains(ObjectIdentifiers.serverAuthentication)
        self.allowsClient = purposes.contains(ObjectIdentifiers.clientAuthentication)
        self.allowsAny = purposes.contains(ObjectIdentifiers.anyExtendedKeyUsage)
        self.names = purposes.map { Self.knownNames[$0] ?? String(describing: $0) }
    }
}
