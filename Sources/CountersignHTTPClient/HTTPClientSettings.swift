/// Bounds of a client: what it accepts and how long it waits.
package struct HTTPClientSettings: Sendable {
    /// The largest content of an answer in bytes.
    package var maximumBody = 16 * 1024 * 1024
    /// The longest line of a stream in bytes.
    package var maximumLine = 4 * 1024 * 1024
    /// How long connecting to one address of the host may take, TLS included.
    package var connectTime = Duration.seconds(10)
    /// How long a connection is kept for the next call; less than servers keep theirs.
    package var idleTime = Duration.seconds(20)
    /// How many connections are kept at most.
    package var maximumIdle = 4
    /// The value of User-Agent.
    package var userAgent = "countersign"

    /// The defaults.
    package init() {}
}
