public import ArgumentParser

/// Whom an example calls, and how often.
public struct CallingOptions: ParsableArguments, Sendable {
    /// The server's port.
    @Argument(help: "The port on loopback.")
    public var port: Int

    /// Who the server has to be.
    @Option(help: "The SPIFFE ID that the server has to have.")
    public var server: String

    /// How many calls are made.
    @Option(help: "How many calls to make.")
    public var count = 1

    /// How many rotations are waited for.
    @Option(help: "Goes on until the own identity has rotated so often.")
    public var rotations = 0

    /// Options that say nothing.
    public init() {}
}
