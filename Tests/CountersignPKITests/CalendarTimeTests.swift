import Testing

@testable import CountersignPKI

@Suite struct CalendarTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (TestClock.now, "2026-01-31T12:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] as [(Int64, String)]
    )
    func `moments are written and read`(_ seconds: Int64, _ text: String) {
        #expect(CalendarTime(unixSeconds: seconds).rfc3339 == text)
        #expect(CalendarTime.unixSeconds(rfc3339: text) == seconds)
    }

    @Test(
        arguments: [
            ("2026-01-31T13:00:00+01:00", TestClock.now), ("2026-01-31T11:30:00.999-00:30", TestClock.now),
            ("2026-01-31t12:00:00z", TestClock.now), ("2026-01-31 12:00:00+00:00", TestClock.now),
            ("2026-02-29T00:00:00Z", nil),
            ("2026-13-01T00:00:00Z", nil), ("2026-01-31T24:00:00Z", nil), ("2026-01-31T12:00:00", nil),
            ("2026-01-31", nil), ("", nil), ("2026-01-31T12:00:00Zx", nil), ("2026-01-31T12:00:00.Z", nil),
            ("2026-00-10T12:00:00Z", nil), ("+026-01-31T12:00:00Z", nil),
        ] as [(String, Int64?)]
    )
    func `RFC 3339 is read strictly`(_ text: String, _ seconds: Int64?) {
        #expect(CalendarTime.unixSeconds(rfc3339: text) == seconds)
    }
}
