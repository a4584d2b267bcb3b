import CountersignPolicy

/// How a control plane works.
package struct ControlSettings: Sendable {
    /// Whether the owner of a caller has to allow each call, too.
    package var isBilateral = false
    /// The largest that a route's options may be as JSON, in bytes; policies do not count.
    package var maximumOptionsSize = RouteOptions.defaultMaximumEncodedSize
    /// The time in Unix seconds.
    package var now: @Sendable () -> Int64
    /// Makes GUIDs, no two of which are the same.
    package var makeGUID: @Sendable () -> String

    /// Settings with the defaults.
    ///
    /// - Parameters:
    ///   - now: the time in Unix seconds.
    ///   - makeGUID: makes GUIDs; by default random UUIDs of version 4 (RFC 9562).
    package init(now: @escaping @Sendable () -> Int64, makeGUID: (@Sendable () -> String)? = nil) {
        self.now = now
        self.makeGUID = makeGUID ?? Self.randomGUID
    }

    private static func randomGUID() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = (generator.next() & ~0xF000) | 0x4000
        let low = (generator.next() & ~(0xC << 60)) | 0x8 << 60
        let digits = hexadecimal(high) + hexadecimal(low)
        var text = ""
        for (position, digit) in digits.enumerated() {
            if position == 8 || position == 12 || position == 16 || position == 20 { text.append("-") }
            text.append(digit)
        }
        return text
    }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
