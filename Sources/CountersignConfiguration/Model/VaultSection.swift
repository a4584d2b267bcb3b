import CountersignIdentity

/// The Vault-compatible API: the section `authority.vault`.
package struct VaultSection: Sendable {
    /// Where the API is served.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 8200)

    /// Whether the API is served over TLS, with the authority's own certificate.
    package var isTLS = false

    /// Where clients find the PKI engine: `/v1/{mount}/…`.
    package var mount = "pki"

    /// The section's defaults.
    package init() {}
}

extension VaultSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `listen` (IP address and port, default `127.0.0.1:8200`)
    /// - `tls` (boolean, default: whether `listen` is not loopback; false is refused where it is not)
    /// - `mount` (path segments of letters, digits, hyphens and underscores, default `pki`)
    static func read(_ value: ValueReader) -> VaultSection? {
        value.mapping("the keys of \"vault\"") { reader in
            var section = VaultSection()
            section.listen =
                reader.value("listen")?.parsed("an address", ListenAddress.init(parsing:)) ?? section.listen
            let isLoopback = section.listen.address.isLoopback
            section.isTLS = reader.boolean("tls", default: !isLoopback)
            if !section.isTLS, !isLoopback {
                reader.value("tls")?.fail("tokens are sent over TLS only, and listen is \(section.listen)")
            }
            if let mount = reader.value("mount")?.text("a path, as pki") {
                if Self.isMount(mount) {
                    section.mount = mount
                } else {
                    reader.value("mount")?.fail(
                        "expected path segments of letters, digits, hyphens and underscores, as pki or pki/int; "
                            + "sys and auth are taken"
                    )
                }
            }
            return section
        }
    }

    private static func isMount(_ text: String) -> Bool {
        let segments = text.split(separator: "/", omittingEmptySubsequences: false)
        guard text.utf8.count <= 128, let first = segments.first, first != "sys", first != "auth" else { return false }
        return segments.allSatisfy { segment in
            !segment.isEmpty
                && segment.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }
}
