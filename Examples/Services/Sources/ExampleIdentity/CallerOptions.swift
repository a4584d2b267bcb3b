public import ArgumentParser
public import CountersignService

/// Whom an example serves.
public struct CallerOptions: ParsableArguments, Sendable {
    /// Who may call.
    @Option(
        help: "A SPIFFE ID that callers have to have, which may end in /*; anyone of the trust domain may without it."
    )
    public var allow: String?

    /// Options that say nothing.
    public init() {}

    /// Who callers have to be.
    public var requirement: PeerRequirement {
        get throws { try allow.map { try .spiffeIDs(parsing: $0) } ?? .anyone }
    }
}
