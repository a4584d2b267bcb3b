/// How long the router waits for what: the section `router.timeouts`.
package struct TimeoutsSection: Hashable, Sendable {
    /// From an accepted connection to the end of its TLS handshake.
    package var handshake = Duration.seconds(10)

    /// From the first byte of a request to the end of its headers.
    package var requestHead = Duration.seconds(10)

    /// Between two pieces of a body, in either direction.
    package var bodyIdle = Duration.seconds(30)

    /// Between two requests of a client's connection.
    package var keepAlive = Duration.seconds(75)

    /// For a connection to an endpoint, its TLS handshake included.
    package var connect = Duration.seconds(5)

    /// From the end of a request to the first byte of the endpoint's answer.
    package var response = Duration.seconds(60)

    /// How long an unused connection to an endpoint is kept.
    package var upstreamKeepAlive = Duration.seconds(60)

    /// How long a tunnel may be silent in both directions.
    package var tunnelIdle = Duration.seconds(3600)
    /// How long the router goes on to accept, and says that it is not ready, when it is told to stop.
    package var drainWait = Duration.zero

    /// How long requests in flight may go on when the router is told to stop.
    package var drain = Duration.seconds(30)

    /// The section's defaults.
    package init() {}
}

extension TimeoutsSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `handshake` (100ms...5m, default 10s)
    /// - `request_head` (100ms...5m, default 10s)
    /// - `body_idle` (100ms...1h, default 30s)
    /// - `keep_alive` (100ms...1h, default 75s)
    /// - `connect` (10ms...5m, default 5s)
    /// - `response` (10ms...1h, default 60s)
    /// - `upstream_keep_alive` (100ms...1h, default 60s)
    /// - `tunnel_idle` (1s...7d, default 1h)
    /// - `drain_wait` (0s...1h, default 0s)
    /// - `drain` (0s...1h, default 30s)
    static func read(_ value: ValueReader) -> TimeoutsSection? {
        value.mapping("the keys of \"timeouts\"") { reader in
            var section = TimeoutsSection()
            let short = Duration.milliseconds(100)...Duration.seconds(300)
            let long = Duration.milliseconds(100)...Duration.seconds(3600)
            section.handshake = reader.duration("handshake", default: section.handshake, in: short)
            section.requestHead = reader.duration("request_head", default: section.requestHead, in: short)
            section.bodyIdle = reader.duration("body_idle", default: section.bodyIdle, in: long)
            section.keepAlive = reader.duration("keep_alive", default: section.keepAlive, in: long)
            section.connect = reader.duration(
                "connect",
                default: section.connect,
                in: .milliseconds(10) ... .seconds(300)
            )
            section.response = reader.duration(
                "response",
                default: section.response,
                in: .milliseconds(10) ... .seconds(3600)
            )
            section.upstreamKeepAlive = reader.duration(
                "upstream_keep_alive",
                default: section.upstreamKeepAlive,
                in: long
            )
            section.tunnelIdle = reader.duration(
                "tunnel_idle",
                default: section.tunnelIdle,
                in: .seconds(1) ... .seconds(7 * 86_400)
            )
            section.drainWait = reader.duration(
                "drain_wait",
                default: section.drainWait,
                in: .zero ... .seconds(3600)
            )
            section.drain = reader.duration("drain", default: section.drain, in: .zero ... .seconds(3600))
            return section
        }
    }
}
