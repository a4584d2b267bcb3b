import CountersignIdentity
import CountersignTelemetry
import CountersignTransport
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
        let end = ContinuousClock.now + .seconds(60)
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
        resolver.replace(["a.example", "b.example"], for: .file)
        resolver.change(adding: ["a.example"], removing: [], for: .control)
        wait { !resolver.addresses(of: "a.example").isEmpty }
        resolver.replace([], for: .file)
        #expect(!components.contains("b.example"))
        #expect(!resolver.addresses(of: "a.example").isEmpty)
        resolver.change(adding: [], removing: ["a.example"], for: .control)
        #expect(resolver.addresses(of: "a.example").isEmpty)
        #expect(!components.contains("\"names\""))
    }

    @Test func `what one user's replacement finds out is told to the others as well`() {
        names.answer("a.example", "192.0.2.1")
        let resolver = self.resolver(refresh: .seconds(60))
        defer { resolver.stop() }
        resolver.change(adding: ["a.example"], removing: [], for: .control)
        wait { names.changed.withLock { $0.count } == 1 }
        names.answer("a.example", "192.0.2.2")
        resolver.replace(["a.example"], for: .file, askingAnew: true)
        wait { names.changed.withLock { $0.count } == 2 }
        #expect(resolver.addresses(of: "a.example").map(\.description) == ["192.0.2.2"])
    }

    @Test func `a name that is taken over keeps its addresses, and its return is told`() {
        names.answer("a.example", "192.0.2.1")
        let resolver = self.resolver()
        defer { resolver.stop() }
        resolver.replace(["a.example"], for: .file)
        wait { !resolver.addresses(of: "a.example").isEmpty }
        names.answer("a.example")
        resolver.replace(["a.example"], for: .upcoming, askingAnew: true)
        wait { components.contains("a.example") }
        resolver.replace(["a.example"], for: .file)
        resolver.replace([], for: .upcoming)
        #expect(resolver.addresses(of: "a.example").map(\.description) == ["192.0.2.1"])
    }

    @Test func `who takes names over is told when each has been asked for, be it in vain`() {
        names.answer("a.example", "192.0.2.1")
        let resolver = self.resolver(refresh: .seconds(60))
        defer { resolver.stop() }
        #expect(!resolver.haveAnswers(to: ["a.example", "missing.example"]))
        let counter = Counter()
        resolver.replace(["a.example", "missing.example"], for: .file) { counter.value.withLock { $0 += 1 } }
        wait { counter.value.withLock { $0 } == 1 }
        #expect(resolver.haveAnswers(to: ["a.example", "missing.example"]))
        resolver.replace(["a.example"], for: .upcoming) { counter.value.withLock { $0 += 1 } }
        #expect(counter.value.withLock { $0 } == 1)
    }

    private final class Counter: Sendable { let value = Mutex(0) }

    @Test func `names without an answer hold up no other, new or known`() {
        let gate = SystemSemaphore()
        let names = self.names
        names.answer("known.example", "192.0.2.1")
        let resolver = NameResolver(
            pace: NameResolver.Pace(refresh: .milliseconds(20), retry: .milliseconds(1), slow: .milliseconds(5)),
            health: health,
            failures: failures,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            lookup: { name in
                let isSecond = names.asked.contains(name)
                let addresses = names.lookup(name)
                if name.hasPrefix("dead") { _ = gate.wait(upTo: isSecond ? .seconds(60) : .milliseconds(10)) }
                return addresses
            }
        )
        defer { resolver.stop() }
        defer { for _ in 0..<12 { gate.signal() } }
        resolver.change(adding: ["known.example"], removing: [], for: .control)
        resolver.change(adding: (0..<12).map { "dead\($0).example" }, removing: [], for: .control)
        // Each has failed once; from now on two questions at most are under way for them, without end.
        wait { Set(names.asked.filter { $0.hasPrefix("dead") }).count == 12 }
        let asked = names.asked.filter { $0 == "known.example" }.count
        wait { names.asked.filter { $0 == "known.example" }.count > asked + 2 }
        names.answer("new.example", "192.0.2.2")
        resolver.change(adding: ["new.example"], removing: [], for: .control)
        wait { !resolver.addresses(of: "new.example").isEmpty }
    }

    @Test func `a name without an answer holds up no other`() {
        let gate = SystemSemaphore()
        let names = self.names
        names.answer("fast.example", "192.0.2.1")
        let resolver = NameResolver(
            health: health,
            failures: failures,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            lookup: { name in
                if name.hasPrefix("slow") { gate.wait() }
                return names.lookup(name)
            }
        )
        defer { resolver.stop() }
        // More than wait for what is due at any time.
        resolver.change(adding: (0..<12).map { "slow\($0).example" }, removing: [], for: .control)
        resolver.change(adding: ["fast.example"], removing: [], for: .control)
        wait { !resolver.addresses(of: "fast.example").isEmpty }
        #expect(resolver.addresses(of: "slow0.example").isEmpty)
        for _ in 0..<12 { gate.signal() }
    }
}
