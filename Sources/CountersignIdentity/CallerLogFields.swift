/// A caller's identity as the access log writes it.
///
/// Made once per connection, so that a request makes no strings.
public struct CallerLogFields: Hashable, Sendable {
    /// The value of `caller_app`.
    public let app: String?
    /// The value of `caller_space`.
    public let space: String?
    /// The value of `caller_org`.
    public let organization: String?
    /// The value of `caller_spiffe_id`.
    public let spiffeID: String?
    /// The value of `caller_ambiguity`: why a verified certificate gave no identity.
    public let ambiguity: String?

    /// The fields of an identity.
    public init(_ identity: CallerIdentity) {
        self.app = identity.cloudFoundry?.app.description
        self.space = identity.cloudFoundry?.space?.description
        self.organization = identity.cloudFoundry?.organization?.description
        self.spiffeID = identity.spiffeID?.description
        self.ambiguity = identity.ambiguity?.rawValue
    }

    /// The fields that have a value, by their names in the log, in the order in which they are written.
    public var pairs: [(name: String, value: String)] {
        [
            ("caller_app", app), ("caller_space", space), ("caller_org", organization),
            ("caller_spiffe_id", spiffeID), ("caller_ambiguity", ambiguity),
        ].compactMap { name, value in value.map { (name, $0) } }
    }
}
