import CountersignAgent
import CountersignTransport
import Synchronization
import Testing

@Suite struct FairWorkTests {
    @Test func `runs the jobs of one user in their order, with one thread each`() throws {
        let work = FairWork(name: "fair-test", maximumThreads: 4, threadsPerUser: 1, limitPerUser: 100)
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
        #expect(done.wait(upTo: .seconds(10)))
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test func `has nobody wait for what another user does`() throws {
        let work = FairWork(name: "fair-test", maximumThreads: 2, threadsPerUser: 1, limitPerUser: 10)
        let (mayEnd, served) = (Completion(), Completion())
        for _ in 0..<10 { _ = work.run(for: 1) { _ = mayEnd.wait(upTo: .seconds(30)) } }
        #expect(work.run(for: 2) { served.finish() })
        #expect(served.wait(upTo: .seconds(10)))
        mayEnd.finish()
    }

    @Test func `gives a user as many threads as there may be, and no more`() throws {
        let work = FairWork(name: "fair-test", maximumThreads: 4, threadsPerUser: 2, limitPerUser: 10)
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
                _ = mayEnd.wait(upTo: .seconds(30))
                let isLast = counts.withLock { counts in
                    counts.running -= 1
                    counts.done += 1
                    return counts.done == 6
                }
                if isLast { all.finish() }
            }
            #expect(isTaken)
        }
        #expect(both.wait(upTo: .seconds(10)))
        mayEnd.finish()
        #expect(all.wait(upTo: .seconds(10)))
        #expect(counts.withLock { $0.most } == 2)
    }

    @Test func `refuses what is too much of one user, and takes another's`() throws {
        let work = FairWork(name: "fair-test", maximumThreads: 2, threadsPerUser: 1, limitPerUser: 3)
        let (begun, mayEnd, served) = (Completion(), Completion(), Completion())
        #expect(
            work.run(for: 1) {
                begun.finish()
                _ = mayEnd.wait(upTo: .seconds(30))
            }
        )
        #expect(begun.wait(upTo: .seconds(10)))
        for _ in 0..<3 { #expect(work.run(for: 1) {}) }
        #expect(!work.run(for: 1) {})
        #expect(work.run(for: 2) { served.finish() })
        #expect(served.wait(upTo: .seconds(10)))
        mayEnd.finish()
    }
}
