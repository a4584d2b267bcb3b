import CountersignIdentity
package import CountersignJSON
import CountersignPKI
import CountersignTokens
import Testing

/// An issuer with one key, and tokens of it that tests spoil.
struct TestIssuer {
    let key: TokenSigningKey
    let now: Int64 = 1_800_000_000
    let certificate = [UInt8](repeating: 0xC5, count: 32)

    init(_ kind: PrivateKey.Kind = .p256) throws {
        self.key = try TokenSigningKey(try PrivateKey.generate(kind))
    }

    var keys: JSONWebKeySet {
        get throws { try JSONWebKeySet([key.publicKey]) }
    }

    /// What a good service token says.
    var claims: [String: JSONValue] {
        get throws {
            guard case .object(let members) = try serviceClaims.json else { return [:] }
            return Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        }
    }

    var serviceClaims: ServiceTokenClaims {
        get throws {
            ServiceTokenClaims(
                issuer: "https://authority.test",
                serviceID: "user-svc",
                subject: try SPIFFEID(parsing: "spiffe://link.internal/ns/default/sa/user-svc"),
                audiences: ["orders"],
                roles: ["reader"],
                scopes: ["orders:read", "orders:list"],
                issuedAt: now,
                expiresAt: now + 300,
                tokenID: "0001",
                binding: try #require(CertificateBinding(certificateSHA256: certificate))
            )
        }
    }

    /// A token with these claims and headers, signed well.
    func token(
        _ claims: [String: JSONValue],
        header: [String: JSONValue] = [:],
        kind: TokenKind = .service
    ) throws -> [UInt8] {
        let standard: [String: JSONValue] = [
            "alg": .string(key.algorithm.rawValue), "kid": .string(key.keyID), "typ": .string(kind.type),
        ]
        let fields = standard.merging(header) { $1 }.filter { $0.value != .null }
        return try signed(Self.document(fields), Self.document(claims.filter { $0.value != .null }))
    }

    /// A token of these two texts, signed well.
    func signed(_ header: String, _ payload: String) throws -> [UInt8] {
        let content = [header, payload].map { Base64.encodeURL(Array($0.utf8)) }.joined(separator: ".")
        let signature = try key.privateKey.fixedWidthSignature(over: Array(content.utf8))
        return Array("\(content).\(Base64.encodeURL(signature))".utf8)
    }

    static func document(_ members: [String: JSONValue]) -> String {
        JSONValue.object(members.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }).compact
    }

    /// A verifier of the issuer's service tokens for `orders`.
    func verifier(
        _ kind: TokenKind = .service,
        _ change: (inout TokenRequirements) -> Void = { _ in }
    ) throws -> TokenVerifier {
        var requirements = TokenRequirements(
            kind,
            issuer: kind == .svid ? nil : "https://authority.test",
            audiences: ["orders"],
            trustDomain: try TrustDomain(parsing: "link.internal")
        )
        change(&requirements)
        return TokenVerifier(keys: try keys, requirements: requirements)
    }

    /// A verifier of anybody's tokens with these keys.
    static func bearer(keys: String) throws -> TokenVerifier {
        TokenVerifier(
            keys: try JSONWebKeySet(parsing: Array(keys.utf8)),
            requirements: TokenRequirements(.bearer, audiences: ["orders"])
        )
    }
}

extension Result where Success == VerifiedToken, Failure == TokenRejection {
    /// Why the token was refused; nil when it was not.
    var code: TokenRejection.Code? {
        if case .failure(let rejection) = self { rejection.code } else { nil }
    }

    /// Whether the token was accepted.
    var isAccepted: Bool { code == nil }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { .init($0.0, $0.1) })
    }
}
