package import CountersignIdentity
import CountersignPKI
import CountersignWorkload

/// What is taken of the answers of a Workload API.
package struct WorkloadSelection: Sendable {
    private let id: SPIFFEID?
    private let trustDomain: TrustDomain?
    private let trustsFederatedDomains: Bool

    /// Says what is taken.
    ///
    /// - Parameters:
    ///   - id: the identity that is wanted; nil for the first one, which is the default one (SPIFFE Workload API section 5.3).
    ///   - trustDomain: the trust domain that the identity has to be of; nil for any.
    ///   - trustsFederatedDomains: whether the bundles of other trust domains vouch for peers of those.
    package init(id: SPIFFEID? = nil, trustDomain: TrustDomain? = nil, trustsFederatedDomains: Bool = false) {
        self.id = id
        self.trustDomain = trustDomain
        self.trustsFederatedDomains = trustsFederatedDomains
    }

    /// The identity in an answer of FetchX509SVID, with its bundles and revocation lists.
    ///
    /// - Throws: what is wrong with the answer; a bundle or a list that cannot be read makes it useless as a whole, as peers would be
    ///   let in or refused wrongly.
    package func identity(in message: [UInt8], atUnixSeconds now: Int64) throws -> WorkloadIdentity {
        let response = try X509SVIDResponse(parsing: message)
        let identities = try CountersignWorkload.WorkloadIdentity.verifying(response, atUnixSeconds: now)
        let wanted = identities.first {
            (id == nil || $0.id == id) && (trustDomain == nil || $0.id.trustDomain == trustDomain)
        }
        guard let own = wanted else {
            let given = identities.map(\.id.description).joined(separator: ", ")
            let expected = id?.description ?? trustDomain.map { "one of \($0)" } ?? "another one"
            throw WorkloadError("the Workload API gives \(given), where \(expected) is expected")
        }
        let domain = own.id.trustDomain
        let bundle = TrustBundle(authoritiesDER: own.authoritiesDER, trustDomains: .only([domain]))
        let others = trustsFederatedDomains ? try Self.federated(response, besides: domain) : []
        let lists = try response.revocationLists.map { try RevocationList(der: $0) }
        return try WorkloadIdentity(
            certificateChain: own.chainDER,
            privateKey: own.key,
            trust: try TrustStore(bundles: [bundle] + others),
            revocation: lists.isEmpty ? .none : .lists(lists, demandedOf: .only([domain])),
            atUnixSeconds: now
        )
    }

    private static func federated(_ response: X509SVIDResponse, besides own: TrustDomain) throws -> [TrustBundle] {
        try response.federatedBundles.sorted { $0.key < $1.key }.compactMap { name, bundle in
            guard name.hasPrefix(scheme) else {
                throw WorkloadError("a federated bundle of \(PrintableText.escaped(name)), which names no trust domain")
            }
            let domain = try TrustDomain(parsing: String(name.dropFirst(scheme.count)))
            guard domain != own else { return nil }
            let authorities = try CountersignWorkload.WorkloadIdentity.certificates(of: bundle)
            return TrustBundle(authoritiesDER: authorities, trustDomains: .only([domain]))
        }
    }

    private static let scheme = "spiffe://"
}
