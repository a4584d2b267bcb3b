import SwiftASN1

/// PrivateKeyInfo of RFC 5208 and OneAsymmetricKey of RFC 5958, as far as a key needs.
struct PKCS8Wire {
    let algorithm: ASN1ObjectIdentifier
    let curve: ASN1ObjectIdentifier?
    let key: [UInt8]

    init(derEncoded node: ASN1Node) throws {
        (self.algorithm, self.curve, self.key) = try DER.sequence(node, identifier: .sequence) { nodes in
            guard (0...1).contains(try Int(derEncoded: &nodes)), let algorithmNode = nodes.next() else {
                throw EncodingFault("an unknown version, or no algorithm")
            }
            let (algorithm, curve) = try DER.sequence(algorithmNode, identifier: .sequence) { inner in
                let algorithm = try ASN1ObjectIdentifier(derEncoded: &inner)
                let parameters = inner.next()
                let curve =
                    algorithm == ObjectIdentifiers.ecPublicKey
                    ? try parameters.map { try ASN1ObjectIdentifier(derEncoded: $0) } : nil
                return (algorithm, curve)
            }
            let key = Array(try ASN1OctetString(derEncoded: &nodes).bytes)
            // Attributes and the public key may follow; nothing in them is needed.
            while nodes.next() != nil {}
            return (algorithm, curve, key)
        }
    }
}

/// ECPrivateKey of RFC 5915, as far as a key needs.
struct SEC1Wire {
    let scalar: [UInt8]
    let curve: ASN1ObjectIdentifier?

    init(derEncoded node: ASN1Node) throws {
        (self.scalar, self.curve) = try DER.sequence(node, identifier: .sequence) { nodes in
            guard try Int(derEncoded: &nodes) == 1 else {
                throw EncodingFault("an unknown version")
            }
            let scalar = Array(try ASN1OctetString(derEncoded: &nodes).bytes)
            let curve = try DER.optionalExplicitlyTagged(&nodes, tagNumber: 0, tagClass: .contextSpecific) {
                try ASN1ObjectIdentifier(derEncoded: $0)
            }
            while nodes.next() != nil {}
            return (scalar, curve)
        }
    }
}
