import Synchronization

/// Intermediate authorities that were part of a good path: read once, and the signatures on them checked once.
///
/// What is remembered cannot change: what an encoding says, and that the key of another certificate signed it. Whether
/// an authority may vouch for a peer now, by its validity, its constraints, the revocation lists and the authorities that
/// are trusted, is judged for each peer anew. Only what a trusted authority vouched for gets in, so peers cannot fill it.
final class KnownIssuers: Sendable {
    /// The most authorities that are remembered; with one more, all are forgotten and learnt again.
    static let capacity = 64

    /// The most certificates of issuers that are remembered for one authority: those of a key that is rolled over, and
    /// those of a trust store that was read again.
    static let maximumSigners = 4

    fileprivate struct State {
        var certificates: [[UInt8]: ParsedCertificate] = [:]
        /// Whose keys made the signatures on those certificates. Both are held, as they are told apart by where they are
        /// in memory.
        var signers: [ObjectIdentifier: [ParsedCertificate]] = [:]
    }

    private let state = Mutex(State())

    /// The certificate of this encoding, if it is known.
    func certificate(_ der: [UInt8]) -> ParsedCertificate? {
        self.state.withLock { $0.certificates[der] }
    }

    /// Whether it is known that the key of `issuer` signed this very certificate.
    func isSigned(_ certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        self.state.withLock { $0.isSigned(certificate, by: issuer) }
    }

    /// Remembers the intermediate authorities of a path that was judged good, leaf first and the trusted one last.
    func remember(path: [ParsedCertificate]) {
        self.state.withLock { state in
            for (certificate, issuer) in zip(path.dropFirst(), path.dropFirst(2)) {
                if !state.isSigned(certificate, by: issuer) { state.remember(certificate, signedBy: issuer) }
            }
        }
    }

    /// How many authorities are remembered.
    var count: Int {
        self.state.withLock { $0.certificates.count }
    }
}

extension KnownIssuers.State {
    func isSigned(_ certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        self.signers[ObjectIdentifier(certificate)]?.contains { $0 === issuer } ?? false
    }

    mutating func remember(_ certificate: ParsedCertificate, signedBy issuer: ParsedCertificate) {
        let known = self.certificates[certificate.der]
        guard known == nil || known === certificate else {
            // Two peers came at once with the same authority, and the other was first.
            return
        }
        if known == nil, self.certificates.count >= KnownIssuers.capacity { self = Self() }
        self.certificates[certificate.der] = certificate
        self.signers[ObjectIdentifier(certificate), default: []].append(issuer)
        if self.signers[ObjectIdentifier(certificate), default: []].count > KnownIssuers.maximumSigners {
            self.signers[ObjectIdentifier(certificate)]?.removeFirst()
        }
    }
}
