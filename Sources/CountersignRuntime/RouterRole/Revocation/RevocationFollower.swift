import CountersignJSON
import CountersignRouter
import CountersignTransport
import Logging

/// Keeps a router's revocations those of its authority, on a thread of its own, until it is stopped.
///
/// It follows the authority's stream, on which a revocation comes as soon as it is made. Where a stream cannot be had it
/// asks each second, and tries the stream again from time to time. After whatever goes wrong it begins with what it knows;
/// only where that does not fit together does it ask for everything.
final class RevocationFollower: Sendable {
    /// Where changes go.
    struct Sink: Sendable {
        /// Takes a change over.
        let apply: @Sendable (_ change: RevocationChange, _ elapsedNanoseconds: Int64) -> Void
        /// Notes that all revocations up to now have been applied.
        let confirm: @Sendable () -> Void
    }

    private let source: any RevocationSource
    private let thread: FollowingThread

    /// Begins to follow.
    ///
    /// - Throws: ``SystemError`` when no thread can be made.
    init(source: any RevocationSource, sink: Sink, logger: Logger) throws(SystemError) {
        self.source = source
        self.thread = try FollowingThread(name: "revocations") { stopped in
            var work = Work(source: source, sink: sink, logger: logger, stopped: stopped)
            work.run()
        }
    }

    /// Ends the following; what is known stays as it is, and nothing is changed any more once this returns.
    func stop() {
        thread.stop { source.close() }
    }
}

/// The thread's state.
private struct Work: Sendable {
    let source: any RevocationSource
    let sink: RevocationFollower.Sink
    let logger: Logger
    let stopped: Completion
    var position = RevocationPosition()
    var backoff = Backoff(first: .milliseconds(200), last: .seconds(10))
    var random = SystemRandomNumberGenerator()
    /// What was told last, so that an authority that stays away is told of once.
    var lastTrouble: String?

    mutating func run() {
        var pause = Duration.zero
        while !stopped.wait(upTo: pause) {
            do throws(RevocationSourceError) {
                try follow()
                // An end in order is how an authority that restarts says good-bye.
                pause = .milliseconds(Int64.random(in: 50...250, using: &random))
            } catch {
                tell(error.description)
                if error.isRefusal { poll() }
                pause = backoff.next(&random)
            }
        }
    }

    /// Follows one stream to its end.
    private mutating func follow() throws(RevocationSourceError) {
        let stream = try source.stream(after: position.known?.sequence ?? 0, epoch: position.known?.epoch)
        defer { stream.cancel() }
        while let line = try stream.nextLine(within: Self.silence) {
            let message: RevocationMessage
            do throws(JSONError) {
                message = try RevocationMessage(line: line)
            } catch {
                position.distrust()
                throw RevocationSourceError(isRefusal: false, description: "a line is no message: \(error)")
            }
            try take(message)
            if let lastTrouble, !position.needsSnapshot {
                logger.notice("revocations are followed again", metadata: ["after": .string(lastTrouble)])
                self.lastTrouble = nil
            }
        }
    }

    /// Asks each second until it is time to try the stream again, or asking fails as well.
    private mutating func poll() {
        for _ in 0..<Self.pollsBetweenStreams {
            do throws(RevocationSourceError) {
                try pollOnce()
            } catch {
                tell(error.description)
                return
            }
            if stopped.wait(upTo: .milliseconds(Int64.random(in: 800...1000, using: &random))) { return }
        }
    }

    private mutating func pollOnce() throws(RevocationSourceError) {
        let body = try source.poll(after: position.known?.sequence ?? 0, epoch: position.known?.epoch)
        let messages: [RevocationMessage]
        do throws(JSONError) {
            messages = try RevocationMessage.messages(poll: body)
        } catch {
            position.distrust()
            throw RevocationSourceError(isRefusal: false, description: "an answer is no list of revocations: \(error)")
        }
        for message in messages { try take(message) }
    }

    private mutating func take(_ message: RevocationMessage) throws(RevocationSourceError) {
        let outcome = position.take(message)
        for change in outcome.changes { sink.apply(change, outcome.elapsedMicroseconds * 1000) }
        if outcome.isComplete {
            sink.confirm()
            backoff.reset()
        }
        if let disorder = outcome.disorder {
            throw RevocationSourceError(isRefusal: false, description: disorder)
        }
    }

    private mutating func tell(_ trouble: String) {
        guard trouble != lastTrouble, !stopped.wait(upTo: .zero) else { return }
        lastTrouble = trouble
        logger.warning("revocations cannot be followed", metadata: ["reason": .string(trouble)])
    }

    /// Three of the authority's heartbeats.
    private static let silence = Duration.seconds(15)
    private static let pollsBetweenStreams = 30
}
