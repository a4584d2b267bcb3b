import Testing
import X509

@testable import CountersignPKI

/// The search for a path through what a peer sends.
@Suite struct PathSearchTests {
    @Test func `intermediates may come in any order, with others among them`() throws {
        let root = try TestAuthority()
        let first = try root.intermediate(.authority("first"))
        let second = try first.intermediate(.authority("second"))
        let stranger = try TestAuthority(root: .authority("stranger"))
        let leaf = try second.mint()
        for order in [
            [first.der, second.der], [second.der, first.der], [stranger.der, second.der, root.der, first.der],
        ] {
            let peer = try root.verify([leaf] + order).get()
            #expect(peer.issuersDER == [second.der, first.der])
        }
        #expect(try root.verify([leaf, second.der]).code == .unknownIssuer)
        #expect(try root.verify([leaf, first.der]).code == .unknownIssuer)
    }

    @Test func `a cross-signed authority is reached by the path that is trusted`() throws {
        let key = try PrivateKey.generate(.p256)
        let oldRoot = try TestAuthority(root: .authority("old root"))
        let newRoot = try TestAuthority(root: .authority("new root"))
        let byOld = try oldRoot.intermediate(.authority("shared"), key: key)
        let byNew = try newRoot.intermediate(.authority("shared"), key: key)
        let leaf = try byOld.mint()
        for order in [[byOld.der, byNew.der], [byNew.der, byOld.der]] {
            #expect(try oldRoot.verify([leaf] + order).get().issuersDER == [byOld.der])
            #expect(try newRoot.verify([leaf] + order).get().issuersDER == [byNew.der])
        }
    }

    @Test func `an expired way is passed over when another is good`() throws {
        let key = try PrivateKey.generate(.p256)
        let root = try TestAuthority()
        var draft = CertificateDraft.authority("shared")
        draft.notAfter = TestClock.now - 1
        let expired = try root.intermediate(draft, key: key)
        let current = try root.intermediate(.authority("shared"), key: key)
        let leaf = try current.mint()
        #expect(try root.verify([leaf, expired.der, current.der]).get().issuersDER == [current.der])
        #expect(try root.verify([leaf, expired.der]).code == .expired)
    }

    @Test func `two authorities of one name are told apart by their keys`() throws {
        let one = try TestAuthority(root: .authority("same"))
        let two = try TestAuthority(root: .authority("same"))
        let trust = try TrustStore(derCertificates: [one.der, two.der])
        let verifier = ChainVerifier(trust: trust, purpose: .client)
        for authority in [one, two] {
            var draft = CertificateDraft()
            #expect(
                try verifier.verify(.init(derCertificates: [authority.mint(draft)]), atUnixSeconds: TestClock.now).code
                    == nil
            )
            draft.hasKeyIdentifiers = false
            #expect(
                try verifier.verify(.init(derCertificates: [authority.mint(draft)]), atUnixSeconds: TestClock.now).code
                    == nil
            )
        }
    }

    @Test func `path length and depth limit the authorities below`() throws {
        let root = try TestAuthority(root: .authority("root", pathLength: 1))
        let first = try root.intermediate(.authority("first"))
        let second = try first.intermediate(.authority("second"))
        #expect(try root.verify([first.mint(), first.der]).code == nil)
        #expect(try root.verify([second.mint(), second.der, first.der]).code == .pathLengthExceeded)
        let free = try TestAuthority()
        let below = try free.intermediate(.authority("first")).intermediate(.authority("unused"))
        _ = below
        let one = try free.intermediate(.authority("one"))
        let two = try one.intermediate(.authority("two"))
        #expect(try free.verify([two.mint(), two.der, one.der], maxDepth: 2).code == nil)
        #expect(try free.verify([two.mint(), two.der, one.der], maxDepth: 1).code == .pathLengthExceeded)
        #expect(try free.verify([free.mint()], maxDepth: 0).code == nil)
    }

    @Test func `a self-issued authority does not use up the path length`() throws {
        let root = try TestAuthority(root: .authority("root", pathLength: 0))
        let rolledOver = try root.intermediate(.authority("root", pathLength: 0))
        #expect(try root.verify([rolledOver.mint(), rolledOver.der]).code == nil)
        let other = try root.intermediate(.authority("other"))
        #expect(try root.verify([other.mint(), other.der]).code == .pathLengthExceeded)
    }

    @Test func `authorities that vouch for one another in a circle end in bounded work`() throws {
        let root = try TestAuthority()
        let keys = try (0..<9).map { _ in try PrivateKey.generate(.p256) }
        let names = ["a", "b", "c"]
        var circle: [[UInt8]] = []
        for (index, key) in keys.enumerated() {
            let issuer = try TestAuthority(root: .authority(names[(index + 1) % 3]), key: keys[(index + 1) % 9])
            circle.append(try issuer.intermediate(.authority(names[index % 3]), key: key).der)
        }
        let leaf = try TestAuthority(root: .authority("a"), key: keys[0]).mint()
        #expect(try root.verify([leaf] + circle).code != nil)
        // The same authorities under one name, each signed by the next: every one is a candidate at every step.
        var knot: [[UInt8]] = []
        for (index, key) in keys.enumerated() {
            let issuer = try TestAuthority(root: .authority("knot"), key: keys[(index + 1) % 9])
            var draft = CertificateDraft.authority("knot")
            draft.hasKeyIdentifiers = false
            knot.append(try issuer.intermediate(draft, key: key).der)
        }
        let tied = try TestAuthority(root: .authority("knot"), key: keys[0]).mint()
        let code = try root.verify([tied] + knot).code
        #expect(code == .tooComplex || code == .unknownIssuer)
        #expect(try signatures(root, [tied] + knot) == 0)
    }

    @Test func `no signature is checked by a key that nobody trusted vouches for`() throws {
        let root = try TestAuthority()
        let keys = try (0..<9).map { _ in try PrivateKey.generate(.p256) }
        // Each says that the trusted authority, or another of them, issued it, and without key identifiers all fit.
        var draft = CertificateDraft.authority("root")
        draft.hasKeyIdentifiers = false
        let impostors = try (0..<9).map { index in
            try TestAuthority(root: draft, key: keys[(index + 1) % 9]).intermediate(draft, key: keys[index]).der
        }
        draft = CertificateDraft()
        draft.hasKeyIdentifiers = false
        let leaf = try TestAuthority(root: .authority("root"), key: keys[0]).mint(draft)
        #expect(try root.verify([leaf] + impostors).code != nil)
        // The trusted key looks at the leaf and at each impostor once, and none of them comes to look at anything.
        #expect(try signatures(root, [leaf] + impostors) <= 10)
        // With a sound certificate among them, its key may look as well, and no other.
        let sound = try root.intermediate(draftOfAuthority("root"))
        #expect(try signatures(root, [leaf] + impostors.dropLast() + [sound.der]) <= PathSearch.maximumSignatures)
    }

    @Test func `a path of the greatest length is found with one check a certificate`() throws {
        let root = try TestAuthority()
        var authorities = [root]
        for index in 1...8 { authorities.append(try authorities[index - 1].intermediate(.authority("\(index)"))) }
        let leaf = try authorities[8].mint()
        let chain = [leaf] + authorities.dropFirst().map(\.der)
        #expect(try root.verify(chain).code == nil)
        #expect(try signatures(root, chain) == 9)
    }

    private func draftOfAuthority(_ name: String) -> CertificateDraft {
        var draft = CertificateDraft.authority(name)
        draft.hasKeyIdentifiers = false
        return draft
    }

    /// How many signatures are checked for a chain.
    private func signatures(_ root: TestAuthority, _ chain: [[UInt8]]) throws -> Int {
        var search = PathSearch(
            trust: try root.trust,
            intermediates: try chain.dropFirst().map { try ParsedCertificate(der: $0) },
            rules: CertificateRules(purpose: .client, profile: .compatible, now: TestClock.now),
            maximumDepth: 8,
            revocation: .none
        )
        _ = search.path(from: try ParsedCertificate(der: chain[0]))
        return search.checkedSignatures
    }

    @Test func `only strict verification asks for what RFC 5280 asks of issuers`() throws {
        let root = try TestAuthority()
        var draft = CertificateDraft()
        #expect(try root.verify([root.mint(draft)], profile: .strict).code == nil)
        draft.hasKeyIdentifiers = false
        #expect(try root.verify([root.mint(draft)], profile: .strict).code == .malformed)
        #expect(try root.verify([root.mint(draft)], profile: .compatible).code == nil)
        var loose = CertificateDraft.authority("root")
        loose.basicConstraintsCritical = false
        let other = try TestAuthority(root: loose)
        #expect(try other.verify([other.mint()], profile: .strict).code == .malformed)
        #expect(try other.verify([other.mint()], profile: .compatible).code == nil)
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa2048]) func `every kind of key verifies`(
        _ kind: PrivateKey.Kind
    ) throws {
        let root = try TestAuthority(key: try PrivateKey.generate(kind))
        let other = try TestAuthority(key: try PrivateKey.generate(kind))
        var draft = CertificateDraft()
        draft.authorityKeyIdentifier = root.key.publicKey.keyIdentifier
        #expect(try root.verify([root.mint(draft)]).code == nil)
        #expect(try root.verify([other.mint(draft)]).code == .badSignature)
    }
}
