extension RouteRegistry {
    /// Takes up a route of the control plane, in the place of the one of the same pattern.
    ///
    /// - Returns: `false` when there is room for no more routes.
    @discardableResult
    public mutating func setControlled(_ definition: RouteDefinition) -> Bool {
        guard let slot = makePlace(for: definition.pattern) else { return false }
        let route = Route(definition)
        let isNew = entries[slot]?.controlled == nil
        entries[slot]?.controlled = route
        markDirty(slot)
        ownership.setControlled(route)
        if isNew { noteOwner(definition.pattern) } else { markBound(by: definition.pattern) }
        return true
    }

    /// Forgets a route of the control plane.
    public mutating func removeControlled(_ pattern: RoutePattern) {
        guard let slot = slot(of: pattern) else { return }
        removeControlled(at: slot)
    }

    /// Forgets every route of the control plane but those of these patterns.
    public mutating func removeControlled(except kept: Set<RoutePattern> = []) {
        for slot in entries.indices {
            guard let entry = entries[slot], !kept.contains(entry.pattern) else { continue }
            removeControlled(at: slot)
        }
    }

    /// Takes up a domain of the control plane, or forgets it.
    ///
    /// - Parameters:
    ///   - name: the domain.
    ///   - enforces: whether only callers that a policy names are let through; nil when there is no such domain any more.
    public mutating func setDomain(_ name: String, enforces: Bool?) {
        guard ownership.domains[name] != enforces else { return }
        ownership.setDomain(name, enforces: enforces)
        unboundHosts[name] = true
        // A wildcard above the domain takes its hosts, too.
        var rest = name[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if unboundHosts[String(rest)] == nil { unboundHosts[String(rest)] = false }
        }
    }

    /// Forgets every domain of the control plane.
    public mutating func removeDomains() {
        ownership.removeDomains()
        needsBinding = true
    }

    /// Says whether a control plane is going to be heard of which no word is known: until then nobody may call what the
    /// bus registers.
    public mutating func awaitDomains(_ isAwaited: Bool) {
        guard ownership.isAwaited != isAwaited else { return }
        ownership.isAwaited = isAwaited
        needsBinding = true
    }

    private mutating func removeControlled(at slot: Int) {
        guard let entry = entries[slot], entry.controlled != nil else { return }
        entries[slot]?.controlled = nil
        ownership.removeControlled(entry.pattern)
        noteOwner(entry.pattern)
        markDirty(slot)
    }

    /// Has those told who hold what is registered under the policy of a route.
    private mutating func markBound(by pattern: RoutePattern) {
        for slot in bound[pattern] ?? [] { markDirty(Int(slot)) }
    }

    /// Finds out what holds for a pattern of which something is registered.
    mutating func bind(_ slot: Int) {
        guard let former = entries[slot]?.bind(under: ownership) else { return }
        unbind(slot, former)
        if case .bound(let owner?) = entries[slot]?.binding { bound[owner, default: []].insert(Int32(slot)) }
        if entries[slot]?.isOwned == false { markDirty(slot) }
    }

    /// Notes that a pattern has an owner now, or has none any more.
    mutating func noteOwner(_ pattern: RoutePattern) {
        let host = pattern.host
        unboundHosts[host] = pattern.isWildcard || unboundHosts[host] == true
    }

    /// Finds it out where something has changed that decides it: at hosts with another owner, and nowhere else.
    mutating func bindPending() {
        defer {
            needsBinding = false
            unboundHosts = [:]
        }
        if needsBinding {
            for slot in entries.indices where entries[slot]?.isRegistered == true { bind(slot) }
            return
        }
        for (host, isBelow) in unboundHosts {
            let name = host.utf8.span
            for slot in isBelow ? hosts.slots(atOrBelow: name) : hosts.slots(at: name) {
                if entries[Int(slot)]?.isRegistered == true { bind(Int(slot)) }
            }
        }
    }

    /// Forgets what a route was bound by.
    mutating func unbind(_ slot: Int, _ binding: RouteOwnership.Binding) {
        guard case .bound(let owner?) = binding else { return }
        bound[owner]?.remove(Int32(slot))
        if bound[owner]?.isEmpty == true { bound[owner] = nil }
    }
}
