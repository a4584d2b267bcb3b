import CountersignIdentity
import CountersignPKI
import CountersignProtobuf
import CountersignWorkload
import Testing

/// What a client takes from a Workload API, and what it does not.
@Suite struct WorkloadIdentityTests {
    private static let now: Int64 = 1_800_000_000

    private static func issued(
        _ service: String = "users",
        domain: String = "link.internal"
    ) throws -> (message: X509SVIDMessage, authority: IssuingAuthority) {
        let trustDomain = try TrustDomain(parsing: domain)
        let authority = try IssuingAuthority.ephemeral(trustDomain: trustDomain, now: now)
        let profile = try CertificateProfile.workload(
            trustDomain: trustDomain,
            namespace: "default",
            service: service,
            lifetimeSeconds: 3600
        )
        let identity = try authority.issue(profile, key: .p256, now: now)
        var message = X509SVIDMessage()
        message.spiffeID = "spiffe://\(domain)/ns/default/sa/\(service)"
        message.certificates = identity.certificate.chainDER.flatMap(\.self)
        message.privateKey = identity.key.derPKCS8
        message.bundle = try TrustStore(pem: authority.trustBundlePEM).authoritiesDER.flatMap(\.self)
        return (message, authority)
    }

    private static func isTaken(_ message: X509SVIDMessage, at moment: Int64 = now) -> Bool {
        (try? WorkloadIdentity(verifying: message, atUnixSeconds: moment)) != nil
    }

    @Test func `takes what its own bundle vouches for`() throws {
        let message = try Self.issued().message
        let identity = try WorkloadIdentity(verifying: message, atUnixSeconds: Self.now)
        #expect(identity.id.description == message.spiffeID)
        #expect(identity.chainDER.flatMap(\.self) == message.certificates)
    }

    @Test func `refuses an identity whose parts do not belong together`() throws {
        let (message, _) = try Self.issued()
        let other = try Self.issued().message
        var changed = message
        changed.privateKey = other.privateKey
        #expect(!Self.isTaken(changed))
        changed = message
        changed.bundle = other.bundle
        #expect(!Self.isTaken(changed))
        changed = message
        changed.spiffeID = "spiffe://link.internal/ns/default/sa/others"
        #expect(!Self.isTaken(changed))
        changed = message
        changed.bundle = []
        #expect(!Self.isTaken(changed))
        changed = message
        changed.certificates = []
        #expect(!Self.isTaken(changed))
    }

    @Test func `refuses certificates that are cut off or not over yet`() throws {
        let (message, _) = try Self.issued()
        var changed = message
        changed.certificates.removeLast()
        #expect(!Self.isTaken(changed))
        changed = message
        changed.certificates.append(0x30)
        #expect(!Self.isTaken(changed))
        #expect(!Self.isTaken(message, at: Self.now + 7200))
    }

    @Test func `refuses an authority's certificate as an identity`() throws {
        let (message, _) = try Self.issued()
        var changed = message
        changed.certificates = message.bundle
        #expect(!Self.isTaken(changed))
    }

    @Test func `refuses answers with two identities of one hint, and with none`() throws {
        var response = X509SVIDResponse()
        #expect(throws: WorkloadError.self) { try WorkloadIdentity.verifying(response, atUnixSeconds: Self.now) }
        response.svids = [try Self.issued("a").message, try Self.issued("b").message]
        #expect(try WorkloadIdentity.verifying(response, atUnixSeconds: Self.now).count == 2)
        for index in response.svids.indices { response.svids[index].hint = "same" }
        #expect(throws: WorkloadError.self) { try WorkloadIdentity.verifying(response, atUnixSeconds: Self.now) }
    }

    @Test func `messages are read as they are written`() throws {
        var response = X509SVIDResponse()
        response.svids = [try Self.issued("a").message]
        response.svids[0].hint = "a"
        response.revocationLists = [[1, 2], []]
        response.federatedBundles = ["spiffe://b": [3], "spiffe://a": [4]]
        #expect(try X509SVIDResponse(parsing: response.bytes) == response)
        var bundles = X509BundlesResponse()
        bundles.bundles = ["spiffe://b": [3]]
        bundles.revocationLists = [[9]]
        #expect(try X509BundlesResponse(parsing: bundles.bytes) == bundles)
        var request = JWTSVIDRequest()
        request.audiences = ["", "a"]
        request.spiffeID = "spiffe://a/b"
        #expect(try JWTSVIDRequest(parsing: request.bytes) == request)
        #expect(throws: ProtobufError.self) { try X509SVIDResponse(parsing: [0x0A, 0x05, 0x01]) }
    }

    @Test func `keys are in no dump`() throws {
        let message = try Self.issued().message
        var text = ""
        dump(message, to: &text)
        dump(try WorkloadIdentity(verifying: message, atUnixSeconds: Self.now), to: &text)
        #expect(!text.contains("privateKey") && !text.contains("[UInt8]"))
    }
}
