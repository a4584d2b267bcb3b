import CountersignIssuance
import CountersignPKI
package import CountersignTelemetry
package import CountersignTokens
import CountersignTransport
import Logging
import Synchronization

/// Looks after the signing keys of tokens, and signs with the one whose turn it is.
///
/// Every change of the keys is on disk before anybody sees it or anything is signed with it.
package final class TokenDesk: Sendable {
    let engine: AuthorityEngine
    let settings: TokenSettings
    let limiter: RateLimiter
    private let keeping: any TokenKeyKeeping
    private let health: HealthState?
    /// Held while a change is saved, so that changes come one after the other; never on an event loop.
    private let state: Mutex<TokenSigningKeys>
    /// The keys for those who sign and those who ask, who wait for no disk.
    private let visible: Mutex<TokenSigningKeys>
    private let isUnwell = Atomic(false)
    /// Where operators' changes are made.
    let changing = BackgroundWork(name: "token-keys", maximumThreads: 1, limit: 64)

    /// Reads the keys that are kept, and makes the first where there are none.
    ///
    /// - Parameters:
    ///   - engine: The authority's.
    ///   - settings: How tokens are issued.
    ///   - keeping: Where the keys are kept.
    ///   - health: What is told when a change fails, and when one succeeds again.
    /// - Throws: ``AuthorityError`` with `unavailable` when they cannot be read or saved.
    package init(
        engine: AuthorityEngine,
        settings: TokenSettings,
        keeping: any TokenKeyKeeping,
        health: HealthState? = nil
    ) throws(AuthorityError) {
        self.health = health
        self.engine = engine
        self.settings = settings
        self.keeping = keeping
        self.limiter = RateLimiter(settings.rate)
        let keys: TokenSigningKeys
        do {
            keys =
                try keeping.load().map { try TokenKeyDocument.keys($0, schedule: settings.schedule) }
                ?? TokenSigningKeys(schedule: settings.schedule)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw AuthorityError(.unavailable, "the signing keys of tokens cannot be read: \(error)")
        }
        self.state = Mutex(keys)
        self.visible = Mutex(keys)
        try change { _ in }
        try show(state.withLock { $0 })
    }

    /// The keys in the order of their publication.
    package var keys: [TokenKeyEntry] { visible.withLock { $0.entries } }

    /// The key that signs now.
    ///
    /// - Throws: ``AuthorityError`` with `unavailable` when there is none.
    func signer() throws(AuthorityError) -> TokenSigningKey {
        guard let key = visible.withLock({ $0.signer }) else {
            throw AuthorityError(.unavailable, "there is no signing key for tokens; try again in a second")
        }
        return key
    }

    /// Does what is due: makes and publishes the next key, lets it take over, forgets those whose tokens have ended.
    ///
    /// What fails is logged and tried again the next time; the key that signs goes on.
    package func advance() {
        do {
            try change { _ in }
            if isUnwell.exchange(false, ordering: .relaxed) { health?.set("token_keys", .ok) }
        } catch {
            isUnwell.store(true, ordering: .relaxed)
            health?.set("token_keys", .degraded(reason: error.message))
            engine.logger.error("signing keys of tokens are not changed", metadata: ["reason": "\(error)"])
        }
    }

    /// Makes a change and what is due after it, saves it, and shows it.
    ///
    /// - Throws: ``AuthorityError``; nothing is changed then.
    func change(_ body: (inout TokenSigningKeys) throws(AuthorityError) -> Void) throws(AuthorityError) {
        let result = state.withLock { state -> Result<Void, AuthorityError> in
            do throws(AuthorityError) {
                var keys = state
                try body(&keys)
                try self.doWhatIsDue(&keys)
                guard Self.isChanged(keys, from: state) else { return .success(()) }
                try save(keys)
                state = keys
                try show(keys)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func doWhatIsDue(_ keys: inout TokenSigningKeys) throws(AuthorityError) {
        let now = engine.clock.now()
        // Twice at most: one that signs and one that waits.
        for _ in 0..<2 {
            if keys.isKeyWanted(at: now) {
                do throws(PKIError) {
                    let key = try Self.key(settings.keyKind)
                    keys.add(key, at: now)
                    engine.logger.notice("a signing key for tokens was made", metadata: ["kid": "\(key.keyID)"])
                } catch {
                    throw AuthorityError(error)
                }
            }
            keys.advance(to: now)
        }
    }

    /// A new key whose name can be an argument of a command: thumbprints that begin with `-` would be taken for an option.
    private static func key(_ kind: PrivateKey.Kind) throws(PKIError) -> TokenSigningKey {
        while true {
            let key = try TokenSigningKey(try PrivateKey.generate(kind))
            guard key.keyID.hasPrefix("-") else { return key }
        }
    }

    private func save(_ keys: TokenSigningKeys) throws(AuthorityError) {
        do {
            try keeping.save(TokenKeyDocument.content(of: keys))
        } catch {
            throw AuthorityError(.unavailable, "the signing keys of tokens cannot be saved: \(error)")
        }
    }

    private func show(_ keys: TokenSigningKeys) throws(AuthorityError) {
        do throws(PKIError) {
            try engine.tokenKeys.publish(try keys.published())
        } catch {
            throw AuthorityError(error)
        }
        visible.withLock { $0 = keys }
        for name in ["current", "next", "former"] {
            engine.metrics.tokenKeys.child(name).set(Double(keys.entries.count { $0.state.name == name }))
        }
    }

    private static func isChanged(_ keys: TokenSigningKeys, from before: TokenSigningKeys) -> Bool {
        keys.isRotationWanted != before.isRotationWanted
            || keys.entries.map(\.key.keyID) != before.entries.map(\.key.keyID)
            || keys.entries.map(\.state) != before.entries.map(\.state)
    }
}
