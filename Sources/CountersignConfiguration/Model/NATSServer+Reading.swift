import CountersignIdentity

extension NATSSection.Server {
    /// Reads an element of the list `nats.hosts`.
    ///
    /// ## Configuration keys
    /// - `hostname` (host name or IP address, required)
    /// - `port` (1...65535, default 4222)
    static func read(_ value: ValueReader) -> NATSSection.Server? {
        value.mapping("\"hostname\" and \"port\"") { reader in
            let host = reader.required("hostname", "a host name or an IP address")?
                .parsed("a host name") { text throws(IdentityError) in try HostName(parsing: text) }
            let port = reader.integer("port", default: 4222, in: 1...65535)
            guard let host else { return nil }
            return NATSSection.Server(hostname: host.description, port: UInt16(clamping: port))
        }
    }
}
