public import CountersignIdentity

/// A domain whose hosts are served only to callers with a client certificate, and where it was configured.
public struct MTLSDomain: Sendable, Hashable {
    /// The hosts of the domain.
    public let pattern: HostPattern
    /// Where the domain was written, for messages: a file with line and column, or the name of another source.
    public let place: String

    /// Makes a domain from its parts.
    public init(pattern: HostPattern, place: String) {
        self.pattern = pattern
        self.place = place
    }
}
