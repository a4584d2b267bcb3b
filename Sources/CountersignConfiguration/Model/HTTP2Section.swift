/// HTTP/2 with clients: the section `router.http2`.
package struct HTTP2Section: Hashable, Sendable {
    /// Whether clients are offered HTTP/2 in their handshake; without, all of them speak HTTP/1.1.
    package var isEnabled = true

    /// How many requests of one connection may be in progress at once.
    package var maximumConcurrentStreams = 100

    /// How many bytes of one request's content may be on the way or waiting.
    package var streamWindow = 262_144

    /// The same for all requests of one connection.
    package var connectionWindow = 1_048_576

    /// The section's defaults.
    package init() {}
}

extension HTTP2Section {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `enabled` (boolean, default true)
    /// - `max_concurrent_streams` (1...10000, default 100)
    /// - `stream_window_bytes` (65535...16777216, default 262144)
    /// - `connection_window_bytes` (65535...67108864, default 1048576)
    static func read(_ value: ValueReader) -> HTTP2Section? {
        value.mapping("the keys of \"http2\"") { reader in
            var section = HTTP2Section()
            section.isEnabled = reader.boolean("enabled", default: section.isEnabled)
            section.maximumConcurrentStreams = reader.integer(
                "max_concurrent_streams",
                default: section.maximumConcurrentStreams,
                in: 1...10_000
            )
            section.streamWindow = reader.integer(
                "stream_window_bytes",
                default: section.streamWindow,
                in: 65_535...16_777_216
            )
            section.connectionWindow = reader.integer(
                "connection_window_bytes",
                default: section.connectionWindow,
                in: 65_535...67_108_864
            )
            return section
        }
    }
}
