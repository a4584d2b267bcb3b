import CountersignTransport
import Synchronization
import Testing

@testable import CountersignRouter

/// Requests that wait for the addresses of a name.
@Suite struct NameQueriesTests {
    private func key(_ host: String, of workload: String = "one") -> NameQueries.Key {
        NameQueries.Key(workload: workload, host: host, port: 80)
    }

    @Test func `requests for one name wait for one look-up, and the bound is one of names`() {
        let queries = NameQueries(.init(threads: 2, share: 1, backlog: 1))
        let (asked, release, told) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        let count = Mutex(0)
        func ask(_ key: NameQueries.Key) -> Bool {
            let waiter = NameQueries.Waiter(interest: NameLookup.Interest()) { _ in told.signal() }
            return queries.ask(key, waiter) { _, _ in
                count.withLock { $0 += 1 }
                asked.signal()
                release.wait()
                return []
            }
        }
        #expect(ask(key("a.example")))
        #expect(asked.wait(upTo: .seconds(60)))
        for _ in 0..<100 { #expect(ask(key("a.example"))) }
        #expect(!ask(key("b.example")), "another name")
        #expect(ask(key("a.example", of: "two")), "another workload")
        for _ in 0..<2 { release.signal() }
        for _ in 0..<102 { #expect(told.wait(upTo: .seconds(60))) }
        #expect(count.withLock { $0 } == 2)
    }

    @Test func `a name that nobody waits for any more is not asked for`() {
        let queries = NameQueries(.init(threads: 1, share: 1, backlog: 3))
        let (asked, release, done) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        func ask(_ host: String, _ interest: NameLookup.Interest) -> Bool {
            let waiter = NameQueries.Waiter(interest: interest) { _ in done.signal() }
            return queries.ask(key(host), waiter) { host, _ in
                #expect(host != "given-up.example")
                asked.signal()
                release.wait()
                return []
            }
        }
        let interest = NameLookup.Interest()
        #expect(ask("a.example", .init()))
        #expect(asked.wait(upTo: .seconds(60)))
        #expect(ask("given-up.example", interest) && ask("b.example", .init()))
        interest.end()
        for _ in 0..<2 { release.signal() }
        for _ in 0..<2 { #expect(done.wait(upTo: .seconds(60))) }
    }
}
