/// The Time of certificates and revocation lists (RFC 5280 section 4.1.2.5).
enum CertificateTime {
    /// Unix seconds of a UTCTime or GeneralizedTime.
    static func unixSeconds(_ field: DERField) throws(EncodingFault) -> Int64 {
        switch field.tag {
        case DERTag.utcTime:
            var digits = field.content
            guard digits.count == 13, let year = Self.twoDigits(&digits) else { throw .brokenRules }
            return try self.unixSeconds(ofYear: year < 50 ? 2_000 + year : 1_900 + year, digits)
        case DERTag.generalizedTime:
            var digits = field.content
            guard digits.count == 15, let century = Self.twoDigits(&digits), let year = Self.twoDigits(&digits),
                !(1_950..<2_050).contains(century * 100 + year)
            else {
                throw EncodingFault("a GeneralizedTime with fractions of a second or within the range of UTCTime")
            }
            return try self.unixSeconds(ofYear: century * 100 + year, digits)
        default:
            throw .unexpectedField
        }
    }

    /// What both forms have after the year: `MMDDHHMMSSZ`.
    private static func unixSeconds(ofYear year: Int, _ rest: ArraySlice<UInt8>) throws(EncodingFault) -> Int64 {
        var digits = rest
        guard let month = self.twoDigits(&digits), let day = self.twoDigits(&digits),
            let hour = self.twoDigits(&digits), let minute = self.twoDigits(&digits),
            let second = self.twoDigits(&digits), digits.first == UInt8(ascii: "Z"),
            (1...12).contains(month), day >= 1, day <= CalendarTime.days(in: month, of: year),
            hour < 24, minute < 60, second < 60
        else { throw .brokenRules }
        return CalendarTime.unixSeconds(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second
        )
    }

    private static func twoDigits(_ text: inout ArraySlice<UInt8>) -> Int? {
        guard let tens = text.popFirst(), let ones = text.popFirst(), (0x30...0x39).contains(tens),
            (0x30...0x39).contains(ones)
        else { return nil }
        return Int(tens - 0x30) * 10 + Int(ones - 0x30)
    }
}
