/// The kinds of sources that a route policy has.
public struct PolicySourceKinds: OptionSet, Hashable, Sendable {
    /// The bits of the set.
    public let rawValue: UInt8

    /// The set with these bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Apps are named.
    public static let apps = PolicySourceKinds(rawValue: 1)
    /// Spaces are named.
    public static let spaces = PolicySourceKinds(rawValue: 2)
    /// Organizations are named.
    public static let organizations = PolicySourceKinds(rawValue: 4)
    /// Any app may call.
    public static let any = PolicySourceKinds(rawValue: 8)
    /// SPIFFE IDs are named.
    public static let spiffe = PolicySourceKinds(rawValue: 16)

    /// The flat route options that stand for these kinds, joined by commas.
    var optionNames: String {
        let names: [(PolicySourceKinds, RoutePolicyOption)] = [
            (.apps, .allowedApps), (.spaces, .allowedSpaces), (.organizations, .allowedOrganizations),
            (.any, .allowAny),
        ]
        return names.compactMap { kind, option in contains(kind) ? option.rawValue : nil }.joined(separator: ",")
    }
}
