import SwiftASN1
import X509

@testable import CountersignPKI

/// The cRLDistributionPoints extension as it is written (RFC 5280 section 4.2.1.13).
enum DistributionPoints {
    /// One distribution point with all the locations.
    static func certificateExtension(_ uris: [String]) throws -> Certificate.Extension {
        var serializer = DER.Serializer()
        let zero = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
        try serializer.appendConstructedNode(identifier: .sequence) { points in
            try points.appendConstructedNode(identifier: .sequence) { point in
                try point.appendConstructedNode(identifier: zero) { name in
                    try name.appendConstructedNode(identifier: zero) { names in
                        for uri in uris { try names.serialize(GeneralName.uniformResourceIdentifier(uri)) }
                    }
                }
            }
        }
        return Certificate.Extension(
            oid: [2, 5, 29, 31],
            critical: false,
            value: serializer.serializedBytes[...]
        )
    }
}
