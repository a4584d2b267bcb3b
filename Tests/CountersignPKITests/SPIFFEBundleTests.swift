import CountersignIdentity
import CountersignJSON
import Crypto
import Testing

@testable import CountersignPKI

@Suite struct SPIFFEBundleTests {
    private func root(_ kind: PrivateKey.Kind) throws -> ParsedCertificate {
        var profile = AuthorityProfile(lifetimeSeconds: 3_600, pathLength: 1)
        profile.subject = DistinguishedName(encodingOrder: [.init(.commonName, "Root \(kind)")])
        return try RootAuthority.make(profile, key: .generate(kind), now: TestClock.now).certificate
    }

    private func text(_ key: String) -> [UInt8] { Array("{\"keys\":[\(key)]}".utf8) }

    @Test func `what is written is read again, in order`() throws {
        let roots = try [PrivateKey.Kind.p256, .p384, .rsa2048].map { try self.root($0).der }
        let bundle = SPIFFEBundle(authoritiesDER: roots, sequence: 12, refreshHintSeconds: 300)
        let again = try SPIFFEBundle(parsing: Array(bundle.json().text.utf8))
        #expect(again == bundle)
        #expect(try TrustStore(pem: bundle.pem).authoritiesDER == roots)
        #expect(try SPIFFEBundle(pem: Array(bundle.pem.utf8)).authoritiesDER == roots)
    }

    @Test func `the parameters of a key are the key, in full length`() throws {
        let root = try self.root(.p256)
        let document = try SPIFFEBundle(authoritiesDER: [root.der]).json()
        let key = try #require(try JSONObject(document, known: ["keys"]).objects("keys", known: nil)?.first)
        #expect(try key.string("kty") == "EC")
        #expect(try key.string("crv") == "P-256")
        #expect(try key.string("use") == "x509-svid")
        #expect(key["kid"] == nil)
        func decode(_ text: String?) throws -> [UInt8] {
            let standard = try #require(text).replacing("-", with: "+").replacing("_", with: "/") + "="
            return try #require(Base64.decode(Array(standard.utf8)))
        }
        let point = [UInt8(4)] + (try decode(key.string("x"))) + (try decode(key.string("y")))
        #expect(
            try Array(P256.Signing.PublicKey(x963Representation: point).x963Representation) == root.publicKey.keyBits
        )
    }

    @Test func `RSA keys are modulus and exponent`() throws {
        let document = try SPIFFEBundle(authoritiesDER: [self.root(.rsa2048).der]).json()
        let key = try #require(try JSONObject(document, known: ["keys"]).objects("keys", known: nil)?.first)
        #expect(try key.string("kty") == "RSA")
        #expect(try key.string("e") == "AQAB")
        #expect(try key.string("n")?.utf8.count == 342)
    }

    @Test func `a bundle without keys trusts nobody and is a bundle`() throws {
        let bundle = try SPIFFEBundle(parsing: Array("{\"keys\":[]}".utf8))
        #expect(bundle.authoritiesDER.isEmpty && bundle.sequence == nil && bundle.refreshHintSeconds == nil)
        #expect(throws: PKIError(.nothingFound, "")) { try TrustStore(derCertificates: bundle.authoritiesDER) }
    }

    @Test(arguments: [
        #"{"use":"jwt-svid","kty":"EC","kid":"a","crv":"P-256","x":"","y":""}"#,
        #"{"use":"x509-svid","kty":"OKP","crv":"Ed25519","x":""}"#, #"{"use":"something-new","kty":"EC"}"#,
        #"{"kty":"EC"}"#, #"{"use":"x509-svid"}"#, "{}",
    ])
    func `keys for something else are passed over`(_ key: String) throws {
        #expect(try SPIFFEBundle(parsing: self.text(key)).authoritiesDER.isEmpty)
    }

    @Test func `of several certificates only the first counts`() throws {
        let (one, two) = (try self.root(.p256).der, try self.root(.p256).der)
        let list = [one, two].map { "\"\(String(decoding: Base64.encode($0), as: UTF8.self))\"" }.joined(separator: ",")
        let bundle = try SPIFFEBundle(parsing: self.text(#"{"use":"x509-svid","kty":"EC","x5c":[\#(list)]}"#))
        #expect(bundle.authoritiesDER == [one])
    }

    @Test func `a damaged document is refused as a whole`() throws {
        let good = String(decoding: Base64.encode(try self.root(.p256).der), as: UTF8.self)
        let leaf = String(decoding: Base64.encode(try TestAuthority().mint()), as: UTF8.self)
        func key(_ x5c: String) -> String { #"{"use":"x509-svid","kty":"EC","x5c":\#(x5c)}"# }
        #expect(throws: Never.self) { try SPIFFEBundle(parsing: self.text(key("[\"\(good)\"]"))) }
        let bad: [(String, PKIError.Code)] = [
            ("", .malformedBundle), ("[]", .malformedBundle), ("{}", .malformedBundle),
            (#"{"keys":{}}"#, .malformedBundle), (#"{"keys":[1]}"#, .malformedBundle),
            (#"{"keys":[],"keys":[]}"#, .malformedBundle), (#"{"keys":[],"spiffe_sequence":"1"}"#, .malformedBundle),
            (#"{"keys":[\#(key("[]"))]}"#, .malformedBundle), (#"{"keys":[\#(key("[\"%\"]"))]}"#, .malformedBundle),
            (#"{"keys":[\#(key("null"))]}"#, .malformedBundle),
            (#"{"keys":[\#(key("[\"AAAA\"]"))]}"#, .malformedCertificate),
            (#"{"keys":[\#(key("[\"\(leaf)\"]"))]}"#, .notAuthority),
        ]
        for (text, code) in bad {
            #expect(throws: PKIError(code, ""), "\(text)") { try SPIFFEBundle(parsing: Array(text.utf8)) }
        }
    }

    @Test func `an authority with another kind of key has no form`() throws {
        let prefix: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
        let key = try PrivateKey(derPKCS8: prefix + Array(Curve25519.Signing.PrivateKey().rawRepresentation))
        let root = try TestAuthority(key: key)
        #expect(throws: PKIError(.unsupportedKey, "")) { try SPIFFEBundle(authoritiesDER: [root.der]).json() }
    }
}
