import CountersignAuthority
import CountersignPKI
import CountersignTelemetry
import CountersignTokens
import Dispatch
import Synchronization
import Testing

/// The signing keys of an authority over time, disk failures and restarts.
@Suite struct TokenDeskTests {
    private static let settings = TokenSettings(issuer: "https://ca.test", rotationSeconds: 86_400, leadSeconds: 3_600)

    private func desk(
        _ authority: TestAuthority,
        _ kept: MemoryTokenKeys,
        _ health: HealthState? = nil
    ) throws -> TokenDesk {
        try TokenDesk(engine: authority.engine, settings: Self.settings, keeping: kept, health: health)
    }

    private func states(_ desk: TokenDesk) -> [String] { desk.keys.map(\.state.name) }

    @Test func `the first key is kept before anybody sees it`() throws {
        let (authority, kept) = (try TestAuthority(), MemoryTokenKeys())
        let made = try desk(authority, kept)
        #expect(states(made) == ["current"] && kept.saves == 1)
        let content = String(decoding: kept.content ?? [], as: UTF8.self)
        #expect(content.contains(made.keys[0].key.keyID) && content.contains("BEGIN PRIVATE KEY"))
    }

    @Test func `keys follow each other by the clock, and nothing is saved when nothing changes`() throws {
        let (authority, kept) = (try TestAuthority(), MemoryTokenKeys())
        let made = try desk(authority, kept)
        let first = made.keys[0].key.keyID
        made.advance()
        #expect(kept.saves == 1)
        authority.advance(86_400 - 3_600)
        made.advance()
        #expect(states(made) == ["current", "next"] && made.keys[0].key.keyID == first && kept.saves == 2)
        authority.advance(3_600)
        made.advance()
        #expect(states(made) == ["former", "current"] && kept.saves == 3)
        authority.advance(900 + 300 + 1)
        made.advance()
        #expect(states(made) == ["current"] && made.keys[0].key.keyID != first)
    }

    @Test func `a restart finds every key as it was`() throws {
        let (authority, kept) = (try TestAuthority(), MemoryTokenKeys())
        let made = try desk(authority, kept)
        authority.advance(86_400 - 3_600)
        made.advance()
        let again = try desk(authority, kept)
        #expect(again.keys.map(\.key.keyID) == made.keys.map(\.key.keyID))
        #expect(again.keys.map(\.state) == made.keys.map(\.state) && kept.saves == 2)
    }

    @Test func `what cannot be saved does not come about, and is done as soon as it can`() throws {
        let (authority, kept, health) = (try TestAuthority(), MemoryTokenKeys(), HealthState())
        let made = try desk(authority, kept, health)
        let before = made.keys.map(\.key.keyID)
        kept.fail(true)
        authority.advance(2 * 86_400)
        made.advance()
        #expect(made.keys.map(\.key.keyID) == before && states(made) == ["current"])
        #expect(throws: AuthorityError(.unavailable, "")) {
            try wait { made.drop(before[0], by: .test, completion: $0) }
        }
        #expect(made.keys.map(\.key.keyID) == before)
        let unwell = String(decoding: health.fullReport().body, as: UTF8.self)
        #expect(unwell.contains("token_keys") && unwell.contains("degraded"))
        kept.fail(false)
        made.advance()
        #expect(!String(decoding: health.fullReport().body, as: UTF8.self).contains("degraded"))
        #expect(states(made) == ["current", "next"])
    }

    @Test func `a key file that cannot be used is refused without a word of it`() throws {
        let (authority, kept) = (try TestAuthority(), MemoryTokenKeys())
        _ = try desk(authority, kept)
        let good = String(decoding: kept.content ?? [], as: UTF8.self)
        for bad in [
            "", "{}", good.replacing("\"version\": 1", with: "\"version\": 2"),
            good.replacing("\"current\"", with: "\"next\""), good.replacing("BEGIN PRIVATE", with: "BEGIN PUBLIC"),
            good.replacing("\"kid\": \"", with: "\"kid\": \"x"), String(good.dropLast(20)),
        ] {
            kept.replace(Array(bad.utf8))
            let error = #expect(throws: AuthorityError.self) { try desk(authority, kept) }
            #expect(error?.code == .unavailable && error?.message.contains("MI") == false, "\(error?.message ?? "")")
        }
    }

    @Test func `a dropped key is gone, and another signs at once`() throws {
        let (authority, kept) = (try TestAuthority(), MemoryTokenKeys())
        let made = try desk(authority, kept)
        let stolen = made.keys[0].key.keyID
        let after = try wait { made.drop(stolen, by: .test, completion: $0) }
        #expect(after.map(\.state.name) == ["current"] && after[0].key.keyID != stolen)
        #expect(!String(decoding: kept.content ?? [], as: UTF8.self).contains(stolen))
        #expect(throws: AuthorityError(.unknownToken, "")) { try wait { made.drop(stolen, by: .test, completion: $0) } }
    }

    @Test func `a key's name is never taken for an option of a command`() throws {
        let (authority, kept) = (try TestAuthority(), MemoryTokenKeys())
        let made = try desk(authority, kept)
        for _ in 0..<512 {
            let name = made.keys[0].key.keyID
            try #require(!name.hasPrefix("-"))
            _ = try wait { made.drop(name, by: .test, completion: $0) }
        }
    }

    @Test func `a rotation that is asked for survives a restart`() throws {
        let (authority, kept) = (try TestAuthority(), MemoryTokenKeys())
        let made = try desk(authority, kept)
        let first = made.keys[0].key.keyID
        let after = try wait { made.rotate(by: .test, completion: $0) }
        #expect(after.map(\.state.name) == ["current", "next"])
        let again = try desk(authority, kept)
        authority.advance(3_600)
        again.advance()
        #expect(states(again) == ["former", "current"] && again.keys[0].key.keyID == first)
    }

    private func wait<Value: Sendable>(_ start: (@escaping AuthorityEngine.Completion<Value>) -> Void) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Mutex<Result<Value, AuthorityError>?>(nil)
        start { result in
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        return try #require(outcome.withLock { $0 }).get()
    }
}

extension Caller {
    fileprivate static let test = Caller(.local("test"))
}
