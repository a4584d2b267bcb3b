import SwiftASN1
import X509

@testable import CountersignPKI

/// DER encodings that tests build certificates and revocation lists from.
enum TestEncoding {
    static func sequence(_ body: (inout DER.Serializer) throws -> Void) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence, body)
        return serializer.serializedBytes
    }

    static func name(_ attributes: [(type: String, text: String)]) throws -> [UInt8] {
        try self.sequence { levels in
            for (type, text) in attributes {
                try levels.appendConstructedNode(identifier: .set) { level in
                    try level.appendConstructedNode(identifier: .sequence) { attribute in
                        try attribute.serialize(try ASN1ObjectIdentifier(dotRepresentation: type))
                        try attribute.serialize(ASN1UTF8String(text))
                    }
                }
            }
        }
    }

    static func time(_ unixSeconds: Int64) throws -> [UInt8] {
        let time = CalendarTime(unixSeconds: unixSeconds)
        var serializer = DER.Serializer()
        if (1_950..<2_050).contains(time.year) {
            try serializer.serialize(
                try UTCTime(
                    year: time.year,
                    month: time.month,
                    day: time.day,
                    hours: time.hour,
                    minutes: time.minute,
                    seconds: time.second
                )
            )
        } else {
            try serializer.serialize(
                try GeneralizedTime(
                    year: time.year,
                    month: time.month,
                    day: time.day,
                    hours: time.hour,
                    minutes: time.minute,
                    seconds: time.second,
                    fractionalSeconds: 0
                )
            )
        }
        return serializer.serializedBytes
    }

    static func algorithm(_ identifier: ASN1ObjectIdentifier, null: Bool = false) throws -> [UInt8] {
        try self.sequence { fields in
            try fields.serialize(identifier)
            if null { try fields.serialize(ASN1Null()) }
        }
    }

    static func algorithm(of key: PrivateKey) throws -> [UInt8] {
        switch key.publicKey.kind {
        case .p256: try self.algorithm([1, 2, 840, 10045, 4, 3, 2])
        case .p384: try self.algorithm([1, 2, 840, 10045, 4, 3, 3])
        case .p521: try self.algorithm([1, 2, 840, 10045, 4, 3, 4])
        case .ed25519: try self.algorithm([1, 3, 101, 112])
        case .rsa, .unknown: try self.algorithm([1, 2, 840, 113549, 1, 1, 11], null: true)
        }
    }

    /// nameConstraints with any form of name.
    static func nameConstraints(
        permitted: [GeneralName],
        excluded: [GeneralName],
        critical: Bool = true
    ) throws -> Certificate.Extension {
        let value = try self.sequence { fields in
            for (tag, names) in [(UInt(0), permitted), (1, excluded)] where !names.isEmpty {
                let identifier = ASN1Identifier(tagWithNumber: tag, tagClass: .contextSpecific)
                try fields.appendConstructedNode(identifier: identifier) { subtrees in
                    for name in names {
                        try subtrees.appendConstructedNode(identifier: .sequence) { try $0.serialize(name) }
                    }
                }
            }
        }
        return Certificate.Extension(oid: [2, 5, 29, 30], critical: critical, value: value[...])
    }
}
