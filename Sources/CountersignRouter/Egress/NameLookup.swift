import CountersignTransport
import Synchronization

/// A request that waits for the addresses of its host, for so long as the request may take to reach it.
final class NameLookup: ReadinessHandler {
    /// What asking for the addresses of a name came to.
    enum Answer {
        /// The addresses; none where the name leads nowhere.
        case addresses([SocketAddress])
        /// The resolver did not answer in time.
        case late
    }

    /// Whether anybody still waits; what runs on another thread asks before it begins.
    final class Interest: Sendable {
        private let isOver = Atomic<Bool>(false)

        /// Nobody waits any more.
        func end() { isOver.store(true, ordering: .relaxed) }

        /// Whether somebody waits.
        var isAlive: Bool { !isOver.load(ordering: .relaxed) }
    }

    let interest = Interest()
    private let number: UInt64
    private let loop: EventLoop
    private var token = HandlerToken.none
    private unowned let worker: RouterWorker

    /// Waits for at most `limit`.
    init(_ number: UInt64, of worker: RouterWorker, within limit: Duration) {
        (self.number, self.worker, loop) = (number, worker, worker.loop)
        token = loop.addTimer(self)
        loop.setDeadline(token, at: loop.now &+ limit.nanoseconds)
    }

    func ready(_ readiness: Readiness) {}

    func deadlinePassed() {
        worker.resolved(number, .late)
    }

    /// Ends the wait.
    func end() {
        interest.end()
        loop.remove(token)
    }
}
