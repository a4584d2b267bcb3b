import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Testing

@testable import CountersignAuthority

@Suite struct RevocationListSeriesTests {
    private let test: TestAuthority
    private var engine: AuthorityEngine { test.engine }

    init() throws {
        self.test = try TestAuthority()
    }

    private func event(
        _ sequence: Int64,
        _ serial: String,
        _ reason: RevocationReason = .keyCompromise,
        issuer: String? = nil,
        notAfter: Int64 = TestAuthority.start + 86_400
    ) -> RevocationEvent {
        RevocationEvent(
            sequence: sequence,
            serial: serial,
            issuerKeyID: issuer ?? engine.issuer.keyID,
            date: TestAuthority.start,
            reason: reason,
            notAfter: notAfter
        )
    }

    private func serials(_ list: [UInt8]?) throws -> [String] {
        guard let list else { return [] }
        return try RevocationList(der: list).entries.keys.map { Hexadecimal.text(of: $0) }.sorted()
    }

    @Test func `numbers rise and are durable before the list is there`() throws {
        var series = RevocationListSeries(issuer: engine.issuer.authority)
        // Numbers begin with the time: a store that replaces a lost one goes on above it.
        let first = TestAuthority.start + 1
        for number in first...(first + 2) {
            try series.publish(engine, now: number + 1)
            #expect(series.lists?.number == number)
            #expect(test.inventory.revocationListNumber(issuerKeyID: engine.issuer.keyID) == number)
        }
        test.inventory.fail(with: StoreError(.unavailable, "the disk is full"))
        #expect(throws: AuthorityError.self) { try series.publish(engine, now: TestAuthority.start + 9) }
        #expect(series.lists?.number == first + 2)
    }

    @Test func `numbers go on from the time, or from the one before where that is above it`() throws {
        var series = RevocationListSeries(issuer: engine.issuer.authority)
        func next() throws -> Int64? {
            try series.publish(engine, now: engine.clock.now())
            return series.lists?.number
        }
        // What another store has given out meanwhile is below the time as well.
        let old = StoreChange.revocationListNumber(issuerKeyID: engine.issuer.keyID, number: 5)
        try test.inventory.commit(StoreTransaction([old]))
        // The first number of a run is that of the base that its deltas continue.
        #expect(try next() == TestAuthority.start + 1)
        #expect(try next() == TestAuthority.start + 2)
        test.advance(100)
        #expect(try next() == TestAuthority.start + 100)
        let far = StoreChange.revocationListNumber(issuerKeyID: engine.issuer.keyID, number: TestAuthority.start + 5000)
        try test.inventory.commit(StoreTransaction([far]))
        #expect(try next() == TestAuthority.start + 5001)
    }

    @Test func `a list lives from now on for the time that the settings say`() throws {
        var series = RevocationListSeries(issuer: engine.issuer.authority)
        try series.publish(engine, now: TestAuthority.start)
        #expect(series.lists?.thisUpdate == TestAuthority.start)
        #expect(series.lists?.nextUpdate == TestAuthority.start + 3 * 3_600)
    }

    @Test func `a list names its own issuer's certificates and no others`() throws {
        var series = RevocationListSeries(issuer: engine.issuer.authority)
        engine.revocations.enter([event(1, "0a"), event(2, "0b", issuer: "ffff")])
        try series.publish(engine, now: TestAuthority.start)
        #expect(try serials(series.lists?.full) == ["0a"])
        #expect(series.lists?.count == 1)
    }

    @Test func `what has ended stays until lists that were signed before its end are over`() throws {
        var series = RevocationListSeries(issuer: engine.issuer.authority)
        let settings = engine.settings
        let wait = settings.revocationListIntervalSeconds + settings.revocationListLifetimeSeconds
        engine.revocations.enter([event(1, "0a", notAfter: engine.clock.now()), event(2, "0b")])
        test.advance(wait)
        engine.forgetEndedRevocations()
        try series.publish(engine, now: engine.clock.now())
        #expect(try serials(series.lists?.full) == ["0a", "0b"])
        test.advance(1)
        engine.forgetEndedRevocations()
        try series.publish(engine, now: engine.clock.now())
        #expect(try serials(series.lists?.full) == ["0b"])
    }

    @Test func `what ended while no authority ran is on the lists of the next one`() throws {
        let place = MemoryPlace()
        _ = CertificateProvisioning(engine: engine, place: place, health: HealthState()).sweep()
        let serial = try #require(place.kept("web")).serial
        try test.revoke(RevocationOrder(.serial(serial), reason: .superseded))
        let end = try #require(test.inventory.certificate(serial: serial)).notAfter
        let settings = engine.settings
        let wait = settings.revocationListIntervalSeconds + settings.revocationListLifetimeSeconds
        let inTime = try TestAuthority(inventory: test.inventory, at: end + wait)
        #expect(inTime.engine.revocations.entry(serial: serial) != nil)
        let late = try TestAuthority(inventory: test.inventory, at: end + wait + 1)
        #expect(late.engine.revocations.entry(serial: serial) == nil)
    }

    @Test func `a delta list goes on from the base of its interval`() throws {
        var series = RevocationListSeries(issuer: engine.issuer.authority)
        let start = TestAuthority.start
        engine.revocations.enter([event(1, "0a")])
        try series.publish(engine, now: start)
        #expect(series.lists != nil)
        #expect(try serials(series.lists?.delta).isEmpty)
        engine.revocations.enter([event(2, "0b", .certificateHold)])
        try series.publish(engine, now: start + 10)
        #expect(try serials(series.lists?.delta) == ["0b"])
        engine.revocations.enter([event(3, "0b", .removeFromCRL), event(4, "0c")])
        try series.publish(engine, now: start + 3_600)
        #expect(try serials(series.lists?.full) == ["0a", "0c"])
        #expect(try serials(series.lists?.delta) == ["0b", "0c"])
        // The list of the interval was the new base: what it names is no change any more.
        engine.revocations.enter([event(5, "0d")])
        try series.publish(engine, now: start + 3_601)
        #expect(try serials(series.lists?.delta) == ["0d"])
    }
}
