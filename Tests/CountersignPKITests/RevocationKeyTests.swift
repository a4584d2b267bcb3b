import Testing

@testable import CountersignPKI

@Suite struct RevocationKeyTests {
    @Test func `leading zeros of a serial number do not count`() {
        let key = RevocationKey(issuerKeyIdentifier: [1, 2], serial: [0x80, 1])
        #expect(RevocationKey(issuerKeyIdentifier: [1, 2], serial: [0, 0x80, 1]) == key)
        #expect(RevocationKey(issuerKeyIdentifier: [1, 2], serial: [0x80, 1, 0]) != key)
    }

    @Test func `issuers and serial numbers do not run into each other`() {
        #expect(
            RevocationKey(issuerKeyIdentifier: [1], serial: [2, 3])
                != RevocationKey(issuerKeyIdentifier: [1, 2], serial: [3])
        )
        #expect(RevocationKey(issuerKeyIdentifier: [1], serial: [2]) != RevocationKey(issuerDER: [1], serial: [2]))
    }

    @Test func `a peer has the keys of every certificate of its path`() throws {
        let root = try TestAuthority()
        let intermediate = try root.intermediate()
        let leaf = try intermediate.mint()
        let peer = try root.verify([leaf, intermediate.der]).get()
        let path = try [leaf, intermediate.der, root.der].map { try ParsedCertificate(der: $0) }
        let identifiers = [intermediate, root, root].map(\.key.publicKey.keyIdentifier)
        let expected = zip(path, identifiers).map {
            RevocationKey(issuerKeyIdentifier: $1, serial: $0.serialNumber)
        }
        #expect(Set(peer.revocationKeys.byKeyIdentifier).isSuperset(of: expected))
        #expect(
            peer.revocationKeys.byIssuerName
                == path.map { RevocationKey(issuerDER: $0.issuerDER, serial: $0.serialNumber) }
        )
    }

    @Test func `only what a list has come to name is new`() throws {
        let root = try TestAuthority()
        var list = TestRevocationList()
        list.serials = [([0x12], nil)]
        let before = RevocationChecking.lists([try RevocationList(der: list.encoded(by: root))])
        #expect(before.newlyListed(since: before).isEmpty)
        list.serials.append(([0x34], .keyCompromise))
        let after = RevocationChecking.lists([try RevocationList(der: list.encoded(by: root))])
        #expect(after.newlyListed(since: before) == [RevocationKey(issuerDER: root.name, serial: [0x34])])
        #expect(before.newlyListed(since: after).isEmpty)
        #expect(after.newlyListed(since: .none).count == 2)
    }
}
