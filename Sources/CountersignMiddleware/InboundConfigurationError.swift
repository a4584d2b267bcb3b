/// What is wrong with an ``InboundConfiguration``, and what would be right.
public struct InboundConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence for the operator.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
