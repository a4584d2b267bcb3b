/// Lengths of time as Go programs write them: `8760h`, `1h30m`, `90s`.
enum GoDuration {
    /// The shortest text of whole hours, minutes or seconds.
    static func text(seconds: Int64) -> String {
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }

    /// Reads a sum of hours, minutes and seconds; parts of seconds and fractions are not wanted here.
    ///
    /// - Returns: the seconds, 1 to a hundred years; nil when the text is anything else.
    static func seconds(_ text: String) -> Int64? {
        var total: Int64 = 0
        var number: Int64?
        for character in text.utf8.prefix(64) {
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int64(character - UInt8(ascii: "0"))
                guard let value = number ?? 0 as Int64?, value < longest else { return nil }
                number = value * 10 + digit
            default:
                guard let value = number, let unit = units[character] else { return nil }
                total += min(value, longest) * unit
                number = nil
            }
        }
        guard number == nil, text.utf8.count <= 64, (1...longest).contains(total) else { return nil }
        return total
    }

    private static let longest: Int64 = 100 * 366 * 86400
    private static let units: [UInt8: Int64] = [UInt8(ascii: "h"): 3600, UInt8(ascii: "m"): 60, UInt8(ascii: "s"): 1]
}
