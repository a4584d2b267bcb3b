extension DERWriter {
    /// Writes a non-negative INTEGER.
    mutating func integer(_ number: Int64) {
        self.field(DERTag.integer, content: Self.content(ofInteger: number))
    }

    /// Writes an INTEGER from its content: big-endian, two's complement, in the fewest bytes.
    mutating func integer(content: some Collection<UInt8>) {
        self.field(DERTag.integer, content: content)
    }

    /// The content of a non-negative INTEGER; a negative number counts as zero.
    static func content(ofInteger number: Int64) -> [UInt8] {
        let magnitude = UInt64(Swift.max(0, number))
        // One bit more than the number has, so that the first is the sign.
        let size = (UInt64.bitWidth - magnitude.leadingZeroBitCount) / 8 + 1
        return (0..<size).reversed().map { $0 == 8 ? 0 : UInt8(truncatingIfNeeded: magnitude >> (UInt64($0) * 8)) }
    }

    /// Writes an OBJECT IDENTIFIER.
    mutating func objectIdentifier(_ identifier: OID) {
        self.field(DERTag.objectIdentifier, content: identifier.content)
    }

    /// Writes a BIT STRING of whole bytes.
    mutating func bitString(_ content: [UInt8]) {
        self.byte(DERTag.bitString)
        self.length(content.count + 1)
        self.byte(0)
        self.encoded(content)
    }

    /// Writes the Time of certificates and revocation lists: UTCTime until 2049, then GeneralizedTime (RFC 5280
    /// section 4.1.2.5).
    mutating func time(unixSeconds: Int64) {
        let time = CalendarTime(unixSeconds: unixSeconds)
        if Self.utcTimes.contains(unixSeconds) {
            self.byte(DERTag.utcTime)
            self.byte(13)
            self.twoDigits(time.year % 100)
            self.rest(of: time)
        } else {
            self.generalizedTime(time)
        }
    }

    /// How many bytes ``time(unixSeconds:)`` writes.
    static func sizeOfTime(unixSeconds: Int64) -> Int {
        self.utcTimes.contains(unixSeconds) ? 15 : 17
    }

    /// From the beginning of 1950 to the end of 2049.
    private static let utcTimes = Int64(-631_152_000)..<2_524_608_000

    /// Writes a GeneralizedTime in UTC without fractions of a second.
    mutating func generalizedTime(unixSeconds: Int64) {
        self.generalizedTime(CalendarTime(unixSeconds: unixSeconds))
    }

    private mutating func generalizedTime(_ time: CalendarTime) {
        // Four digits are what there is room for: RFC 5280 ends at 99991231235959Z as well.
        let year = Swift.min(Swift.max(time.year, 0), 9_999)
        self.byte(DERTag.generalizedTime)
        self.byte(15)
        self.twoDigits(year / 100)
        self.twoDigits(year % 100)
        self.rest(of: time)
    }

    private mutating func rest(of time: CalendarTime) {
        self.twoDigits(time.month)
        self.twoDigits(time.day)
        self.twoDigits(time.hour)
        self.twoDigits(time.minute)
        self.twoDigits(time.second)
        self.byte(UInt8(ascii: "Z"))
    }

    private mutating func twoDigits(_ number: Int) {
        self.byte(UInt8(ascii: "0") + UInt8(number / 10 % 10))
        self.byte(UInt8(ascii: "0") + UInt8(number % 10))
    }
}

extension OID {
    /// The whole encoding, tag and length included.
    var encoded: [UInt8] {
        var writer = DERWriter(capacity: self.content.count + 2)
        writer.objectIdentifier(self)
        return writer.bytes
    }
}
