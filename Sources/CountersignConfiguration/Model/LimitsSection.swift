/// Limits on what a client may send and hold: the section `router.limits`.
package struct LimitsSection: Hashable, Sendable {
    /// The longest request line, in bytes; a longer one is answered with 414.
    package var maximumRequestLineBytes = 8192

    /// The longest header line, in bytes; a longer one is answered with 431.
    package var maximumHeaderLineBytes = 16384

    /// The longest request line with all headers, in bytes; a longer one is answered with 431.
    package var maximumHeadBytes = 65536

    /// How many headers a request may have; more are answered with 431.
    package var maximumHeaders = 100

    /// How many client connections the router holds at once over all workers.
    package var maximumConnections = 50_000

    /// The section's defaults.
    package init() {}
}

extension LimitsSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `max_request_line_bytes` (256...65536, default 8192)
    /// - `max_header_line_bytes` (256...262144, default 16384)
    /// - `max_head_bytes` (1024...1048576, default 65536; not less than either of the above)
    /// - `max_headers` (8...1000, default 100)
    /// - `max_connections` (1...1000000, default 50000)
    static func read(_ value: ValueReader) -> LimitsSection? {
        value.mapping("the keys of \"limits\"") { reader in
            var section = LimitsSection()
            section.maximumRequestLineBytes = reader.integer(
                "max_request_line_bytes",
                default: section.maximumRequestLineBytes,
                in: 256...65536
            )
            section.maximumHeaderLineBytes = reader.integer(
                "max_header_line_bytes",
                default: section.maximumHeaderLineBytes,
                in: 256...262_144
            )
            section.maximumHeadBytes = reader.integer(
                "max_head_bytes",
                default: section.maximumHeadBytes,
                in: 1024...1_048_576
            )
            section.maximumHeaders = reader.integer("max_headers", default: section.maximumHeaders, in: 8...1000)
            section.maximumConnections = reader.integer(
                "max_connections",
                default: section.maximumConnections,
                in: 1...1_000_000
            )
            let longestLine = max(section.maximumRequestLineBytes, section.maximumHeaderLineBytes)
            if longestLine > section.maximumHeadBytes {
                (reader.value("max_head_bytes") ?? value)
                    .fail("max_head_bytes is less than the longest line that is allowed, \(longestLine)")
            }
            return section
        }
    }
}
