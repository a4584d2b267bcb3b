import CountersignTransport
import Testing

@Suite struct DurationTests {
    @Test(
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(999_999_999), 999_999_999),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1), (.seconds(75), 75_000_000_000),
            (.seconds(3600), 3_600_000_000_000), (.nanoseconds(Int64.max), 9_223_372_036_854_775_807),
            (.seconds(18_446_744_073), 18_446_744_073_000_000_000), (.seconds(18_446_744_074), .max),
            (.seconds(Int64.max), .max),
            (.seconds(-1), 0), (.nanoseconds(-1), 0),
        ] as [(Duration, UInt64)]
    )
    func `nanoseconds are whole ones, within what a word holds`(duration: Duration, nanoseconds: UInt64) {
        #expect(duration.nanoseconds == nanoseconds)
    }
}
