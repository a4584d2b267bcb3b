package import CountersignControlModel
import CountersignPolicy

/// All records in memory, with what they are found by.
package struct ControlState: Sendable {
    /// The numbering of versions.
    package let epoch: String
    /// How many transactions there have been.
    package private(set) var version: Int64
    /// Domains by GUID.
    package private(set) var domains: [String: DomainRecord] = [:]
    /// Routes by GUID.
    package private(set) var routes: [String: RouteRecord] = [:]
    /// Permissions of both sides by GUID.
    package private(set) var policies: [String: PolicyRecord] = [:]
    /// Names by kind and GUID.
    package private(set) var names: [NameRecord.Kind: [String: NameRecord]] = [:]
    /// Which patterns the newest transactions have changed.
    package private(set) var history = RoutingHistory()

    private var domainsByName: [String: String] = [:]
    private var routesByPattern: [String: String] = [:]
    private var policiesByRoute: [String: [PolicyKey: String]] = [:]
    private var namesByText: [NameKey: String] = [:]

    /// Takes up what a store holds.
    package init(_ content: ControlContent) {
        epoch = content.epoch
        version = content.version
        // Routes are found by their domain's name.
        let rank: [ControlRecord.Kind: Int] = [.domain: 0, .route: 1]
        let records = content.records.sorted { (rank[$0.key.kind] ?? 2) < (rank[$1.key.kind] ?? 2) }
        for record in records { put(record) }
        history = RoutingHistory(after: version)
    }

    /// The domain of that name.
    package func domain(named name: String) -> DomainRecord? { domainsByName[name].flatMap { domains[$0] } }

    /// The route of that pattern, in its normal form.
    package func route(matching pattern: String) -> RouteRecord? { routesByPattern[pattern].flatMap { routes[$0] } }

    /// The patterns of all routes.
    package var patterns: some Sequence<String> { routesByPattern.keys }

    /// The permissions that one side gives for a route, in the order in which they were made.
    package func policies(of route: String, _ side: PolicyRecord.Side) -> [PolicyRecord] {
        (policiesByRoute[route] ?? [:]).compactMap { key, guid in key.side == side ? policies[guid] : nil }
            .sorted { ($0.header.order, $0.header.guid) < ($1.header.order, $1.header.guid) }
    }

    /// The permission of a side for a source to call a route.
    func policy(_ side: PolicyRecord.Side, _ source: PolicySource, of route: String) -> PolicyRecord? {
        policiesByRoute[route]?[PolicyKey(side: side, source: source)].flatMap { policies[$0] }
    }

    /// Whether a side gives any permission for a route.
    package func hasPolicies(_ side: PolicyRecord.Side, of route: String) -> Bool {
        policiesByRoute[route]?.keys.contains { $0.side == side } ?? false
    }

    /// The GUIDs of all permissions for a route.
    package func policyGUIDs(of route: String) -> [String] { policiesByRoute[route].map { Array($0.values) } ?? [] }

    /// What is named so below a parent.
    package func name(_ kind: NameRecord.Kind, _ text: String, in parent: String?) -> NameRecord? {
        namesByText[NameKey(kind: kind, text: text, parent: parent)].flatMap { names[kind]?[$0] }
    }

    /// A route with its domain and policies flattened; nil when there is none of that pattern.
    ///
    /// - Parameters:
    ///   - pattern: host and path in their normal form.
    ///   - isBilateral: whether callers' owners are asked, too.
    package func controlledRoute(_ pattern: String, isBilateral: Bool) -> ControlledRoute? {
        guard let route = route(matching: pattern), let domain = domains[route.domain] else { return nil }
        let guid = route.header.guid
        return ControlledRoute(
            route,
            on: domain,
            sources: policies(of: guid, .route).map(\.source),
            callerSources: isBilateral ? policies(of: guid, .caller).map(\.source) : nil
        )
    }

    /// Makes the changes of a transaction that a store has taken.
    mutating func apply(_ transaction: ControlTransaction) {
        var changes = RoutingHistory.Changes()
        for key in transaction.deletes { note(key, in: &changes) }
        for key in transaction.deletes { remove(key) }
        for record in transaction.puts {
            put(record)
            note(record.key, in: &changes)
        }
        version = transaction.version
        history.add(changes, version: version)
    }

    /// Makes changes that no store has taken yet, for what comes after them in the same transaction.
    mutating func stage(puts: [ControlRecord], deletes: [ControlRecord.Key]) {
        for key in deletes { remove(key) }
        for record in puts { put(record) }
    }

    /// Whether there is a record.
    func has(_ key: ControlRecord.Key) -> Bool {
        switch key.kind {
        case .domain: domains[key.guid] != nil
        case .route: routes[key.guid] != nil
        case .policy: policies[key.guid] != nil
        case .organization: names[.organization]?[key.guid] != nil
        case .space: names[.space]?[key.guid] != nil
        case .app: names[.app]?[key.guid] != nil
        }
    }

    /// What tells this state from every other one, of this control plane and of others.
    package var token: String { "\(epoch).\(version)" }

    /// Notes the domain that a record is, or the pattern of the route that it is or belongs to.
    private func note(_ key: ControlRecord.Key, in changes: inout RoutingHistory.Changes) {
        if key.kind == .domain, let domain = domains[key.guid] { changes.domains.insert(domain.name) }
        let route: RouteRecord? =
            switch key.kind {
            case .route: routes[key.guid]
            case .policy: policies[key.guid].flatMap { routes[$0.route] }
            case .domain, .organization, .space, .app: nil
            }
        if let route, let domain = domains[route.domain] { changes.patterns.insert(route.pattern(on: domain)) }
    }

    private mutating func put(_ record: ControlRecord) {
        switch record {
        case .domain(let domain):
            domains[domain.header.guid] = domain
            domainsByName[domain.name] = domain.header.guid
        case .route(let route):
            routes[route.header.guid] = route
            if let domain = domains[route.domain] { routesByPattern[route.pattern(on: domain)] = route.header.guid }
        case .policy(let policy):
            policies[policy.header.guid] = policy
            policiesByRoute[policy.route, default: [:]][PolicyKey(policy)] = policy.header.guid
        case .name(let name):
            if let former = names[name.kind]?[name.header.guid] { namesByText[NameKey(former)] = nil }
            names[name.kind, default: [:]][name.header.guid] = name
            namesByText[NameKey(name)] = name.header.guid
        }
    }

    private mutating func remove(_ key: ControlRecord.Key) {
        switch key.kind {
        case .domain:
            if let domain = domains.removeValue(forKey: key.guid) { domainsByName[domain.name] = nil }
        case .route:
            guard let route = routes.removeValue(forKey: key.guid) else { return }
            if let domain = domains[route.domain] { routesByPattern[route.pattern(on: domain)] = nil }
        case .policy:
            guard let policy = policies.removeValue(forKey: key.guid) else { return }
            policiesByRoute[policy.route]?[PolicyKey(policy)] = nil
            if policiesByRoute[policy.route]?.isEmpty ?? false { policiesByRoute[policy.route] = nil }
        case .organization: removeName(.organization, key.guid)
        case .space: removeName(.space, key.guid)
        case .app: removeName(.app, key.guid)
        }
    }

    private mutating func removeName(_ kind: NameRecord.Kind, _ guid: String) {
        if let name = names[kind]?.removeValue(forKey: guid) { namesByText[NameKey(name)] = nil }
    }
}

/// What makes a permission the same as another one of its route.
private struct PolicyKey: Sendable, Hashable {
    let side: PolicyRecord.Side
    let source: PolicySource

    init(side: PolicyRecord.Side, source: PolicySource) {
        self.side = side
        self.source = source
    }

    init(_ policy: PolicyRecord) {
        self.init(side: policy.side, source: policy.source)
    }
}

/// What makes a name the same as another one.
private struct NameKey: Sendable, Hashable {
    let kind: NameRecord.Kind
    let text: String
    let parent: String?

    init(kind: NameRecord.Kind, text: String, parent: String?) {
        self.kind = kind
        self.text = text
        self.parent = parent
    }

    init(_ name: NameRecord) {
        self.init(kind: name.kind, text: name.name, parent: name.parent)
    }
}
