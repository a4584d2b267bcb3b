package import CountersignIdentity

/// Which kinds of traffic the router takes, and from whom: keys of the section `router`.
package struct RouterTrafficSection: Hashable, Sendable {
    /// From whom connections may begin with a PROXY protocol header.
    package struct ProxyHeaders: Hashable, Sendable {
        /// The addresses of the proxies; nobody else's header counts.
        package var from: [CIDRBlock] = []

        /// Whether a connection without a header is closed, whoever it comes from.
        package var isRequired = false
    }

    /// The protocols that a client may switch to, in lower case.
    package var upgradeProtocols = ["websocket"]

    /// The addresses of `listen` that take requests without TLS as well.
    package var permissiveListeners: [ListenAddress] = []

    /// From whom connections may begin with a PROXY protocol header; nil for nobody.
    package var proxyHeaders: ProxyHeaders?

    /// Whether a trace that begins here is marked as sampled.
    package var samplesNewTraces = false

    /// The defaults.
    package init() {}
}

extension RouterTrafficSection {
    /// Reads the keys.
    ///
    /// ## Configuration keys
    /// - `upgrade_protocols` (names of protocols, default `websocket`)
    /// - `permissive_listeners` (addresses of `listen`, default none)
    /// - `proxy_protocol` (mapping, optional)
    /// - `trace_context` (mapping, optional)
    static func read(_ reader: MappingReader, listen: [ListenAddress]) -> RouterTrafficSection {
        var section = RouterTrafficSection()
        if let value = reader.value("upgrade_protocols") { section.upgradeProtocols = readProtocols(value) }
        if let value = reader.value("permissive_listeners") {
            section.permissiveListeners = readListeners(value, listen)
        }
        section.proxyHeaders = reader.value("proxy_protocol").flatMap(readProxyHeaders)
        section.samplesNewTraces =
            reader.value("trace_context")?
            .mapping("the keys of \"trace_context\"") { $0.boolean("sample_new", default: false) } ?? false
        return section
    }

    private static func readProtocols(_ value: ValueReader) -> [String] {
        var names: [String] = []
        for value in value.listOrSingle(of: "protocols", atMost: 16) ?? [] {
            guard let text = value.text("the name of a protocol")?.lowercased() else { continue }
            let isName = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2C && $0 != 0x3B && $0 != 0x22 }
            let base = text.prefix { $0 != "/" }
            if !isName {
                value.fail(
                    "expected the name of a protocol such as websocket, found \(IdentityError.excerpt(of: text))"
                )
            } else if ["h2c", "h2", "http", "tls"].contains(base) {
                value.fail("\(text) carries requests that the router would not see; it cannot be switched to")
            } else if names.contains(text) {
                value.fail("the protocol is listed twice")
            } else {
                names.append(text)
            }
        }
        return names
    }

    private static func readListeners(_ value: ValueReader, _ listen: [ListenAddress]) -> [ListenAddress] {
        var addresses: [ListenAddress] = []
        for value in value.listOrSingle(of: "addresses", atMost: 64) ?? [] {
            guard let address = value.parsed("an address", ListenAddress.init(parsing:)) else { continue }
            if listen.contains(address) {
                addresses.append(address)
            } else {
                value.fail("\(address) is not among the addresses of listen")
            }
        }
        if !addresses.isEmpty {
            value.warn("requests without TLS are taken there; empty the list when the last caller has changed over")
        }
        return addresses
    }

    private static func readProxyHeaders(_ value: ValueReader) -> ProxyHeaders? {
        value.mapping("the keys of \"proxy_protocol\"") { reader in
            var headers = ProxyHeaders()
            let from = reader.required("from", "the addresses of the proxies, as in [\"10.0.0.0/8\"]")
            for value in from?.listOrSingle(of: "address blocks", atMost: 1000) ?? [] {
                guard let block = value.parsed("an address block", CIDRBlock.init(parsing:)) else { continue }
                headers.from.append(block)
            }
            headers.isRequired = reader.boolean("required", default: false)
            return headers
        }
    }
}
