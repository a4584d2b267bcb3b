import CountersignPKI
import CountersignRouter
import Logging
import Synchronization
import Testing

@testable import CountersignRuntime

@Suite struct RevocationFollowerTests {
    /// What a router has been told.
    private final class Record: Sendable {
        private let state = Mutex<(changes: [String], confirmations: Int)>(([], 0))

        var changes: [String] { state.withLock { $0.changes } }
        var confirmations: Int { state.withLock { $0.confirmations } }

        var sink: RevocationFollower.Sink {
            RevocationFollower.Sink(
                apply: { change, _ in
                    let word =
                        switch change {
                        case .replaceAll(let entries): "all\(entries.count)"
                        case .revoke: "revoke"
                        case .release: "release"
                        }
                    self.state.withLock { $0.changes.append(word) }
                },
                confirm: { self.state.withLock { $0.confirmations += 1 } }
            )
        }
    }

    private func follow(_ steps: ScriptedSource.Step...) throws -> (source: ScriptedSource, record: Record) {
        let source = ScriptedSource(steps)
        let record = Record()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let follower = try RevocationFollower(source: source, sink: record.sink, logger: logger)
        #expect(source.waitUntilExhausted())
        follower.stop()
        return (source, record)
    }

    @Test func `a stream that ends or is cut is resumed where it stopped`() throws {
        let (source, record) = try follow(
            .lines([RevocationText.snapshot("e", 1, [RevocationText.event(1)]), RevocationText.event(2)]),
            .lines([RevocationText.resumed("e", 3), RevocationText.event(3)], isCut: true)
        )
        #expect(source.asked == ["stream 0", "stream 2 e", "stream 3 e"])
        #expect(record.changes == ["all1", "revoke", "revoke"])
        #expect(record.confirmations == 3)
    }

    @Test func `an authority that is absent at the start is asked until it is there`() throws {
        let (source, record) = try follow(.away, .away, .lines([RevocationText.snapshot("e", 0)]))
        #expect(source.asked == ["stream 0", "stream 0", "stream 0", "stream 0 e"])
        #expect(record.changes == ["all0"])
    }

    @Test func `after garbage everything is asked for`() throws {
        let (source, record) = try follow(
            .lines([RevocationText.snapshot("e", 1), "garbage", RevocationText.event(2)]),
            .lines([RevocationText.snapshot("e", 2, [RevocationText.event(2)])])
        )
        #expect(source.asked == ["stream 0", "stream 0", "stream 2 e"])
        #expect(record.changes == ["all0", "all1"])
    }

    @Test func `where no stream is offered polling takes its place`() throws {
        let (source, record) = try follow(
            .refused,
            .answer(#"{"epoch":"e","sequence":1,"snapshot":true,"entries":[\#(RevocationText.event(1))]}"#),
            .answer(#"{"epoch":"e","sequence":1,"snapshot":false,"entries":[]}"#),
            .answer(#"{"epoch":"e","sequence":2,"snapshot":false,"entries":[\#(RevocationText.event(2))]}"#)
        )
        #expect(source.asked == ["stream 0", "poll 0", "poll 1 e", "poll 1 e", "poll 2 e"])
        #expect(record.changes == ["all1", "revoke"])
        #expect(record.confirmations == 3)
    }

    @Test func `an answer that is no list is given up and the stream tried again`() throws {
        let (source, record) = try follow(.refused, .answer("<html>"), .lines([RevocationText.snapshot("e", 0)]))
        #expect(source.asked == ["stream 0", "poll 0", "stream 0", "stream 0 e"])
        #expect(record.changes == ["all0"])
    }
}
