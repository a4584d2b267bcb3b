import Crypto

/// What one certificate is revoked by: its issuer and its serial number, folded into 16 bytes.
///
/// An issuer goes by its key identifier, as in revocation events, or by its name, as in revocation lists (RFC 5280
/// section 5.1.2.3). The fold is half of a SHA-256 digest, so that nobody finds a second certificate with the same key.
package struct RevocationKey: Hashable, Sendable, BitwiseCopyable {
    private let high: UInt64
    private let low: UInt64

    /// The key of a certificate whose issuer goes by the identifier of its key.
    ///
    /// - Parameters:
    ///   - issuerKeyIdentifier: The issuer's subjectKeyIdentifier.
    ///   - serial: The serial number, big-endian; leading zeros do not count.
    package init(issuerKeyIdentifier: [UInt8], serial: [UInt8]) {
        self.init(kind: 0, issuer: issuerKeyIdentifier, serial: serial)
    }

    /// The key of a certificate whose issuer goes by its name.
    ///
    /// - Parameters:
    ///   - issuerDER: The issuer's name as encoded.
    ///   - serial: The serial number, big-endian; leading zeros do not count.
    package init(issuerDER: [UInt8], serial: [UInt8]) {
        self.init(kind: 1, issuer: issuerDER, serial: serial)
    }

    private init(kind: UInt8, issuer: [UInt8], serial: [UInt8]) {
        var hash = SHA256()
        // The kind and the issuer's length keep what is folded apart, so that no two pairs are the same bytes.
        hash.update(data: [kind] + (0..<4).map { UInt8(truncatingIfNeeded: issuer.count >> (24 - $0 * 8)) })
        hash.update(data: issuer)
        hash.update(data: SerialNumber(serial).magnitude)
        var words = [UInt64(0), 0]
        for (index, byte) in hash.finalize().prefix(16).enumerated() {
            words[index / 8] = words[index / 8] << 8 | UInt64(byte)
        }
        self.high = words[0]
        self.low = words[1]
    }
}

extension RevocationKey {
    /// Every key that could name a certificate whose issuer is known, by the issuer's key.
    ///
    /// Authorities may choose their key identifier, leave it out, or state another one in what they issue, so each
    /// identifier that an event could use counts.
    static func byKeyIdentifier(of certificate: ParsedCertificate, issuer: ParsedCertificate) -> [RevocationKey] {
        let identifiers = [
            issuer.extensions.subjectKeyIdentifier,
            certificate.extensions.authorityKeyIdentifier?.keyIdentifier,
            issuer.publicKey.keyIdentifier,
        ]
        // They are the same more often than not, and telling them apart costs less than folding them.
        var distinct: [[UInt8]] = []
        for case let identifier? in identifiers where !distinct.contains(identifier) { distinct.append(identifier) }
        return distinct.map { RevocationKey(issuerKeyIdentifier: $0, serial: certificate.serialNumber) }
    }
}

extension RevocationKey {
    /// Which of `count` parts of a divided table the key belongs to.
    package func shard(of count: Int) -> Int {
        Int(self.high % UInt64(count))
    }
}
