import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

/// Revocation lists: what each state of one means for a peer, and for the configuration that names it.
@Suite struct RevocationTests {
    @Test func `a revoked serial number is refused, another is not`() throws {
        let root = try TestAuthority()
        var list = TestRevocationList()
        list.serials = [([0x12, 0x34], .keyCompromise), ([0x55], nil)]
        let checking = RevocationChecking.lists([try RevocationList(der: list.encoded(by: root))])
        var other = CertificateDraft()
        other.serialNumber = [0x12, 0x35]
        #expect(try root.verify([root.mint(other)], revocation: checking).code == nil)
        guard case .failure(let rejection) = try root.verify([root.mint()], revocation: checking) else {
            Issue.record("a revoked certificate was accepted")
            return
        }
        #expect(rejection.code == .revoked)
        #expect(rejection.explanation.contains("keyCompromise"))
    }

    @Test func `a list without entries revokes nobody`() throws {
        let root = try TestAuthority()
        let list = try RevocationList(der: TestRevocationList().encoded(by: root))
        #expect(list.entries.isEmpty)
        #expect(try root.verify([root.mint()], revocation: .lists([list])).code == nil)
        try list.check(against: root.trust, atUnixSeconds: TestClock.now)
    }

    @Test(arguments: [false, true])
    func `of two lists of the same second, the one with the higher number counts`(_ isRevokedInNewer: Bool) throws {
        let root = try TestAuthority()
        var older = TestRevocationList()
        older.number = [0x7F]
        var newer = TestRevocationList()
        newer.number = [0x01, 0x00]
        if isRevokedInNewer {
            newer.serials = [([0x12, 0x34], nil)]
        } else {
            older.serials = [([0x12, 0x34], .certificateHold)]
        }
        let lists = try [older, newer].map { try RevocationList(der: $0.encoded(by: root)) }
        for order in [lists, lists.reversed()] {
            let code = try root.verify([root.mint()], revocation: .lists(order)).code
            #expect(code == (isRevokedInNewer ? .revoked : nil))
        }
    }

    @Test(arguments: [[1], nil] as [[UInt8]?])
    func `of lists that no number tells apart, any revokes`(_ number: [UInt8]?) throws {
        let root = try TestAuthority()
        var clean = TestRevocationList()
        var revoking = TestRevocationList()
        clean.number = [1]
        revoking.number = number
        revoking.serials = [([0x12, 0x34], nil)]
        let lists = try [clean, revoking].map { try RevocationList(der: $0.encoded(by: root)) }
        var other = CertificateDraft()
        other.serialNumber = [0x12, 0x35]
        for order in [lists, lists.reversed()] {
            #expect(try root.verify([root.mint()], revocation: .lists(order)).code == .revoked)
            #expect(try root.verify([root.mint(other)], revocation: .lists(order)).code == nil)
        }
    }

    @Test func `no list at all refuses everybody when lists are asked for`() throws {
        let root = try TestAuthority()
        #expect(try root.verify([root.mint()], revocation: .none).code == nil)
        #expect(try root.verify([root.mint()], revocation: .lists([])).code == .revocationUnknown)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let configuration: PKIError.Code?
        let change: @Sendable (inout TestRevocationList) -> Void
    }

    static let faults: [Fault] = [
        Fault(testDescription: "past its next update", configuration: .staleRevocationList) {
            $0.nextUpdate = TestClock.now - 1
        },
        Fault(testDescription: "without a next update", configuration: .staleRevocationList) { $0.nextUpdate = nil },
        Fault(testDescription: "from the future", configuration: .staleRevocationList) {
            $0.thisUpdate = TestClock.now + 1
        },
        Fault(testDescription: "with an unknown critical extension", configuration: .malformedRevocationList) {
            $0.extra = [.init(oid: [1, 2, 3], critical: true, value: [5, 0])]
        },
        Fault(testDescription: "a delta list", configuration: .malformedRevocationList) {
            $0.extra = [.init(oid: [2, 5, 29, 27], critical: true, value: [2, 1, 1])]
        },
        Fault(testDescription: "for authorities alone", configuration: nil) {
            $0.extra = [.init(oid: [2, 5, 29, 28], critical: true, value: [0x30, 0x03, 0x82, 0x01, 0xFF])]
        },
        Fault(testDescription: "for other issuers as well", configuration: nil) {
            $0.extra = [.init(oid: [2, 5, 29, 28], critical: true, value: [0x30, 0x03, 0x84, 0x01, 0xFF])]
        },
    ]

    @Test(arguments: faults) func `a list that cannot be relied upon refuses, and configuration says why`(
        _ fault: Fault
    ) throws {
        let root = try TestAuthority()
        var draft = TestRevocationList()
        fault.change(&draft)
        let list = try RevocationList(der: draft.encoded(by: root))
        #expect(try root.verify([root.mint()], revocation: .lists([list])).code == .revocationUnknown)
        let trust = try root.trust
        let found: PKIError?
        do throws(PKIError) {
            try list.check(against: trust, atUnixSeconds: TestClock.now)
            found = nil
        } catch {
            found = error
        }
        #expect(found?.code == fault.configuration)
    }

    @Test func `a list of another issuer, or with another's signature, refuses`() throws {
        let root = try TestAuthority()
        let stranger = try TestAuthority(root: .authority("stranger"))
        let foreign = try RevocationList(der: TestRevocationList().encoded(by: stranger))
        #expect(try root.verify([root.mint()], revocation: .lists([foreign])).code == .revocationUnknown)
        let forged = try RevocationList(der: TestRevocationList().encoded(by: root, signedWith: stranger.key))
        #expect(try root.verify([root.mint()], revocation: .lists([forged])).code == .revocationUnknown)
        #expect(throws: PKIError(.foreignRevocationList, "")) {
            try forged.check(against: root.trust, atUnixSeconds: TestClock.now)
        }
    }

    @Test func `an issuer that may not sign lists is not believed`() throws {
        var draft = CertificateDraft.authority("root")
        draft.keyUsage = KeyUsage(keyCertSign: true)
        let root = try TestAuthority(root: draft)
        let list = try RevocationList(der: TestRevocationList().encoded(by: root))
        #expect(try root.verify([root.mint()], revocation: .lists([list])).code == .revocationUnknown)
    }

    @Test func `the newest usable list counts`() throws {
        let root = try TestAuthority()
        var old = TestRevocationList()
        old.thisUpdate = TestClock.now - 600
        var new = TestRevocationList()
        new.serials = [([0x12, 0x34], .superseded)]
        let lists = try [RevocationList(der: old.encoded(by: root)), RevocationList(der: new.encoded(by: root))]
        #expect(try root.verify([root.mint()], revocation: .lists(lists)).code == .revoked)
        #expect(try root.verify([root.mint()], revocation: .lists(lists.reversed())).code == .revoked)
        #expect(try root.verify([root.mint()], revocation: .lists([lists[0]])).code == nil)
    }

    @Test func `an intermediate is checked when there is a list of its issuer`() throws {
        let root = try TestAuthority()
        var draft = CertificateDraft.authority("intermediate")
        draft.serialNumber = [0x77]
        let intermediate = try root.intermediate(draft)
        let leafList = try RevocationList(der: TestRevocationList().encoded(by: intermediate))
        let chain = [try intermediate.mint(), intermediate.der]
        #expect(try root.verify(chain, revocation: .lists([leafList])).code == nil)
        var revoking = TestRevocationList()
        revoking.serials = [([0x77], .caCompromise)]
        let rootList = try RevocationList(der: revoking.encoded(by: root))
        #expect(try root.verify(chain, revocation: .lists([leafList, rootList])).code == .revoked)
        #expect(try root.verify(chain, revocation: .lists([rootList])).code == .revocationUnknown)
    }

    /// Judges a leaf by two trust domains' bundles, of which the first's lists are demanded.
    private func verdict(
        on leaf: [UInt8],
        by own: TestAuthority,
        and other: TestAuthority,
        lists: [RevocationList]
    ) throws -> Result<VerifiedPeer, ChainRejection> {
        let domains = try ["own.example", "other.example"].map { try TrustDomain(parsing: $0) }
        let bundles = zip([own, other], domains).map {
            TrustBundle(authoritiesDER: [$0.der], trustDomains: .only([$1]))
        }
        return ChainVerifier(
            trust: try TrustStore(bundles: bundles),
            purpose: .client,
            revocation: .lists(lists, demandedOf: .only([domains[0]]))
        ).verify(UnverifiedPeerChain(derCertificates: [leaf]), atUnixSeconds: TestClock.now)
    }

    @Test(arguments: ["other", "root"]) func `lists are demanded of one trust domain, and count for others too`(
        _ name: String
    ) throws {
        let own = try TestAuthority()
        // Also one that bears the name of the own domain's.
        let other = try TestAuthority(root: .authority(name))
        let clean = try RevocationList(der: TestRevocationList().encoded(by: own))
        #expect(try verdict(on: own.mint(), by: own, and: other, lists: [clean]).code == nil)
        #expect(try verdict(on: own.mint(), by: own, and: other, lists: []).code == .revocationUnknown)
        let federated = try verdict(on: other.mint(), by: own, and: other, lists: [clean])
        #expect(federated.code == nil)
        // What the own domain's list says by when it ends is nothing that the verdict relies upon.
        let peer = try federated.get()
        #expect(peer.verifiedUntil == peer.validUntil)
        var draft = TestRevocationList()
        draft.serials = [([0x12, 0x34], .keyCompromise)]
        let ownRevoking = try RevocationList(der: draft.encoded(by: own))
        let otherRevoking = try RevocationList(der: draft.encoded(by: other))
        #expect(try verdict(on: own.mint(), by: own, and: other, lists: [ownRevoking]).code == .revoked)
        #expect(try verdict(on: other.mint(), by: own, and: other, lists: [ownRevoking]).code == nil)
        #expect(try verdict(on: other.mint(), by: own, and: other, lists: [clean, otherRevoking]).code == .revoked)
        #expect(try verdict(on: own.mint(), by: own, and: other, lists: [clean, otherRevoking]).code == nil)
        // A list of its own issuer that is too old refuses a peer of the other domain as well.
        draft.serials = []
        draft.nextUpdate = TestClock.now - 1
        let stale = try RevocationList(der: draft.encoded(by: other))
        #expect(try verdict(on: other.mint(), by: own, and: other, lists: [clean, stale]).code == .revocationUnknown)
    }

    @Test func `a list for one distribution point covers certificates that name it`() throws {
        let root = try TestAuthority()
        var draft = TestRevocationList()
        let points = try DistributionPoints.certificateExtension(["http://crl.example/1"])
        // The extension is a sequence of points; the list names the first one's name itself.
        let value = Array(points.value.dropFirst(4))
        draft.extra = [.init(oid: [2, 5, 29, 28], critical: true, value: ([0x30, UInt8(value.count)] + value)[...])]
        let list = try RevocationList(der: draft.encoded(by: root))
        var leaf = CertificateDraft()
        leaf.distributionPoints = ["http://crl.example/1"]
        #expect(try root.verify([root.mint(leaf)], revocation: .lists([list])).code == nil)
        leaf.distributionPoints = ["http://crl.example/2"]
        #expect(try root.verify([root.mint(leaf)], revocation: .lists([list])).code == .revocationUnknown)
    }

    @Test func `an empty file is no list`() {
        for text in ["", "# nothing\n"] {
            #expect(throws: PKIError(.nothingFound, "")) { try RevocationList.lists(pem: Array(text.utf8)) }
        }
        #expect(throws: PKIError(.malformedRevocationList, "")) { try RevocationList(der: [0x30, 0x00]) }
    }
}
