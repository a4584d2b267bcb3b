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

    private let allowed: PolicySourceSet
    /// Those whom their owners let call the route; `nil` when nobody asks them.
    private let allowedByOwners: PolicySourceSet?

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
    ///
    /// - Parameters:
    ///   - form: in which form the route states it.
    ///   - scope: how near a caller has to be; `nil` permits nobody.
    ///   - sources: who may call as the route's owner says.
    ///   - callerSources: who may call as the callers' owners say; `nil` when nobody asks them.
    package init(
        form: RoutePolicyForm,
        scope: RoutePolicyScope?,
        sources: [PolicySource],
        callerSources: [PolicySource]? = nil
    ) {
        self.form = form
        self.scope = scope
        self.sources = sources
        self.allowed = PolicySourceSet(sources)
        self.kinds = allowed.kinds
        self.allowedByOwners = callerSources.map(PolicySourceSet.init)
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
    func source(permitting caller: CallerKey) -> PolicySource? { allowed.source(permitting: caller) }

    /// Whether the owner of the caller, where anybody asks, lets it call the route.
    func isPermittedByOwner(_ caller: CallerKey) -> Bool {
        guard let allowedByOwners else { return true }
        return allowedByOwners.source(permitting: caller) != nil
    }

    private static func isSame(_ left: CloudFoundryGUID?, _ right: CloudFoundryGUID?) -> Bool {
        guard let left, let right else { return false }
        return left == right
    }
}
