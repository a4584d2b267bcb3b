import CountersignPKI
import Testing

@testable import CountersignRuntime

@Suite struct FederationScheduleTests {
    private func bundle(sequence: Int64? = nil, hint: Int64? = nil) -> SPIFFEBundle {
        SPIFFEBundle(authoritiesDER: [], sequence: sequence, refreshHintSeconds: hint)
    }

    @Test("the publisher's hint is kept to within bounds", arguments: [(nil, 300), (1, 10), (60, 60), (99_999, 3_600)])
    func hint(_ said: Int64?, _ seconds: Int64) throws {
        var schedule = FederationSchedule(wanted: nil)
        #expect(try schedule.took(bundle(hint: said)) == seconds)
    }

    @Test func `the configuration goes before the hint`() throws {
        var schedule = FederationSchedule(wanted: 1)
        #expect(try schedule.took(bundle(hint: 60)) == 1)
    }

    @Test func `failures are followed by longer and longer pauses, up to a minute`() throws {
        var schedule = FederationSchedule(wanted: nil)
        #expect((0..<8).map { _ in schedule.failed() } == [1, 2, 4, 8, 16, 32, 60, 60])
        _ = try schedule.took(bundle())
        #expect(schedule.failed() == 1)
    }

    @Test func `an older bundle is refused, the same and a newer one are taken`() throws {
        var schedule = FederationSchedule(wanted: nil)
        _ = try schedule.took(bundle(sequence: 7))
        #expect(throws: BundleError.self) { try schedule.took(bundle(sequence: 6)) }
        _ = try schedule.took(bundle(sequence: 7))
        _ = try schedule.took(bundle())
        #expect(throws: BundleError.self) { try schedule.took(bundle(sequence: 6)) }
        _ = try schedule.took(bundle(sequence: 8))
    }
}
