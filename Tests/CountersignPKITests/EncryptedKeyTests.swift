import Crypto
import SwiftASN1
import Testing
import _CryptoExtras

@testable import CountersignPKI

@Suite struct EncryptedKeyTests {
    static let passphrase = Passphrase(Array("correct horse battery".utf8))
    static let quick = KeyDerivation.scrypt(cost: 1 << 10, blockSize: 8, parallelism: 1)

    @Test(arguments: [
        KeyDerivation.standard, .portable, Self.quick, .scrypt(cost: 1 << 17, blockSize: 8, parallelism: 1),
        .pbkdf2(iterations: 1_000, digest: .sha512), .pbkdf2(iterations: 1_000, digest: .sha1),
    ])
    func `a key is opened with its passphrase and no other`(_ derivation: KeyDerivation) throws {
        let key = try PrivateKey.generate(.p384)
        let pem = Array(try key.encryptedPEM(with: Self.passphrase, derivation: derivation).utf8)
        #expect(try PrivateKey(pem: pem, passphrase: Self.passphrase).derPKCS8 == key.derPKCS8)
        for wrong in ["correct horse batterz", "", "correct horse battery\n"] {
            #expect(throws: PKIError(.wrongPassphrase, "")) {
                try PrivateKey(pem: pem, passphrase: Passphrase(Array(wrong.utf8)))
            }
        }
        #expect(throws: PKIError(.encryptedKey, "")) { try PrivateKey(pem: pem) }
    }

    @Test(arguments: [PrivateKey.Kind.p256, .rsa2048]) func `every kind of key can be encrypted`(
        _ kind: PrivateKey.Kind
    ) throws {
        let key = try PrivateKey.generate(kind)
        let pem = try key.encryptedPEM(with: Self.passphrase, derivation: Self.quick)
        #expect(pem.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        #expect(try PrivateKey(pem: Array(pem.utf8), passphrase: Self.passphrase).derPKCS8 == key.derPKCS8)
        // Neither salt nor vector is used twice.
        #expect(try key.encryptedPEM(with: Self.passphrase, derivation: Self.quick) != pem)
    }

    @Test func `a key that is not encrypted needs no passphrase and ignores one`() throws {
        let key = try PrivateKey.generate(.p256)
        #expect(try PrivateKey(pem: Array(key.pemPKCS8.utf8), passphrase: Self.passphrase).derPKCS8 == key.derPKCS8)
    }

    @Test(arguments: [16, 24, 32]) func `keys that others encrypted with any size of AES are opened`(_ size: Int) throws
    {
        let key = try PrivateKey.generate(.p256)
        let wire = try self.wire(key, .pbkdf2(iterations: 2_048, digest: .sha256), keySize: size)
        let pem = PEMBlock.text(label: "ENCRYPTED PRIVATE KEY", der: wire.encoded)
        #expect(try PrivateKey(pem: Array(pem.utf8), passphrase: Self.passphrase).derPKCS8 == key.derPKCS8)
    }

    @Test(arguments: [
        KeyDerivation.scrypt(cost: 1 << 20, blockSize: 8, parallelism: 1),
        .scrypt(cost: 1 << 17, blockSize: 8, parallelism: 9), .scrypt(cost: 3, blockSize: 8, parallelism: 1),
        .scrypt(cost: 1 << 62, blockSize: 1 << 30, parallelism: 1 << 30),
        .scrypt(cost: 0, blockSize: 0, parallelism: 0), .scrypt(cost: 1 << 10, blockSize: 8, parallelism: 0),
        .pbkdf2(iterations: 10_000_001, digest: .sha256), .pbkdf2(iterations: .max, digest: .sha256),
        .pbkdf2(iterations: 0, digest: .sha256),
    ])
    func `parameters that would take too long or too much memory are refused unread`(_ derivation: KeyDerivation) throws
    {
        let wire = EncryptedKeyWire(
            derivation: derivation,
            salt: [1, 2, 3, 4, 5, 6, 7, 8],
            keySize: 32,
            initializationVector: Array(repeating: 0, count: 16),
            content: Array(repeating: 0, count: 64)
        )
        let pem = PEMBlock.text(label: "ENCRYPTED PRIVATE KEY", der: wire.encoded)
        let error = #expect(throws: PKIError.self) {
            try PrivateKey(pem: Array(pem.utf8), passphrase: Self.passphrase)
        }
        // Anything that was derived would have failed as a wrong passphrase.
        let fault = try #require(derivation.fault)
        #expect(error?.code == .malformedKey && error?.message.contains(fault) == true)
    }

    @Test func `other schemes and damage are malformed, with a line and without the passphrase`() throws {
        let good = try self.wire(PrivateKey.generate(.p256), .pbkdf2(iterations: 1, digest: .sha256), keySize: 32)
        var longSalt = good
        longSalt.salt = Array(repeating: 1, count: 1_025)
        var shortVector = good
        shortVector.initializationVector = [1]
        let oldScheme = DERWriter.sequence { info in
            info.sequence { $0.objectIdentifier([1, 2, 840, 113549, 1, 5, 3]) }
            info.field(DERTag.octetString, content: [1])
        }
        for der in [longSalt.encoded, shortVector.encoded, oldScheme, [0x30, 0x00], Array(good.encoded.dropLast())] {
            let pem = "\n" + PEMBlock.text(label: "ENCRYPTED PRIVATE KEY", der: der)
            do throws(PKIError) {
                _ = try PrivateKey(pem: Array(pem.utf8), passphrase: Self.passphrase)
                Issue.record("was opened")
            } catch {
                #expect(error.code == .malformedKey)
                #expect(error.line == 2)
                #expect(!error.description.contains("horse"))
            }
        }
        var cut = good
        cut.content.removeLast()
        #expect(throws: PKIError(.wrongPassphrase, "")) {
            try PrivateKey(
                pem: Array(PEMBlock.text(label: "ENCRYPTED PRIVATE KEY", der: cut.encoded).utf8),
                passphrase: Self.passphrase
            )
        }
    }

    @Test(arguments: [
        "", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abcabcabcabcabc", "\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}\u{FF}",
    ])
    func `no new key is encrypted with a weak passphrase`(_ text: String) throws {
        let key = try PrivateKey.generate(.p256)
        #expect(throws: PKIError(.weakPassphrase, "")) {
            try key.encryptedPEM(with: Passphrase(Array(text.utf8)), derivation: Self.quick)
        }
        #expect(throws: Never.self) {
            try key.encryptedPEM(with: Passphrase(Array("twelve chars".utf8)), derivation: Self.quick)
        }
    }

    @Test func `a passphrase file holds one line`() throws {
        func read(_ text: String) throws -> Passphrase { try Passphrase(fileContent: Array(text.utf8)) }
        for good in ["correct horse battery", "correct horse battery\n", "correct horse battery\r\n"] {
            #expect(try read(good).isSame(as: Self.passphrase))
        }
        #expect(try read(" correct horse battery ").isSame(as: Self.passphrase) == false)
        for bad in ["", "\n", "one\ntwo\n", "a\u{0}b", String(repeating: "a", count: 1_025)] {
            #expect(throws: PKIError(.weakPassphrase, "")) { try read(bad) }
        }
    }

    @Test func `no description or dump shows a passphrase`() {
        var shown = "\(Self.passphrase)" + String(reflecting: Self.passphrase)
        dump(Self.passphrase, to: &shown)
        dump([Self.passphrase], to: &shown)
        #expect(!shown.contains("horse") && !shown.contains("99"))
    }

    private func wire(_ key: PrivateKey, _ derivation: KeyDerivation, keySize: Int) throws -> EncryptedKeyWire {
        let salt: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let vector = Array(repeating: UInt8(9), count: 16)
        let secret = try derivation.key(from: Self.passphrase, salt: salt, size: keySize)
        let content = try AES._CBC.encrypt(key.derPKCS8, using: secret, iv: AES._CBC.IV(ivBytes: vector))
        return EncryptedKeyWire(
            derivation: derivation,
            salt: salt,
            keySize: keySize,
            initializationVector: vector,
            content: Array(content)
        )
    }
}
