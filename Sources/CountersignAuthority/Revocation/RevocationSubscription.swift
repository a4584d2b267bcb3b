import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
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
    private let state = Mutex(State())

    init(book: RevocationBook) {
        self.book = book
    }

    /// Sends what the follower lacks; listens first, so that nothing falls between the two.
    ///
    /// - Parameter lines: follow the beginning.
    func begin(_ stream: ResponseStream, after: Int64, epoch: String?, then lines: [JSONValue]) {
        let listener = book.add { [weak self] events in self?.tell(events) }
        state.withLock { state in
            state.stream = stream
            state.listener = listener
        }
        let isKnown = after > 0 && epoch == book.epoch
        if isKnown, let events = book.events(after: after) {
            let sequence = events.last?.sequence ?? after
            write(stream, head("resumed", after, []))
            for event in events { write(stream, Self.line(event)) }
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

    private func tell(_ events: [RevocationEvent]) {
        state.withLock { state in
            guard state.hasBegun else {
                state.waiting += events
                return
            }
            deliver(events, &state)
        }
    }

    private func flushWaiting(from sequence: Int64) {
        state.withLock { state in
            state.sent = sequence
            state.hasBegun = true
            let waiting = state.waiting
            state.waiting = []
            deliver(waiting, &state)
        }
    }

    private func deliver(_ events: [RevocationEvent], _ state: inout State) {
        for event in events where event.sequence > state.sent {
            state.sent = event.sequence
            if let stream = state.stream { write(stream, Self.line(event)) }
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
        stream.write(Array((line.compact + "\n").utf8))
    }

    private static func line(_ event: RevocationEvent) -> JSONValue {
        .object([.init("type", .string("revocation"))] + event.members)
    }
}
