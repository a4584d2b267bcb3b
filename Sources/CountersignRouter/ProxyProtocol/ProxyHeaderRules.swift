package import CountersignIdentity

/// From whom connections may begin with a PROXY protocol header.
package struct ProxyHeaderRules: Sendable, Equatable {
    /// The addresses of the proxies.
    package var from: [CIDRBlock]
    /// Whether a connection without a header is closed, whoever it comes from.
    package var isRequired: Bool

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - from: the addresses of the proxies.
    ///   - isRequired: whether a connection without a header is closed.
    package init(from: [CIDRBlock], isRequired: Bool) {
        self.from = from
        self.isRequired = isRequired
    }

    /// Whether a peer's header counts.
    ///
    /// - Parameter host: the peer's address as text, without brackets.
    func trusts(_ host: [UInt8]) -> Bool {
        guard let address = IPAddress(host.span) else { return false }
        return from.contains { $0.contains(address) }
    }
}
