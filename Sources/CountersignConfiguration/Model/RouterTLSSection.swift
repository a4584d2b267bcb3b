/// The router's own certificates and TLS versions: the section `router.tls`.
package struct RouterTLSSection: Sendable {
    /// A version of TLS.
    package enum Version: String, CaseIterable, Comparable, Sendable {
        /// TLS 1.2 (RFC 5246) with forward secrecy and authenticated encryption only.
        case tls12 = "TLSv1.2"

        /// TLS 1.3 (RFC 8446).
        case tls13 = "TLSv1.3"

        package static func < (left: Version, right: Version) -> Bool { left == .tls12 && right == .tls13 }
    }

    /// The certificates that are shown to clients, chosen by server name; the first one is the default.
    package var certificates: [CertificateSection] = []

    /// The oldest version that is spoken.
    package var minimumVersion = Version.tls12

    /// The section's defaults, which have no certificate.
    package init() {}
}

extension RouterTLSSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `certificates` (list of `cert_chain` and `private_key`, at least one)
    /// - `min_version` (`TLSv1.2` or `TLSv1.3`, default `TLSv1.2`)
    static func read(_ value: ValueReader) -> RouterTLSSection? {
        value.mapping("the keys of \"tls\"") { reader in
            var section = RouterTLSSection()
            if let list = reader.required("certificates", "the router serves TLS and needs a certificate") {
                let values = list.list(of: "certificates", atMost: 10_000)
                if values?.isEmpty == true {
                    list.fail("the list is empty; the router serves TLS and needs a certificate")
                }
                section.certificates = values?.compactMap(CertificateSection.read) ?? []
            }
            section.minimumVersion = reader.choice("min_version", default: section.minimumVersion)
            return section
        }
    }
}
