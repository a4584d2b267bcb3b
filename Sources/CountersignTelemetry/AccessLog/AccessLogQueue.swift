import Synchronization

/// The bounded queue between event loops and the writer's thread, with the blocks that are free.
final class AccessLogQueue: Sendable {
    private let blockSize: Int
    private let depth: Int
    private let dropped: Counter
    private let wake: WakePipe
    private let state = Mutex(State())

    /// What the writer's thread does next.
    enum Work: Sendable {
        /// Write a block and give it back.
        case write(AccessLogBlock)
        /// Open the destination again.
        case reopen
        /// Wait until woken.
        case wait
        /// End.
        case stop
    }

    /// Creates an empty queue.
    init(_ configuration: AccessLogConfiguration, dropped: Counter, wake: WakePipe) {
        self.blockSize = configuration.clampedBufferSize
        self.depth = configuration.clampedQueueDepth
        self.dropped = dropped
        self.wake = wake
        self.state.withLock { state in
            state.waiting.reserveCapacity(self.depth)
            state.free.reserveCapacity(self.depth)
        }
    }

    /// An empty block for a loop to begin with.
    func makeBlock() -> AccessLogBlock {
        // The line that crosses the size should not make the block grow.
        AccessLogBlock(capacity: self.blockSize + 8192)
    }

    /// Takes a block over and returns an empty one; drops the lines when the queue is full or closed.
    func submit(_ block: AccessLogBlock) -> AccessLogBlock {
        let (accepted, replacement) = self.state.withLock { state -> (Bool, AccessLogBlock?) in
            guard state.deadline == nil, state.waiting.count < self.depth else { return (false, nil) }
            state.waiting.append(block)
            return (true, state.free.popLast())
        }
        guard accepted else {
            self.drop(block)
            return block
        }
        self.wake.wake()
        return replacement ?? self.makeBlock()
    }

    /// The next thing to do.
    func next() -> Work {
        self.state.withLock { state in
            if state.wantsReopen {
                state.wantsReopen = false
                return .reopen
            }
            if !state.waiting.isEmpty { return .write(state.waiting.removeFirst()) }
            return state.deadline == nil ? .wait : .stop
        }
    }

    /// Takes back a block whose lines are written.
    func recycle(_ block: AccessLogBlock) {
        block.reset(capacity: self.blockSize + 8192)
        self.state.withLock { state in
            if state.free.count < self.depth {
                state.free.append(block)
            }
        }
    }

    /// Counts a block's lines as lost and empties it.
    func drop(_ block: AccessLogBlock) {
        self.dropped.add(block.records)
        block.reset(capacity: self.blockSize + 8192)
    }

    /// Asks the thread to open the destination again.
    func requestReopen() {
        self.state.withLock { $0.wantsReopen = true }
        self.wake.wake()
    }

    /// Refuses further blocks and lets the thread end when the rest is written or at the deadline.
    ///
    /// - Parameter deadline: Monotonic nanoseconds.
    func close(deadline: Int64) {
        self.state.withLock { $0.deadline = min(deadline, $0.deadline ?? .max) }
        self.wake.wake()
    }

    /// When the thread has to end, in monotonic nanoseconds; nil while the log is open.
    var deadline: Int64? { self.state.withLock { $0.deadline } }

    private struct State: Sendable {
        var waiting: [AccessLogBlock] = []
        var free: [AccessLogBlock] = []
        var wantsReopen = false
        var deadline: Int64?
    }
}
