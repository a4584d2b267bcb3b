package import CountersignPKI

/// The signing keys of an authority and how they follow each other: a state machine that is handed the time and the keys.
///
/// A verifier that fetches the key set at least every `leadSeconds` knows every key before it signs, and keeps it until
/// the last of its tokens has ended: no token is refused for a rotation. Only ``drop(keyID:at:)`` breaks that, which is
/// what it is for. Whoever owns this makes it durable after each change and before anything is published or signed.
package struct TokenSigningKeys: Sendable {
    /// When keys follow each other.
    package let schedule: TokenKeySchedule
    /// The keys in the order of their publication.
    package private(set) var entries: [TokenKeyEntry]
    /// Whether the next key is to take over as soon as it has been published long enough.
    package private(set) var isRotationWanted: Bool

    /// The state as it was, or the one without keys.
    ///
    /// - Parameters:
    ///   - schedule: When keys follow each other.
    ///   - entries: The keys, of which one at most signs and one at most waits.
    ///   - isRotationWanted: Whether a rotation was asked for and has not come about.
    /// - Throws: `PKIError` with `malformedBundle` for two current keys, two that wait, or one key twice.
    package init(
        schedule: TokenKeySchedule,
        entries: [TokenKeyEntry] = [],
        isRotationWanted: Bool = false
    ) throws(PKIError) {
        let states = entries.map(\.state.name)
        guard states.count(where: { $0 == "current" }) < 2, states.count(where: { $0 == "next" }) < 2,
            Set(entries.map(\.key.keyID)).count == entries.count
        else { throw PKIError(.malformedBundle, "two signing keys are in the same place, or one is there twice") }
        self.schedule = schedule
        self.entries = entries
        self.isRotationWanted = isRotationWanted
    }

    /// The key that signs now; nil while there is none.
    package var signer: TokenSigningKey? { current?.key }

    /// The public keys that verifiers need: of those that have signed, sign and will sign.
    ///
    /// - Throws: `PKIError` with `malformedBundle` when there are more than a key set holds.
    package func published() throws(PKIError) -> JSONWebKeySet {
        try JSONWebKeySet(entries.map(\.key.publicKey))
    }

    /// Whether a new key is needed, which ``add(_:at:)`` takes: nothing signs, or it is time to publish the next.
    package func isKeyWanted(at now: Int64) -> Bool {
        guard next == nil else { return false }
        guard let turn = turnOfNext else { return true }
        return now >= turn - schedule.leadSeconds
    }

    /// Takes a new key: it signs at once when nothing else does, and waits otherwise.
    ///
    /// One that is not wanted is passed over.
    package mutating func add(_ key: TokenSigningKey, at now: Int64) {
        guard isKeyWanted(at: now), !entries.contains(where: { $0.key.keyID == key.keyID }) else { return }
        let state: TokenKeyState = current == nil ? .current(since: now) : .next
        entries.append(TokenKeyEntry(key, publishedAt: now, state: state))
    }

    /// Does what is due: lets the next key take over, and forgets keys whose last token has ended.
    ///
    /// - Returns: whether anything changed.
    @discardableResult
    package mutating func advance(to now: Int64) -> Bool {
        var isChanged = false
        if let turn = turnOfNext, let next, now >= max(turn, next.publishedAt + schedule.leadSeconds) {
            promote(at: now)
            isChanged = true
        }
        let before = entries.count
        entries.removeAll { entry in
            guard case .former(let until) = entry.state else { return false }
            return now > until + schedule.retentionSeconds
        }
        return isChanged || entries.count != before
    }

    /// Asks for a rotation ahead of time: the next key takes over as soon as it has been published long enough.
    package mutating func rotate() {
        isRotationWanted = true
    }

    /// Removes a key at once, with every token that it signed: for one that others may have.
    ///
    /// When it was the one that signs, the next takes over whether or not every verifier knows it; without one, a new key
    /// is wanted, and signs at once.
    ///
    /// - Returns: whether there was such a key.
    package mutating func drop(keyID: String, at now: Int64) -> Bool {
        guard let index = entries.firstIndex(where: { $0.key.keyID == keyID }) else { return false }
        entries.remove(at: index)
        if current == nil, next != nil { promote(at: now) }
        return true
    }

    /// The next moment at which ``advance(to:)`` or ``isKeyWanted(at:)`` says something else, in Unix seconds; never
    /// before `now`.
    package func nextChange(after now: Int64) -> Int64 {
        if isKeyWanted(at: now) { return now }
        var moments: [Int64] = []
        if let turn = turnOfNext {
            moments.append(next.map { max(turn, $0.publishedAt + schedule.leadSeconds) } ?? turn - schedule.leadSeconds)
        }
        for case .former(let until) in entries.map(\.state) { moments.append(until + schedule.retentionSeconds + 1) }
        return max(now, moments.min() ?? now)
    }

    private var current: TokenKeyEntry? {
        entries.first { if case .current = $0.state { true } else { false } }
    }

    private var next: TokenKeyEntry? { entries.first { $0.state == .next } }

    /// When the key that signs has done so for long enough; nil when none signs.
    private var turnOfNext: Int64? {
        guard case .current(let since) = current?.state else { return nil }
        // Long ago: at once, whatever the schedule says.
        return isRotationWanted ? 0 : since + schedule.rotationSeconds
    }

    private mutating func promote(at now: Int64) {
        for index in entries.indices {
            switch entries[index].state {
            case .current: entries[index].state = .former(until: now)
            case .next: entries[index].state = .current(since: now)
            case .former: break
            }
        }
        isRotationWanted = false
    }
}
