import CountersignTransport
import Synchronization

@testable import CountersignRuntime

/// An authority that answers each request by the next step of a script, and then with silence.
final class ScriptedSource: RevocationSource {
    enum Step: Sendable {
        /// A stream of these lines that then ends in order, or is cut.
        case lines([String], isCut: Bool = false)
        /// The authority is there and offers no stream, or no answer to a poll.
        case refused
        /// The authority is away.
        case away
        /// The answer to a poll.
        case answer(String)
    }

    private let steps: Mutex<[Step]>
    private let requests = Mutex<[String]>([])
    private let closed = Completion()
    private let exhausted = Completion()

    init(_ steps: [Step]) {
        self.steps = Mutex(steps)
    }

    /// What was asked for, as `stream 0` or `poll 3 e`.
    var asked: [String] { requests.withLock { $0 } }

    /// Blocks until everything in the script has been asked for, and one request more.
    func waitUntilExhausted() -> Bool { exhausted.wait(upTo: .seconds(60)) }

    func stream(after sequence: Int64, epoch: String?) throws(RevocationSourceError) -> any RevocationStream {
        guard case .lines(let lines, let isCut) = try next("stream", sequence, epoch) else {
            throw RevocationSourceError(isRefusal: false, description: "the script has no stream here")
        }
        return Lines(lines: Mutex(lines), isCut: isCut)
    }

    func poll(after sequence: Int64, epoch: String?) throws(RevocationSourceError) -> [UInt8] {
        guard case .answer(let text) = try next("poll", sequence, epoch) else {
            throw RevocationSourceError(isRefusal: false, description: "the script has no answer here")
        }
        return Array(text.utf8)
    }

    func close() {
        closed.finish()
    }

    private func next(_ kind: String, _ sequence: Int64, _ epoch: String?) throws(RevocationSourceError) -> Step {
        requests.withLock { $0.append("\(kind) \(sequence)" + (epoch.map { " \($0)" } ?? "")) }
        switch steps.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
        case .refused?: throw RevocationSourceError(isRefusal: true, description: "status 404")
        case .away?: throw RevocationSourceError(isRefusal: false, description: "connection refused")
        case let step?: return step
        case nil:
            exhausted.finish()
            _ = closed.wait()
            throw RevocationSourceError(isRefusal: false, description: "closed")
        }
    }

    private final class Lines: RevocationStream {
        private let lines: Mutex<[String]>
        private let isCut: Bool

        init(lines: consuming sending Mutex<[String]>, isCut: Bool) {
            self.lines = lines
            self.isCut = isCut
        }

        func nextLine(within silence: Duration) throws(RevocationSourceError) -> [UInt8]? {
            if let line = lines.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return Array(line.utf8) }
            guard isCut else { return nil }
            throw RevocationSourceError(isRefusal: false, description: "the stream was cut")
        }

        func cancel() {}
    }
}
