/// Which kinds of traffic one router takes, over all of its routes.
package struct TrafficRules: Sendable, Equatable {
    /// The protocols that a client may switch to where its route allows it, in lower case (RFC 9110 section 7.8).
    ///
    /// None of them may carry requests of its own, such as `h2c`: those would pass unseen.
    package var upgradeProtocols: [[UInt8]] = [Array("websocket".utf8)]

    /// From whom connections may begin with a PROXY protocol header; `nil` for nobody.
    package var proxyHeaders: ProxyHeaderRules?

    /// The listeners that take requests without TLS as well, by their position in the router's addresses.
    package var permissiveListeners: Set<Int> = []

    /// Whether traces that begin here are marked as sampled.
    package var samplesNewTraces = false

    package init() {}
}
