package import CountersignProtobuf

/// One X.509-SVID as the Workload API sends it; nothing in it has been verified.
package struct X509SVIDMessage: Equatable, Sendable {
    /// The SPIFFE ID, as text.
    package var spiffeID = ""
    /// The certificate and those above it, in DER one after the other, leaf first.
    package var certificates: [UInt8] = []
    /// The private key, PKCS#8 in DER: a secret.
    package var privateKey: [UInt8] = []
    /// The authorities of the SVID's trust domain, in DER one after the other.
    package var bundle: [UInt8] = []
    /// What tells SVIDs of one answer apart; empty, or different from those of all others.
    package var hint = ""

    /// The longest hint, in bytes (SPIFFE Workload API section 5.1).
    package static let maximumHint = 1_024

    /// An empty message.
    package init() {}

    /// Reads a message.
    ///
    /// - Throws: `ProtobufError`.
    package init(parsing message: ArraySlice<UInt8>) throws(ProtobufError) {
        var reader = ProtobufReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: spiffeID = try field.text()
            case 2: certificates = Array(try field.bytes())
            case 3: privateKey = Array(try field.bytes())
            case 4: bundle = Array(try field.bytes())
            case 5: hint = try field.text()
            default: break
            }
        }
    }

    func write(to writer: inout ProtobufWriter) {
        writer.write(1, spiffeID)
        writer.write(2, certificates)
        writer.write(3, privateKey)
        writer.write(4, bundle)
        writer.write(5, hint)
    }
}

extension X509SVIDMessage: CustomStringConvertible, CustomReflectable {
    /// The ID alone.
    package var description: String { "X.509-SVID of \(spiffeID)" }

    /// Nothing: a dump must not reach the key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
