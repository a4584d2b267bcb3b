/// A date and time of day in UTC, in the proleptic Gregorian calendar.
struct CivilTime: Sendable, Equatable {
    /// The year, 0 to 9999.
    var year: Int64
    /// The month, 1 to 12.
    var month: Int64
    /// The day of the month, from 1.
    var day: Int64
    /// Seconds since midnight, 0 to 86,399.
    var secondOfDay: Int64

    /// Converts seconds since 1970; times outside of years 0 to 9999 are clamped to that range.
    init(unixSeconds: Int64) {
        let clamped = min(max(unixSeconds, -62_167_219_200), 253_402_300_799)
        var days = clamped / 86_400
        var rest = clamped % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        // Years are counted from March here, so that the leap day is the last day of its year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        self.month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
        self.secondOfDay = rest
    }

    /// The time as `YYYY-MM-DDTHH:MM:SS.`, ready for a fraction.
    var text: [20 of UInt8] {
        var text: [20 of UInt8] = [
            0x30, 0x30, 0x30, 0x30, 0x2D, 0x30, 0x30, 0x2D, 0x30, 0x30,
            0x54, 0x30, 0x30, 0x3A, 0x30, 0x30, 0x3A, 0x30, 0x30, 0x2E,
        ]
        Self.put(self.year / 100, in: &text, at: 0)
        Self.put(self.year % 100, in: &text, at: 2)
        Self.put(self.month, in: &text, at: 5)
        Self.put(self.day, in: &text, at: 8)
        Self.put(self.secondOfDay / 3600, in: &text, at: 11)
        Self.put(self.secondOfDay / 60 % 60, in: &text, at: 14)
        Self.put(self.secondOfDay % 60, in: &text, at: 17)
        return text
    }

    private static func put(_ value: Int64, in text: inout [20 of UInt8], at index: Int) {
        text[index] = 0x30 + UInt8(truncatingIfNeeded: value / 10)
        text[index + 1] = 0x30 + UInt8(truncatingIfNeeded: value % 10)
    }
}
