public import CountersignPolicy

/// The options of a route as they were registered, with what they come to; shared by the endpoints that state the same.
public final class RegisteredOptions: Sendable {
    /// The text that they were read from, by which they are compared.
    public let source: [UInt8]
    /// The options.
    public let options: RouteOptions
    /// Who may call.
    public let policy: RoutePolicy
    /// What they say beside that.
    public let handling: RouteHandling

    /// Takes options of the bus, whose sender nobody can ask to correct them.
    ///
    /// - Parameters:
    ///   - source: the text that they were read from.
    ///   - options: the options.
    ///   - ignored: receives what is left out, which only ever narrows who may call.
    public init(source: [UInt8], options: RouteOptions, ignored: inout [PolicyError]) {
        self.source = source
        self.options = options
        self.policy = RoutePolicy(lenient: options, ignored: &ignored)
        self.handling = RouteHandling(options)
        _ = RouteTraffic(lenient: options, ignored: &ignored)
    }

    /// Whether they were read from this text.
    public func isMade(of text: Span<UInt8>) -> Bool {
        let source = source
        return text.isEqual(to: source.span)
    }
}
