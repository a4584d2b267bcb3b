/// All that is known of routes, from the file, from the control plane and from the bus; what comes of it goes to tables as changes.
///
/// A registration costs the same however many routes there are, and grows with the endpoints of its own; one that repeats
/// the last changes nothing but its time.
/// Of routes for the same pattern, that of the file counts, then that of the control plane, then what is registered. Times are nanoseconds of a clock
/// that never goes back.
public struct RouteRegistry: Sendable {
    /// The most endpoints over all routes; who sends registrations does not decide about the memory of a router.
    public static let maximumEndpoints = 2_000_000
    /// The most endpoints of one route: what a registration costs grows with those of its own route.
    public static let maximumEndpointsOfRoute = 10_000

    /// How many seconds an endpoint lives without being registered again; a registration may only say fewer.
    public var staleThreshold: UInt32
    /// For how many nanoseconds a route is known without endpoints after its last one has ended; 0 forgets it at once.
    public var emptyPoolTimeout: UInt64 = 0
    /// How many endpoints are registered, one of several routes as often.
    public private(set) var endpointCount = 0
    /// How many routes there are, those of the file included.
    public private(set) var routeCount = 0

    var entries: [RegistryEntry?] = []
    /// What the file and the control plane have, by which registrations are bound.
    var ownership: RouteOwnership
    /// What is registered under the policy of a route of the control plane, by that route.
    var bound: [RoutePattern: Set<Int32>] = [:]
    /// Whether all bindings have to be found out anew.
    var needsBinding = false
    /// Hosts whose bindings have to be found out anew, with whether those below them do as well.
    var unboundHosts: [String: Bool] = [:]
    /// Every route by its host.
    var hosts: HostTree
    private var freeEntries: [Int32] = []
    private var index: KeyDirectory
    private var dirty: [Int32] = []
    private var order: UInt64 = 0
    /// Routes whose last endpoint has ended, in the order in which they did.
    private var emptied: [(slot: Int32, since: UInt64)] = []
    private let hash: KeyedHash

    /// Makes a registry without routes.
    ///
    /// - Parameters:
    ///   - seed: a random number that is secret and lasts as long as the process.
    ///   - staleThreshold: how many seconds an endpoint lives without being registered again.
    public init(seed: UInt64, staleThreshold: UInt32 = 120) {
        self.index = KeyDirectory(seed: seed)
        self.hosts = HostTree(seed: seed &+ 1)
        self.staleThreshold = staleThreshold
        self.ownership = RouteOwnership(seed: seed &+ 3)
        self.hash = KeyedHash(seed: seed &+ 2)
    }

    /// The keyed hash of a message, for ``refresh(_:signature:now:)``.
    public func signature(of message: Span<UInt8>) -> UInt64 {
        hash(message, tag: 0)
    }

    /// The place of a route that is known, by its text as it was sent; `nil` also for a text that is not in the normal form.
    ///
    /// A place is good until ``takeChanges()``.
    public func place(of route: Span<UInt8>) -> Int? {
        let slot = index.find(route, tag: 0)
        return slot >= 0 ? slot : nil
    }

    /// The place of a route, which is made if there is none; `nil` when there is room for no more.
    ///
    /// A place is good until ``takeChanges()``.
    public mutating func makePlace(for pattern: RoutePattern) -> Int? {
        if let slot = slot(of: pattern) { return slot }
        return routeCount < RouteTable.maximumCount ? takeEntry(pattern) : nil
    }

    /// Notes that an endpoint of a route was registered again in the same words.
    ///
    /// - Parameters:
    ///   - place: the place of the route.
    ///   - signature: the keyed hash of what was said.
    ///   - now: the time.
    /// - Returns: `false` when nobody has said this of it: a case for ``register(_:_:now:)``.
    public mutating func refresh(_ place: Int, signature: UInt64, now: UInt64) -> Bool {
        entries.indices.contains(place) && entries[place]?.refresh(signature: signature, now: now) == true
    }

    /// What was registered for a route last; it often differs in little from what comes next.
    public func lastRegistered(_ place: Int) -> (endpoint: Endpoint, options: RegisteredOptions?)? {
        guard entries.indices.contains(place), let last = entries[place]?.members.last else { return nil }
        return (last.endpoint, last.options)
    }

    /// Takes up an endpoint of a route, in the place of the one with the same host and port.
    ///
    /// - Parameters:
    ///   - slot: the place of the route.
    ///   - registration: the endpoint and what is said of it.
    ///   - now: the time.
    /// - Returns: what became of it.
    public mutating func register(
        _ slot: Int,
        _ registration: EndpointRegistration,
        now: UInt64
    ) -> RegistrationOutcome {
        guard entries.indices.contains(slot), entries[slot] != nil else { return .refused }
        let place = position(of: registration.endpoint.host, registration.endpoint.port, in: slot)
        if place == nil, !hasRoom(slot) { return .refused }
        order += 1
        let member = RegistryEntry.Member(
            endpoint: registration.endpoint,
            options: shared(registration.options, in: slot),
            signature: registration.signature,
            refreshedAt: now,
            order: order,
            lifetime: registration.lifetime
        )
        if let place {
            entries[slot]?.members[place] = member
        } else {
            entries[slot]?.members.append(member)
            entries[slot]?.emptied = nil
            endpointCount += 1
        }
        bind(slot)
        guard let binding = entries[slot]?.binding, entries[slot]?.shadowsMembers == false else { return .shadowed }
        if binding == .refused { return .ownedHost }
        markDirty(slot)
        if binding != .free { return .bound }
        return place == nil ? .added : .replaced
    }

    /// Forgets an endpoint of a route.
    ///
    /// - Parameters:
    ///   - pattern: which route it is of.
    ///   - host: the endpoint's host.
    ///   - port: the endpoint's port.
    ///   - now: the time; without it, a route is forgotten with its last endpoint.
    /// - Returns: whether it was there.
    public mutating func unregister(_ pattern: RoutePattern, host: String, port: UInt16, now: UInt64? = nil) -> Bool {
        guard let slot = slot(of: pattern), let place = position(of: host, port, in: slot) else { return false }
        let options = entries[slot]?.decidingOptions
        entries[slot]?.members.remove(at: place)
        noteEmptied(slot, options, now: now)
        endpointCount -= 1
        markDirty(slot)
        return true
    }

    /// Forgets endpoints that were not registered again in time; those with TLS prove who they are, and stay.
    ///
    /// - Returns: how many.
    public mutating func prune(now: UInt64) -> Int {
        let threshold = staleThreshold
        return removeMembers(now: now) { member in
            guard !member.endpoint.usesTLS else { return false }
            let lifetime = min(member.lifetime ?? threshold, threshold)
            return now > member.refreshedAt && now - member.refreshedAt > UInt64(lifetime) * 1_000_000_000
        }
    }

    /// Counts every endpoint as registered at this moment, as after a time in which nobody could register any.
    public mutating func refreshAll(now: UInt64) {
        for slot in entries.indices {
            guard let count = entries[slot]?.members.count else { continue }
            for position in 0..<count { entries[slot]?.members[position].refreshedAt = now }
        }
    }

    /// Forgets every endpoint that was registered.
    ///
    /// - Returns: how many.
    public mutating func removeRegistered() -> Int {
        for slot in entries.indices where entries[slot]?.emptied != nil {
            entries[slot]?.emptied = nil
            markDirty(slot)
        }
        emptied = []
        return removeMembers(now: nil) { _ in true }
    }

    /// Forgets routes that have been without endpoints for long enough.
    ///
    /// - Returns: how many.
    @discardableResult
    public mutating func dropEmptied(now: UInt64) -> Int {
        let over = emptied.prefix { now &- min($0.since, now) >= emptyPoolTimeout }
        var dropped = 0
        for (number, since) in over where entries[Int(number)]?.emptied?.since == since {
            entries[Int(number)]?.emptied = nil
            markDirty(Int(number))
            dropped += 1
        }
        emptied.removeFirst(over.count)
        return dropped
    }

    /// Replaces the routes of the file.
    public mutating func setFixed(_ fixed: FixedRoutes) {
        for slot in entries.indices where entries[slot]?.fixed != nil {
            entries[slot]?.fixed = nil
            markDirty(slot)
        }
        for pattern in ownership.setFixed(fixed.routes) { noteOwner(pattern) }
        for route in fixed.routes {
            guard let slot = makePlace(for: route.pattern) else { continue }
            entries[slot]?.fixed = route
            markDirty(slot)
        }
    }

    /// What has changed since this was asked last, each route once.
    public mutating func takeChanges() -> [RouteChange] {
        bindPending()
        guard !dirty.isEmpty else { return [] }
        var changes: [RouteChange] = []
        changes.reserveCapacity(dirty.count)
        for number in dirty {
            let slot = Int(number)
            guard let entry = entries[slot] else { continue }
            entries[slot]?.isDirty = false
            let route = entry.route(in: ownership)
            if route != nil || entry.isPublished { changes.append(RouteChange(pattern: entry.pattern, route: route)) }
            entries[slot]?.isPublished = route != nil
            if entry.isEmpty { forget(slot, entry) }
        }
        dirty.removeAll(keepingCapacity: true)
        return changes
    }

    /// Every route, as it is or is about to be, to fill a table with.
    public var allRoutes: [Route] { entries.compactMap { $0?.route(in: ownership) } }

    func slot(of pattern: RoutePattern) -> Int? {
        let slot = index.find(pattern.description.utf8.span, tag: 0)
        return slot >= 0 ? slot : nil
    }

    private func hasRoom(_ slot: Int) -> Bool {
        endpointCount < Self.maximumEndpoints && (entries[slot]?.members.count ?? 0) < Self.maximumEndpointsOfRoute
    }

    private func position(of host: String, _ port: UInt16, in slot: Int) -> Int? {
        entries[slot]?.members.firstIndex { $0.endpoint.port == port && $0.endpoint.host == host }
    }

    /// The options that an endpoint of the route has already in the same words, or these.
    private func shared(_ options: RegisteredOptions?, in slot: Int) -> RegisteredOptions? {
        guard let options else { return nil }
        let known = entries[slot]?.members.first { $0.options?.source == options.source }
        return known?.options ?? options
    }

    /// A route that may have no endpoints any more stays known for a while.
    private mutating func noteEmptied(_ slot: Int, _ options: RegisteredOptions?, now: UInt64?) {
        guard let now, emptyPoolTimeout > 0, entries[slot]?.members.isEmpty == true else { return }
        entries[slot]?.emptied = RegistryEntry.Emptied(since: now, options: options)
        emptied.append((Int32(slot), now))
    }

    private mutating func removeMembers(now: UInt64?, where isGone: (RegistryEntry.Member) -> Bool) -> Int {
        var removed = 0
        for slot in entries.indices {
            guard let entry = entries[slot], entry.members.contains(where: isGone) else { continue }
            entries[slot]?.members.removeAll(where: isGone)
            removed += entry.members.count - (entries[slot]?.members.count ?? 0)
            noteEmptied(slot, entry.decidingOptions, now: now)
            markDirty(slot)
        }
        endpointCount -= removed
        return removed
    }

    mutating func markDirty(_ slot: Int) {
        if entries[slot]?.markDirty() == true { dirty.append(Int32(slot)) }
    }

    private mutating func takeEntry(_ pattern: RoutePattern) -> Int {
        routeCount += 1
        let slot: Int
        if let free = freeEntries.popLast() {
            slot = Int(free)
            entries[slot] = RegistryEntry(pattern: pattern)
        } else {
            slot = entries.count
            entries.append(RegistryEntry(pattern: pattern))
        }
        let text = pattern.description.utf8.span
        index.set(text, tag: 0, value: Int32(slot))
        hosts.insert(slot, at: text.extracting(pattern.hostRange))
        // One that stays empty is forgotten with the changes.
        markDirty(slot)
        return slot
    }

    private mutating func forget(_ slot: Int, _ entry: RegistryEntry) {
        unbind(slot, entry.binding)
        let text = entry.pattern.description.utf8.span
        index.remove(text, tag: 0)
        hosts.remove(slot, at: text.extracting(entry.pattern.hostRange))
        entries[slot] = nil
        freeEntries.append(Int32(slot))
        routeCount -= 1
    }
}
