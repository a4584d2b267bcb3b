public import CountersignIdentity
public import CountersignPKI

/// Who this process is to its peers, and whom it believes: a certificate chain with its key, and a trust bundle.
///
/// Immutable: a renewal makes another. ``IdentitySource/current`` is the one to show in the next handshake.
public struct WorkloadIdentity: Sendable {
    /// The SPIFFE ID of the certificate; nil when it has none, as one that is for host names alone.
    public let spiffeID: SPIFFEID?
    /// The certificate and those above it without the root, in DER, leaf first.
    public let certificateChain: [[UInt8]]
    /// The private key of the certificate: a secret.
    public let privateKey: PrivateKey
    /// The authorities that may vouch for peers, each for its own trust domains alone.
    public let trust: TrustStore
    /// The revocation lists that peers are looked up in.
    public let revocation: RevocationChecking
    /// The first second at which the certificate is valid, in Unix seconds.
    public let notBefore: Int64
    /// The last second at which the certificate is valid, in Unix seconds.
    public let notAfter: Int64
    /// The serial number in lower-case hexadecimal, two digits for every byte.
    public let serialNumber: String

    /// Puts together what belongs together.
    ///
    /// - Parameters:
    ///   - certificateChain: the certificate and those above it in DER, leaf first.
    ///   - privateKey: the key of the first of them.
    ///   - trust: the authorities that may vouch for peers.
    ///   - revocation: the revocation lists that peers are looked up in.
    ///   - atUnixSeconds: the current time.
    /// - Throws: ``ServiceIdentityError``: `material` when a certificate does not parse, is an authority's, is not that of the
    ///   key or has several SPIFFE IDs, `validity` when it has expired or is not valid yet.
    public init(
        certificateChain: [[UInt8]],
        privateKey: PrivateKey,
        trust: TrustStore,
        revocation: RevocationChecking = .none,
        atUnixSeconds: Int64
    ) throws(ServiceIdentityError) {
        let leaf = try Self.leaf(of: certificateChain)
        guard privateKey.matches(leaf) else {
            throw ServiceIdentityError(.material, "the private key is not that of the certificate \(leaf.label)")
        }
        try Self.check(leaf, at: atUnixSeconds)
        self.spiffeID = try Self.spiffeID(of: leaf)
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.trust = trust
        self.revocation = revocation
        self.notBefore = leaf.notBefore
        self.notAfter = leaf.notAfter
        self.serialNumber = SerialNumber(leaf.serialNumber).hexadecimal
    }

    /// Whether the certificate is valid at a moment in Unix seconds.
    public func isValid(atUnixSeconds now: Int64) -> Bool { (notBefore...notAfter).contains(now) }

    /// How long the certificate stays valid from a moment in Unix seconds, in seconds; 0 when it has expired.
    public func remainingSeconds(atUnixSeconds now: Int64) -> Int64 { max(0, notAfter - now) }

    private static func leaf(of chain: [[UInt8]]) throws(ServiceIdentityError) -> ParsedCertificate {
        guard let first = chain.first else { throw ServiceIdentityError(.material, "there is no certificate") }
        do throws(PKIError) {
            return try ParsedCertificate(der: first)
        } catch {
            throw ServiceIdentityError(.material, "the certificate: \(error)")
        }
    }

    private static func check(_ leaf: ParsedCertificate, at now: Int64) throws(ServiceIdentityError) {
        guard !leaf.isAuthority else {
            throw ServiceIdentityError(
                .material,
                "the certificate \(leaf.label) is an authority's; a service shows its own, the leaf, first"
            )
        }
        guard now <= leaf.notAfter else {
            let end = CalendarTime(unixSeconds: leaf.notAfter).rfc3339
            throw ServiceIdentityError(.validity, "the certificate \(leaf.label) has expired at \(end)")
        }
        guard leaf.notBefore <= now else {
            let begin = CalendarTime(unixSeconds: leaf.notBefore).rfc3339
            throw ServiceIdentityError(.validity, "the certificate \(leaf.label) is not valid before \(begin)")
        }
    }

    private static func spiffeID(of leaf: ParsedCertificate) throws(ServiceIdentityError) -> SPIFFEID? {
        let names = leaf.extensions.alternativeNames.compactMap { name -> String? in
            if case .uri(let uri) = name { uri } else { nil }
        }
        let identity = CallerIdentity(subject: leaf.subjectName, uriNames: names, trustDomains: .unrestricted)
        if let id = identity.spiffeID { return id }
        guard names.allSatisfy({ !$0.lowercased().hasPrefix("spiffe:") }) else {
            throw ServiceIdentityError(
                .material,
                "the certificate \(leaf.label) has URI names that make no single SPIFFE ID; an X.509-SVID has exactly one"
            )
        }
        return nil
    }
}

extension WorkloadIdentity: CustomStringConvertible, CustomReflectable {
    /// Who it is, by name and serial number, without the key.
    public var description: String { "\(spiffeID?.description ?? "an identity without a SPIFFE ID") (\(serialNumber))" }

    /// Nothing: a dump must not reach the key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
