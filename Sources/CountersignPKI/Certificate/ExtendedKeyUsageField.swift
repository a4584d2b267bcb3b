/// The extKeyUsage extension (RFC 5280 section 4.2.1.12).
package struct ExtendedKeyUsageField: Sendable, Hashable {
    /// Whether a TLS server may use the key.
    package let allowsServer: Bool
    /// Whether a TLS client may use the key.
    package let allowsClient: Bool
    /// Whether every purpose is allowed.
    package let allowsAny: Bool
    private let purposes: [OID]

    /// Every purpose: a name where it is known, the dotted object identifier otherwise.
    package var names: [String] {
        self.purposes.map { Self.knownNames[$0] ?? $0.description }
    }

    private static let knownNames: [OID: String] = [
        .serverAuthentication: "serverAuth",
        .clientAuthentication: "clientAuth",
        .anyExtendedKeyUsage: "anyExtendedKeyUsage",
        [1, 3, 6, 1, 5, 5, 7, 3, 3]: "codeSigning",
        [1, 3, 6, 1, 5, 5, 7, 3, 4]: "emailProtection",
        [1, 3, 6, 1, 5, 5, 7, 3, 8]: "timeStamping",
        .ocspSigning: "OCSPSigning",
    ]
}

extension ExtendedKeyUsageField {
    /// Reads the extension's value; at least one purpose must be there.
    init(_ field: DERField) throws(EncodingFault) {
        var purposes: [OID] = []
        for purpose in try field.fields() { purposes.append(try purpose.objectIdentifier()) }
        guard !purposes.isEmpty else {
            throw EncodingFault("an extended key usage without any purpose")
        }
        self.allowsServer = purposes.contains(.serverAuthentication)
        self.allowsClient = purposes.contains(.clientAuthentication)
        self.allowsAny = purposes.contains(.anyExtendedKeyUsage)
        self.purposes = purposes
    }
}
