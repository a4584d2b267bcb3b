import CountersignTransport
import Testing

/// Deadlines of handlers that act on each other in one turn.
@Suite struct EventLoopTests {
    @Test func `a place that changes hands in a turn brings its new handler no old deadline`() throws {
        let loop = try EventLoop(index: 0)
        let victims = (0..<4).map { _ in Handler() }
        let newcomer = Handler()
        let tokens = victims.map { loop.addTimer($0) }
        for (victim, own) in zip(victims, tokens) {
            // Whichever is called first ends all the others, and takes the place of one of them.
            victim.onDeadline = {
                guard newcomer.token == nil else { return }
                for other in tokens where other != own { loop.remove(other) }
                newcomer.token = loop.addTimer(newcomer)
                loop.setDeadline(newcomer.token ?? .none, at: loop.now &+ 60_000_000_000)
            }
            loop.setDeadline(own, at: loop.now &+ 1)
        }
        stop(loop, after: 80_000_000)
        loop.run()
        #expect(victims.map(\.calls).reduce(0, +) == 1)
        #expect(newcomer.calls == 0)
    }

    @Test func `a deadline that is put off or taken away in its turn does not come`() throws {
        for isPutOff in [true, false] {
            let loop = try EventLoop(index: 0)
            let later = isPutOff ? loop.now &+ 60_000_000_000 : .max
            let handlers = (0..<4).map { _ in Handler() }
            let tokens = handlers.map { loop.addTimer($0) }
            for (handler, own) in zip(handlers, tokens) {
                handler.onDeadline = {
                    for other in tokens where other != own { loop.setDeadline(other, at: later) }
                }
                loop.setDeadline(own, at: loop.now &+ 1)
            }
            stop(loop, after: 80_000_000)
            loop.run()
            #expect(handlers.map(\.calls).reduce(0, +) == 1)
        }
    }

    @Test func `deadlines that nobody touches all come, once`() throws {
        let loop = try EventLoop(index: 0)
        let handlers = (0..<4).map { _ in Handler() }
        for handler in handlers { loop.setDeadline(loop.addTimer(handler), at: loop.now &+ 1) }
        stop(loop, after: 80_000_000)
        loop.run()
        #expect(handlers.map(\.calls) == [1, 1, 1, 1])
    }

    @Test func `the end of a turn is told once, behind all that the turn brought`() throws {
        let loop = try EventLoop(index: 0)
        let end = TurnEnd()
        loop.turnEnd = end
        let handlers = (0..<3).map { _ in Handler() }
        for handler in handlers {
            handler.onDeadline = { end.order.append("handler") }
            loop.setDeadline(loop.addTimer(handler), at: loop.now &+ 1)
        }
        end.onEnd = { if end.order.contains("handler") { loop.stop() } }
        loop.run()
        let first = try #require(end.order.firstIndex(of: "handler"))
        #expect(end.order[first...] == ["handler", "handler", "handler", "end"])
        #expect(end.order[..<first].allSatisfy { $0 == "end" })
    }

    private func stop(_ loop: EventLoop, after nanoseconds: UInt64) {
        let end = Handler()
        end.onDeadline = { loop.stop() }
        loop.context = end
        loop.setDeadline(loop.addTimer(end), at: loop.now &+ nanoseconds)
    }
}

private final class Handler: ReadinessHandler {
    var token: HandlerToken?
    var calls = 0
    var onDeadline: () -> Void = {}

    func ready(_ readiness: Readiness) {}

    func deadlinePassed() {
        calls += 1
        onDeadline()
    }
}

private final class TurnEnd: TurnEndHandler {
    var order: [String] = []
    var onEnd: () -> Void = {}

    func turnEnded() {
        order.append("end")
        onEnd()
    }
}
