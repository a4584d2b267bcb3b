import CountersignPKI
import CountersignTokens
import Synchronization

/// The public keys that tokens of an issuer are verified by, which can be exchanged while the service runs.
///
/// An authority has another signing key every week, and no token counts whose key is not there. ``follow(every:fetching:telling:)``
/// keeps them what the issuer publishes.
public final class TokenKeys: Sendable {
    private let content: Mutex<Content>
    /// Is told of each token that names a key which is not there.
    let unknown = UnknownTokenKeys()

    /// A key set, as it was published and as it is used.
    private struct Content {
        var bytes: [UInt8] = []
        var keys = JSONWebKeySet.empty
    }

    /// No keys: until there are some, no token is good.
    public init() {
        content = Mutex(Content())
    }

    /// Takes the keys of a JSON Web Key Set (RFC 7517).
    ///
    /// - Parameter keySet: its content.
    /// - Throws: ``InboundConfigurationError`` when it cannot be read, or has no key that verifies tokens.
    public init(_ keySet: some Sequence<UInt8>) throws(InboundConfigurationError) {
        content = Mutex(try Self.read(Array(keySet)))
    }

    /// Takes other keys from the next request on; when these cannot be used, the ones before stay.
    ///
    /// - Parameter keySet: the content of a JSON Web Key Set.
    /// - Throws: ``InboundConfigurationError`` when it cannot be read, or has no key that verifies tokens.
    public func replace(_ keySet: some Sequence<UInt8>) throws(InboundConfigurationError) {
        let next = try Self.read(Array(keySet))
        content.withLock { $0 = next }
    }

    /// Keeps the keys what their issuer publishes, until the task is cancelled.
    ///
    /// They are fetched at once, every so often, and soon after a token has named a key that is not there, though for such tokens
    /// never more than once in five seconds: whoever makes up names of keys makes nobody ask more often. What cannot be fetched or
    /// used leaves the keys as they are, and is tried again after 1 second, then 2, up to a minute.
    ///
    /// - Parameters:
    ///   - interval: the time between two looks, of whole seconds.
    ///   - fetch: gets the content of the key set, over TLS from the issuer or from a file; it has to end by itself, as by a timeout.
    ///   - tell: hears of each look that exchanged the keys or failed.
    public func follow(
        every interval: Duration = .seconds(300),
        fetching fetch: @Sendable () async throws -> [UInt8],
        telling tell: @Sendable (TokenKeysEvent) -> Void = { _ in }
    ) async {
        var schedule = KeySetSchedule(refreshSeconds: max(1, interval.components.seconds))
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let now = (ContinuousClock.now - start).components.seconds
            let count = unknown.count
            if schedule.isDue(at: now, unknownKeys: count) {
                let isGood = await look(fetch, tell)
                schedule.asked(at: now, unknownKeys: count, isGood: isGood)
            }
            // The schedule counts seconds, and a token with an unknown key is to be noticed within one; ends with the task.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func look(
        _ fetch: @Sendable () async throws -> [UInt8],
        _ tell: @Sendable (TokenKeysEvent) -> Void
    ) async -> Bool {
        do {
            let next = try Self.read(try await fetch())
            let isChange = content.withLock { content in
                defer { content = next }
                return content.bytes != next.bytes
            }
            if isChange { tell(.replaced(names: next.keys.keys.compactMap(\.keyID))) }
            return true
        } catch {
            if !Task.isCancelled { tell(.failed(error)) }
            return false
        }
    }

    /// The keys as they are now.
    var current: JSONWebKeySet { content.withLock { $0.keys } }

    private static func read(_ bytes: [UInt8]) throws(InboundConfigurationError) -> Content {
        let keys: JSONWebKeySet
        do throws(PKIError) {
            keys = try JSONWebKeySet(parsing: bytes)
        } catch {
            throw InboundConfigurationError("the key set of the token issuer: \(error)")
        }
        // An issuer that lost its keys by accident would otherwise have all of its tokens refused.
        guard !keys.keys.isEmpty else {
            let reason = keys.ignored.first.map { ": \($0)" } ?? ""
            throw InboundConfigurationError("the key set of the token issuer has no key for verifying tokens\(reason)")
        }
        return Content(bytes: bytes, keys: keys)
    }
}

/// What becomes of keys that are followed.
public enum TokenKeysEvent: Sendable {
    /// Others are in force, with these names.
    case replaced(names: [String])
    /// They could not be fetched or used; those before stay.
    case failed(any Error)
}
