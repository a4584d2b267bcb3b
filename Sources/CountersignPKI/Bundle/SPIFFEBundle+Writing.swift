package import CountersignJSON
import SwiftASN1

extension SPIFFEBundle {
    /// The document.
    ///
    /// - Throws: ``PKIError`` with `malformedCertificate`, or with `unsupportedKey` for a key that JWK sets of SPIFFE
    ///   have no form for.
    package func json() throws(PKIError) -> JSONValue {
        var members: [JSONValue.Member] = []
        if let sequence { members.append(.init("spiffe_sequence", .number(sequence))) }
        if let refreshHintSeconds { members.append(.init("spiffe_refresh_hint", .number(refreshHintSeconds))) }
        var keys: [JSONValue] = []
        for der in self.authoritiesDER { keys.append(try Self.key(der)) }
        return .object(members + [.init("keys", .array(keys))])
    }

    /// A JWK of an authority: never with a `kid`, always with its certificate.
    private static func key(_ der: [UInt8]) throws(PKIError) -> JSONValue {
        let certificate = try ParsedCertificate(der: der)
        let parameters = try JSONWebKey.members(of: certificate.publicKey)
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
