import Testing

@testable import CountersignAudit

/// How often damage of the spool is told.
@Suite struct SpoolDamageTellingTests {
    @Test func theFirstDamageIsToldAtOnceAndTheNextTogether() {
        var damage = SpoolDamage()
        #expect(damage.due(at: 5) == nil)
        damage.add(events: 1, bytes: 10)
        #expect(damage.due(at: 5) ?? (0, 0) == (1, 10))
        for _ in 0..<3 { damage.add(events: 2, bytes: 20) }
        #expect(damage.due(at: 5 + SpoolDamage.interval - 1) == nil)
        #expect(damage.due(at: 5 + SpoolDamage.interval) ?? (0, 0) == (6, 60))
        #expect(damage.due(at: 5 + 2 * SpoolDamage.interval) == nil)
    }
}
