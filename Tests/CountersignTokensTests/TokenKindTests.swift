import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignTokens
import Testing

/// Which algorithms each kind of token may have.
@Suite struct TokenKindTests {
    private let now: Int64 = 1_800_000_000
    private static let payload: JSONValue = .object([
        .init("sub", .string("spiffe://a.example/x")), .init("aud", .string("orders")),
        .init("iss", .string("i")), .init("iat", .number(1_800_000_000)), .init("exp", .number(1_800_000_300)),
    ])

    private func code(_ key: TokenSigningKey, _ kind: TokenKind, _ text: String) throws -> TokenRejection.Code? {
        let requirements = TokenRequirements(
            kind,
            issuer: kind == .svid ? nil : "i",
            audiences: ["orders"],
            trustDomain: try TrustDomain(parsing: "a.example")
        )
        let verifier = TokenVerifier(keys: try JSONWebKeySet([key.publicKey]), requirements: requirements)
        guard case .failure(let rejection) = verifier.verify(text.utf8, atUnixSeconds: now) else { return nil }
        return rejection.code
    }

    @Test func `a JWT-SVID is not signed with EdDSA`() throws {
        let ed25519 = try TokenSigningKey(try PrivateKey.generateEd25519())
        // To the byte what it would be, as both have the typ JWT.
        let text = try ed25519.token(Self.payload, kind: .bearer)
        #expect(try code(ed25519, .svid, text) == .algorithmNotAllowed)
        #expect(try code(ed25519, .bearer, text) == nil)
        #expect(throws: PKIError.self) { try ed25519.token(Self.payload, kind: .svid) }
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384])
    func `it is signed with ECDSA`(kind: PrivateKey.Kind) throws {
        let key = try TokenSigningKey(try PrivateKey.generate(kind))
        #expect(try code(key, .svid, try key.token(Self.payload, kind: .svid)) == nil)
    }

    @Test func `a key of Ed25519 in a SPIFFE bundle is passed over`() throws {
        let keys = try [PrivateKey.generateEd25519(), PrivateKey.generate(.p256)].map { try TokenSigningKey($0) }
        let entries = try keys.map { try $0.publicKey.json(use: "jwt-svid").compact }.joined(separator: ",")
        let set = try JSONWebKeySet(parsingSPIFFEBundle: Array("{\"keys\":[\(entries)]}".utf8))
        #expect(set.keys.map(\.keyID) == [keys[1].keyID] && set.ignored.count == 1)
    }
}
