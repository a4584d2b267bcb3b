import CountersignIdentity
import Crypto
import SwiftASN1
import Testing
import _CryptoExtras

@testable import CountersignPKI

@Suite struct PrivateKeyTests {
    @Test(arguments: [(PrivateKey.Kind.p256, SignatureAlgorithm.Digest.sha256), (.p384, .sha384)])
    func `generated keys are whole and are never the same`(
        _ kind: PrivateKey.Kind,
        _ digest: SignatureAlgorithm.Digest
    ) throws {
        let keys = try (0..<40).map { _ in try PrivateKey.generate(kind) }
        #expect(Set(keys.map(\.derPKCS8)).count == keys.count)
        for (key, other) in zip(keys, keys.dropFirst()) {
            let signature = try key.signature(over: [1, 2, 3])
            #expect(key.publicKey.verifies(signature, over: [1, 2, 3], algorithm: .ecdsa(digest)))
            #expect(!other.publicKey.verifies(signature, over: [1, 2, 3], algorithm: .ecdsa(digest)))
            #expect(try PrivateKey(pem: key.pemPKCS8).publicKey.derEncoded == key.publicKey.derEncoded)
        }
    }

    @Test(arguments: PrivateKey.Kind.allCases.filter { $0 != .rsa4096 })
    func `a generated key is written and read again`(_ kind: PrivateKey.Kind) throws {
        let key = try PrivateKey.generate(kind)
        let again = try PrivateKey(pem: key.pemPKCS8)
        #expect(again.publicKey.derEncoded == key.publicKey.derEncoded)
        #expect(again.derPKCS8 == key.derPKCS8)
    }

    @Test func `PKCS#1, SEC1 and PKCS#8 are read`() throws {
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let curve = P384.Signing.PrivateKey()
        let edwards = Curve25519.Signing.PrivateKey()
        let fromRSA = try PrivateKey(pem: rsa.pemRepresentation)
        #expect(rsa.pemRepresentation.contains("BEGIN RSA PRIVATE KEY"))
        #expect(fromRSA.publicKey.kind == .rsa(bits: 2_048))
        #expect(fromRSA.publicKey.derEncoded == Array(rsa.publicKey.derRepresentation))
        let fromRSA8 = try PrivateKey(pem: rsa.pkcs8PEMRepresentation)
        #expect(fromRSA8.publicKey.derEncoded == fromRSA.publicKey.derEncoded)
        let sec1 = try TestEncoding.sequence { fields in
            try fields.serialize(1)
            fields.appendPrimitiveNode(identifier: .octetString) { $0.append(contentsOf: curve.rawRepresentation) }
            try fields.serialize(
                [1, 3, 132, 0, 34] as ASN1ObjectIdentifier,
                explicitlyTaggedWithTagNumber: 0,
                tagClass: .contextSpecific
            )
        }
        let fromSEC1 = try PrivateKey(pem: PEMBlock.text(label: "EC PRIVATE KEY", der: sec1))
        #expect(fromSEC1.publicKey.derEncoded == Array(curve.publicKey.derRepresentation))
        let prefix: [UInt8] = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20]
        let fromEdwards = try PrivateKey(derPKCS8: prefix + Array(edwards.rawRepresentation))
        #expect(fromEdwards.publicKey.kind == .ed25519)
        #expect(fromEdwards.derPKCS8 == prefix + Array(edwards.rawRepresentation))
    }

    @Test func `a key is found beside certificates, and two keys are refused`() throws {
        let root = try TestAuthority()
        let certificate = PEMBlock.text(label: "CERTIFICATE", der: root.der)
        let key = root.key.pemPKCS8
        #expect(try PrivateKey(pem: certificate + key).matches(certificateDER: root.der))
        #expect(throws: PKIError(.unexpectedBlock, "")) { try PrivateKey(pem: key + key) }
        #expect(throws: PKIError(.nothingFound, "")) { try PrivateKey(pem: certificate) }
    }

    @Test func `a key matches its own certificate alone`() throws {
        let one = try TestAuthority()
        let two = try TestAuthority()
        #expect(one.key.matches(certificateDER: one.der))
        #expect(!one.key.matches(certificateDER: two.der))
        #expect(!one.key.matches(certificateDER: [1, 2, 3]))
    }

    @Test func `weak, unknown and damaged keys each have their own error`() throws {
        let weak = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1_024))
        #expect(throws: PKIError(.weakKey, "")) { try PrivateKey(pem: weak.pemRepresentation) }
        let unknown = try TestEncoding.sequence { fields in
            try fields.serialize(0)
            fields.serializeRawBytes(try TestEncoding.algorithm([1, 2, 3, 4]))
            fields.appendPrimitiveNode(identifier: .octetString) { $0.append(contentsOf: [1]) }
        }
        #expect(throws: PKIError(.unsupportedKey, "")) { try PrivateKey(derPKCS8: unknown) }
        #expect(throws: PKIError(.malformedKey, "")) { try PrivateKey(derPKCS8: [0x30, 0x00]) }
        let zero = Array(repeating: UInt8(0), count: 32)
        let outOfRange = try TestEncoding.sequence { fields in
            try fields.serialize(1)
            fields.appendPrimitiveNode(identifier: .octetString) { $0.append(contentsOf: zero) }
            try fields.serialize(
                [1, 2, 840, 10045, 3, 1, 7] as ASN1ObjectIdentifier,
                explicitlyTaggedWithTagNumber: 0,
                tagClass: .contextSpecific
            )
        }
        #expect(throws: PKIError(.malformedKey, "")) {
            try PrivateKey(pem: PEMBlock.text(label: "EC PRIVATE KEY", der: outOfRange))
        }
    }

    @Test func `no description, dump or error shows the key`() throws {
        let key = try PrivateKey.generate(.p256)
        var dumped = ""
        dump(key, to: &dumped)
        let identity = try IssuingAuthority.ephemeral(trustDomain: .init(parsing: "a"), now: TestClock.now)
        dump(identity, to: &dumped)
        for shown in ["\(key)", String(reflecting: key), dumped, "\(identity)"] {
            #expect(!shown.contains("raw"))
            #expect(!shown.contains("backing"))
            #expect(shown.utf8.count < 200)
        }
        let damaged = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LXNlY3JldC1zZWNyZXQ=\n-----END PRIVATE KEY-----\n"
        #expect {
            try PrivateKey(pem: damaged)
        } throws: { error in
            !"\(error)".contains("secret") && !"\(error)".contains("c2Vj")
        }
    }
}
