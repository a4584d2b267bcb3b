import CountersignTransport
import Synchronization
import Testing

@Suite struct BackgroundWorkTests {
    @Test func `jobs run and their threads end`() throws {
        let work = BackgroundWork(name: "test", maximumThreads: 2, limit: 100)
        let done = SystemSemaphore()
        for _ in 0..<50 { #expect(work.run { done.signal() }) }
        for _ in 0..<50 { #expect(done.wait(upTo: .seconds(60))) }
        #expect(work.run { done.signal() })
        #expect(done.wait(upTo: .seconds(60)))
    }

    @Test func `no more jobs wait than the limit says`() throws {
        let work = BackgroundWork(name: "test", maximumThreads: 1, limit: 2)
        let (started, release, done) = (SystemSemaphore(), SystemSemaphore(), SystemSemaphore())
        #expect(
            work.run {
                started.signal()
                release.wait()
            }
        )
        #expect(started.wait(upTo: .seconds(60)))
        #expect(work.run { done.signal() })
        #expect(work.run { done.signal() })
        #expect(!work.run { done.signal() })
        release.signal()
        for _ in 0..<2 { #expect(done.wait(upTo: .seconds(60))) }
        #expect(work.run { done.signal() })
        #expect(done.wait(upTo: .seconds(60)))
    }
}
