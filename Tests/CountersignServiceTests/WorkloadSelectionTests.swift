import CountersignPKI
import CountersignService
import CountersignWorkload
import Testing

/// Answers of a Workload API, and whom an identity that is made of them believes.
@Suite struct WorkloadSelectionTests {
    private typealias Own = CountersignService.WorkloadIdentity

    private static let now: Int64 = 1_800_000_000

    /// An authority of a trust domain, and what it issues.
    private struct Domain {
        let name: TrustDomain
        let authority: IssuingAuthority

        init(_ name: String) throws {
            self.name = try TrustDomain(parsing: name)
            authority = try .ephemeral(trustDomain: self.name, now: now)
        }

        var bundle: [UInt8] {
            get throws { try CertificateChain(pem: Array(authority.trustBundlePEM.utf8)).der.flatMap(\.self) }
        }

        func issue(_ service: String) throws -> IssuedIdentity {
            let profile = try CertificateProfile.workload(trustDomain: name, namespace: "shop", service: service)
            return try authority.issue(profile, key: .p256, now: now)
        }

        /// The identity of a service as the API gives it.
        func message(for service: String) throws -> X509SVIDMessage {
            let issued = try issue(service)
            var message = X509SVIDMessage()
            message.spiffeID = "spiffe://\(name)/ns/shop/sa/\(service)"
            message.certificates = issued.certificate.der + issued.certificate.issuersDER.flatMap(\.self)
            message.privateKey = issued.key.derPKCS8
            message.bundle = try bundle
            return message
        }

        func list(revoking identities: IssuedIdentity...) throws -> [UInt8] {
            let entries = identities.map {
                RevocationListContent.Entry(
                    serialNumber: $0.certificate.serialNumber,
                    date: now - 60,
                    reason: .keyCompromise
                )
            }
            let end = now + 3_600
            return try authority.revocationList(
                RevocationListContent(number: 1, thisUpdate: now - 60, nextUpdate: end, entries: entries)
            )
        }
    }

    private let own: Domain
    private let other: Domain
    private var answer = X509SVIDResponse()

    init() throws {
        own = try Domain("own.example")
        other = try Domain("other.example")
        answer.svids = [try own.message(for: "orders")]
    }

    private func verdict(on peer: IssuedIdentity, by identity: Own) -> ChainRejection.Code? {
        let verifier = ChainVerifier(trust: identity.trust, purpose: .client, revocation: identity.revocation)
        let chain = UnverifiedPeerChain(derCertificates: [peer.certificate.der] + peer.certificate.issuersDER)
        if case .failure(let rejection) = verifier.verify(chain, atUnixSeconds: Self.now) { return rejection.code }
        return nil
    }

    private func identity(_ selection: WorkloadSelection = WorkloadSelection()) throws -> Own {
        try selection.identity(in: answer.bytes, atUnixSeconds: Self.now)
    }

    @Test mutating func listsOfTheAnswerCount() throws {
        let (revoked, good) = (try own.issue("revoked"), try own.issue("good"))
        #expect(verdict(on: revoked, by: try identity()) == nil)
        answer.revocationLists = [try own.list(revoking: revoked)]
        #expect(verdict(on: revoked, by: try identity()) == .revoked)
        #expect(verdict(on: good, by: try identity()) == nil)
        answer.revocationLists = [[0x30, 0x01]]
        #expect(throws: PKIError.self) { try identity() }
    }

    @Test mutating func otherTrustDomainsCountWhereThatIsWantedAlone() throws {
        answer.federatedBundles = ["spiffe://other.example": try other.bundle]
        let peer = try other.issue("billing")
        #expect(verdict(on: peer, by: try identity()) != nil)
        let federating = WorkloadSelection(trustsFederatedDomains: true)
        #expect(verdict(on: peer, by: try identity(federating)) == nil)
        #expect(try identity(federating).trust.trustDomains == .only([own.name, other.name]))
        // Its authority vouches for nobody of the own domain.
        let foreign = try other.authority.issue(
            try .workload(trustDomain: own.name, namespace: "shop", service: "orders"),
            key: .p256,
            now: Self.now
        )
        #expect(verdict(on: foreign, by: try identity(federating)) != nil)
    }

    @Test mutating func listsOfTheOwnTrustDomainRefuseNobodyOfAnother() throws {
        answer.federatedBundles = ["spiffe://other.example": try other.bundle]
        let federating = WorkloadSelection(trustsFederatedDomains: true)
        let (revoked, good) = (try own.issue("revoked"), try own.issue("good"))
        let (partner, former) = (try other.issue("partner"), try other.issue("former"))
        answer.revocationLists = [try own.list(revoking: revoked)]
        #expect(verdict(on: revoked, by: try identity(federating)) == .revoked)
        #expect(verdict(on: good, by: try identity(federating)) == nil)
        #expect(verdict(on: partner, by: try identity(federating)) == nil)
        answer.revocationLists.append(try other.list(revoking: former))
        #expect(verdict(on: former, by: try identity(federating)) == .revoked)
        #expect(verdict(on: partner, by: try identity(federating)) == nil)
        // With lists, the own domain's is missed.
        answer.revocationLists.removeFirst()
        #expect(verdict(on: good, by: try identity(federating)) == .revocationUnknown)
        #expect(verdict(on: partner, by: try identity(federating)) == nil)
    }

    @Test mutating func aFederatedBundleNamesItsTrustDomain() throws {
        answer.federatedBundles = ["other.example": try other.bundle]
        #expect(throws: WorkloadError.self) { try identity(WorkloadSelection(trustsFederatedDomains: true)) }
        _ = try identity()
    }

    @Test func anIdentityOfAnotherTrustDomainIsNotTaken() throws {
        #expect(try identity(WorkloadSelection(trustDomain: own.name)).spiffeID?.trustDomain == own.name)
        #expect(throws: WorkloadError.self) { try identity(WorkloadSelection(trustDomain: other.name)) }
    }

    @Test mutating func oneOfSeveralIdentitiesIsChosenByItsID() throws {
        let first = try #require(try identity().spiffeID)
        let (second, foreign) = (try own.message(for: "second"), try other.message(for: "first"))
        answer.svids += [second, foreign]
        #expect(try identity().spiffeID == first)
        for message in [second, foreign] {
            let id = try SPIFFEID(parsing: message.spiffeID)
            #expect(try identity(WorkloadSelection(id: id)).spiffeID == id)
            let elsewhere = id.trustDomain == own.name ? other.name : own.name
            #expect(throws: WorkloadError.self) { try identity(WorkloadSelection(id: id, trustDomain: elsewhere)) }
        }
        #expect(try identity(WorkloadSelection(trustDomain: other.name)).spiffeID?.description == foreign.spiffeID)
        let error = #expect(throws: WorkloadError.self) {
            try identity(WorkloadSelection(id: try SPIFFEID(parsing: "spiffe://\(own.name)/ns/shop/sa/third")))
        }
        #expect(error?.message.contains(first.description) == true && error?.message.contains("/sa/third") == true)
    }
}
