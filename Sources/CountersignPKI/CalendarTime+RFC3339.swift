extension CalendarTime {
    /// Unix seconds of an RFC 3339 text such as `2026-01-31T09:30:00Z` or `2026-01-31T10:30:00.5+01:00`.
    ///
    /// Fractions of a second are cut off.
    ///
    /// - Returns: nil when the text is not of that form or names no moment.
    package static func unixSeconds(rfc3339 text: String) -> Int64? {
        var scanner = Scanner(bytes: Array(text.utf8)[...])
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.number(2), scanner.take(":"), let minute = scanner.number(2), scanner.take(":"),
            let second = scanner.number(2)
        else { return nil }
        if scanner.take(".") {
            guard scanner.number(1) != nil else { return nil }
            while scanner.number(1) != nil {}
        }
        guard let offset = scanner.offset(), scanner.isAtEnd, (1...12).contains(month), hour < 24, minute < 60,
            second <= 60, day >= 1, day <= self.days(in: month, of: year)
        else { return nil }
        let seconds = self.unixSeconds(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: min(second, 59)
        )
        return seconds - offset
    }

    /// How many days a month has.
    static func days(in month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private struct Scanner {
        var bytes: ArraySlice<UInt8>

        var isAtEnd: Bool { self.bytes.isEmpty }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard self.bytes.first == UInt8(ascii: character) else { return false }
            self.bytes.removeFirst()
            return true
        }

        mutating func number(_ digits: Int) -> Int? {
            guard self.bytes.count >= digits else { return nil }
            var number = 0
            for byte in self.bytes.prefix(digits) {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int(byte - 0x30)
            }
            self.bytes.removeFirst(digits)
            return number
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int64? {
            if self.take("Z") || self.take("z") { return 0 }
            let isWest = self.take("-")
            guard isWest || self.take("+"), let hours = self.number(2), self.take(":"), let minutes = self.number(2),
                hours < 24, minutes < 60
            else { return nil }
            let seconds = Int64(hours * 3_600 + minutes * 60)
            return isWest ? -seconds : seconds
        }
    }
}
