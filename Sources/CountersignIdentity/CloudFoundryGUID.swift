/// The GUID of a Cloud Foundry app, space or organization.
///
/// One to 128 bytes of `[A-Za-z0-9._-]`. A canonical UUID (36 bytes, lower-case) is held as 128 bits, so that
/// comparing and hashing it costs no string work; any other text is held and compared as it is, case included.
public struct CloudFoundryGUID: Hashable, Sendable, CustomStringConvertible {
    /// The longest GUID, in bytes.
    public static let maximumLength = 128

    private enum Storage: Hashable, Sendable {
        case uuid(high: UInt64, low: UInt64)
        case token(String)
    }

    private let storage: Storage

    /// Parses a GUID.
    ///
    /// - Throws: ``IdentityError`` with `invalidCloudFoundryGUID`.
    public init(parsing text: some StringProtocol) throws(IdentityError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength, bytes.allSatisfy(Self.allows) else {
            throw IdentityError(
                .invalidCloudFoundryGUID,
                """
                \(IdentityError.excerpt(of: bytes)) is not a GUID: it has to be 1 to \(Self.maximumLength) characters \
                of A-Z, a-z, 0-9, '.', '-' and '_'
                """
            )
        }
        self.storage = Self.canonicalUUID(bytes) ?? .token(String(text))
    }

    /// Whether it is a UUID but for letters in upper case, which RFC 9562 writes in lower case; it equals none of those.
    public var isUUIDInUpperCase: Bool {
        guard case .token(let text) = storage else { return false }
        return Self.canonicalUUID(Array(text.lowercased().utf8)) != nil
    }

    /// The text form, for people and logs.
    public var description: String {
        switch storage {
        case .token(let text):
            return text
        case .uuid:
            var bytes: [UInt8] = []
            bytes.reserveCapacity(Self.uuidLength)
            append(to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Appends the text of the GUID, without making a string.
    public func append(to output: inout [UInt8]) {
        switch storage {
        case .token(let text):
            output.append(contentsOf: text.utf8)
        case .uuid(let high, let low):
            for position in 0..<32 {
                if position == 8 || position == 12 || position == 16 || position == 20 {
                    output.append(UInt8(ascii: "-"))
                }
                let word = position < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - position % 16 * 4)) & 15
                output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    private static let uuidLength = 36

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func canonicalUUID(_ bytes: [UInt8]) -> Storage? {
        guard bytes.count == uuidLength else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for position in bytes.indices {
            let byte = bytes[position]
            let isHyphen = byte == UInt8(ascii: "-")
            guard isHyphen == (position == 8 || position == 13 || position == 18 || position == 23) else { return nil }
            if isHyphen { continue }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if position < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
        }
        return .uuid(high: high, low: low)
    }
}
