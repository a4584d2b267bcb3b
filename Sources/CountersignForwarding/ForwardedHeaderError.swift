/// Why the value of a forwarded-identity header was refused.
///
/// Two errors are equal when their codes are. The message names what is wrong and where; it never repeats the value,
/// which may hold a whole certificate.
public struct ForwardedHeaderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure, fit for a metric label.
    public let code: Code
    /// What is wrong and what would be right, for a log.
    public let message: String
    /// The byte offset in the value at which it was noticed, where one is known.
    public let offset: Int?

    package init(_ code: Code, _ message: String, offset: Int? = nil) {
        self.code = code
        self.message = message
        self.offset = offset
    }

    /// The message with its offset.
    public var description: String {
        guard let offset else { return message }
        return "\(message) (at byte \(offset))"
    }

    /// Compares the codes alone.
    public static func == (left: Self, right: Self) -> Bool {
        left.code == right.code
    }

    /// Hashes the code alone, as equality looks at nothing else.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }

    /// A kind of failure; new ones may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case empty
            case tooLarge = "too_large"
            case tooMany = "too_many"
            case invalidBase64 = "invalid_base64"
            case invalidPercentCoding = "invalid_percent_coding"
            case invalidPEM = "invalid_pem"
            case invalidText = "invalid_text"
            case malformedElement = "malformed_element"
            case duplicateKey = "duplicate_key"
            case invalidHash = "invalid_hash"
            case notVerified = "not_verified"
            case unknownName = "unknown_name"
        }

        private let kind: Kind

        /// The value is empty.
        public static let empty = Self(kind: .empty)
        /// The value has more bytes than the limit.
        public static let tooLarge = Self(kind: .tooLarge)
        /// The value has more elements, pairs or certificates than the limit.
        public static let tooMany = Self(kind: .tooMany)
        /// Base64 that is not canonical: foreign bytes, white space, wrong padding or stray bits.
        public static let invalidBase64 = Self(kind: .invalidBase64)
        /// A `%` that is not followed by two hexadecimal digits, or a byte that should have been coded.
        public static let invalidPercentCoding = Self(kind: .invalidPercentCoding)
        /// Text that is not a sequence of PEM certificates.
        public static let invalidPEM = Self(kind: .invalidPEM)
        /// Bytes that are no text: not UTF-8, or a control character.
        public static let invalidText = Self(kind: .invalidText)
        /// A pair without a key or `=`, a quote out of place or without an end, or an element without pairs.
        public static let malformedElement = Self(kind: .malformedElement)
        /// A key that may be there once is there twice.
        public static let duplicateKey = Self(kind: .duplicateKey)
        /// A hash that is not 64 hexadecimal digits.
        public static let invalidHash = Self(kind: .invalidHash)
        /// The proxy that wrote the headers says that the certificate did not verify.
        public static let notVerified = Self(kind: .notVerified)
        /// A name in the configuration that stands for nothing.
        public static let unknownName = Self(kind: .unknownName)

        /// The code as a metric label: lower case, no data of the request.
        public var metricLabel: String { kind.rawValue }

        /// The same as ``metricLabel``.
        public var description: String { kind.rawValue }
    }
}
