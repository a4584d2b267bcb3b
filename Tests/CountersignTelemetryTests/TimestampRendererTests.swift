import Testing

@testable import CountersignTelemetry

@Suite struct TimestampRendererTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999_999_999, "2000-02-29T23:59:59.999Z"),
            (951_868_800_000_000_000, "2000-03-01T00:00:00.000Z"),
            (1_774_001_700_123_456_789, "2026-03-20T10:15:00.123Z"),
            (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
            (Int64.max, "2262-04-11T23:47:16.854Z"),
            (Int64.min, "1677-09-21T00:12:43.145Z"),
        ] as [(Int64, String)]
    )
    func `writes UTC with milliseconds`(nanoseconds: Int64, text: String) {
        #expect(Self.render([nanoseconds]) == [text])
    }

    @Test func `keeps nothing of the second before`() {
        let base: Int64 = 1_774_001_699_999_000_000
        #expect(
            Self.render([base, base + 1_000_000, base]) == [
                "2026-03-20T10:14:59.999Z", "2026-03-20T10:15:00.000Z", "2026-03-20T10:14:59.999Z",
            ]
        )
    }

    @Test func `clamps years that do not have four digits`() {
        #expect(CivilTime(unixSeconds: .max) == CivilTime(unixSeconds: 253_402_300_799))
        #expect(CivilTime(unixSeconds: 253_402_300_799).year == 9999)
        #expect(CivilTime(unixSeconds: .min).year == 0)
    }

    @Test func `counts days without a gap`() {
        var previous = CivilTime(unixSeconds: -86_400)
        for day in 0..<(366 * 140) as Range<Int64> {
            let time = CivilTime(unixSeconds: day * 86_400)
            let isNext = time.day == previous.day + 1 && time.month == previous.month
            let isFirst =
                time.day == 1 && (time.month == previous.month + 1 || (time.month == 1 && previous.month == 12))
            #expect(isNext || isFirst, "day \(day)")
            previous = time
        }
    }

    private static func render(_ times: [Int64]) -> [String] {
        var renderer = TimestampRenderer()
        return times.map { time in
            var writer = ByteWriter()
            renderer.append(time, to: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }
}
