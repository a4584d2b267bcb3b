/// How long a caller waits: the field `grpc-timeout`, up to eight digits and a unit ("gRPC over HTTP2").
package enum GRPCTimeout {
    /// Reads the field; `nil` when it is none.
    package static func duration(_ field: String) -> Duration? {
        var digits = field.utf8[...]
        guard let unit = digits.popLast(), (1...8).contains(digits.count) else { return nil }
        var count: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            count = count * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        switch unit {
        case UInt8(ascii: "H"): return .seconds(count * 3600)
        case UInt8(ascii: "M"): return .seconds(count * 60)
        case UInt8(ascii: "S"): return .seconds(count)
        case UInt8(ascii: "m"): return .milliseconds(count)
        case UInt8(ascii: "u"): return .microseconds(count)
        case UInt8(ascii: "n"): return .nanoseconds(count)
        default: return nil
        }
    }

    /// Writes a duration in the finest unit that holds it; less than a nanosecond, and less than nothing, is 0.
    package static func field(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return "0n" }
        let nanoseconds = attoseconds / 1_000_000_000
        for (unit, perSecond) in [("n", Int64(1_000_000_000)), ("u", 1_000_000), ("m", 1000), ("S", 1)] {
            let (whole, overflow) = seconds.multipliedReportingOverflow(by: perSecond)
            let count = whole + nanoseconds / (1_000_000_000 / perSecond)
            if !overflow, count <= largest { return "\(count)\(unit)" }
        }
        return seconds / 60 <= largest ? "\(seconds / 60)M" : "\(min(seconds / 3600, largest))H"
    }

    private static let largest: Int64 = 99_999_999
}
