/// A span of time as an option spells it.
package enum Lifetime {
    /// Seconds of a number with `s`, `m`, `h` or `d` behind it, or of a plain number of seconds; nil for anything else.
    package static func seconds(parsing text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits)
        else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        return overflow || seconds == 0 ? nil : seconds
    }
}
