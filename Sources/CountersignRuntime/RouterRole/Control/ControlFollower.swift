import CountersignControlModel
import CountersignHTTPClient
import CountersignJSON
import CountersignTransport
import Logging

/// Keeps a router's routes those of its control plane, on a thread of its own, until it is stopped.
///
/// What is known stays when the authority is away. After whatever goes wrong it begins with what it knows; only where
/// that does not fit together does it ask for everything.
final class ControlFollower: Sendable {
    /// Where changes go.
    struct Sink: Sendable {
        /// Takes a batch over.
        let apply: @Sendable (RoutingPosition.Batch) -> Void
        /// Notes whether the control plane is heard: the reason where it is not, whether anything is known then, and what
        /// is wrong with the copy.
        let hear: @Sendable (_ trouble: String?, _ isKnown: Bool, _ copyTrouble: String?) -> Void
        /// Notes the version that is in force.
        let reach: @Sendable (_ sequence: Int64) -> Void
    }

    private let source: HTTPControlSource
    private let thread: FollowingThread

    /// Begins to follow from what a copy has.
    ///
    /// - Throws: ``SystemError`` when no thread can be made.
    init(
        source: HTTPControlSource,
        copy: ControlCopy,
        position: RoutingPosition,
        content: ControlledContent,
        sink: Sink,
        logger: Logger
    ) throws(SystemError) {
        self.source = source
        self.thread = try FollowingThread(name: "control-plane") { stopped in
            var work = Work(
                source: source,
                sink: sink,
                logger: logger,
                stopped: stopped,
                copy: copy,
                position: position,
                content: content,
                copyTrouble: copy.damage
            )
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
    let source: HTTPControlSource
    let sink: ControlFollower.Sink
    let logger: Logger
    let stopped: Completion
    var copy: ControlCopy
    var position: RoutingPosition
    var content: ControlledContent
    /// What is wrong with the copy, until it is written whole.
    var copyTrouble: String?
    var backoff = Backoff(first: .milliseconds(200), last: .seconds(10))
    var random = SystemRandomNumberGenerator()
    /// What was told last, so that an authority that stays away is told of once.
    var lastTrouble: String?
    var isHeard = false

    mutating func run() {
        var pause = Duration.zero
        while !stopped.wait(upTo: pause) {
            do throws(RevocationSourceError) {
                try follow()
                // An end in order is how an authority that restarts says good-bye.
                pause = .milliseconds(Int64.random(in: 50...250, using: &random))
            } catch {
                tell(error.description)
                pause = backoff.next(&random)
            }
        }
    }

    /// Follows one stream to its end.
    private mutating func follow() throws(RevocationSourceError) {
        let stream = try source.stream(after: position.known)
        defer { stream.cancel() }
        position.dropUnfinished()
        while let bytes = try line(of: stream) {
            let line: RoutingLine?
            do throws(JSONError) {
                line = try RoutingLine.read(bytes)
            } catch {
                position.distrust()
                throw RevocationSourceError(isRefusal: false, description: "a line is no message: \(error)")
            }
            if let line { try take(line) }
        }
    }

    private func line(of stream: ClientStream) throws(RevocationSourceError) -> [UInt8]? {
        do throws(HTTPClientError) {
            return try stream.nextLine(within: Self.silence)
        } catch {
            throw RevocationSourceError(error)
        }
    }

    private mutating func take(_ line: RoutingLine) throws(RevocationSourceError) {
        let before = position.known?.sequence
        switch position.take(line) {
        case .none: return
        case .disorder(let reason): throw RevocationSourceError(isRefusal: false, description: reason)
        case .current:
            if let known = position.known, copyTrouble != nil || !copy.exists {
                keep { (copy, content) throws(SystemError) in try copy.rewrite(known, content) }
            }
            hear()
        case .apply(let batch):
            if !batch.isEmpty {
                sink.apply(batch)
                content.apply(batch)
            }
            if let known = position.known {
                keep { (copy, content) throws(SystemError) in
                    try copy.keep(batch, after: before, known, of: content)
                }
            }
            hear()
        }
    }

    /// Writes to the copy, and tells when it cannot be written and when it can be again.
    private mutating func keep(
        _ write: (inout ControlCopy, ControlledContent) throws(SystemError) -> Void
    ) {
        let before = copyTrouble
        do throws(SystemError) {
            try write(&copy, content)
            copyTrouble = nil
        } catch {
            copyTrouble = "what the control plane told cannot be kept: \(error)"
        }
        guard copyTrouble != before else { return }
        if isHeard { sink.hear(nil, true, copyTrouble) }
        if let copyTrouble {
            logger.error(
                "the copy of the control plane's routes cannot be written; a restart without it begins with an earlier one",
                metadata: ["reason": .string(copyTrouble)]
            )
        } else {
            logger.notice("the copy of the control plane's routes is whole again")
        }
    }

    private mutating func hear() {
        backoff.reset()
        if let known = position.known { sink.reach(known.sequence) }
        guard !isHeard else { return }
        isHeard = true
        sink.hear(nil, true, copyTrouble)
        logger.notice(
            "the control plane is followed",
            metadata: ["routes": .stringConvertible(content.routes.count), "after": .string(lastTrouble ?? "")]
        )
        lastTrouble = nil
    }

    private mutating func tell(_ trouble: String) {
        isHeard = false
        guard trouble != lastTrouble, !stopped.wait(upTo: .zero) else { return }
        lastTrouble = trouble
        sink.hear(trouble, position.known != nil, copyTrouble)
        logger.warning("the control plane cannot be followed", metadata: ["reason": .string(trouble)])
    }

    /// Three of the authority's heartbeats.
    private static let silence = Duration.seconds(15)
}
