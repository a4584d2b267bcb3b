import CountersignRouter
import Testing

@testable import CountersignRuntime

@Suite struct RevocationPositionTests {
    /// What a position makes of lines, one word each: what it changes, and how it ends.
    private func story(_ lines: [String], from position: inout RevocationPosition) throws -> [String] {
        try lines.map { line in
            let outcome = position.take(try RevocationMessage(line: Array(line.utf8)))
            let changes = outcome.changes.map { change in
                switch change {
                case .replaceAll(let entries): "all\(entries.count)"
                case .revoke: "revoke"
                case .release: "release"
                }
            }
            let end = outcome.disorder != nil ? "disorder" : outcome.isComplete ? "complete" : "open"
            return (changes + [end]).joined(separator: " ")
        }
    }

    private func story(_ lines: String...) throws -> [String] {
        var position = RevocationPosition()
        return try story(lines, from: &position)
    }

    @Test func `a snapshot and the events after it are taken in order`() throws {
        #expect(
            try story(
                RevocationText.snapshot("e", 2, [RevocationText.event(1), RevocationText.event(2, serial: "0b")]),
                RevocationText.event(3, serial: "0c"),
                RevocationText.heartbeat,
                RevocationText.event(4, serial: "0c", reason: "removeFromCRL")
            ) == ["all2 complete", "revoke complete", "complete", "release complete"]
        )
    }

    @Test func `events that were taken before change nothing, least of all by releasing`() throws {
        #expect(
            try story(
                RevocationText.snapshot("e", 5, [RevocationText.event(5)]),
                RevocationText.event(4, reason: "removeFromCRL"),
                RevocationText.event(5, reason: "removeFromCRL"),
                RevocationText.event(6)
            ) == ["all1 complete", "open", "open", "revoke complete"]
        )
    }

    @Test func `a gap revokes what came, releases nothing and asks for everything`() throws {
        var position = RevocationPosition()
        #expect(
            try story([RevocationText.snapshot("e", 1), RevocationText.event(3)], from: &position)
                == ["all0 complete", "revoke disorder"]
        )
        #expect(position.known == nil)
        #expect(try story([RevocationText.snapshot("e", 3)], from: &position) == ["all0 complete"])
        #expect(
            try story([RevocationText.event(5, reason: "removeFromCRL")], from: &position) == ["disorder"]
        )
    }

    @Test func `an older snapshot of the same epoch releases nobody`() throws {
        var position = RevocationPosition()
        #expect(
            try story(
                [
                    RevocationText.snapshot("e", 9, [RevocationText.event(9)]),
                    RevocationText.snapshot("e", 8, [RevocationText.event(8, serial: "0d")]),
                    RevocationText.heartbeat,
                    RevocationText.snapshot("e", 9, [RevocationText.event(9)]),
                ],
                from: &position
            ) == ["all1 complete", "revoke disorder", "disorder", "all1 complete"]
        )
    }

    @Test func `another epoch begins anew with a snapshot, and with nothing else`() throws {
        var position = RevocationPosition()
        #expect(
            try story([RevocationText.snapshot("e", 9), RevocationText.resumed("f", 9)], from: &position)
                == ["all0 complete", "disorder"]
        )
        #expect(
            try story([RevocationText.snapshot("f", 1), RevocationText.event(2)], from: &position)
                == ["all0 complete", "revoke complete"]
        )
        #expect(position.known?.epoch == "f" && position.known?.sequence == 2)
    }

    @Test func `after a resumption all is known only once the missed events have come`() throws {
        #expect(
            try story(
                RevocationText.snapshot("e", 1),
                RevocationText.resumed("e", 3),
                RevocationText.event(2),
                RevocationText.event(3)
            ) == ["all0 complete", "open", "revoke open", "revoke complete"]
        )
    }

    @Test func `a heartbeat that is ahead tells that something is missing`() throws {
        #expect(
            try story(RevocationText.snapshot("e", 1), #"{"type":"heartbeat","sequence":2}"#)
                == ["all0 complete", "disorder"]
        )
    }

    @Test(arguments: [RevocationText.heartbeat, RevocationText.event(1), RevocationText.resumed("e", 1)])
    func `nothing counts before a snapshot`(line: String) throws {
        #expect(try story(line) == ["disorder"])
    }
}
