public import CountersignIdentity

/// One entry of an allow list: which caller may make which calls; all parts have to fit.
public struct AllowedCall: Sendable, Hashable {
    /// Who calls: a service as `name` or `namespace/name` (see ``InboundConfiguration/serviceTrustDomain``), a SPIFFE ID with
    /// or without wildcards, or an ARN.
    public var caller: String
    /// The host that is called; nil for any.
    public var host: HostPattern?
    /// The methods in upper case; empty for any.
    public var methods: [String]
    /// The paths: a whole one, or one with `/*` at its end for everything below; empty for any.
    public var paths: [String]

    /// Takes the parts.
    ///
    /// - Parameters:
    ///   - caller: who calls: a service as `name` or `namespace/name`, a SPIFFE ID with or without wildcards, or an ARN.
    ///   - host: the host that is called; nil for any.
    ///   - methods: the methods in upper case; empty for any.
    ///   - paths: the paths, with `/*` at the end for everything below; empty for any.
    public init(from caller: String, host: HostPattern? = nil, methods: [String] = [], paths: [String] = []) {
        self.caller = caller
        self.host = host
        self.methods = methods
        self.paths = paths
    }
}
