/// Writes RFC 3339 timestamps in UTC with milliseconds, and remembers the last second that it computed.
///
/// Most records of a busy loop fall into the second of the record before, whose twenty characters are kept.
package struct TimestampRenderer: Sendable {
    private var second: Int64 = .min
    private var text = [20 of UInt8](repeating: 0)

    /// Creates a renderer that remembers nothing yet.
    package init() {}

    /// Appends a timestamp such as `2026-03-20T10:15:00.123Z`.
    ///
    /// - Parameters:
    ///   - nanoseconds: Time since 1970 in UTC; years beyond 0000 to 9999 are clamped.
    ///   - writer: Where the 24 bytes go.
    package mutating func append(_ nanoseconds: Int64, to writer: inout ByteWriter) {
        var (second, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if fraction < 0 {
            second -= 1
            fraction += 1_000_000_000
        }
        if second != self.second {
            self.text = CivilTime(unixSeconds: second).text
            self.second = second
        }
        writer.append(self.text.span)
        writer.append(decimal: UInt64(fraction) / 1_000_000, width: 3)
        writer.append(0x5A)
    }
}
