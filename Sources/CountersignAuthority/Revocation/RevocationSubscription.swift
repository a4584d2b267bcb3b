import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import Synchronization

/// One follower's stream: first what it lacks, then every event once and in order.
final class RevocationSubscription: Sendable {
    private struct State {
        var stream: ResponseStream?
        var listener: Int?
        /// Events that came while the beginning was being written.
        var waiting: [RevocationEvent] = []
        var sent: Int64 = 0
        var hasBegun = false
    }

    private let book: RevocationBook
    private let clock: AuthorityClock
    /// The serial number of the follower's certificate; nil where it has none.
    private let serial: String?
    private let state = Mutex(State())

    init(book: RevocationBook, clock: AuthorityClock, serial: String?) {
        self.book = book
        self.clock = clock
        self.serial = serial
    }

    /// Sends what the follower lacks; listens first, so that nothing falls between the two.
    ///
    /// - Parameter lines: follow the beginning.
    func begin(_ stream: ResponseStream, after: Int64, epoch: String?, then lines: [JSONValue]) {
        let listener = book.add { [weak self] events, askedAt in self?.tell(events, askedAt) }
        state.withLock { state in
            state.stream = stream
            state.listener = listener
        }
        let isKnown = after > 0 && epoch == book.epoch
        if isKnown, let events = book.events(after: after) {
            let sequence = events.last?.sequence ?? after
            write(stream, head("resumed", after, []))
            for event in events { write(stream, line(event, nil)) }
            flushWaiting(from: sequence)
        } else {
            let (entries, sequence) = book.snapshot()
            let list = JSONValue.Member("entries", .array(entries.map { .object($0.members) }))
            write(stream, head("snapshot", sequence, [list]))
            flushWaiting(from: sequence)
        }
        for line in lines { write(stream, line) }
    }

    /// Sends a line that is no revocation.
    func send(_ line: JSONValue) {
        // Before the beginning was written the line would be taken for it.
        guard let stream = state.withLock({ $0.hasBegun ? $0.stream : nil }) else { return }
        write(stream, line)
    }

    /// Stops listening.
    func end() {
        let listener = state.withLock { state in
            state.stream = nil
            defer { state.listener = nil }
            return state.listener
        }
        if let listener { book.remove(listener: listener) }
    }

    private func tell(_ events: [RevocationEvent], _ askedAt: UInt64?) {
        // A revoked follower is told nothing more, not even of itself: its stream ends, and it is not let in again.
        if events.contains(where: { $0.serial == serial && $0.reason != .removeFromCRL }) {
            let stream = state.withLock { state in
                defer { state.stream = nil }
                return state.stream
            }
            stream?.finish()
            return
        }
        state.withLock { state in
            guard state.hasBegun else {
                state.waiting += events
                return
            }
            deliver(events, askedAt, &state)
        }
    }

    private func flushWaiting(from sequence: Int64) {
        state.withLock { state in
            state.sent = sequence
            state.hasBegun = true
            let waiting = state.waiting
            state.waiting = []
            deliver(waiting, nil, &state)
        }
    }

    private func deliver(_ events: [RevocationEvent], _ askedAt: UInt64?, _ state: inout State) {
        for event in events where event.sequence > state.sent {
            state.sent = event.sequence
            if let stream = state.stream { write(stream, line(event, askedAt)) }
        }
    }

    private func head(_ type: String, _ sequence: Int64, _ more: [JSONValue.Member]) -> JSONValue {
        .object(
            [
                .init("type", .string(type)), .init("epoch", .string(book.epoch)),
                .init("sequence", .number(sequence)),
            ] + more
        )
    }

    private func write(_ stream: ResponseStream, _ line: JSONValue) {
        stream.write(line.compactLine)
    }

    /// With the microseconds since the call, so that a follower can say how long a revocation took on its whole way
    /// without comparing two hosts' clocks.
    private func line(_ event: RevocationEvent, _ askedAt: UInt64?) -> JSONValue {
        var members = [.init("type", .string("revocation"))] + event.members
        if let askedAt {
            let now = clock.monotonic()
            members.append(.init("elapsed_us", .number(Int64(clamping: (now - min(now, askedAt)) / 1000))))
        }
        return .object(members)
    }
}
