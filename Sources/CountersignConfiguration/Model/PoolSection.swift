/// The connections that are kept to endpoints: the section `router.pool`.
package struct PoolSection: Hashable, Sendable {
    /// How many unused connections a worker keeps to one endpoint; 0 keeps none.
    package var maximumIdlePerEndpoint = 1024

    /// The section's defaults.
    package init() {}
}

extension PoolSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `max_idle_per_endpoint` (0...10000, default 1024)
    static func read(_ value: ValueReader) -> PoolSection? {
        value.mapping("the keys of \"pool\"") { reader in
            var section = PoolSection()
            section.maximumIdlePerEndpoint = reader.integer(
                "max_idle_per_endpoint",
                default: section.maximumIdlePerEndpoint,
                in: 0...10_000
            )
            return section
        }
    }
}
