extension RouteRegistry {
    /// Takes up a route of the control plane, in the place of the one of the same pattern.
    ///
    /// - Returns: `false` when there is room for no more routes.
    @discardableResult
    public mutating func setControlled(_ definition: RouteDefinition) -> Bool {
        guard let slot = makePlace(for: definition.pattern) else { return false }
        entries[slot]?.controlled = Route(definition)
        markDirty(slot)
        return true
    }

    /// Forgets a route of the control plane.
    public mutating func removeControlled(_ pattern: RoutePattern) {
        guard let slot = slot(of: pattern), entries[slot]?.controlled != nil else { return }
        entries[slot]?.controlled = nil
        markDirty(slot)
    }

    /// Forgets every route of the control plane but those of these patterns.
    public mutating func removeControlled(except kept: Set<RoutePattern> = []) {
        for slot in entries.indices {
            guard let entry = entries[slot], entry.controlled != nil, !kept.contains(entry.pattern) else { continue }
            entries[slot]?.controlled = nil
            markDirty(slot)
        }
    }
}
