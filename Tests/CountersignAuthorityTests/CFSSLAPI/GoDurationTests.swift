import Testing

@testable import CountersignAuthority

@Suite struct GoDurationTests {
    @Test(arguments: [(8760 * 3600, "8760h"), (5400, "90m"), (90, "90s"), (3600, "1h")] as [(Int64, String)])
    func `lengths are written in their largest whole unit`(_ seconds: Int64, _ text: String) {
        #expect(GoDuration.text(seconds: seconds) == text && GoDuration.seconds(text) == seconds)
    }

    @Test func `sums are read`() {
        #expect(GoDuration.seconds("1h30m15s") == 5415)
    }

    @Test(arguments: ["", "h", "1", "1d", "-1h", "1.5h", "0s", "1h1", "99999999999999999999h", "999999999h", " 1h"])
    func `anything else is refused`(_ text: String) {
        #expect(GoDuration.seconds(text) == nil)
    }
}
