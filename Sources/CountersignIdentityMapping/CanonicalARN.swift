/// The canonical name of a caller: `arn:partition:service:region:account:resource`.
///
/// Partition, service and resource are not empty. Only a mapping makes one, from its own text and from captured values
/// that cannot leave the segment that they stand in.
public struct CanonicalARN: Sendable, Hashable, CustomStringConvertible {
    /// The whole name.
    public let description: String

    /// The longest name, in bytes.
    public static let maximumLength = 2048

    /// Checks a whole name.
    ///
    /// - Throws: ``MappingError`` when a part is missing, a byte is not allowed, or a segment is `.` or `..`.
    package init(checking text: String) throws(MappingError) {
        guard text.utf8.count <= Self.maximumLength else {
            throw MappingError("the ARN is longer than \(Self.maximumLength) bytes")
        }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].elementsEqual("arn".utf8), !parts[1].isEmpty, !parts[2].isEmpty,
            !parts[5].isEmpty
        else {
            throw MappingError(
                "an ARN is arn:partition:service:region:account:resource, of which region and account may be empty"
            )
        }
        guard text.utf8.allSatisfy(Self.isAllowed) else {
            throw MappingError("an ARN has letters, digits and . _ : / @ + = , - and nothing else")
        }
        for segment in parts[5].split(whereSeparator: { Self.isSeparator($0) }) {
            guard !segment.elementsEqual(".".utf8), !segment.elementsEqual("..".utf8) else {
                throw MappingError("a segment of the ARN is . or .., which path readers take for another place")
            }
        }
        self.description = text
    }

    /// Whether the byte ends a segment.
    static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/")
    }

    /// Whether the byte may stand in a name: no `*` or `?`, which policies take for wildcards, and no `%`.
    static func isAllowed(_ byte: UInt8) -> Bool {
        if CaptureAlphabet.text.contains(byte) || isSeparator(byte) { return true }
        return byte == UInt8(ascii: "@") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "=")
            || byte == UInt8(ascii: ",")
    }
}
