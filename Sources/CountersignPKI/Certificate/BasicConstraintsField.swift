import SwiftASN1

/// The basicConstraints extension (RFC 5280 section 4.2.1.9).
package struct BasicConstraintsField: Sendable, Hashable {
    /// Whether the subject is a certificate authority.
    package let isAuthority: Bool

    /// How many intermediate certificates may follow below this one; nil for no limit.
    package let pathLength: Int?
}

extension BasicConstraintsField {
    /// Reads the extension's value; a path length without `cA` is malformed.
    init(derEncoded node: ASN1Node) throws {
        (self.isAuthority, self.pathLength) = try DER.sequence(node, identifier: .sequence) { nodes in
            let isAuthority: Bool = try DER.decodeDefault(&nodes, defaultValue: false)
            guard let node = nodes.next() else { return (isAuthority, nil) }
            let pathLength = try Int(derEncoded: node)
            guard isAuthority, pathLength >= 0 else {
                throw EncodingFault("a path length that is negative or without an authority")
            }
            return (isAuthority, pathLength)
        }
    }
}
