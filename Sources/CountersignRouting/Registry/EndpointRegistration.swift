/// What a source of routes says of one endpoint, for as long as it says it.
public struct EndpointRegistration: Sendable {
    /// The endpoint.
    public var endpoint: Endpoint
    /// The options of its routes; `nil` when it states none.
    public var options: RegisteredOptions?
    /// How many seconds it lives without being registered again; `nil` for as long as the registry's own threshold.
    public var lifetime: UInt32?
    /// A keyed hash of everything that was said, by which a repetition is told from a change.
    public var signature: UInt64

    /// Makes a registration from its parts.
    ///
    /// - Parameters:
    ///   - endpoint: the endpoint.
    ///   - options: the options of its routes.
    ///   - lifetime: how many seconds it lives without being registered again.
    ///   - signature: a keyed hash of everything that was said.
    public init(endpoint: Endpoint, options: RegisteredOptions?, lifetime: UInt32?, signature: UInt64) {
        self.endpoint = endpoint
        self.options = options
        self.lifetime = lifetime
        self.signature = signature
    }
}
