import CountersignTransport
import Synchronization
import Testing

/// Which listener closes a connection for another.
@Suite struct DisplacementGroupTests {
    /// A listener that has so many connections, notes when it is asked to close one, and ends its loop when it does.
    private struct Listener {
        let loop: EventLoop
        let member: DisplacementGroup.Member

        init(_ group: DisplacementGroup, connections: Int, closes: Bool, asked: Asked) throws {
            let loop = try EventLoop(index: connections)
            self.loop = loop
            self.member = group.join(loop) { loop in
                asked.order.withLock { $0.append(loop.index) }
                loop.stop()
                return closes
            }
            member.has(connections)
        }
    }

    private final class Asked: Sendable {
        let order = Mutex<[Int]>([])
    }

    @Test func `the listener with the most connections closes one, or the next where it owes answers on each`() throws {
        let (group, asked) = (DisplacementGroup(), Asked())
        let own = try Listener(group, connections: 9, closes: true, asked: asked)
        _ = try Listener(group, connections: 2, closes: true, asked: asked)
        let some = try Listener(group, connections: 3, closes: true, asked: asked)
        let most = try Listener(group, connections: 4, closes: false, asked: asked)
        own.member.displaceElsewhere()
        most.loop.run()
        some.loop.run()
        #expect(asked.order.withLock { $0 } == [4, 3])
    }

    @Test func `a listener that has ended is not asked`() throws {
        let (group, asked) = (DisplacementGroup(), Asked())
        let own = try Listener(group, connections: 1, closes: true, asked: asked)
        let ended = try Listener(group, connections: 3, closes: true, asked: asked)
        let other = try Listener(group, connections: 2, closes: true, asked: asked)
        ended.member.leave()
        own.member.displaceElsewhere()
        other.loop.run()
        #expect(asked.order.withLock { $0 } == [2])
    }
}
