import CountersignIdentity

/// Who may call a route, compiled once from its options.
///
/// A decision looks up the caller's parts in hashed sets, so that it costs the same for ten sources and for ten
/// thousand. The policy without sources permits nobody.
public struct RoutePolicy: Sendable {
    /// The form in which the route states the policy.
    public let form: RoutePolicyForm
    /// How near a caller has to be; ``RoutePolicyScope/any`` for flat options.
    ///
    /// `nil` when the route states a scope that does not exist, and then nobody is permitted.
    public let scope: RoutePolicyScope?
    /// The sources in the order in which they were written.
    public let sources: [PolicySource]
    /// The kinds of ``sources``.
    public let kinds: PolicySourceKinds

    private let apps: Set<CloudFoundryGUID>
    private let spaces: Set<CloudFoundryGUID>
    private let organizations: Set<CloudFoundryGUID>
    private let patterns: SPIFFEPatternIndex

    /// Compiles the policy that route options state.
    ///
    /// - Throws: ``PolicyError``, naming every option that is part of the problem: for `mtls_allow_any` beside another
    ///   allow list, `cf:any` beside another source, both forms at once, a misspelt option, a wrong type or value.
    public init(_ options: RouteOptions) throws(PolicyError) {
        var compiler = RoutePolicyCompiler(options)
        let policy = compiler.compile()
        if let problem = compiler.problems.first { throw problem }
        self = policy
    }

    /// Compiles what is usable of options that nobody can be asked to correct, such as those from the message bus.
    ///
    /// Whatever is ignored only ever narrows the policy: an unusable option permits nobody, where options exclude each
    /// other the wider one is ignored, and a scope that does not exist denies all.
    ///
    /// - Parameters:
    ///   - options: The options of the route.
    ///   - ignored: Receives what was ignored, for the log.
    public init(lenient options: RouteOptions, ignored: inout [PolicyError]) {
        var compiler = RoutePolicyCompiler(options)
        self = compiler.compile()
        ignored += compiler.problems
    }

    /// A policy with these sources, which have to fit the form.
    package init(form: RoutePolicyForm, scope: RoutePolicyScope?, sources: [PolicySource]) {
        var kinds: PolicySourceKinds = []
        var apps: Set<CloudFoundryGUID> = []
        var spaces: Set<CloudFoundryGUID> = []
        var organizations: Set<CloudFoundryGUID> = []
        var patterns: [SPIFFEIDPattern] = []
        for source in sources {
            switch source {
            case .app(let guid):
                kinds.insert(.apps)
                apps.insert(guid)
            case .space(let guid):
                kinds.insert(.spaces)
                spaces.insert(guid)
            case .organization(let guid):
                kinds.insert(.organizations)
                organizations.insert(guid)
            case .any:
                kinds.insert(.any)
            case .spiffe(let pattern):
                kinds.insert(.spiffe)
                patterns.append(pattern)
            }
        }
        self.form = form
        self.scope = scope
        self.sources = sources
        self.kinds = kinds
        self.apps = apps
        self.spaces = spaces
        self.organizations = organizations
        self.patterns = SPIFFEPatternIndex(patterns)
    }

    /// The policy of a route without options: nobody, where policies are enforced.
    public static let unstated = RoutePolicy(form: .unstated, scope: .any, sources: [])

    /// Whether ``admits(_:for:)`` depends on the endpoint.
    public var asksForNearness: Bool { scope != .any }

    /// Whether an endpoint is near enough for a caller.
    ///
    /// A router asks this before it picks an endpoint, so that a route that several spaces share does not fail now and
    /// then. Who has no Cloud Foundry identity is near to nothing.
    public func admits(_ endpoint: EndpointScope?, for caller: Caller) -> Bool {
        switch scope {
        case .any: true
        case .organization: Self.isSame(caller.key?.organization, endpoint?.organization)
        case .space: Self.isSame(caller.key?.space, endpoint?.space)
        case nil: false
        }
    }

    /// The source that permits the caller, or `nil` when none does.
    ///
    /// Allocates nothing.
    func source(permitting caller: CallerKey) -> PolicySource? {
        if let app = caller.app {
            if kinds.contains(.any) { return .any }
            if kinds.contains(.apps), apps.contains(app) { return .app(app) }
            if kinds.contains(.spaces), let space = caller.space, spaces.contains(space) { return .space(space) }
            if kinds.contains(.organizations), let organization = caller.organization,
                organizations.contains(organization)
            {
                return .organization(organization)
            }
        }
        if kinds.contains(.spiffe), let id = caller.spiffeID, let hashes = caller.spiffeHashes {
            return patterns.match(id, hashes).map { .spiffe($0) }
        }
        return nil
    }

    private static func isSame(_ left: CloudFoundryGUID?, _ right: CloudFoundryGUID?) -> Bool {
        guard let left, let right else { return false }
        return left == right
    }
}
