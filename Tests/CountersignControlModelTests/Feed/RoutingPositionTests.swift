import CountersignControlModel
import CountersignPolicy
import Testing

@Suite struct RoutingPositionTests {
    private static let route = ControlledRoute(pattern: "a.example", destinations: [], options: .empty)

    private static func position(_ epoch: String, _ sequence: Int64) -> RoutingPosition {
        var position = RoutingPosition()
        _ = position.take(.reset)
        _ = position.take(.sync(epoch: epoch, after: 0, sequence: sequence))
        return position
    }

    private static func batch(_ outcome: RoutingPosition.Outcome) -> RoutingPosition.Batch? {
        if case .apply(let batch) = outcome { batch } else { nil }
    }

    @Test func `a batch counts when it is whole`() {
        var position = RoutingPosition()
        #expect(Self.batch(position.take(.reset)) == nil)
        #expect(Self.batch(position.take(.route(Self.route))) == nil)
        #expect(position.known == nil)
        let batch = Self.batch(position.take(.sync(epoch: "e", after: 0, sequence: 7)))
        #expect(batch?.isReset == true)
        #expect(batch?.routes == [Self.route])
        #expect(position.known?.epoch == "e" && position.known?.sequence == 7)
    }

    @Test func `a batch follows the one before`() {
        var position = Self.position("e", 7)
        _ = position.take(.removed("a.example"))
        let batch = Self.batch(position.take(.sync(epoch: "e", after: 7, sequence: 9)))
        #expect(batch?.isReset == false && batch?.removed == ["a.example"])
        #expect(position.known?.sequence == 9)
    }

    @Test func `a version that changes no route is applied too, so that it can be kept`() {
        var position = Self.position("e", 7)
        #expect(Self.batch(position.take(.sync(epoch: "e", after: 7, sequence: 8)))?.isEmpty == true)
        #expect(position.known?.sequence == 8)
        #expect(Self.batch(position.take(.sync(epoch: "e", after: 8, sequence: 8))) == nil)
    }

    @Test(arguments: [("e", 6, 9), ("e", 8, 9), ("other", 7, 9), ("e", 7, 6)] as [(String, Int64, Int64)])
    func `a batch that does not follow is disorder, and everything is asked for`(
        epoch: String,
        after: Int64,
        sequence: Int64
    ) {
        var position = Self.position("e", 7)
        _ = position.take(.route(Self.route))
        guard case .disorder = position.take(.sync(epoch: epoch, after: after, sequence: sequence)) else {
            Issue.record("taken")
            return
        }
        #expect(position.known == nil)
    }

    @Test func `a batch before anything is known has to be everything`() {
        var position = RoutingPosition()
        guard case .disorder = position.take(.sync(epoch: "e", after: 0, sequence: 1)) else {
            Issue.record("taken")
            return
        }
    }

    @Test func `what a stream has left unfinished is forgotten`() {
        var position = Self.position("e", 7)
        _ = position.take(.removed("a.example"))
        position.dropUnfinished()
        guard case .current = position.take(.sync(epoch: "e", after: 7, sequence: 7)) else {
            Issue.record("not current")
            return
        }
    }

    @Test func `a heartbeat says that all is known, but not within a batch`() {
        var position = RoutingPosition()
        guard case .none = position.take(.heartbeat) else {
            Issue.record("current before anything is known")
            return
        }
        position = Self.position("e", 1)
        guard case .current = position.take(.heartbeat) else {
            Issue.record("not current")
            return
        }
        _ = position.take(.route(Self.route))
        guard case .none = position.take(.heartbeat) else {
            Issue.record("current within a batch")
            return
        }
    }
}
