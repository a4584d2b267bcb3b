/// The content of an INTEGER of any size: big-endian, two's complement, in the fewest bytes.
enum IntegerContent {
    /// The content for a number that is not negative, from its big-endian bytes.
    static func content(ofMagnitude bytes: some Collection<UInt8>) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        guard let first = digits.first else { return [0] }
        // One bit more than the number has, so that the first is the sign.
        return first < 0x80 ? digits : [0] + digits
    }
}
