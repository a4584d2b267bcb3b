import CountersignIdentity

/// Health, metrics and the admin API: the section `admin`.
package struct AdminSection: Hashable, Sendable {
    /// The address that is listened on.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 9090)

    /// The file that the authority writes an administrator's bearer token to when it is absent; nil when it does not.
    package var tokenFile: String?

    /// The section's defaults.
    package init() {}
}

extension AdminSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `listen` (IP address and port, default `127.0.0.1:9090`; another than loopback is warned about)
    /// - `token_file` (path, optional)
    static func read(_ value: ValueReader) -> AdminSection? {
        value.mapping("the keys of \"admin\"") { reader in
            var section = AdminSection()
            if let listen = reader.value("listen") {
                section.listen = listen.parsed("an address", ListenAddress.init(parsing:)) ?? section.listen
                if !section.listen.address.isLoopback {
                    listen.warn("health, metrics and the admin API are open to other hosts")
                }
            }
            section.tokenFile = reader.value("token_file")?.path()
            return section
        }
    }
}
