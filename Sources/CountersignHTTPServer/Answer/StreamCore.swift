import CountersignTransport
import Synchronization

/// The state that a stream's producer and its connection share: bytes that wait, in bounds, and whether more come.
final class StreamCore: Sendable {
    private enum Phase {
        case open
        /// All has been written; the rest goes out.
        case finished
        /// Nothing is sent any more.
        case ended
    }

    private struct State {
        var phase = Phase.open
        /// Why the connection is to be cut.
        var fault: StreamEnd?
        var bytes: [UInt8] = []
        /// How many of `bytes` have been taken.
        var taken = 0
        /// The connection knows that there is something to look at.
        var isAnnounced = false
    }

    /// What the connection finds.
    enum Step {
        /// Nothing more for now.
        case waiting
        /// There is more than fitted.
        case more
        /// The last byte has been taken.
        case finished
        /// The connection is to be cut.
        case failed(StreamEnd)
    }

    let heartbeat: StreamHeartbeat?
    private let limit: Int
    private let isChunked: Bool
    private let onEnd: @Sendable (StreamEnd) -> Void
    private let announce: @Sendable () -> Void
    private let state = Mutex(State())

    init(
        limit: Int,
        isChunked: Bool,
        heartbeat: StreamHeartbeat?,
        onEnd: @escaping @Sendable (StreamEnd) -> Void,
        announce: @escaping @Sendable () -> Void
    ) {
        self.limit = limit
        self.isChunked = isChunked
        self.heartbeat = heartbeat
        self.onEnd = onEnd
        self.announce = announce
    }

    var isOpen: Bool {
        state.withLock { $0.phase == .open && $0.fault == nil }
    }

    /// Adds one chunk; one that would make too many bytes wait cuts the connection instead.
    func write(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return isOpen }
        let (isTaken, announces) = state.withLock { state in
            guard state.phase == .open, state.fault == nil else { return (false, false) }
            guard state.bytes.count - state.taken + bytes.count <= limit else {
                state.fault = .tooSlow
                return (false, true)
            }
            append(bytes, to: &state)
            return (true, Self.needsAnnouncement(&state))
        }
        if announces { announce() }
        return isTaken
    }

    /// Says that nothing more comes.
    func finish() {
        let announces = state.withLock { state in
            guard state.phase == .open, state.fault == nil else { return false }
            state.phase = .finished
            if isChunked { state.bytes += Self.lastChunk }
            return Self.needsAnnouncement(&state)
        }
        if announces { announce() }
    }

    /// The producer is gone; unless it finished, the connection is cut.
    func abandon() {
        let announces = state.withLock { state in
            guard state.phase == .open, state.fault == nil else { return false }
            state.fault = .abandoned
            return true
        }
        if announces { announce() }
    }

    /// Why the connection is to be cut, even if the client takes nothing of what went before.
    var fault: StreamEnd? {
        state.withLock { $0.fault }
    }

    /// Moves what waits into `queue`, at most about `count` bytes.
    func drain(into queue: ByteQueue, atMost count: Int) -> Step {
        state.withLock { state in
            state.isAnnounced = false
            if let fault = state.fault { return .failed(fault) }
            let end = min(state.bytes.count, state.taken + count)
            unsafe state.bytes.withUnsafeBytes { bytes in
                unsafe queue.append(UnsafeRawBufferPointer(rebasing: bytes[state.taken..<end]))
            }
            state.taken = end
            guard end == state.bytes.count else {
                state.isAnnounced = true
                return .more
            }
            state.bytes.removeAll(keepingCapacity: state.bytes.count <= Self.keptCapacity)
            state.taken = 0
            return state.phase == .finished ? .finished : .waiting
        }
    }

    /// Marks the end and tells the producer, once.
    func end(_ reason: StreamEnd) {
        let isFirst = state.withLock { state in
            guard state.phase != .ended else { return false }
            state.phase = .ended
            state.bytes = []
            state.taken = 0
            return true
        }
        if isFirst { onEnd(reason) }
    }

    private func append(_ bytes: [UInt8], to state: inout State) {
        guard isChunked else {
            state.bytes += bytes
            return
        }
        state.bytes += String(bytes.count, radix: 16).utf8
        state.bytes += Self.lineEnd
        state.bytes += bytes
        state.bytes += Self.lineEnd
    }

    private static func needsAnnouncement(_ state: inout State) -> Bool {
        guard !state.isAnnounced else { return false }
        state.isAnnounced = true
        return true
    }

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]
    private static let lastChunk = Array("0\r\n\r\n".utf8)
    private static let keptCapacity = 16 * 1024
}
