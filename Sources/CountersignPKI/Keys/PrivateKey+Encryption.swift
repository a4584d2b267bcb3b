import Crypto
import _CryptoExtras

extension PrivateKey {
    /// The key as an encrypted PKCS#8 PEM block: AES-256 in CBC mode under a key derived from the passphrase (PBES2).
    ///
    /// `openssl pkey` opens it.
    ///
    /// - Throws: ``PKIError`` with `weakPassphrase`, or `signingFailed` when the cryptography library refuses.
    package func encryptedPEM(
        with passphrase: Passphrase,
        derivation: KeyDerivation = .standard
    ) throws(PKIError) -> String {
        try passphrase.checkStrength()
        var random = SystemRandomNumberGenerator()
        let salt = Self.randomBytes(16, &random)
        let vector = Self.randomBytes(16, &random)
        let key = try derivation.key(from: passphrase, salt: salt, size: 32)
        let content: [UInt8]
        do {
            content = Array(try AES._CBC.encrypt(self.derPKCS8, using: key, iv: AES._CBC.IV(ivBytes: vector)))
        } catch {
            throw PKIError(.signingFailed, "the cryptography library could not encrypt the private key")
        }
        let wire = EncryptedKeyWire(
            derivation: derivation,
            salt: salt,
            keySize: 32,
            initializationVector: vector,
            content: content
        )
        return PEMBlock.text(label: Self.encryptedLabel, der: wire.encoded)
    }

    /// Whether a PEM text holds a key in the one encrypted form that a passphrase opens here.
    package static func canBeOpened(pem: [UInt8]) -> Bool {
        (try? PEMDocuments(parsing: pem))?.blocks.contains { $0.label == self.encryptedLabel } ?? false
    }

    /// The label of an encrypted PKCS#8 block (RFC 7468 section 11).
    static let encryptedLabel = "ENCRYPTED PRIVATE KEY"

    /// Reads an encrypted PKCS#8 encoding: PBES2 with scrypt or PBKDF2 and AES in CBC mode.
    init(derEncrypted der: [UInt8], passphrase: Passphrase?, line: Int?) throws(PKIError) {
        guard let passphrase else {
            throw PKIError(
                .encryptedKey,
                "the private key is encrypted with a passphrase, and none was given",
                line: line
            )
        }
        let wire: EncryptedKeyWire
        do {
            wire = try EncryptedKeyWire(DERField(parsing: der))
        } catch {
            throw PKIError(
                .malformedKey,
                "the encrypted private key cannot be read: \(error.reason)",
                line: line
            )
        }
        let key: SymmetricKey
        do {
            key = try wire.derivation.key(from: passphrase, salt: wire.salt, size: wire.keySize)
        } catch {
            throw PKIError(error.code, error.message, line: line)
        }
        // The padding is right by chance for one wrong passphrase in 256, so the content has to parse as well.
        guard let vector = try? AES._CBC.IV(ivBytes: wire.initializationVector),
            let content = try? AES._CBC.decrypt(wire.content, using: key, iv: vector),
            (try? PKCS8Wire(DERField(parsing: Array(content)))) != nil
        else {
            throw PKIError(
                .wrongPassphrase,
                "the passphrase does not open the private key (or the file is damaged)",
                line: line
            )
        }
        try self.init(derPKCS8: Array(content), line: line)
    }

    private static func randomBytes(_ count: Int, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
