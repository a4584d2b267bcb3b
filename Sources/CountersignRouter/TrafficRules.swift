/// Which kinds of traffic one router takes, over all of its routes.
package struct TrafficRules: Sendable, Equatable {
    /// The protocols that a client may switch to where its route allows it, in lower case (RFC 9110 section 7.8).
    ///
    /// None of them may carry requests of its own, such as `h2c`: those would pass unseen.
    package var upgradeProtocols: [[UInt8]] = [Array("websocket".utf8)]

    /// From whom connections may begin with a PROXY protocol header; `nil` for nobody.
    package var proxyHeaders: ProxyHeaderRules?

    package init() {}
}
