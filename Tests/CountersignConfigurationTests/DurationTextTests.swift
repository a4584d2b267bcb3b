import CountersignConfiguration
import Testing

@Suite struct DurationTextTests {
    @Test(
        "a duration is whole numbers with units, larger ones first",
        arguments: [
            ("250ms", .milliseconds(250)), ("10s", .seconds(10)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
            ("90d", .seconds(90 * 86400)), ("1h30m", .seconds(5400)), ("2160h0m0s", .seconds(2160 * 3600)),
            ("1d2h3m4s5ms", .milliseconds(93_784_005)), ("0s", .zero), ("007s", .seconds(7)),
        ] as [(String, Duration)]
    )
    func takes(_ text: String, _ duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "10", "s", "ms", "10 s", " 10s", "10s ", "-10s", "+10s", "1.5h", "10S", "10sec", "30m1h", "1h1h",
            "1s1s",
            "10s5", "1000000000s", "99999999999999999999d", "１０s", "1h\n", "1µs",
        ]
    )
    func refuses(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "what is formatted parses to the same duration",
        arguments: ["250ms", "1m15s", "1h", "90d", "1d2h3m4s5ms", "0s"]
    )
    func formats(_ text: String) throws {
        let duration = try #require(DurationText.parse(text))
        #expect(DurationText.format(duration) == text)
    }
}
