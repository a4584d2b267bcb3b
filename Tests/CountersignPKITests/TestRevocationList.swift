import SwiftASN1
import X509

@testable import CountersignPKI

/// A revocation list to be made for a test, in which fields can be made wrong.
struct TestRevocationList {
    var serials: [([UInt8], RevocationReason?)] = []
    var thisUpdate = TestClock.now - 60
    var nextUpdate: Int64? = TestClock.now + 3_600
    var number: [UInt8]? = [1]
    var extra: [Certificate.Extension] = []

    /// Makes the list in the name of `authority`, signed by its key or another.
    func encoded(by authority: TestAuthority, signedWith key: PrivateKey? = nil) throws -> [UInt8] {
        let key = key ?? authority.key
        let algorithm = try TestEncoding.algorithm(of: key)
        let signed = try TestEncoding.sequence { fields in
            try fields.serialize(1)
            fields.serializeRawBytes(algorithm)
            fields.serializeRawBytes(authority.name)
            fields.serializeRawBytes(try TestEncoding.time(self.thisUpdate))
            if let next = self.nextUpdate { fields.serializeRawBytes(try TestEncoding.time(next)) }
            if !self.serials.isEmpty {
                try fields.appendConstructedNode(identifier: .sequence) { entries in
                    for (serial, reason) in self.serials { try Self.append(serial, reason, to: &entries) }
                }
            }
            var extensions = self.extra
            if let number = self.number {
                var value = DER.Serializer()
                value.appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: number) }
                extensions.append(.init(oid: [2, 5, 29, 20], critical: false, value: value.serializedBytes[...]))
            }
            if !extensions.isEmpty {
                try fields.serialize(explicitlyTaggedWithTagNumber: 0, tagClass: .contextSpecific) {
                    try $0.serializeSequenceOf(extensions)
                }
            }
        }
        let signature = try key.signer.sign(bytes: signed, signatureAlgorithm: key.signatureAlgorithm)
        return try TestEncoding.sequence { fields in
            fields.serializeRawBytes(signed)
            fields.serializeRawBytes(algorithm)
            try fields.serialize(ASN1BitString(bytes: signature.rawRepresentation[...]))
        }
    }

    private static func append(
        _ serial: [UInt8],
        _ reason: RevocationReason?,
        to entries: inout DER.Serializer
    ) throws {
        try entries.appendConstructedNode(identifier: .sequence) { entry in
            entry.appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: serial) }
            entry.serializeRawBytes(try TestEncoding.time(TestClock.now - 120))
            guard let reason else { return }
            let value: [UInt8] = [0x0A, 0x01, UInt8(reason.rawValue)]
            let reasonExtension = Certificate.Extension(oid: [2, 5, 29, 21], critical: false, value: value[...])
            try entry.serializeSequenceOf([reasonExtension])
        }
    }
}
