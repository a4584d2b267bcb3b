import CountersignIdentity
import CountersignTelemetry
import Logging
import Synchronization
import Testing

@testable import CountersignRuntime

@Suite struct NameResolverTests {
    /// Answers that a test sets, and what was asked.
    private final class Names: Sendable {
        private let state = Mutex((answers: [String: [String]](), asked: [String]()))
        let changed = Mutex<[String]>([])

        func answer(_ name: String, _ addresses: String...) {
            state.withLock { $0.answers[name] = addresses }
        }

        func lookup(_ name: String) -> [IPAddress] {
            let texts = state.withLock { state in
                state.asked.append(name)
                return state.answers[name] ?? []
            }
            return texts.compactMap { IPAddress(Array($0.utf8).span) }
        }

        var asked: [String] { state.withLock { $0.asked } }
    }

    private let names = Names()
    private let health = HealthState()
    private let failures = Gauge()

    private func resolver(refresh: Duration = .milliseconds(20)) -> NameResolver {
        let names = self.names
        let resolver = NameResolver(
            pace: NameResolver.Pace(refresh: refresh, retry: .milliseconds(2)),
            health: health,
            failures: failures,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            lookup: { names.lookup($0) }
        )
        resolver.observe(.control) { name in names.changed.withLock { $0.append(name) } }
        return resolver
    }

    private func wait(_ condition: () -> Bool) {
        let end = ContinuousClock.now + .seconds(10)
        while !condition(), ContinuousClock.now < end { spin() }
        #expect(condition())
    }

    private func spin() { for _ in 0..<1000 { _ = ContinuousClock.now } }

    private var components: String { String(decoding: health.fullReport().body, as: UTF8.self) }

    @Test func `a name is asked for until it resolves, and its users are told once`() {
        let resolver = self.resolver(refresh: .seconds(60))
        defer { resolver.stop() }
        resolver.change(adding: ["a.example"], removing: [], for: .control)
        wait { names.asked.count > 2 }
        #expect(resolver.addresses(of: "a.example").isEmpty && names.changed.withLock { $0.isEmpty })
        #expect(components.contains("do not resolve: a.example"))
        names.answer("a.example", "192.0.2.1")
        wait { !resolver.addresses(of: "a.example").isEmpty }
        wait { names.changed.withLock { $0 } == ["a.example"] }
        wait { !components.contains("a.example") }
    }

    @Test func `another address is told, the same one is not, and none leaves the last one`() {
        names.answer("a.example", "192.0.2.1", "192.0.2.2")
        let resolver = self.resolver()
        defer { resolver.stop() }
        resolver.change(adding: ["a.example"], removing: [], for: .control)
        wait { names.changed.withLock { $0.count } == 1 }
        names.answer("a.example", "192.0.2.2", "192.0.2.1")
        let asked = names.asked.count
        wait { names.asked.count > asked + 2 }
        #expect(names.changed.withLock { $0.count } == 1)
        names.answer("a.example")
        wait { components.contains("a.example") }
        #expect(resolver.addresses(of: "a.example").count == 2)
        names.answer("a.example", "192.0.2.3")
        wait { names.changed.withLock { $0.count } == 2 }
        #expect(resolver.addresses(of: "a.example").map(\.description) == ["192.0.2.3"])
    }

    @Test func `a name that nobody has any longer is forgotten, one of another user is not`() {
        names.answer("a.example", "192.0.2.1")
        let resolver = self.resolver()
        defer { resolver.stop() }
        resolver.replace(["a.example": [], "b.example": []], for: .file)
        resolver.change(adding: ["a.example"], removing: [], for: .control)
        wait { !resolver.addresses(of: "a.example").isEmpty }
        resolver.replace([:], for: .file)
        #expect(!components.contains("b.example"))
        #expect(!resolver.addresses(of: "a.example").isEmpty)
        resolver.change(adding: [], removing: ["a.example"], for: .control)
        #expect(resolver.addresses(of: "a.example").isEmpty)
        #expect(!components.contains("\"names\""))
    }

    @Test func `a name without an answer holds up no other`() {
        let gate = Mutex(false)
        let names = self.names
        names.answer("fast.example", "192.0.2.1")
        let resolver = NameResolver(
            health: health,
            failures: failures,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            lookup: { name in
                if name == "slow.example" { while !gate.withLock({ $0 }) {} }
                return names.lookup(name)
            }
        )
        defer { resolver.stop() }
        resolver.change(adding: ["slow.example"], removing: [], for: .control)
        resolver.change(adding: ["fast.example"], removing: [], for: .control)
        wait { !resolver.addresses(of: "fast.example").isEmpty }
        #expect(resolver.addresses(of: "slow.example").isEmpty)
        gate.withLock { $0 = true }
    }
}
