import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignTokens
import Testing

/// What a token says and when that counts.
@Suite struct TokenClaimsTests {
    private func code(
        _ change: [String: JSONValue],
        kind: TokenKind = .service,
        at offset: Int64 = 0,
        _ requirements: (inout TokenRequirements) -> Void = { _ in }
    ) throws -> TokenRejection.Code? {
        let issuer = try TestIssuer()
        let token = try issuer.token(try issuer.claims.merging(change) { $1 }, kind: kind)
        return try issuer.verifier(kind, requirements).verify(token, atUnixSeconds: issuer.now + offset).code
    }

    @Test(
        arguments: [
            (["exp": .null], TokenRejection.Code.malformedClaims), (["exp": "1800000300"], .malformedClaims),
            (["exp": .fraction(1_800_000_300.5)], .malformedClaims),
            (["exp": .fraction(1_800_000_300)], .malformedClaims),
            (["exp": -1], .malformedClaims), (["exp": .number(.max)], .malformedClaims),
            (["iat": .number(.min)], .malformedClaims), (["nbf": .fraction(1.5)], .malformedClaims),
            (["exp": .number(253_402_300_799)], .lifetimeNotAllowed), (["exp": 1_800_000_000], .lifetimeNotAllowed),
            (["iat": .null], .missingClaim), (["iss": .null], .missingClaim), (["sub": .null], .missingClaim),
            (["jti": .null], .missingClaim), (["service_id": .null], .missingClaim), (["cnf": .null], .missingClaim),
            (["iss": ""], .malformedClaims), (["iss": "https://authority.test/"], .wrongIssuer),
            (["iss": ["https://authority.test"]], .malformedClaims), (["aud": .null], .malformedClaims),
            (["aud": []], .malformedClaims), (["aud": ""], .malformedClaims),
            (["aud": ["orders", 1]], .malformedClaims),
            (["aud": "Orders"], .wrongAudience), (["aud": ["billing", "orders "]], .wrongAudience),
            (["sub": "user-svc"], .wrongSubject), (["sub": "spiffe://other.internal/ns/default/sa/a"], .wrongSubject),
            (["sub": "spiffe://link.internal"], .wrongSubject), (["roles": "reader"], .malformedClaims),
            (["roles": .array(Array(repeating: "r", count: 65))], .malformedClaims),
            (["scope": ["a"]], .malformedClaims),
            (["scope": .string(Array(repeating: "s", count: 65).joined(separator: " "))], .malformedClaims),
            (["cnf": "x"], .malformedClaims), (["cnf": [:]], .malformedClaims),
            (["cnf": ["jkt": "x"]], .malformedClaims),
            (
                ["cnf": ["x5t#S256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "jkt": "x"]],
                .malformedClaims
            ),
        ] as [([String: JSONValue], TokenRejection.Code)]
    )
    func `a claim that is not as it has to be is refused`(
        _ change: [String: JSONValue],
        _ code: TokenRejection.Code
    ) throws {
        #expect(try self.code(change) == code)
    }

    @Test func `unchanged claims, and one audience of several, are accepted`() throws {
        #expect(try code([:]) == nil)
        #expect(try code(["aud": ["billing", "orders"]]) == nil)
        #expect(try code(["roles": .null, "scope": .null, "nbf": .null]) == nil)
    }

    @Test func `a token ends at its end and the allowance, to the second`() throws {
        #expect(try code([:], at: 300) { $0.skewSeconds = 0 } == .expired)
        #expect(try code([:], at: 299) { $0.skewSeconds = 0 } == nil)
        #expect(try code([:], at: 330) == .expired)
        #expect(try code([:], at: 329) == nil)
        // No allowance is larger than what clocks can be wrong by.
        #expect(try code([:], at: 600) { $0.skewSeconds = .max } == .expired)
        #expect(try code([:], at: 599) { $0.skewSeconds = .max } == nil)
        #expect(try code([:], at: 300) { $0.skewSeconds = -5 } == .expired)
    }

    @Test func `a token begins at its beginning less the allowance`() throws {
        #expect(try code([:], at: -31) == .notYetValid)
        #expect(try code([:], at: -30) == nil)
        #expect(try code(["nbf": .null], at: -31) == .issuedInFuture)
        #expect(try code(["nbf": 1_800_000_031]) == .notYetValid)
    }

    @Test func `nobody is in the audience of a verifier that has none`() throws {
        #expect(try code([:]) { $0.audiences = [] } == .wrongAudience)
    }

    @Test func `what looks the same is not the same`() throws {
        // One is spelled with a combining accent; Swift's own comparison takes them for equal.
        #expect(try code(["aud": "caf\u{E9}"]) { $0.audiences = ["cafe\u{301}"] } == .wrongAudience)
        #expect(try code(["aud": "caf\u{E9}"]) { $0.audiences = ["caf\u{E9}"] } == nil)
    }

    @Test func `an SVID needs a subject of its trust domain and no more`() throws {
        let claims: [String: JSONValue] = [
            "iss": .null, "iat": .null, "jti": .null, "service_id": .null, "cnf": .null, "nbf": .null,
        ]
        #expect(try code(claims, kind: .svid) == nil)
        #expect(try code(claims, kind: .svid) { $0.trustDomain = nil } == .wrongSubject)
        #expect(try code(claims.merging(["sub": .null]) { $1 }, kind: .svid) == .missingClaim)
        #expect(try code(claims.merging(["exp": 1_800_086_431]) { $1 }, kind: .svid) == .lifetimeNotAllowed)
        #expect(try code(claims.merging(["exp": 1_800_086_430]) { $1 }, kind: .svid) == nil)
    }

    @Test func `one kind of token is not taken for another`() throws {
        let issuer = try TestIssuer()
        let service = try issuer.token(try issuer.claims)
        let svid = try issuer.token(try issuer.claims, kind: .svid)
        #expect(try issuer.verifier(.svid).verify(service, atUnixSeconds: issuer.now).code == .wrongType)
        #expect(try issuer.verifier(.service).verify(svid, atUnixSeconds: issuer.now).code == .wrongType)
        #expect(try issuer.verifier(.bearer).verify(service, atUnixSeconds: issuer.now).isAccepted)
    }

    @Test func `every refused claim is named, and never its value`() throws {
        let issuer = try TestIssuer()
        let token = try issuer.token(try issuer.claims.merging(["aud": "s3cret-audience"]) { $1 })
        let found = try issuer.verifier().verify(token, atUnixSeconds: issuer.now)
        guard case .failure(let rejection) = found else { throw TokenRejection(.notCompact, "it was accepted") }
        #expect(rejection.description.contains("claims.aud") && !rejection.description.contains("s3cret"))
    }
}
