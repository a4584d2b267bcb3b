import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignTokens
import Testing

/// What is accepted, and beside it everything that must not be.
@Suite struct TokenVerifierTests {
    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa2048])
    func `a token of each kind of key is accepted, and its claims are those that were signed`(
        _ kind: PrivateKey.Kind
    ) throws {
        let issuer = try TestIssuer(kind)
        let text = try issuer.key.token(try issuer.serviceClaims.json, kind: .service)
        let token = try issuer.verifier().verify(Array(text.utf8), atUnixSeconds: issuer.now).get()
        #expect(ServiceTokenClaims(token) == (try issuer.serviceClaims))
        #expect(token.keyID == issuer.key.keyID)
        #expect(token.verifiedUntil == issuer.now + 300 + 29)
        #expect(token.claims.holds(scope: "orders:list") && token.claims.holds(role: "reader"))
        #expect(!token.claims.holds(scope: "orders") && !token.claims.holds(role: "writer"))
        #expect(JWTSVIDClaims(token) == nil)
    }

    @Test func `no single changed character leaves a token good`() throws {
        let issuer = try TestIssuer()
        let token = try issuer.token(try issuer.claims)
        let verifier = try issuer.verifier()
        for index in token.indices {
            var spoiled = token
            spoiled[index] = spoiled[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(!verifier.verify(spoiled, atUnixSeconds: issuer.now).isAccepted, "character \(index)")
        }
        #expect(verifier.verify(token, atUnixSeconds: issuer.now).isAccepted)
    }

    @Test func `a token of another key, or under another key's name, is refused`() throws {
        let (issuer, stranger) = (try TestIssuer(), try TestIssuer())
        let verifier = try issuer.verifier()
        let claims = try issuer.claims
        #expect(verifier.verify(try stranger.token(claims), atUnixSeconds: issuer.now).code == .unknownKey)
        let disguised = try stranger.token(claims, header: ["kid": .string(issuer.key.keyID)])
        #expect(verifier.verify(disguised, atUnixSeconds: issuer.now).code == .badSignature)
    }

    @Test func `a public key is never taken for a shared secret`() throws {
        let issuer = try TestIssuer(.rsa2048)
        for name in ["HS256", "HS384", "HS512", "hs256", "RS1", "ES256K", "dir", "A128KW"] {
            let token = try issuer.token(try issuer.claims, header: ["alg": .string(name)])
            #expect(try issuer.verifier().verify(token, atUnixSeconds: issuer.now).code == .algorithmNotAllowed)
        }
    }

    @Test func `the algorithm has to be the key's`() throws {
        let issuer = try TestIssuer()
        for name in ["ES384", "RS256", "PS256", "EdDSA"] {
            let token = try issuer.token(try issuer.claims, header: ["alg": .string(name)])
            #expect(try issuer.verifier().verify(token, atUnixSeconds: issuer.now).code == .keyMismatch)
        }
        // The issuer's key is for RS256 alone, though it could sign with more.
        let rsa = try TestIssuer(.rsa2048)
        let token = try rsa.token(try rsa.claims, header: ["alg": "PS256"])
        #expect(try rsa.verifier().verify(token, atUnixSeconds: rsa.now).code == .keyMismatch)
        let narrow = try issuer.verifier { $0.algorithms = [.rs256] }
        #expect(
            narrow.verify(try issuer.token(try issuer.claims), atUnixSeconds: issuer.now).code == .algorithmNotAllowed
        )
    }

    @Test(
        arguments: [
            (["alg": "none"], TokenRejection.Code.unsigned), (["alg": "NONE"], .unsigned), (["alg": .null], .unsigned),
            (["alg": ""], .unsigned), (["alg": 1], .malformedHeader), (["kid": 1], .malformedHeader),
            (["kid": ""], .malformedHeader), (["kid": .string(String(repeating: "k", count: 257))], .malformedHeader),
            (["typ": "JWT"], .wrongType), (["typ": .null], .wrongType), (["typ": "at+jwt+x"], .wrongType),
            (["typ": ["at+jwt"]], .malformedHeader), (["crit": ["exp"]], .criticalExtension),
            (["b64": false], .criticalExtension), (["jwk": [:]], .embeddedKey), (["jku": "https://x/"], .embeddedKey),
            (["x5u": "https://x/"], .embeddedKey), (["x5c": ["MII"]], .embeddedKey), (["cty": "JWT"], .nested),
            (["cty": "application/jwt"], .nested), (["enc": "A128GCM"], .encrypted), (["zip": "DEF"], .encrypted),
            (["kid": "another"], .unknownKey),
        ] as [([String: JSONValue], TokenRejection.Code)]
    )
    func `a header that asks for trust is refused`(
        _ header: [String: JSONValue],
        _ code: TokenRejection.Code
    ) throws {
        let issuer = try TestIssuer()
        let token = try issuer.token(try issuer.claims, header: header)
        #expect(try issuer.verifier().verify(token, atUnixSeconds: issuer.now).code == code)
    }

    @Test func `the type may be written in full and in any case`() throws {
        let issuer = try TestIssuer()
        for type in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
            let token = try issuer.token(try issuer.claims, header: ["typ": .string(type)])
            #expect(try issuer.verifier().verify(token, atUnixSeconds: issuer.now).isAccepted, "\(type)")
        }
    }

    @Test func `headers that say nothing about trust are passed over, and not in an SVID`() throws {
        let issuer = try TestIssuer()
        let token = try issuer.token(try issuer.claims, header: ["x5t#S256": "x", "other": 1])
        #expect(try issuer.verifier().verify(token, atUnixSeconds: issuer.now).isAccepted)
        let svid = try issuer.token(try issuer.claims, header: ["other": 1], kind: .svid)
        #expect(try issuer.verifier(.svid).verify(svid, atUnixSeconds: issuer.now).code == .unexpectedHeader)
    }

    @Test func `a token without a key's name is accepted only where one key can be meant`() throws {
        let (issuer, other, rsa) = (try TestIssuer(), try TestIssuer(), try TestIssuer(.rsa2048))
        let token = try issuer.token(try issuer.claims, header: ["kid": .null])
        let requirements = try issuer.verifier().requirements
        let one = TokenVerifier(
            keys: try JSONWebKeySet([issuer.key.publicKey, rsa.key.publicKey]),
            requirements: requirements
        )
        #expect(one.verify(token, atUnixSeconds: issuer.now).isAccepted)
        let two = TokenVerifier(
            keys: try JSONWebKeySet([issuer.key.publicKey, other.key.publicKey]),
            requirements: requirements
        )
        #expect(two.verify(token, atUnixSeconds: issuer.now).code == .missingKeyID)
        let none = TokenVerifier(keys: .empty, requirements: requirements)
        #expect(none.verify(token, atUnixSeconds: issuer.now).code == .missingKeyID)
    }

    @Test func `texts that are no compact token are refused for what they are`() throws {
        let issuer = try TestIssuer()
        let good = String(decoding: try issuer.token(try issuer.claims), as: UTF8.self)
        let parts = good.split(separator: ".").map(String.init)
        let cases: [(String, TokenRejection.Code)] = [
            ("", .notCompact), (".", .notCompact), ("..", .notCompact), ("a.b", .notCompact),
            ("{\"payload\":\"\"}", .notCompact), ("\(good).", .notCompact), ("a.b.c.d.e", .encrypted),
            (".\(parts[1]).\(parts[2])", .notCompact), (" \(good)", .malformedEncoding),
            ("\(good)=", .malformedEncoding), ("\(good)\n", .malformedEncoding),
            ("\(parts[0])=.\(parts[1]).\(parts[2])", .malformedEncoding),
            ("\(parts[0]).\(parts[1]).\(parts[2].dropLast())", .badSignature),
            ("\(parts[0]).\(parts[1]).", .badSignature),
            (String(repeating: "A", count: UnverifiedToken.maximumSize + 1), .tooLarge),
        ]
        for (text, code) in cases {
            let found = try issuer.verifier().verify(Array(text.utf8), atUnixSeconds: issuer.now).code
            #expect(found == code || code == .badSignature && found == .malformedEncoding, "\(text.prefix(40))")
        }
    }

    @Test func `a value has one spelling in base64url`() throws {
        let issuer = try TestIssuer(.p384)
        // 96 bytes of signature leave no bits over, and a header of 16 bytes leaves four: any of them set is refused.
        let token = try issuer.signed("{\"alg\":\"ES384\" }", "{}")
        #expect(Base64.decodeURL(Array("QQ".utf8)) == [0x41])
        for text in ["QR", "QQ==", "Q", "Q+", "Q/", "Q Q", "Q\n"] { #expect(Base64.decodeURL(Array(text.utf8)) == nil) }
        guard let point = token.firstIndex(of: UInt8(ascii: ".")) else { return }
        var other = token
        other[point - 1] += 1
        #expect(try issuer.verifier(.bearer).verify(other, atUnixSeconds: 0).code == .malformedEncoding)
    }

    @Test func `a payload that is a token is refused`() throws {
        let issuer = try TestIssuer()
        let inner = String(decoding: try issuer.token(try issuer.claims), as: UTF8.self)
        let header = "{\"alg\":\"ES256\",\"kid\":\"\(issuer.key.keyID)\",\"typ\":\"at+jwt\"}"
        #expect(
            try issuer.verifier().verify(try issuer.signed(header, inner), atUnixSeconds: issuer.now).code == .nested
        )
    }

    @Test func `a member that is there twice has no meaning`() throws {
        let issuer = try TestIssuer()
        let header = "{\"alg\":\"ES256\",\"kid\":\"\(issuer.key.keyID)\",\"typ\":\"at+jwt\"}"
        let twice = "{\"aud\":\"orders\",\"aud\":\"orders\",\"exp\":1800000300}"
        let found = try issuer.verifier().verify(try issuer.signed(header, twice), atUnixSeconds: issuer.now)
        #expect(found.code == .malformedClaims)
        let escaped = "{\"alg\":\"ES256\",\"\\u0061lg\":\"none\"}"
        let second = try issuer.verifier().verify(try issuer.signed(escaped, "{}"), atUnixSeconds: issuer.now)
        #expect(second.code == .malformedHeader)
    }

    @Test func `codes are distinct words`() {
        let labels = TokenRejection.Code.allCases.map(\.rawValue)
        #expect(Set(labels).count == labels.count)
        #expect(labels.allSatisfy { $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F } })
    }
}
