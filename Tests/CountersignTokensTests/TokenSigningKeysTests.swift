import CountersignPKI
import CountersignTesting
import CountersignTokens
import Testing

/// The order in which signing keys follow each other.
@Suite struct TokenSigningKeysTests {
    private static let schedule = TokenKeySchedule(
        rotationSeconds: 86_400,
        leadSeconds: 3_600,
        maximumTokenSeconds: 900
    )

    private func key() throws -> TokenSigningKey { try TokenSigningKey(try PrivateKey.generate(.p256)) }

    @Test func `the first key signs at once, the next is published first and takes over in its time`() throws {
        var keys = try TokenSigningKeys(schedule: Self.schedule)
        #expect(keys.signer == nil && keys.isKeyWanted(at: 0))
        let (first, second) = (try key(), try key())
        keys.add(first, at: 0)
        #expect(keys.signer?.keyID == first.keyID && !keys.isKeyWanted(at: 82_799))
        #expect(keys.nextChange(after: 0) == 82_800 && keys.isKeyWanted(at: 82_800))
        keys.add(second, at: 82_800)
        #expect(keys.signer?.keyID == first.keyID)
        #expect(try keys.published().contains(keyID: second.keyID))
        func advance(_ now: Int64) -> Bool { keys.advance(to: now) }
        #expect(!advance(86_399))
        #expect(keys.nextChange(after: 86_399) == 86_400)
        #expect(advance(86_400))
        #expect(keys.signer?.keyID == second.keyID)
        #expect(try keys.published().contains(keyID: first.keyID))
        // The last token of the first was signed at 86400 and ends 900 seconds later; clocks may be 300 apart.
        #expect(!advance(87_600))
        #expect(keys.nextChange(after: 86_401) == 87_601)
        #expect(advance(87_601))
        #expect(try !keys.published().contains(keyID: first.keyID))
    }

    @Test func `a rotation that is asked for waits until the next key is known`() throws {
        var keys = try TokenSigningKeys(schedule: Self.schedule)
        let (first, second) = (try key(), try key())
        keys.add(first, at: 0)
        keys.rotate()
        #expect(keys.isKeyWanted(at: 10))
        keys.add(second, at: 10)
        keys.advance(to: 3_609)
        #expect(keys.signer?.keyID == first.keyID && keys.isRotationWanted)
        keys.advance(to: 3_610)
        #expect(keys.signer?.keyID == second.keyID && !keys.isRotationWanted)
    }

    @Test func `a compromised key is gone at once, and another signs`() throws {
        var keys = try TokenSigningKeys(schedule: Self.schedule)
        let (first, second, third) = (try key(), try key(), try key())
        func drop(_ key: TokenSigningKey, _ now: Int64) -> Bool { keys.drop(keyID: key.keyID, at: now) }
        keys.add(first, at: 0)
        keys.add(second, at: 82_800)
        #expect(drop(first, 82_801))
        #expect(keys.signer?.keyID == second.keyID)
        #expect(try !keys.published().contains(keyID: first.keyID))
        #expect(drop(second, 82_802))
        #expect(keys.signer == nil && keys.isKeyWanted(at: 82_802))
        #expect(try keys.published().keys.isEmpty)
        keys.add(third, at: 82_802)
        #expect(keys.signer?.keyID == third.keyID)
        #expect(!drop(first, 82_803))
    }

    @Test func `two keys in one place are refused`() throws {
        let (first, second) = (try key(), try key())
        for state in [TokenKeyState.next, .current(since: 0)] {
            #expect(throws: PKIError(.malformedBundle, "")) {
                try TokenSigningKeys(
                    schedule: Self.schedule,
                    entries: [first, second].map { TokenKeyEntry($0, publishedAt: 0, state: state) }
                )
            }
        }
        #expect(throws: PKIError(.malformedBundle, "")) {
            try TokenSigningKeys(
                schedule: Self.schedule,
                entries: [
                    .init(first, publishedAt: 0, state: .next), .init(first, publishedAt: 0, state: .former(until: 1)),
                ]
            )
        }
    }

    /// Verifiers fetch the key set at least once in the lead; whatever the times at which the authority looks at its
    /// keys, no token is ever shown to one that does not know its key.
    @Test(arguments: 0..<8) func `no token is refused for a rotation, at whatever times the keys are looked at`(
        _ seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        var keys = try TokenSigningKeys(schedule: Self.schedule)
        var pool = try (0..<40).map { _ in try key() }
        var now: Int64 = 0
        var tokens: [(keyID: String, expires: Int64)] = []
        var known: (fetched: Int64, names: Set<String>) = (0, [])
        while now < 20 * 86_400, !pool.isEmpty {
            if keys.isKeyWanted(at: now) { keys.add(pool.removeLast(), at: now) }
            keys.advance(to: now)
            if Int.random(in: 0..<40, using: &random) == 0 { keys.rotate() }
            let published = Set(try keys.published().keys.compactMap(\.keyID))
            // The latest that a cache may be: what was published a lead ago.
            if now - known.fetched >= Self.schedule.leadSeconds || known.names.isEmpty { known = (now, published) }
            guard let signer = keys.signer else {
                Issue.record("nothing signs at \(now)")
                return
            }
            tokens.append((signer.keyID, now + 900))
            tokens.removeAll { $0.expires + 300 < now }
            for token in tokens {
                #expect(published.contains(token.keyID), "a key is gone before its token, at \(now)")
            }
            #expect(known.names.contains(signer.keyID), "a key signs before it is known, at \(now)")
            #expect(keys.entries.count <= 4 && keys.nextChange(after: now) >= now)
            now += Int64.random(in: 1...1_800, using: &random)
        }
    }

    @Test func `a schedule out of its bounds is brought into them`() {
        let schedule = TokenKeySchedule(rotationSeconds: 0, leadSeconds: 1_000, maximumTokenSeconds: -1)
        #expect((schedule.rotationSeconds, schedule.leadSeconds, schedule.retentionSeconds) == (60, 30, 300))
    }
}
