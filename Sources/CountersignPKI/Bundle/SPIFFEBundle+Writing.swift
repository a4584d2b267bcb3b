package import CountersignJSON

extension SPIFFEBundle {
    /// The document.
    ///
    /// - Parameter tokenKeys: JSON Web Keys of the use `jwt-svid`, as they are to stand in it.
    /// - Throws: ``PKIError`` with `malformedCertificate`, or with `unsupportedKey` for a key that JWK sets of SPIFFE
    ///   have no form for.
    package func json(tokenKeys: [JSONValue] = []) throws(PKIError) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let sequence { members.append(.init("spiffe_sequence", .number(sequence))) }
        if let refreshHintSeconds { members.append(.init("spiffe_refresh_hint", .number(refreshHintSeconds))) }
        var keys: [JSONValue] = []
        for der in self.authoritiesDER { keys.append(try Self.key(der)) }
        return .object(members + [.init("keys", .array(keys + tokenKeys))])
    }

    /// A JWK of an authority: never with a `kid`, always with its certificate.
    private static func key(_ der: [UInt8]) throws(PKIError) -> JSONValue {
        let certificate = try ParsedCertificate(der: der)
        // The specification has RSA and elliptic curves alone.
        guard certificate.publicKey.kind != .ed25519 else {
            throw PKIError(.unsupportedKey, "an Ed25519 key has no form in a SPIFFE bundle; use ECDSA or RSA")
        }
        let parameters = try JSONWebKeyParameters.members(of: certificate.publicKey)
        return .object(
            parameters + [
                .init("use", .string(self.authorityUse)),
                .init("x5c", .strings([String(decoding: Base64.encode(der), as: UTF8.self)])),
            ]
        )
    }

    /// The `use` of X.509 authorities.
    static let authorityUse = "x509-svid"
}
