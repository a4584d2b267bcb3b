/// The few DER encodings of character strings that the text form of a name needs for types without a short name.
enum EncodedText {
    /// The DER of a UTF8String.
    static func utf8String(_ text: String) -> [UInt8] {
        let length = text.utf8.count
        var der: [UInt8] = [utf8Tag]
        if length < 0x80 {
            der.append(UInt8(length))
        } else {
            let octets = lengthOctets(length)
            der.append(0x80 | UInt8(octets.count))
            der.append(contentsOf: octets)
        }
        der.append(contentsOf: text.utf8)
        return der
    }

    /// The text of a UTF8String, or `nil` when the bytes are not the one DER encoding of one.
    static func text(of der: [UInt8]) -> String? {
        guard der.first == utf8Tag, der.count >= 2 else { return nil }
        let longForm = der[1] >= 0x80
        let headerLength = longForm ? 2 + Int(der[1] & 0x7F) : 2
        guard headerLength <= der.count, let text = String(validating: der[headerLength...], as: UTF8.self) else {
            return nil
        }
        return utf8String(text) == der ? text : nil
    }

    private static let utf8Tag: UInt8 = 0x0C

    private static func lengthOctets(_ length: Int) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = length
        while rest > 0 {
            octets.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return octets
    }
}
