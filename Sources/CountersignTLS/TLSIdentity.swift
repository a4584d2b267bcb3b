/// A certificate chain and its private key, as a TLS endpoint presents them.
package struct TLSIdentity: Sendable {
    /// DER certificates, the leaf first.
    package var certificateChain: [[UInt8]]
    /// The leaf's private key as PKCS#8 DER.
    package var privateKey: [UInt8]
    /// Lower-case DNS names of the leaf, `*.` for wildcards; by them a server chooses among several identities.
    package var dnsNames: [String]

    package init(certificateChain: [[UInt8]], privateKey: [UInt8], dnsNames: [String] = []) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.dnsNames = dnsNames
    }

    /// Whether the leaf names `host`, which is lower-case without a trailing dot.
    package func names(_ host: [UInt8]) -> Bool {
        dnsNames.contains { name in
            let pattern = Array(name.utf8)
            guard pattern.starts(with: [0x2A, 0x2E]) else { return pattern == host }
            guard let dot = host.firstIndex(of: 0x2E) else { return false }
            return dot > 0 && host[dot...].elementsEqual(pattern[1...])
        }
    }
}

extension TLSIdentity: CustomStringConvertible {
    /// The names; never the key.
    package var description: String {
        "TLS identity for \(dnsNames.joined(separator: ", "))"
    }
}
