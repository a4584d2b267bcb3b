import SwiftASN1

@testable import CountersignPKI

/// Public keys that must not be accepted.
enum TestKeys {
    /// An RSA key with an arbitrary odd modulus of that size.
    static func rsaPublicKey(bits: Int) throws -> [UInt8] {
        var modulus = Array(repeating: UInt8(0xA5), count: bits / 8)
        modulus[modulus.count - 1] |= 1
        let key = try TestEncoding.sequence { fields in
            fields.appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: [0] + modulus) }
            try fields.serialize(65_537)
        }
        return try TestEncoding.sequence { fields in
            fields.serializeRawBytes(try TestEncoding.algorithm([1, 2, 840, 113549, 1, 1, 1], null: true))
            try fields.serialize(ASN1BitString(bytes: key[...]))
        }
    }

    /// A key on secp256k1.
    static func unknownCurve() throws -> [UInt8] {
        try TestEncoding.sequence { fields in
            try fields.appendConstructedNode(identifier: .sequence) { algorithm in
                try algorithm.serialize([1, 2, 840, 10045, 2, 1] as ASN1ObjectIdentifier)
                try algorithm.serialize([1, 3, 132, 0, 10] as ASN1ObjectIdentifier)
            }
            try fields.serialize(ASN1BitString(bytes: ([4] + Array(repeating: 1, count: 64))[...]))
        }
    }
}
