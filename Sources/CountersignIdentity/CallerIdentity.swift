/// What a verified certificate says about its holder.
///
/// The value itself proves nothing: make it only from a certificate whose chain was verified on this connection.
public struct CallerIdentity: Hashable, Sendable {
    /// The subject of the certificate.
    public let subject: DistinguishedName
    /// The holder's SPIFFE ID; always of a workload, `nil` when there is none or the certificate is ambiguous.
    public let spiffeID: SPIFFEID?
    /// The holder's Cloud Foundry identity; `nil` when there is none or the certificate is ambiguous.
    public let cloudFoundry: CloudFoundryIdentity?
    /// Why the certificate gives no identity at all, when it is for that reason.
    public let ambiguity: IdentityAmbiguity?

    /// Reads the identity from the parts of a verified certificate.
    ///
    /// - Parameters:
    ///   - subject: The subject of the certificate.
    ///   - uriNames: Every URI among its subject alternative names, not only those that look like SPIFFE IDs.
    ///   - trustDomains: The trust domains that the verified chain's authorities speak for.
    public init(subject: DistinguishedName, uriNames: [String], trustDomains: TrustDomainScope) {
        self.subject = subject
        do {
            let spiffeID = try Self.spiffeID(uriNames, trustDomains)
            self.cloudFoundry = try CloudFoundryIdentity(subject: subject)
            self.spiffeID = spiffeID
            self.ambiguity = nil
        } catch {
            self.cloudFoundry = nil
            self.spiffeID = nil
            self.ambiguity = error
        }
    }

    /// Whether there is an identity that a policy can name.
    public var isIdentified: Bool { spiffeID != nil || cloudFoundry != nil }

    /// The identity in the words of the access log.
    public var logFields: CallerLogFields { CallerLogFields(self) }

    private static func spiffeID(
        _ uriNames: [String],
        _ trustDomains: TrustDomainScope
    ) throws(IdentityAmbiguity) -> SPIFFEID? {
        guard uriNames.count <= 1 else { throw .severalURINames }
        // Folded for this question only: `SPIFFE://…` must not pass as a URI that is none of our business.
        guard let name = uriNames.first, name.lowercased().utf8.starts(with: "spiffe:".utf8) else { return nil }
        let id: SPIFFEID
        do {
            id = try SPIFFEID(parsing: name)
        } catch {
            throw .malformedSPIFFEID
        }
        guard id.namesWorkload else { throw .malformedSPIFFEID }
        guard trustDomains.contains(id.trustDomain) else { throw .foreignTrustDomain }
        return id
    }
}
