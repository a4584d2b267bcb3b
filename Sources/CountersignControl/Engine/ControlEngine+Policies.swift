package import CountersignControlModel
import CountersignIdentity
import CountersignPolicy

/// A permission that is to be given.
package struct PolicyDraft: Sendable {
    /// Whose permission it is.
    package var side: PolicyRecord.Side
    /// Who may call, as it was given.
    package var source: String
    /// The GUID of the route.
    package var route: String
    /// What people note about it.
    package var metadata = RecordMetadata()

    package init(side: PolicyRecord.Side, source: String, route: String) {
        self.side = side
        self.source = source
        self.route = route
    }
}

extension ControlEngine {
    /// Gives a permission; nobody checks whether there is anything with the source's GUID.
    package func create(
        _ draft: PolicyDraft,
        by caller: ControlCaller,
        completion: @escaping Completion<PolicyRecord>
    ) {
        change("\(draft.side.rawValue)_policy.create", by: caller) { context throws(ControlError) in
            try Self.edit(creating: draft, context)
        } completion: {
            completion($0)
        }
    }

    /// Changes what people note about a permission.
    package func annotate(
        policy guid: String,
        _ side: PolicyRecord.Side,
        _ change: MetadataChange,
        by caller: ControlCaller,
        completion: @escaping Completion<PolicyRecord>
    ) {
        self.change("\(side.rawValue)_policy.update", by: caller) { context throws(ControlError) in
            try Self.edit(try Self.policy(guid, side, context.state), change, context)
        } completion: {
            completion($0)
        }
    }

    /// Takes a permission back.
    package func deletePolicy(
        _ guid: String,
        _ side: PolicyRecord.Side,
        by caller: ControlCaller,
        completion: @escaping Completion<Void>
    ) {
        change("\(side.rawValue)_policy.delete", by: caller) { context throws(ControlError) in
            Self.edit(deleting: try Self.policy(guid, side, context.state), context)
        } completion: {
            completion($0)
        }
    }

    /// What giving a permission comes to.
    static func edit(
        creating draft: PolicyDraft,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<PolicyRecord> {
        let source = try Self.source(draft.source, context.state)
        guard let (route, domain) = try? Self.route(draft.route, context.state) else {
            throw .unprocessable("Route with guid '\(draft.route.prefix(128))' does not exist.")
        }
        try Self.check(source, draft.side, route, domain, context.state)
        let policy = PolicyRecord(
            header: context.header(),
            side: draft.side,
            source: source,
            route: draft.route,
            metadata: draft.metadata
        )
        return ControlEdit(
            puts: [.policy(policy)],
            target: route.pattern(on: domain),
            detail: source.description,
            value: policy
        )
    }

    /// What other notes of a permission come to.
    static func edit(
        _ policy: PolicyRecord,
        _ change: MetadataChange,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<PolicyRecord> {
        var policy = policy
        policy.metadata = try change.applied(to: policy.metadata)
        policy.header.updatedAt = context.now
        return ControlEdit(
            puts: [.policy(policy)],
            target: Self.target(policy, context.state),
            detail: policy.source.description,
            value: policy
        )
    }

    /// What taking a permission back comes to.
    static func edit(deleting policy: PolicyRecord, _ context: EditContext) -> ControlEdit<Void> {
        return ControlEdit(
            deletes: [ControlRecord.Key(.policy, policy.header.guid)],
            target: Self.target(policy, context.state),
            detail: policy.source.description,
            value: ()
        )
    }

    /// A permission of a side.
    ///
    /// - Throws: ``ControlError`` when there is none.
    static func policy(
        _ guid: String,
        _ side: PolicyRecord.Side,
        _ state: ControlState
    ) throws(ControlError) -> PolicyRecord {
        guard let policy = state.policies[guid], policy.side == side else {
            throw .notFound(side == .route ? "Route policy not found" : "Caller policy not found")
        }
        return policy
    }

    /// Reads a source, or the names of one.
    ///
    /// - Throws: ``ControlError`` for a prefix that there is not or not yet, for what follows one, and for names that
    ///   nobody has.
    static func source(_ text: String, _ state: ControlState) throws(ControlError) -> PolicySource {
        for prefix in reservedPrefixes where text.hasPrefix(prefix) {
            throw .unprocessable("Source has the prefix \(prefix), which is reserved and has no meaning yet")
        }
        let text = try state.resolved(source: text)
        do throws(PolicyError) {
            let source = try PolicySource(parsing: text)
            if let problem = source.spellingProblem { throw PolicyError(.invalidSource, problem) }
            return source
        } catch {
            throw .unprocessable("Source is not usable: \(error.message)")
        }
    }

    private static let reservedPrefixes = ["oidc:", "x509:"]

    private static func check(
        _ source: PolicySource,
        _ side: PolicyRecord.Side,
        _ route: RouteRecord,
        _ domain: DomainRecord,
        _ state: ControlState
    ) throws(ControlError) {
        guard !domain.isInternal else {
            throw .unprocessable("Policies cannot be made for routes on internal domains: no router enforces them")
        }
        guard domain.enforcesPolicies else {
            throw .unprocessable("The domain '\(domain.name)' does not enforce route policies")
        }
        let guid = route.header.guid
        guard state.policy(side, source, of: guid) == nil else {
            throw .notUnique("A policy with the source '\(source)' already exists for this route.")
        }
        guard side == .route else { return }
        if source == .any, state.hasPolicies(.route, of: guid) {
            throw .unprocessable("The source 'cf:any' excludes every other source of its route; remove those first")
        }
        if state.policy(.route, .any, of: guid) != nil {
            throw .unprocessable("The route has the source 'cf:any', which excludes every other one; remove it first")
        }
    }

    private static func target(_ policy: PolicyRecord, _ state: ControlState) -> String {
        guard let (route, domain) = try? route(policy.route, state) else { return policy.route }
        return route.pattern(on: domain)
    }
}
