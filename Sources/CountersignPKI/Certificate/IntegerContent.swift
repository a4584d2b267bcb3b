import SwiftASN1

/// The content of an INTEGER of any size: big-endian, two's complement, in the fewest bytes.
enum IntegerContent {
    /// Reads the next node.
    static func next(_ nodes: inout ASN1NodeCollection.Iterator) throws -> [UInt8] {
        guard let node = nodes.next() else {
            throw EncodingFault("a number is missing")
        }
        return try self.bytes(derEncoded: node)
    }

    /// Reads a node.
    static func bytes(derEncoded node: ASN1Node) throws -> [UInt8] {
        guard node.identifier == .integer, case .primitive(let content) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        guard let first = content.first else {
            throw EncodingFault("a number without digits")
        }
        if let second = content.dropFirst().first {
            guard !(first == 0x00 && second < 0x80), !(first == 0xFF && second >= 0x80) else {
                throw EncodingFault("a number in more bytes than it needs")
            }
        }
        return Array(content)
    }
}

extension IntegerContent {
    /// The content for a number that is not negative, from its big-endian bytes.
    static func content(ofMagnitude bytes: some Collection<UInt8>) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        guard let first = digits.first else { return [0] }
        // One bit more than the number has, so that the first is the sign.
        return first < 0x80 ? digits : [0] + digits
    }
}
