import CountersignControlModel
package import CountersignHTTPServer
import CountersignTransport
import Logging
import Synchronization

/// Tells routers of routes and policies: all at first, and then each change.
///
/// Changes that come faster than they can be told are told together: a route with ten thousand policies is sent once for
/// many of them. What one router is told costs the others nothing but the thread's time.
package final class RoutingBroadcast: Sendable {
    private struct State {
        var followers: [ObjectIdentifier: RoutingFollower] = [:]
        var isRunning = false
        var isDirty = false
    }

    private let engine: ControlEngine
    private let gate: any ControlGate
    private let work = BackgroundWork(name: "routing-feed", maximumThreads: 1, limit: 2)
    private let pause = SystemSemaphore()
    private let state = Mutex(State())

    /// Begins to follow an engine.
    package init(engine: ControlEngine, gate: any ControlGate) {
        self.engine = engine
        self.gate = gate
        engine.observe { [weak self] in self?.wake() }
    }

    /// The routes of the feed, for a listener with mutual TLS.
    package var routes: RouteList {
        var routes = RouteList()
        routes.get("/v1/routing/stream") { [self] request, _, responder in follow(request, responder) }
        return routes
    }

    /// How many routers follow.
    package var followers: Int { state.withLock { $0.followers.count } }

    /// What versions are counted in; another one where the same records come to other lines.
    private var epoch: String {
        "\(engine.state.epoch)-\(engine.settings.isBilateral ? "both" : "one")-\(RoutingLine.format)"
    }

    private func follow(_ request: ServerRequest, _ responder: Responder) {
        do throws(ControlError) {
            let caller = try gate.router(request)
            let query = try V3Query(request, known: ["after", "epoch"])
            let isKnown = query.list("epoch") == [epoch]
            let after = query.list("after")?.first.flatMap { Int64($0) }
            follow(responder, caller, after: isKnown ? after : nil)
        } catch {
            responder.answer(V3Answer.error(error))
        }
    }

    private func follow(_ responder: Responder, _ caller: ControlCaller, after: Int64?) {
        let follower = RoutingFollower(caller: caller, sent: after)
        let stream = responder.openStream(
            contentType: "application/x-ndjson",
            fields: [("Cache-Control", "no-store")],
            limit: Self.unreadLimit,
            heartbeat: StreamHeartbeat(every: .seconds(5), bytes: RoutingLine.heartbeat.bytes)
        ) { [weak self] end in
            self?.ended(follower, end)
        }
        guard let stream else { return }
        follower.begin(stream)
        state.withLock { $0.followers[ObjectIdentifier(follower)] = follower }
        // One that had ended by then is not going to be taken out again.
        if !stream.isOpen { state.withLock { $0.followers[ObjectIdentifier(follower)] = nil } }
        engine.logger.info("router follows the control plane", metadata: ["caller": "\(caller.name)"])
        wake()
    }

    private func ended(_ follower: RoutingFollower, _ end: StreamEnd) {
        follower.end()
        state.withLock { $0.followers[ObjectIdentifier(follower)] = nil }
        engine.logger.info(
            "router follows no more",
            metadata: ["caller": "\(follower.caller.name)", "end": "\(end)"]
        )
    }

    /// Has what is new told, on a thread of its own.
    private func wake() {
        let starts = state.withLock { state in
            state.isDirty = true
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard starts else { return }
        if !work.run({ [weak self] in self?.run() }) { state.withLock { $0.isRunning = false } }
    }

    private func run() {
        while let followers = next() {
            let started = Int64(clamping: EventLoop.monotonicNanoseconds())
            let state = engine.state
            for follower in followers { tell(follower, state) }
            let taken = Int64(clamping: EventLoop.monotonicNanoseconds()) - started
            // Under a row of changes, they are told together and not one by one; a change that comes alone never waits.
            _ = pause.wait(upTo: .nanoseconds(min(max(taken * 2, Self.shortestPause), Self.longestPause)))
        }
    }

    /// Those who may lack something; nil when nobody does, and the thread ends.
    private func next() -> [RoutingFollower]? {
        state.withLock { state in
            guard state.isDirty else {
                state.isRunning = false
                return nil
            }
            state.isDirty = false
            return Array(state.followers.values)
        }
    }

    private func tell(_ follower: RoutingFollower, _ state: ControlState) {
        guard gate.isRouter(follower.caller) else {
            follower.finish()
            return
        }
        follower.tell(state, epoch: epoch, isBilateral: engine.settings.isBilateral)
    }

    private static let unreadLimit = 256 * 1024 * 1024
    private static let shortestPause: Int64 = 2_000_000
    private static let longestPause: Int64 = 100_000_000
}
