package import CountersignHTTP1

/// What a client may ask of one router, beyond which it is refused.
package struct RouterLimits: Sendable, Equatable {
    /// Bounds on a request or response head.
    package var head = HeadLimits()
    /// Client connections open at once over all workers; a further one is closed as soon as it is accepted.
    package var maximumConnections = 50_000
    /// Idle connections that each worker keeps to one endpoint.
    package var maximumIdlePerEndpoint = 64
    /// Bytes held for a peer that does not read; beyond it the other side is not read either.
    package static let writeWatermark = 64 * 1024

    package init() {}
}
