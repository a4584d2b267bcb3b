/// One attribute of a distinguished name: a type and a value.
///
/// Equality compares bytes; texts that differ only in Unicode normalization are different.
public struct NameAttribute: Sendable {
    /// What the value says.
    public let type: NameAttributeType
    /// The value.
    public let value: Value

    /// The value of an attribute.
    public enum Value: Sendable {
        /// A character string, whatever its encoding in the certificate was.
        case text(String)
        /// The DER of a value that is not a character string.
        case encoded([UInt8])
    }

    /// An attribute with a character string.
    public init(_ type: NameAttributeType, _ text: String) {
        self.type = type
        self.value = .text(text)
    }

    /// An attribute with a value as its DER encoding.
    ///
    /// The DER of a UTF8String becomes that text, and no bytes at all an empty text, so that one value has one form.
    public init(_ type: NameAttributeType, der: [UInt8]) {
        self.type = type
        self.value = der.isEmpty ? .text("") : EncodedText.text(of: der).map(Value.text) ?? .encoded(der)
    }

    /// The value when it is a character string.
    public var text: String? {
        switch value {
        case .text(let text): text
        case .encoded: nil
        }
    }
}

extension NameAttribute: Hashable {
    /// Whether type and value are the same, byte by byte.
    public static func == (left: NameAttribute, right: NameAttribute) -> Bool {
        left.type == right.type && left.value == right.value
    }

    /// Hashes what counts for equality.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(type)
        hasher.combine(value)
    }
}

extension NameAttribute.Value: Hashable {
    /// Whether type and value are the same, byte by byte.
    public static func == (left: NameAttribute.Value, right: NameAttribute.Value) -> Bool {
        switch (left, right) {
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.encoded(let left), .encoded(let right)): left == right
        case (.text, .encoded), (.encoded, .text): false
        }
    }

    /// Hashes what counts for equality.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .text(let text):
            for byte in text.utf8 { hasher.combine(byte) }
        case .encoded(let bytes):
            hasher.combine(bytes)
        }
    }
}
