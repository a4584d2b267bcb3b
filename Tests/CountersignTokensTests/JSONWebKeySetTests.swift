import CountersignJSON
import CountersignPKI
import CountersignTokens
import Testing

/// RFC 7517.
@Suite struct JSONWebKeySetTests {
    @Test(arguments: PrivateKey.Kind.allCases.prefix(3))
    func `what is written is read again`(_ kind: PrivateKey.Kind) throws {
        let issuer = try TestIssuer(kind)
        let text = try issuer.keys.json().compact
        let read = try JSONWebKeySet(parsing: Array(text.utf8))
        #expect(read.keys.map(\.keyID) == [issuer.key.keyID] && read.ignored.isEmpty)
        #expect(read.keys[0].publicKey.derEncoded == issuer.key.privateKey.publicKey.derEncoded)
        #expect(read.keys[0].algorithms == [issuer.key.algorithm])
        let verifier = TokenVerifier(keys: read, requirements: try issuer.verifier().requirements)
        #expect(verifier.verify(try issuer.token(try issuer.claims), atUnixSeconds: issuer.now).isAccepted)
    }

    @Test(arguments: [
        #"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}"#,
        #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, #"{"kty":"EC","crv":"P-256"}"#, #"{"kty":"EC"}"#,
        #"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, #"{"kty":"RSA","e":"AQAB"}"#, #"{"crv":"P-256"}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#, #"{"kty":1}"#,
        #"{"kty":"EC","crv":"P-256","alg":"ES384","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    ])
    func `a key that is none is passed over and said`(_ key: String) throws {
        let set = try JSONWebKeySet(parsing: Array("{\"keys\":[\(key)]}".utf8))
        #expect(set.keys.isEmpty && set.ignored.count == 1, "\(set)")
        #expect(set.ignored[0].hasPrefix("$.keys[0]: "))
    }

    @Test func `keys for something else are passed over without a word`() throws {
        let key =
            #""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#
        let others = [
            "{\(key),\"use\":\"enc\"}", "{\(key),\"alg\":\"ECDH-ES\"}", "{\(key),\"key_ops\":[\"sign\"]}",
            #"{"kty":"EC","crv":"secp256k1"}"#, #"{"kty":"OKP","crv":"X25519"}"#, #"{"kty":"new"}"#,
        ]
        let set = try JSONWebKeySet(parsing: Array("{\"keys\":[\(others.joined(separator: ","))]}".utf8))
        #expect(set.keys.isEmpty && set.ignored.isEmpty)
        let good = try JSONWebKeySet(parsing: Array("{\"keys\":[{\(key),\"use\":\"sig\"}],\"more\":1}".utf8))
        #expect(good.keys.count == 1)
    }

    @Test func `a private or a secret key makes the document unusable`() {
        for key in [
            #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"EC","crv":"P-256","d":"AA"}"#,
            #"{"kty":"RSA","use":"enc","d":"AA"}"#,
        ] {
            #expect(throws: PKIError(.unexpectedBlock, "")) {
                try JSONWebKeySet(parsing: Array("{\"keys\":[\(key)]}".utf8))
            }
        }
    }

    @Test func `two keys of one name, no array and too much are refused`() throws {
        let key = try TestIssuer().keys.json()
        guard case .object(let members) = key, case .array(let keys)? = members.first?.value else { return }
        let twice = JSONValue.object([.init("keys", .array(keys + keys))]).compact
        #expect(throws: PKIError(.malformedBundle, "")) { try JSONWebKeySet(parsing: Array(twice.utf8)) }
        for text in ["{}", "[]", "", "{\"keys\":{}}", "{\"keys\":[1]}", "{\"keys\":[],\"keys\":[]}"] {
            #expect(throws: PKIError(.malformedBundle, "")) { try JSONWebKeySet(parsing: Array(text.utf8)) }
        }
        let large = [UInt8](repeating: 0x20, count: JSONWebKeySet.maximumSize + 1)
        #expect(throws: PKIError(.tooLarge, "")) { try JSONWebKeySet(parsing: large) }
        #expect(try JSONWebKeySet(parsing: Array("{\"keys\":[]}".utf8)).keys.isEmpty)
    }

    @Test func `of a SPIFFE bundle only named keys for JWT-SVIDs count`() throws {
        let issuer = try TestIssuer()
        let named = try issuer.key.publicKey.json(use: "jwt-svid").compact
        let unnamed = named.replacing("\"kid\":\"\(issuer.key.keyID)\",", with: "")
        let other = try TestIssuer().key.publicKey.json(use: "x509-svid").compact
        let text = "{\"spiffe_sequence\":1,\"keys\":[\(named),\(unnamed),\(other)]}"
        let set = try JSONWebKeySet(parsingSPIFFEBundle: Array(text.utf8))
        #expect(set.keys.map(\.keyID) == [issuer.key.keyID] && set.ignored.count == 1)
        #expect(try JSONWebKeySet(parsing: Array(text.utf8)).keys.isEmpty)
    }

    @Test func `nothing shows a private key`() throws {
        let issuer = try TestIssuer()
        let secret = issuer.key.privateKey.pemPKCS8.split(separator: "\n")[1]
        var text = ""
        dump(issuer, to: &text)
        #expect(!text.contains(secret) && !"\(issuer.key)".contains(secret))
    }
}
