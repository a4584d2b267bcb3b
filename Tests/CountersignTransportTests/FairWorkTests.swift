import CountersignTransport
import Synchronization
import Testing

@Suite struct FairWorkTests {
    @Test func `jobs run and their threads end`() {
        let work = FairWork<Int>(name: "test", .init(threads: 3, share: 2, backlog: 100))
        let done = SystemSemaphore()
        for number in 0..<60 { #expect(work.run(for: number % 5) { done.signal() }) }
        for _ in 0..<60 { #expect(done.wait(upTo: .seconds(10))) }
        #expect(work.run(for: 1) { done.signal() })
        #expect(done.wait(upTo: .seconds(10)))
    }

    @Test func `a key that blocks its share leaves threads to others`() {
        let work = FairWork<String>(name: "test", .init(threads: 3, share: 2, backlog: 100))
        let (started, release, done) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        for _ in 0..<20 {
            #expect(
                work.run(for: "slow") {
                    started.signal()
                    release.wait()
                }
            )
        }
        for _ in 0..<2 { #expect(started.wait(upTo: .seconds(10))) }
        for _ in 0..<10 { #expect(work.run(for: "other") { done.signal() }) }
        for _ in 0..<10 { #expect(done.wait(upTo: .seconds(10))) }
        for _ in 0..<20 { release.signal() }
        for _ in 0..<18 { #expect(started.wait(upTo: .seconds(10))) }
    }

    @Test func `keys are served in turn`() {
        let work = FairWork<String>(name: "test", .init(threads: 1, share: 1, backlog: 100))
        let (release, done) = (SystemSemaphore(), SystemSemaphore())
        let order = Order()
        #expect(work.run(for: "many") { release.wait() })
        for _ in 0..<5 {
            #expect(
                work.run(for: "many") {
                    order.note("many")
                    done.signal()
                }
            )
        }
        #expect(
            work.run(for: "one") {
                order.note("one")
                done.signal()
            }
        )
        release.signal()
        for _ in 0..<6 { #expect(done.wait(upTo: .seconds(10))) }
        #expect(order.names.prefix(2).contains("one"))
    }

    @Test func `a key with its backlog is refused, and no other`() {
        let work = FairWork<String>(name: "test", .init(threads: 1, share: 1, backlog: 2))
        let (started, release, done) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        #expect(
            work.run(for: "full") {
                started.signal()
                release.wait()
            }
        )
        #expect(started.wait(upTo: .seconds(10)))
        #expect(work.run(for: "full") { done.signal() })
        #expect(!work.run(for: "full") { done.signal() })
        #expect(work.run(for: "other") { done.signal() })
        release.signal()
        for _ in 0..<2 { #expect(done.wait(upTo: .seconds(10))) }
    }
}

/// Names in the order in which they came, from any thread.
private final class Order: Sendable {
    private let noted = Mutex<[String]>([])

    func note(_ name: String) { noted.withLock { $0.append(name) } }

    var names: [String] { noted.withLock { $0 } }
}
