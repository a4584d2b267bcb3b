import CountersignPKI
import Testing

@testable import CountersignRouter

@Suite struct RevokedCertificatesTests {
    private let now = TestPeers.now

    private func entry(_ key: RevocationKey, notAfter: Int64 = TestPeers.now + 60) -> RevokedCertificate {
        RevokedCertificate(key: key, date: now, reason: .keyCompromise, notAfter: notAfter)
    }

    @Test func `a revoked peer is refused and another is not`() throws {
        let peers = try TestPeers()
        let (revoked, other) = (try peers.peer("a"), try peers.peer("b"))
        let set = RevokedCertificates()
        #expect(set.rejection(of: revoked) == nil)
        let key = try TestPeers.key(of: revoked)
        #expect(set.apply(.revoke(entry(key)), now: now) == [key])
        let rejection = try #require(set.rejection(of: revoked))
        #expect(rejection.code == .revoked && rejection.explanation.contains("keyCompromise"))
        #expect(set.rejection(of: other) == nil)
        #expect(set.count == 1)
    }

    @Test func `a peer below a revoked authority is refused`() throws {
        let peers = try TestPeers()
        let peer = try peers.peer()
        let root = peers.authority.certificate
        let key = RevocationKey(issuerKeyIdentifier: root.publicKey.keyIdentifier, serial: root.serialNumber)
        let set = RevokedCertificates()
        #expect(set.apply(.revoke(entry(key)), now: now) == [key])
        #expect(set.rejection(of: peer)?.code == .revoked)
    }

    @Test func `the same serial number of another issuer is somebody else`() throws {
        let peer = try TestPeers().peer()
        let leaf = try ParsedCertificate(der: peer.leafDER)
        let key = RevocationKey(issuerKeyIdentifier: Array(repeating: 7, count: 20), serial: leaf.serialNumber)
        let set = RevokedCertificates()
        #expect(set.apply(.revoke(entry(key)), now: now) == [key])
        #expect(set.rejection(of: peer) == nil)
    }

    @Test func `a release makes a certificate count again, and a repeated revocation changes nothing`() throws {
        let peer = try TestPeers().peer()
        let key = try TestPeers.key(of: peer)
        let set = RevokedCertificates()
        _ = set.apply(.revoke(entry(key)), now: now)
        #expect(set.apply(.revoke(entry(key)), now: now) == [])
        #expect(set.apply(.release(key), now: now) == [])
        #expect(set.apply(.release(key), now: now) == [])
        #expect(set.rejection(of: peer) == nil)
        #expect(set.count == 0)
    }

    @Test func `a whole set takes the place of another and tells what is new in it`() {
        let keys = (0..<300).map {
            RevocationKey(issuerKeyIdentifier: [1], serial: [UInt8($0 >> 8), UInt8($0 & 0xFF)])
        }
        let set = RevokedCertificates()
        #expect(Set(set.apply(.replaceAll(keys[..<200].map { entry($0) }), now: now)) == Set(keys[..<200]))
        #expect(Set(set.apply(.replaceAll(keys[100...].map { entry($0) }), now: now)) == Set(keys[200...]))
        #expect(set.count == 200)
        #expect(!set.contains(keys[99]) && set.contains(keys[100]) && set.contains(keys[299]))
    }

    @Test func `certificates that have ended are left out and dropped`() {
        let keys = (UInt8(0)..<3).map { RevocationKey(issuerKeyIdentifier: [1], serial: [$0]) }
        let set = RevokedCertificates()
        #expect(set.apply(.revoke(entry(keys[0], notAfter: now - 1)), now: now) == [])
        _ = set.apply(.replaceAll([entry(keys[1], notAfter: now), entry(keys[2], notAfter: .max)]), now: now)
        #expect(set.count == 2)
        set.dropEnded(now: now)
        #expect(set.count == 2)
        set.dropEnded(now: now + 1)
        #expect(set.count == 1 && set.contains(keys[2]))
    }

    @Test func `every change moves the generation on`() throws {
        let set = RevokedCertificates()
        let key = RevocationKey(issuerKeyIdentifier: [1], serial: [1])
        var last = set.generation
        for change in [RevocationChange.revoke(entry(key)), .release(key), .replaceAll([])] {
            _ = set.apply(change, now: now)
            #expect(set.generation != last)
            last = set.generation
        }
        set.checkFreshness(now: 1)
        #expect(set.generation == last)
    }

    @Test func `with a rule that refuses, nobody passes until the feed was heard, and when it falls silent`() throws {
        let peer = try TestPeers().peer()
        let set = RevokedCertificates()
        set.freshness.set(.init(maximumAge: .seconds(10), refuses: true), now: 0)
        set.checkFreshness(now: 1)
        #expect(set.rejection(of: peer)?.code == .revocationUnknown)
        set.freshness.confirm(now: 1_000_000_000)
        let before = set.generation
        set.checkFreshness(now: 11_000_000_000)
        #expect(set.rejection(of: peer) == nil)
        #expect(set.generation != before)
        set.checkFreshness(now: 11_000_000_001)
        #expect(set.rejection(of: peer)?.code == .revocationUnknown)
        set.freshness.set(nil, now: 0)
        set.checkFreshness(now: 11_000_000_002)
        #expect(set.rejection(of: peer) == nil)
    }

    @Test func `with a rule that warns, silence is told once and refuses nobody`() async throws {
        let peer = try TestPeers().peer()
        let set = RevokedCertificates()
        await confirmation(expectedCount: 2) { told in
            set.freshness.observe { _ in told() }
            set.freshness.set(.init(maximumAge: .seconds(10), refuses: false), now: 5)
            for now in [6, 10_000_000_005, 10_000_000_006, 10_000_000_007] as [UInt64] {
                set.checkFreshness(now: now)
                #expect(set.rejection(of: peer) == nil)
            }
            set.freshness.confirm(now: 10_000_000_008)
            set.checkFreshness(now: 10_000_000_009)
        }
    }
}
