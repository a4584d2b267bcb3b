extension SerialNumber {
    /// Reads decimal digits.
    ///
    /// - Returns: nil when there is anything but digits, or more of them than a serial number of 32 bytes has.
    package init?(decimal text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumDecimalDigits else { return nil }
        var magnitude: [UInt8] = []
        for character in text.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character) else { return nil }
            var carry = Int(character - UInt8(ascii: "0"))
            for index in magnitude.indices.reversed() {
                carry += Int(magnitude[index]) * 10
                magnitude[index] = UInt8(truncatingIfNeeded: carry)
                carry >>= 8
            }
            if carry > 0 { magnitude.insert(UInt8(truncatingIfNeeded: carry), at: 0) }
        }
        self.init(magnitude)
    }

    private static let maximumDecimalDigits = 78
}
