public import CountersignIdentity
import Synchronization

/// The certificate authorities that stand behind one purpose, such as the callers of one domain.
///
/// Immutable; a reload makes a new one. An empty store, or one with a certificate that is no authority's, cannot be
/// made: whoever wants nothing trusted must not ask for certificates at all.
public final class TrustStore: Sendable {
    /// A number that no other store of this process has.
    public let epoch: UInt64

    /// The trust domains whose SPIFFE identities these authorities may vouch for.
    public let trustDomains: TrustDomainScope

    /// The DER encodings of the authorities, in the order of the input and without repeats.
    public let authoritiesDER: [[UInt8]]

    /// The authorities, in the same order.
    package let anchors: [ParsedCertificate]

    private let anchorsBySubject: [[UInt8]: [ParsedCertificate]]

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
        try self.init(checked: chain.certificates, trustDomains: trustDomains)
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
        var certificates: [ParsedCertificate] = []
        for der in derCertificates {
            let certificate = try ParsedCertificate(der: der)
            try Self.check(certificate, atUnixSeconds: atUnixSeconds)
            certificates.append(certificate)
        }
        try self.init(checked: certificates, trustDomains: trustDomains)
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

    private init(checked certificates: [ParsedCertificate], trustDomains: TrustDomainScope) throws(PKIError) {
        guard !certificates.isEmpty else {
            throw PKIError(.nothingFound, "there is no certificate authority; at least one is needed")
        }
        guard certificates.count <= Self.maximumAuthorities else {
            throw PKIError(.tooLarge, "\(certificates.count) authorities; at most \(Self.maximumAuthorities) are held")
        }
        var seen: Set<[UInt8]> = []
        let anchors = certificates.filter { seen.insert($0.der).inserted }
        self.anchors = anchors
        self.authoritiesDER = anchors.map(\.der)
        self.anchorsBySubject = Dictionary(grouping: anchors, by: \.subjectDER)
        self.trustDomains = trustDomains
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
