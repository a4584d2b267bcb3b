package import CountersignIdentity
package import CountersignIssuance
package import CountersignPKI

/// A private key with a certificate for it, and what its holder needs to know beside.
package struct HeldIdentity: Sendable {
    /// The private key: a secret.
    package let key: PrivateKey
    /// The certificate and those above it, leaf first, without a self-signed root.
    package let chainDER: [[UInt8]]
    /// The certificate.
    package let leaf: ParsedCertificate
    /// What was told with it.
    package var note: IdentityNote

    /// Puts a key and a chain together.
    ///
    /// - Throws: `PKIError` with `keyMismatch` when the certificate is for another key, `nothingFound` without one.
    package init(key: PrivateKey, certificates: [ParsedCertificate], note: IdentityNote) throws(PKIError) {
        guard let leaf = certificates.first else {
            throw PKIError(.nothingFound, "there is no certificate")
        }
        guard key.matches(leaf) else {
            throw PKIError(.keyMismatch, "\(leaf.label) is for another key")
        }
        self.key = key
        self.leaf = leaf
        var seen: Set<[UInt8]> = [leaf.der]
        let above = certificates.dropFirst().filter { !$0.isSelfIssued && seen.insert($0.der).inserted }
        self.chainDER = [leaf.der] + above.map(\.der)
        self.note = note
    }

    /// The serial number in lower-case hexadecimal, two digits a byte.
    package var serial: String {
        SerialNumber(leaf.serialNumber).hexadecimal
    }

    /// The one SPIFFE ID of the certificate; nil without one or with several.
    package var spiffeID: SPIFFEID? {
        let uris = leaf.extensions.alternativeNames.compactMap { name in
            if case .uri(let uri) = name { uri } else { String?.none }
        }
        guard uris.count == 1 else { return nil }
        return try? SPIFFEID(parsing: uris[0])
    }

    /// How long it is good.
    package var validity: IssuedValidity {
        IssuedValidity(notBefore: leaf.notBefore, notAfter: leaf.notAfter, obtainedAt: note.obtainedAt)
    }

    /// The chain in PEM.
    package var chainPEM: String {
        chainDER.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
    }
}

extension HeldIdentity: CustomStringConvertible, CustomReflectable {
    /// The certificate alone.
    package var description: String { "identity with \(leaf.label)" }

    /// Nothing: a dump must not reach the key.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
