import CountersignIdentity

/// The CFSSL-compatible API: the section `authority.cfssl`.
package struct CFSSLSection: Sendable {
    /// Where the API is served.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 8888)

    /// The keys that requests are authenticated with, by name; each is an even number of hexadecimal digits.
    package var authenticationKeys: [String: SecretReference] = [:]

    /// Whether the API is served over TLS, with the authority's own certificate.
    package var isTLS = false

    /// Whether requests without a key are served; only where ``listen`` is of the host itself.
    package var allowsUnauthenticated = false

    /// The section's defaults.
    package init() {}
}

extension CFSSLSection {
    private enum KeyType: String, CaseIterable {
        case standard
    }

    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `listen` (IP address and port, default `127.0.0.1:8888`)
    /// - `tls` (boolean, default: whether `listen` is not loopback)
    /// - `auth_keys` (mapping of names to `type: standard` and `key` or `key_file`, 32 hexadecimal digits or more)
    /// - `allow_unauthenticated` (boolean, default false; true is refused where `listen` is not loopback)
    static func read(_ value: ValueReader) -> CFSSLSection? {
        value.mapping("the keys of \"cfssl\"") { reader in
            var section = CFSSLSection()
            section.listen =
                reader.value("listen")?.parsed("an address", ListenAddress.init(parsing:)) ?? section.listen
            for entry in reader.value("auth_keys")?.entries(of: "keys by name") ?? [] {
                section.authenticationKeys[entry.key] = readKey(entry.value)
            }
            section.allowsUnauthenticated = reader.boolean("allow_unauthenticated", default: false)
            let isLoopback = section.listen.address.isLoopback
            section.isTLS = reader.boolean("tls", default: !isLoopback)
            if !section.isTLS, !isLoopback {
                reader.value("tls")?.warn("without TLS, only requests that are authenticated with a key are served")
            }
            if section.allowsUnauthenticated, !isLoopback {
                reader.value("allow_unauthenticated")?.fail(
                    "unauthenticated requests are served on loopback only, and listen is \(section.listen)"
                )
            } else if section.allowsUnauthenticated {
                reader.value("allow_unauthenticated")?.warn("every process of this host can have certificates signed")
            }
            return section
        }
    }

    /// The names of the keys of a section, faulty ones among them; nil where they cannot be told.
    static func keyNames(_ value: ValueReader?) -> [String]? {
        guard let value else { return [] }
        guard case .mapping(let entries) = value.node.content else { return nil }
        guard let keys = entries.first(where: { $0.key == "auth_keys" }) else { return [] }
        guard case .mapping(let keys) = keys.value.content else { return nil }
        return keys.map(\.key)
    }

    private static func readKey(_ value: ValueReader) -> SecretReference? {
        value.mapping("\"type\" and \"key\"") { reader in
            let _: KeyType = reader.choice("type", default: .standard)
            guard let secret = reader.secret("key") else {
                if !reader.has("key"), !reader.has("key_file") {
                    reader.reportMissing("key", "hexadecimal digits, or key_file with a path")
                }
                return nil
            }
            if case .value(let text) = secret.source, !Self.isKey(text.reveal()) {
                reader.context.diagnostics.error(
                    "expected an even number of hexadecimal digits, at least 32",
                    at: secret.place
                )
            }
            return secret
        }
    }

    /// Whether `text` is an even number of hexadecimal digits, at least 32.
    static func isKey(_ text: String) -> Bool {
        text.utf8.count >= 32 && text.utf8.count.isMultiple(of: 2)
            && text.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isASCIIHexDigit }
    }
}
