package import CountersignProtobuf

/// The answer of FetchX509SVID: all that the caller has at the moment.
package struct X509SVIDResponse: Equatable, Sendable {
    /// The caller's SVIDs, the one that it uses without further reason first.
    package var svids: [X509SVIDMessage] = []
    /// Revocation lists in DER.
    package var revocationLists: [[UInt8]] = []
    /// The authorities of other trust domains, in DER one after the other, by `spiffe://` and the trust domain's name.
    package var federatedBundles: [String: [UInt8]] = [:]

    /// An empty answer.
    package init() {}

    /// Reads an answer.
    ///
    /// - Throws: `ProtobufError`.
    package init(parsing message: [UInt8]) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: svids.append(try X509SVIDMessage(parsing: try field.bytes()))
            case 2: revocationLists.append(Array(try field.bytes()))
            case 3: try federatedBundles.take(entry: field)
            default: break
            }
        }
    }

    /// The message.
    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        for svid in svids { writer.message(1) { svid.write(to: &$0) } }
        for list in revocationLists { writer.writeAlways(2, list) }
        writer.write(3, entries: federatedBundles)
        return writer.bytes
    }
}

extension [String: [UInt8]] {
    /// Reads an entry of a map from strings to bytes.
    mutating func take(entry field: ProtobufField) throws(ProtobufError) {
        var reader = ProtobufReader(try field.bytes())
        var (key, value) = ("", [UInt8]())
        while let member = try reader.next() {
            switch member.number {
            case 1: key = try member.text()
            case 2: value = Array(try member.bytes())
            default: break
            }
        }
        self[key] = value
    }
}

extension ProtobufWriter {
    /// Writes a map from strings to bytes in the order of its keys, so that equal maps are equal bytes.
    mutating func write(_ number: Int, entries: [String: [UInt8]]) {
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
            entry(number, key: key) { $0.write(2, value) }
        }
    }
}
