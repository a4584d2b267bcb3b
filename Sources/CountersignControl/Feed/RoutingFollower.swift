import CountersignControlModel
import CountersignHTTPServer
import Synchronization

/// One router's stream, and what it was told.
final class RoutingFollower: Sendable {
    private struct State {
        var stream: ResponseStream?
        /// The version that it was told of; nil when it needs everything.
        var sent: Int64?
        var hasBegun = false
    }

    let caller: ControlCaller
    private let state: Mutex<State>

    init(caller: ControlCaller, sent: Int64?) {
        self.caller = caller
        self.state = Mutex(State(sent: sent))
    }

    /// Takes the stream to write to.
    func begin(_ stream: ResponseStream) {
        state.withLock { $0.stream = stream }
    }

    /// Lets go of the stream, which has ended.
    func end() {
        state.withLock { $0.stream = nil }
    }

    /// Ends the stream in order.
    func finish() {
        let stream = state.withLock { state in
            defer { state.stream = nil }
            return state.stream
        }
        stream?.finish()
    }

    /// Sends what is new since the last time; called on one thread only.
    func tell(_ content: ControlState, epoch: String, isBilateral: Bool) {
        let (stream, sent, hasBegun) = state.withLock { ($0.stream, $0.sent, $0.hasBegun) }
        guard let stream, !hasBegun || sent != content.version else { return }
        let changes = sent.flatMap { $0 > content.version ? nil : content.history.changes(after: $0) }
        if let sent, let changes {
            for name in changes.domains {
                let domain = content.domain(named: name).map(ControlledDomain.init)
                stream.write((domain.map(RoutingLine.domain) ?? .removedDomain(name)).bytes)
            }
            for pattern in changes.patterns {
                let route = content.controlledRoute(pattern, isBilateral: isBilateral)
                stream.write((route.map(RoutingLine.route) ?? .removed(pattern)).bytes)
            }
            stream.write(RoutingLine.sync(epoch: epoch, after: sent, sequence: content.version).bytes)
        } else {
            stream.write(RoutingLine.reset.bytes)
            for domain in content.domains.values { stream.write(RoutingLine.domain(ControlledDomain(domain)).bytes) }
            for pattern in content.patterns {
                guard let route = content.controlledRoute(pattern, isBilateral: isBilateral) else { continue }
                stream.write(RoutingLine.route(route).bytes)
            }
            stream.write(RoutingLine.sync(epoch: epoch, after: 0, sequence: content.version).bytes)
        }
        state.withLock { state in
            state.sent = content.version
            state.hasBegun = true
        }
    }
}
