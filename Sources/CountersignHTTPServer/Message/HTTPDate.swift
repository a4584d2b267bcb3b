import CountersignPKI

/// A moment in the one form of date that HTTP senders use (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
package enum HTTPDate {
    /// Writes Unix seconds.
    package static func text(unixSeconds: Int64) -> String {
        let time = CalendarTime(unixSeconds: unixSeconds)
        let day = weekdays[weekday(unixSeconds)]
        let date = "\(two(time.day)) \(months[time.month - 1]) \(four(time.year))"
        return "\(day), \(date) \(two(time.hour)):\(two(time.minute)):\(two(time.second)) GMT"
    }

    /// Reads a date in that form; nil for any other.
    ///
    /// The two obsolete forms are not read: a condition that names its moment in them counts as not met, which costs
    /// the sender the bytes that it could have kept.
    package static func unixSeconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 29, let month = months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)),
            let day = number(bytes[5..<7]), let year = number(bytes[12..<16]),
            let hour = number(bytes[17..<19]), let minute = number(bytes[20..<22]), let second = number(bytes[23..<25]),
            (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        let moment = CalendarTime.unixSeconds(
            year: year,
            month: month + 1,
            day: day,
            hour: hour,
            minute: minute,
            second: second
        )
        return self.text(unixSeconds: moment) == text ? moment : nil
    }

    private static func weekday(_ unixSeconds: Int64) -> Int {
        // The first day of 1970 was a Thursday.
        let days = unixSeconds >= 0 ? unixSeconds / 86_400 : (unixSeconds - 86_399) / 86_400
        return Int(((days % 7) + 7 + 4) % 7)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func two(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    private static func four(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 4 - "\(number)".utf8.count)) + "\(number)"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
