public import CountersignIdentity
import Synchronization

/// The certificate authorities that stand behind one purpose, such as the callers of one domain.
///
/// Immutable; a reload makes a new one. An empty store, or one with a certificate that is no authority's, cannot be
/// made: whoever wants nothing trusted must not ask for certificates at all.
public final class TrustStore: Sendable {
    /// A number that no other store of this process has.
    public let epoch: UInt64

    /// The DER encodings of the authorities, in the order of the input and without repeats.
    public let authoritiesDER: [[UInt8]]

    /// The authorities, in the same order.
    package let anchors: [ParsedCertificate]

    private let anchorsBySubject: [[UInt8]: [ParsedCertificate]]

    /// What each authority may vouch for, in the same order.
    private let scopes: [TrustDomainScope]

    private static let lastEpoch = Atomic<UInt64>(0)

    /// The most authorities that one store holds.
    public static let maximumAuthorities = 1_024

    /// Reads the authorities of a PEM bundle.
    ///
    /// - Parameters:
    ///   - pem: One or more certificates, in any order.
    ///   - trustDomains: The trust domains whose SPIFFE identities these authorities may vouch for.
    ///   - atUnixSeconds: When set, an authority that is not valid at that moment is refused now; the verifier
    ///     refuses it at every handshake in any case.
    /// - Throws: ``PKIError`` with `nothingFound`, `malformedPEM`, `malformedCertificate`, `unexpectedBlock`,
    ///   `notAuthority`, `weakKey`, `expired`, `notYetValid` or `tooLarge`, and the line of the certificate.
    public convenience init(
        pem: String,
        trustDomains: TrustDomainScope = .unrestricted,
        atUnixSeconds: Int64? = nil
    ) throws(PKIError) {
        try self.init(pem: Array(pem.utf8), trustDomains: trustDomains, atUnixSeconds: atUnixSeconds)
    }

    /// Reads the authorities of the bytes of a PEM bundle.
    ///
    /// - Throws: ``PKIError`` as ``init(pem:trustDomains:atUnixSeconds:)`` of a string does.
    public convenience init(
        pem: [UInt8],
        trustDomains: TrustDomainScope = .unrestricted,
        atUnixSeconds: Int64? = nil
    ) throws(PKIError) {
        let chain = try CertificateChain(pem: pem)
        for (certificate, line) in zip(chain.certificates, chain.lines) {
            do {
                try Self.check(certificate, atUnixSeconds: atUnixSeconds)
            } catch {
                throw PKIError(error.code, error.message, line: line)
            }
        }
        try self.init(checked: chain.certificates.map { ($0, trustDomains) })
    }

    /// Reads authorities from DER encodings.
    ///
    /// - Throws: ``PKIError`` with `nothingFound`, `malformedCertificate`, `notAuthority`, `weakKey`, `expired`,
    ///   `notYetValid` or `tooLarge`.
    public convenience init(
        derCertificates: [[UInt8]],
        trustDomains: TrustDomainScope = .unrestricted,
        atUnixSeconds: Int64? = nil
    ) throws(PKIError) {
        let bundle = TrustBundle(authoritiesDER: derCertificates, trustDomains: trustDomains)
        try self.init(bundles: [bundle], atUnixSeconds: atUnixSeconds)
    }

    /// Pools bundles so that each authority goes on speaking for its own trust domains only.
    ///
    /// An authority that is in several bundles speaks for the trust domains of all of them.
    ///
    /// - Throws: ``PKIError`` as ``init(derCertificates:trustDomains:atUnixSeconds:)`` does.
    public convenience init(bundles: [TrustBundle], atUnixSeconds: Int64? = nil) throws(PKIError) {
        var certificates: [(ParsedCertificate, TrustDomainScope)] = []
        for bundle in bundles {
            for der in bundle.authoritiesDER {
                let certificate = try ParsedCertificate(der: der)
                try Self.check(certificate, atUnixSeconds: atUnixSeconds)
                certificates.append((certificate, bundle.trustDomains))
            }
        }
        try self.init(checked: certificates)
    }

    /// The distinguished names of the authorities in DER, without repeats: what a server's request for a certificate
    /// lists (RFC 8446 section 4.2.4).
    public var subjectsDER: [[UInt8]] {
        var seen: Set<[UInt8]> = []
        return self.anchors.map(\.subjectDER).filter { seen.insert($0).inserted }
    }

    /// The authorities with that subject.
    func anchors(withSubject subject: [UInt8]) -> [ParsedCertificate] {
        self.anchorsBySubject[subject] ?? []
    }

    /// The trust domains whose SPIFFE identities any authority of the store may vouch for.
    public var trustDomains: TrustDomainScope {
        self.scopes.reduce(.only([])) { $0.union($1) }
    }

    /// Whether both hold the same authorities for the same trust domains, so that one can stand for the other.
    package func isInterchangeable(with other: TrustStore) -> Bool {
        self.authoritiesDER == other.authoritiesDER && self.scopes == other.scopes
    }

    /// The trust domains whose SPIFFE identities an authority of the store may vouch for; none for another certificate.
    public func trustDomains(ofAuthority der: [UInt8]) -> TrustDomainScope {
        // Most stores hold one or two, and telling two encodings apart costs less than hashing one.
        self.authoritiesDER.firstIndex(of: der).map { self.scopes[$0] } ?? .only([])
    }

    /// Whether one of the authorities vouches for all others, as a root does for its intermediates: then there is one
    /// authority in truth, and otherwise several are pooled.
    package var isOfOneAuthority: Bool {
        // The comparison is of each with each; so many are never one authority's.
        guard self.anchors.count <= 16 else { return false }
        return self.anchors.contains { root in
            var below = [root]
            var others = self.anchors.filter { $0.der != root.der }
            while let issuer = below.popLast() {
                let issued = others.filter { $0.issuerDER == issuer.subjectDER && $0.isSigned(by: issuer) }
                others.removeAll { other in issued.contains { $0.der == other.der } }
                below += issued
            }
            return others.isEmpty
        }
    }

    private init(checked certificates: [(ParsedCertificate, TrustDomainScope)]) throws(PKIError) {
        guard !certificates.isEmpty else {
            throw PKIError(.nothingFound, "there is no certificate authority; at least one is needed")
        }
        guard certificates.count <= Self.maximumAuthorities else {
            throw PKIError(.tooLarge, "\(certificates.count) authorities; at most \(Self.maximumAuthorities) are held")
        }
        let scopes = Dictionary(certificates.map { ($0.der, $1) }, uniquingKeysWith: { $0.union($1) })
        var seen: Set<[UInt8]> = []
        let anchors = certificates.map(\.0).filter { seen.insert($0.der).inserted }
        self.anchors = anchors
        self.authoritiesDER = anchors.map(\.der)
        self.anchorsBySubject = Dictionary(grouping: anchors, by: \.subjectDER)
        self.scopes = anchors.map { scopes[$0.der] ?? .only([]) }
        self.epoch = Self.lastEpoch.add(1, ordering: .relaxed).newValue
    }

    /// Refuses what can never vouch for anybody.
    private static func check(_ certificate: ParsedCertificate, atUnixSeconds: Int64?) throws(PKIError) {
        let name = certificate.label
        guard certificate.isAuthority else {
            throw PKIError(
                .notAuthority,
                "\(name) is not a certificate authority; its basicConstraints must say CA:TRUE"
            )
        }
        if let usage = certificate.extensions.keyUsage, !usage.contains(.certificateSigning) {
            throw PKIError(.notAuthority, "\(name) may not sign certificates; its keyUsage must have keyCertSign")
        }
        guard certificate.publicKey.isStrong else {
            throw PKIError(
                .weakKey,
                "the key of \(name) is \(certificate.publicKey.kind.name); RSA from 2048 bits, P-256, P-384, P-521 "
                    + "and Ed25519 are accepted"
            )
        }
        guard let now = atUnixSeconds else { return }
        if now > certificate.notAfter {
            let end = CalendarTime(unixSeconds: certificate.notAfter).rfc3339
            throw PKIError(.expired, "\(name) expired at \(end); replace it by a current one")
        }
        if now < certificate.notBefore {
            let start = CalendarTime(unixSeconds: certificate.notBefore).rfc3339
            throw PKIError(.notYetValid, "\(name) is not valid before \(start)")
        }
    }
}
