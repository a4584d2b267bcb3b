import CountersignPolicy

/// What the registry knows of one pattern.
struct RegistryEntry: Sendable {
    /// An endpoint and what was said of it last.
    struct Member: Sendable {
        var endpoint: Endpoint
        var options: RegisteredOptions?
        var signature: UInt64
        /// When it was said last, in the registry's nanoseconds.
        var refreshedAt: UInt64
        /// When it was first said in this wording, as a number that only grows.
        var order: UInt64
        var lifetime: UInt32?
    }

    /// A route whose last endpoint has ended, and which is known for a while without any.
    struct Emptied: Sendable {
        /// When it ended, in the registry's nanoseconds.
        let since: UInt64
        /// The options that decided until then: who may call is still asked.
        let options: RegisteredOptions?
    }

    let pattern: RoutePattern
    /// The route of the file, which counts before all that is registered.
    var fixed: Route?
    /// The route of the control plane, which counts after that of the file.
    var controlled: Route?
    var members: [Member] = []
    /// Set only while there are no members.
    var emptied: Emptied?
    /// Whether those who hold tables have the route.
    var isPublished = false
    /// Whether they have to be told.
    var isDirty = false
    /// What holds for what is registered; known only while something is.
    var binding = RouteOwnership.Binding.free

    init(pattern: RoutePattern) {
        self.pattern = pattern
    }

    var isEmpty: Bool { fixed == nil && controlled == nil && members.isEmpty && emptied == nil }

    /// Whether what is registered takes no requests.
    var shadowsMembers: Bool { fixed != nil || !(controlled?.endpoints.isEmpty ?? true) }

    /// Whether an owner has the very pattern, so that its own route says everything.
    var isOwned: Bool { fixed != nil || controlled != nil }

    /// Whether anything is registered, or was a while ago.
    var isRegistered: Bool { !members.isEmpty || emptied != nil }

    /// Notes that an endpoint was registered again in the same words.
    ///
    /// - Returns: `false` when nobody has said this of it.
    mutating func refresh(signature: UInt64, now: UInt64) -> Bool {
        for position in members.indices where members[position].signature == signature {
            members[position].refreshedAt = now
            return true
        }
        return false
    }

    /// Finds out what holds for what is registered.
    ///
    /// - Returns: what held before; `nil` where that has not changed.
    mutating func bind(under ownership: RouteOwnership) -> RouteOwnership.Binding? {
        let former = binding
        binding = isRegistered && !isOwned ? ownership.binding(of: pattern) : .free
        return former == binding ? nil : former
    }

    /// Notes that those who hold tables have to be told.
    ///
    /// - Returns: `false` when that is noted already.
    mutating func markDirty() -> Bool {
        defer { isDirty = true }
        return !isDirty
    }

    /// The route that takes requests; `nil` when there is none.
    ///
    /// - Parameter ownership: says who may call what is registered where that is bound.
    func route(in ownership: RouteOwnership) -> Route? {
        if let fixed { return fixed }
        if let controlled { return self.route(of: controlled) }
        guard isRegistered, binding != .refused else { return nil }
        let stated = emptied?.options ?? decidingOptions
        return Route(
            pattern: pattern,
            endpoints: members.map(\.endpoint),
            options: stated?.options ?? .empty,
            policy: binding == .free ? stated?.policy ?? .unstated : ownership.policy(of: pattern),
            handling: stated?.handling ?? .unstated,
            place: "nats"
        )
    }

    /// The route of the control plane; without endpoints of its own it has those that are registered, and still says
    /// itself who may call.
    private func route(of controlled: Route) -> Route {
        guard controlled.endpoints.isEmpty, !members.isEmpty else { return controlled }
        return Route(
            pattern: pattern,
            endpoints: members.map(\.endpoint),
            options: controlled.options,
            policy: controlled.policy,
            handling: RouteHandling(of: controlled),
            place: controlled.place
        )
    }

    /// The options that decide who may call: the last wording among those that state a policy, then among all.
    ///
    /// Otherwise one instance that is registered without options would open a route that the others restrict.
    var decidingOptions: RegisteredOptions? {
        var best: (options: RegisteredOptions, rank: (Bool, UInt64))?
        for member in members {
            guard let options = member.options else { continue }
            let rank = (options.policy.form != .unstated, member.order)
            if let best, best.rank.0 != rank.0 ? best.rank.0 : best.rank.1 > rank.1 { continue }
            best = (options, rank)
        }
        return best?.options
    }
}
