import CountersignJSON
import CountersignMiddleware
import CountersignPKI
import CountersignTokens
import Glibc
import Synchronization
import Testing

/// Keys of tokens, which are exchanged while requests are judged.
@Suite struct TokenKeysTests {
    private let now = Int64(time(nil))
    private let first: TokenSigningKey
    private let second: TokenSigningKey

    init() throws {
        first = try TokenSigningKey(try PrivateKey.generate(.p256))
        second = try TokenSigningKey(try PrivateKey.generate(.p256))
    }

    private func keySet(_ keys: TokenSigningKey...) throws -> [UInt8] {
        Array(try JSONWebKeySet(keys.map(\.publicKey)).json().compact.utf8)
    }

    private func code(
        _ authentication: InboundAuthentication,
        _ key: TokenSigningKey,
        issued: Int64 = 0,
        lifetime: Int64 = 300
    ) throws -> String? {
        let claims = JSONValue.object([
            .init("iss", .string("https://issuer.test")), .init("aud", .string("orders")),
            .init("sub", .string("user-1")),
            .init("iat", .number(now + issued)), .init("exp", .number(now + issued + lifetime)),
        ])
        let token = try key.token(claims, kind: .bearer)
        let call = InboundCall(
            address: nil,
            method: "GET",
            host: "orders.test",
            target: "/",
            fieldNames: ["Authorization"]
        ) {
            name in
            name.lowercased() == "authorization" ? ["Bearer \(token)"] : []
        }
        if case .failure(let refusal) = authentication.authenticate(call).result { return refusal.code }
        return nil
    }

    private func authentication(
        _ keys: TokenKeys,
        _ change: (inout TokenIssuer) -> Void = { _ in }
    ) throws -> InboundAuthentication {
        var configuration = InboundConfiguration(mode: .bearerOnly)
        var issuer = TokenIssuer(keys: keys, issuer: "https://issuer.test", audiences: ["orders"])
        change(&issuer)
        configuration.tokens = issuer
        return try InboundAuthentication(configuration)
    }

    @Test func tokensAreJudgedByTheKeysOfThatMoment() throws {
        let keys = TokenKeys()
        let authentication = try authentication(keys)
        #expect(try code(authentication, first) == "token_invalid")
        try keys.replace(try keySet(first))
        #expect(try code(authentication, first) == nil)
        #expect(try code(authentication, second) == "token_invalid")
        try keys.replace(try keySet(second))
        #expect(try code(authentication, first) == "token_invalid")
        #expect(try code(authentication, second) == nil)
    }

    @Test(arguments: ["", "{", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"unheard of\"}]}"])
    func whatCannotBeUsedLeavesThemAsTheyAre(text: String) throws {
        let keys = try TokenKeys(try keySet(first))
        let authentication = try authentication(keys)
        #expect(throws: InboundConfigurationError.self) { try keys.replace(text.utf8) }
        #expect(throws: InboundConfigurationError.self) { try TokenKeys(text.utf8) }
        #expect(try code(authentication, first) == nil)
    }

    @Test func followedKeysAreThoseThatAreFetched() async throws {
        let keys = TokenKeys()
        let authentication = try authentication(keys)
        let published = Published()
        let (events, feed) = AsyncStream.makeStream(of: TokenKeysEvent.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await keys.follow(every: .seconds(1)) {
                    guard let content = published.content.withLock({ $0 }) else { throw CancellationError() }
                    return content
                } telling: { event in
                    feed.yield(event)
                }
            }
            var heard = events.makeAsyncIterator()
            guard case .failed = await heard.next() else { throw Unexpected() }
            #expect(try code(authentication, first) == "token_invalid")
            for key in [first, second] {
                let content = try keySet(key)
                published.content.withLock { $0 = content }
                var names: [String] = []
                while names.isEmpty { if case .replaced(let found) = await heard.next() { names = found } }
                #expect(names == [key.keyID])
                #expect(try code(authentication, first) == (key.keyID == first.keyID ? nil : "token_invalid"))
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(try code(authentication, second) == nil)
    }

    private struct Unexpected: Error {}

    private final class Published: Sendable {
        let content = Mutex<[UInt8]?>(nil)
    }

    @Test func skewAndLifetimeAreThoseOfTheIssuer() throws {
        let keys = try TokenKeys(try keySet(first))
        let usual = try authentication(keys)
        let strict = try authentication(keys) { ($0.skewSeconds, $0.maximumLifetimeSeconds) = (0, 60) }
        #expect(try code(usual, first, lifetime: 3_600) == nil)
        #expect(try code(strict, first, lifetime: 3_600) == "token_invalid")
        #expect(try code(strict, first, lifetime: 50) == nil)
        let ended = (issued: Int64(-20), lifetime: Int64(10))
        #expect(try code(usual, first, issued: ended.issued, lifetime: ended.lifetime) == nil)
        #expect(try code(strict, first, issued: ended.issued, lifetime: ended.lifetime) == "token_invalid")
    }

    @Test(arguments: [(-1, 60), (301, 60), (30, 0), (30, 2_592_001)])
    func whatTheyCannotBeIsRefused(skew: Int64, lifetime: Int64) throws {
        let keys = try TokenKeys(try keySet(first))
        #expect(throws: InboundConfigurationError.self) {
            try authentication(keys) { ($0.skewSeconds, $0.maximumLifetimeSeconds) = (skew, lifetime) }
        }
    }
}
