/// The SHA-256 digest of a certificate's DER: what tokens are bound to (RFC 8705 section 3.1).
public struct CertificateThumbprint: Sendable {
    /// The 32 bytes of the digest.
    public let bytes: [UInt8]

    /// Takes a digest; `nil` when it is not 32 bytes long.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// Reads 64 hexadecimal digits in either case, with colons between the bytes or without.
    ///
    /// - Returns: `nil` for anything else.
    public init?(hexadecimal text: String) {
        var bytes: [UInt8] = []
        let digits = Array(text.utf8)
        let step = digits.count == Self.length * 2 ? 2 : 3
        guard digits.count == Self.length * 2 || digits.count == Self.length * 3 - 1 else { return nil }
        for start in stride(from: 0, to: digits.count, by: step) {
            guard let high = Self.digit(digits[start]), let low = Self.digit(digits[start + 1]) else { return nil }
            if step == 3, start + 2 < digits.count, digits[start + 2] != UInt8(ascii: ":") { return nil }
            bytes.append(high << 4 | low)
        }
        self.init(bytes)
    }

    /// 64 lower-case hexadecimal digits.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// 43 characters of Base64 for URLs, without padding: the value of `x5t#S256`.
    public var base64URL: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                output.append(alphabet[Int(bits >> UInt32(count)) & 0x3F])
            }
        }
        output.append(alphabet[Int(bits << UInt32(6 - count)) & 0x3F])
        return String(decoding: output, as: UTF8.self)
    }

    private static let length = 32

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension CertificateThumbprint: Hashable {
    /// Whether both are the same digest, in a time that does not depend on where they differ.
    public static func == (left: CertificateThumbprint, right: CertificateThumbprint) -> Bool {
        var difference: UInt8 = 0
        for index in 0..<length { difference |= left.bytes[index] ^ right.bytes[index] }
        return difference == 0
    }

    /// Hashes the digest.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes)
    }
}

extension CertificateThumbprint: CustomStringConvertible {
    /// The same as ``hexadecimal``.
    public var description: String { hexadecimal }
}
