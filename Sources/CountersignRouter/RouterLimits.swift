package import CountersignHTTP1
package import CountersignHTTP2

/// What a client may ask of one router, beyond which it is refused.
package struct RouterLimits: Sendable, Equatable {
    /// Bounds on a request or response head.
    package var head = HeadLimits()
    /// Client connections open at once over all workers; a further one is closed as soon as it is accepted.
    package var maximumConnections = 50_000
    /// Idle connections that each worker keeps to one endpoint.
    package var maximumIdlePerEndpoint = 1024
    /// Bounds on a connection of HTTP/2; those on a head are taken from ``head``.
    package var http2 = HTTP2Limits()
    /// Bytes held for a peer that does not read; beyond it the other side is not read either.
    package static let writeWatermark = 64 * 1024

    package init() {}
}
