import Synchronization

/// An intermediate authority that was part of a good path, and whose keys are known to have made the signature on it.
struct KnownIssuer: Sendable {
    let certificate: ParsedCertificate
    /// Held for as long as they are compared with, since they are told apart by where they are in memory.
    fileprivate(set) var signers: [ParsedCertificate]
}

/// Intermediate authorities that were part of a good path: read once, and the signatures on them checked once.
///
/// What is remembered cannot change: what an encoding says, and that the key of another certificate signed it. Whether
/// an authority may vouch for a peer now, by its validity, its constraints, the revocation lists and the authorities that
/// are trusted, is judged for each peer anew. Only what a trusted authority vouched for gets in. Whoever has an authority
/// that may vouch for others can make so many that all are forgotten, and then each peer costs what it did without this.
final class KnownIssuers: Sendable {
    /// The most authorities that are remembered; with one more, all are forgotten and learnt again.
    let capacity: Int

    /// The largest certificate that is remembered, in bytes: looking for one costs little, whatever a peer sends.
    static let maximumSize = 4_096

    /// The most certificates of issuers that are remembered for one authority: those of a key that is rolled over, and
    /// those of a trust store that was read again.
    static let maximumSigners = 4

    private let entries = Mutex<[[UInt8]: KnownIssuer]>([:])

    /// How many are enough for the authorities of one trust store.
    static let usualCapacity = 64

    init(capacity: Int = usualCapacity) {
        self.capacity = capacity
    }

    /// What is known of the authority with this encoding.
    subscript(der: [UInt8]) -> KnownIssuer? {
        guard der.count <= Self.maximumSize else { return nil }
        return self.entries.withLock { $0[der] }
    }

    /// Remembers the intermediate authorities of a path that was judged good, leaf first and the trusted one last.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - known: those of its authorities that were known before; what they say again is not noted again.
    func remember(path: [ParsedCertificate], besides known: [KnownIssuer]) {
        for (certificate, issuer) in zip(path.dropFirst(), path.dropFirst(2)) {
            guard !known.vouch(for: certificate, by: issuer), certificate.der.count <= Self.maximumSize else {
                continue
            }
            self.entries.withLock { entries in
                guard let entry = entries[certificate.der] else {
                    if entries.count >= self.capacity { entries.removeAll() }
                    entries[certificate.der] = KnownIssuer(certificate: certificate, signers: [issuer])
                    return
                }
                // Where two peers came at once with the same authority, the one that was first is kept.
                guard entry.certificate === certificate, !entry.signers.contains(where: { $0 === issuer }) else {
                    return
                }
                entries[certificate.der]?.signers = entry.signers.suffix(Self.maximumSigners - 1) + [issuer]
            }
        }
    }

    /// How many authorities are remembered.
    var count: Int {
        self.entries.withLock { $0.count }
    }
}

extension [KnownIssuer] {
    /// Whether it is known that the key of `issuer` signed this very certificate.
    func vouch(for certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        self.contains { known in
            known.certificate === certificate && known.signers.contains { $0 === issuer }
        }
    }
}
