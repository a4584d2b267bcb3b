import CountersignTransport
import Logging

/// One listening socket of one worker.
final class RouterListener: ReadinessHandler {
    private unowned let worker: RouterWorker
    private let descriptor: Int32
    private var token = HandlerToken.none
    private var isPaused = false

    init?(worker: RouterWorker, descriptor: Int32) {
        self.worker = worker
        self.descriptor = descriptor
        guard let token = worker.loop.addListener(descriptor, self) else { return nil }
        self.token = token
    }

    func ready(_ readiness: Readiness) {
        guard !isPaused else { return }
        for _ in 0..<Self.acceptsPerTurn {
            switch Socket.accept(on: descriptor) {
            case .connection(let fd, let peer): worker.accept(fd, from: peer)
            case .none: return
            case .exhausted:
                pause()
                return
            }
        }
    }

    /// The system has no descriptors left: waiting connections stay in the queue until some are free again.
    private func pause() {
        isPaused = true
        worker.logger.error("no file descriptors left, accepting paused")
        worker.loop.unwatch(descriptor)
        worker.loop.setDeadline(token, at: worker.loop.now &+ Self.pauseTime.nanoseconds)
    }

    func deadlinePassed() {
        worker.loop.remove(token)
        guard let token = worker.loop.addListener(descriptor, self) else { return }
        self.token = token
        isPaused = false
    }

    func close() {
        worker.loop.remove(token)
        Socket.close(descriptor)
    }

    private static let acceptsPerTurn = 64
    private static let pauseTime = Duration.milliseconds(100)
}
