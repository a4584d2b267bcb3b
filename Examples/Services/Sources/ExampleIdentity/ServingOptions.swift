public import ArgumentParser

/// Where an example serves, and for how long it waits for callers.
public struct ServingOptions: ParsableArguments, Sendable {
    /// The port.
    @Option(help: "The port on loopback; 0 for one of the system's choice.")
    public var port = 0

    /// How long a handshake may take, in seconds.
    @Option(help: "Seconds that a handshake may take before its connection is closed.")
    public var handshakeTimeout: Int64 = 10

    /// Options that say nothing.
    public init() {}
}
