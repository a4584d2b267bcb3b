import Synchronization
import Testing

@testable import CountersignTransport

@Suite struct FairWorkTests {
    @Test func `jobs run and their threads end`() {
        let work = FairWork<Int>(name: "test", .init(threads: 3, share: 2, backlog: 100))
        let done = SystemSemaphore()
        for number in 0..<60 { #expect(work.run(for: number % 5) { done.signal() }) }
        for _ in 0..<60 { #expect(done.wait(upTo: .seconds(60))) }
        #expect(work.run(for: 1) { done.signal() })
        #expect(done.wait(upTo: .seconds(60)))
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
        for _ in 0..<2 { #expect(started.wait(upTo: .seconds(60))) }
        for _ in 0..<10 { #expect(work.run(for: "other") { done.signal() }) }
        for _ in 0..<10 { #expect(done.wait(upTo: .seconds(60))) }
        for _ in 0..<20 { release.signal() }
        for _ in 0..<18 { #expect(started.wait(upTo: .seconds(60))) }
    }

    @Test func `jobs of a key with one thread run in their order`() {
        let work = FairWork<Int>(name: "test", .init(threads: 4, share: 1, backlog: 100))
        let seen = Mutex<[Int]>([])
        let done = Completion()
        for number in 0..<100 {
            let isTaken = work.run(for: 1) {
                let isLast = seen.withLock { seen in
                    seen.append(number)
                    return seen.count == 100
                }
                if isLast { done.finish() }
            }
            #expect(isTaken)
        }
        #expect(done.wait(upTo: .seconds(60)))
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test func `a key has as many threads as its share, and no more`() {
        let work = FairWork<Int>(name: "test", .init(threads: 4, share: 2, backlog: 10))
        let (mayEnd, both, all) = (Completion(), Completion(), Completion())
        let counts = Mutex((running: 0, most: 0, done: 0))
        for _ in 0..<6 {
            let isTaken = work.run(for: 1) {
                let running = counts.withLock { counts in
                    counts.running += 1
                    counts.most = max(counts.most, counts.running)
                    return counts.running
                }
                if running == 2 { both.finish() }
                _ = mayEnd.wait(upTo: .seconds(120))
                let isLast = counts.withLock { counts in
                    counts.running -= 1
                    counts.done += 1
                    return counts.done == 6
                }
                if isLast { all.finish() }
            }
            #expect(isTaken)
        }
        #expect(both.wait(upTo: .seconds(60)))
        mayEnd.finish()
        #expect(all.wait(upTo: .seconds(60)))
        #expect(counts.withLock { $0.most } == 2)
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
        for _ in 0..<6 { #expect(done.wait(upTo: .seconds(60))) }
        #expect(order.names.prefix(2).contains("one"))
    }

    @Test func `keys at their share leave threads to the next ones`() {
        let work = FairWork<String>(name: "test", .init(threads: 8, share: 4, backlog: 100))
        let running = Running()
        let (release, done) = (Completion(), SystemSemaphore())
        defer { release.finish() }
        for key in ["a", "b", "c"] {
            for _ in 0..<20 {
                let isTaken = work.run(for: key) {
                    running.begin(key)
                    _ = release.wait(upTo: .seconds(120))
                }
                #expect(isTaken)
            }
        }
        for key in ["d", "e"] {
            #expect(work.run(for: key) { done.signal() })
            #expect(done.wait(upTo: .seconds(60)), "a thread for one of whom nothing runs")
        }
        let counts = running.counts
        #expect(counts.values.allSatisfy { $0 <= 4 } && counts.values.reduce(0, +) <= 6, "\(counts)")
    }

    @Test func `a key of which nothing runs is served before one of which something does`() {
        let work = FairWork<String>(name: "test", .init(threads: 2, share: 3, backlog: 100))
        let (started, end, release, done) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        let order = Order()
        for hold in [end, release] {
            let isTaken = work.run(for: "many") {
                started.signal()
                hold.wait()
            }
            #expect(isTaken && started.wait(upTo: .seconds(60)))
        }
        for key in ["many", "many", "one", "other"] {
            let isTaken = work.run(for: key) {
                order.note(key)
                done.signal()
            }
            #expect(isTaken)
        }
        end.signal()
        for _ in 0..<4 { #expect(done.wait(upTo: .seconds(60))) }
        release.signal()
        #expect(order.names == ["one", "other", "many", "many"])
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
        #expect(started.wait(upTo: .seconds(60)))
        #expect(work.run(for: "full") { done.signal() })
        #expect(!work.run(for: "full") { done.signal() })
        #expect(work.run(for: "other") { done.signal() })
        release.signal()
        for _ in 0..<2 { #expect(done.wait(upTo: .seconds(60))) }
    }

    @Test func `a job for which there is no thread is refused, and not run later`() {
        let done = SystemSemaphore()
        let starts = Mutex(0)
        let work = FairWork<String>(.init(threads: 2, share: 1, backlog: 10)) { body in
            let isFirst = starts.withLock { starts in
                starts += 1
                return starts == 1
            }
            guard !isFirst else { throw SystemError(action: "start a thread", code: 11) }
            try spawn(name: "test", body)
        }
        #expect(!work.run(for: "a") { Issue.record("a job that was refused") })
        for key in ["a", "b"] {
            #expect(work.run(for: key) { done.signal() })
            #expect(done.wait(upTo: .seconds(60)))
        }
    }

    @Test func `a job that another asks for while a thread cannot be made is run`() throws {
        for _ in 0..<100 {
            let (taken, done) = (SystemSemaphore(), SystemSemaphore())
            let second = Mutex<(@Sendable () -> Void)?>(nil)
            let starts = Mutex(0)
            let work = FairWork<String>(.init(threads: 1, share: 1, backlog: 10)) { body in
                let isFirst = starts.withLock { starts in
                    starts += 1
                    return starts == 1
                }
                guard isFirst else { return try spawn(name: "test", body) }
                if let ask = second.withLock({ $0 }) { try spawn(name: "asks", ask) }
                throw SystemError(action: "start a thread", code: 11)
            }
            second.withLock {
                $0 = { [weak work] in
                    #expect(work?.run(for: "a") { done.signal() } == true)
                    taken.signal()
                }
            }
            #expect(!work.run(for: "a") { Issue.record("a job that was refused") })
            #expect(taken.wait(upTo: .seconds(60)) && done.wait(upTo: .seconds(60)))
        }
    }
}

/// Names in the order in which they came, from any thread.
private final class Order: Sendable {
    private let noted = Mutex<[String]>([])

    func note(_ name: String) { noted.withLock { $0.append(name) } }

    var names: [String] { noted.withLock { $0 } }
}

/// How many jobs of each name run, from any thread.
private final class Running: Sendable {
    private let begun = Mutex<[String: Int]>([:])

    func begin(_ name: String) { begun.withLock { $0[name, default: 0] += 1 } }

    var counts: [String: Int] { begun.withLock { $0 } }
}
