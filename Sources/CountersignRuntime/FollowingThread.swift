import CountersignTransport

/// A thread of its own that follows something until it is told to stop.
final class FollowingThread: Sendable {
    private let stopped = Completion()
    private let ended = Completion()

    /// Begins to run.
    ///
    /// - Parameters:
    ///   - name: what the system's tools show, up to 15 bytes.
    ///   - run: follows until the event that it is given has happened.
    /// - Throws: ``SystemError`` when no thread can be made.
    init(name: String, _ run: @escaping @Sendable (_ stopped: Completion) -> Void) throws(SystemError) {
        let (stopped, ended) = (self.stopped, self.ended)
        try spawn(name: name) {
            run(stopped)
            ended.finish()
        }
    }

    /// Tells it to stop, and waits until it has.
    ///
    /// - Parameter close: ends what it may wait for.
    func stop(closing close: () -> Void) {
        stopped.finish()
        close()
        _ = ended.wait(upTo: .seconds(5))
    }
}
