package import CountersignProtobuf

/// The answer of FetchX509Bundles.
package struct X509BundlesResponse: Equatable, Sendable {
    /// Revocation lists in DER.
    package var revocationLists: [[UInt8]] = []
    /// The authorities of trust domains, in DER one after the other, by `spiffe://` and the trust domain's name.
    package var bundles: [String: [UInt8]] = [:]

    /// An empty answer.
    package init() {}

    /// Reads an answer.
    ///
    /// - Throws: `ProtobufError`.
    package init(parsing message: [UInt8]) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: revocationLists.append(Array(try field.bytes()))
            case 2: try bundles.take(entry: field)
            default: break
            }
        }
    }

    /// The message.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        for list in revocationLists { writer.writeAlways(1, list) }
        writer.write(2, entries: bundles)
        return writer.bytes
    }
}

/// The answer of FetchJWTBundles.
package struct JWTBundlesResponse: Equatable, Sendable {
    /// The key sets of trust domains, as documents of RFC 7517, by `spiffe://` and the trust domain's name.
    package var bundles: [String: [UInt8]] = [:]

    /// An empty answer.
    package init() {}

    /// Reads an answer.
    ///
    /// - Throws: `ProtobufError`.
    package init(parsing message: [UInt8]) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            if field.number == 1 { try bundles.take(entry: field) }
        }
    }

    /// The message.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.write(1, entries: bundles)
        return writer.bytes
    }
}
