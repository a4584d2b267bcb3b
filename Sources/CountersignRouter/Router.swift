package import CountersignIdentity
package import CountersignRouting
package import CountersignTelemetry
package import CountersignTransport
package import Logging
import Synchronization

/// The identity-aware reverse proxy: one worker thread a core, all listening on the same addresses.
///
/// ``apply(_:)`` exchanges what requests are decided by while it runs; ``drain(within:)`` ends it without cutting
/// requests in flight.
package final class Router: Sendable {
    /// The addresses that are listened on, with the ports that the system chose for port 0.
    package let addresses: [SocketAddress]
    private let threads: [EventLoopThread]
    private let services: RouterServices
    private let snapshot: Mutex<RouterSnapshot>
    /// Held while changes are sent, so that all workers get them in the same order.
    private let registry: Mutex<RouteRegistry>

    /// Binds the addresses and starts to serve.
    ///
    /// - Parameters:
    ///   - listen: the addresses for HTTPS; none of them may be in use.
    ///   - workers: the number of threads, at least 1.
    ///   - snapshot: what the first requests are decided by.
    ///   - revoked: the set that the verifiers of every snapshot ask.
    ///   - identity: what is presented to upstreams; may be exchanged while the router runs.
    ///   - metrics: where workers count, with a shard for each of them.
    ///   - accessLog: takes a record for each request; none are made without it.
    ///   - logger: takes what happens besides requests.
    ///   - health: is told how endpoints are that are checked.
    /// - Throws: `SystemError` that names the address which cannot be bound, or when threads cannot be made.
    package init(
        listen: [SocketAddress],
        workers: Int,
        snapshot: RouterSnapshot,
        revoked: RevokedCertificates,
        identity: UpstreamIdentityHolder = UpstreamIdentityHolder(),
        metrics: RouterMetrics,
        accessLog: AccessLogWriter?,
        logger: Logger,
        health: HealthState? = nil
    ) throws {
        let count = max(1, workers)
        let services = RouterServices(
            metrics: metrics,
            accessLog: accessLog,
            logger: logger,
            workers: count,
            revoked: revoked,
            identity: identity,
            health: health
        )
        var generator = SystemRandomNumberGenerator()
        var registry = RouteRegistry(seed: generator.next())
        registry.setFixed(snapshot.routes)
        let routes = registry.takeChanges().compactMap(\.route)
        Self.show(registry, metrics)
        self.registry = Mutex(registry)
        let sockets = try ListeningSockets(addresses: listen, workers: count)
        self.services = services
        self.snapshot = Mutex(snapshot)
        self.addresses = sockets.addresses
        self.threads = try Self.start(count, sockets, services, snapshot, routes)
        services.setWorkers(threads.map(\.mailbox))
        threads.first?.mailbox.send { ($0.context as? RouterWorker)?.beginChecks() }
        let descriptors = DescriptorLimit.raise()
        let wanted = snapshot.limits.maximumConnections * Self.descriptorsPerConnection
        guard descriptors < wanted else { return }
        logger.warning(
            "fewer file descriptors than max_connections may need",
            metadata: ["limit": .stringConvertible(descriptors), "needed": .stringConvertible(wanted)]
        )
    }

    /// A client's and, while a request is in progress, the backend's.
    private static let descriptorsPerConnection = 2

    /// Starts the workers; all of them or, with an error, none.
    private static func start(
        _ count: Int,
        _ sockets: ListeningSockets,
        _ services: RouterServices,
        _ snapshot: RouterSnapshot,
        _ routes: [Route]
    ) throws -> [EventLoopThread] {
        var threads: [EventLoopThread] = []
        do {
            for index in 0..<count {
                let thread = try EventLoopThread(name: "router-\(index)", index: index) { loop in
                    let worker = RouterWorker(loop: loop, services: services, snapshot: snapshot, routes: routes)
                    loop.context = worker
                    for (listener, descriptor) in sockets.descriptors[index].enumerated() {
                        try worker.listen(on: descriptor, listener: listener)
                    }
                }
                threads.append(thread)
            }
        } catch {
            for thread in threads { end(thread) }
            sockets.close(from: threads.count)
            throw error
        }
        return threads
    }

    private static func end(_ thread: EventLoopThread) {
        thread.mailbox.send { loop in
            (loop.context as? RouterWorker)?.finish()
            loop.stop()
        }
        thread.join()
    }

    /// Has every request from now on decided by `snapshot`, on open connections too.
    ///
    /// Open connections whose certificate a new revocation list names are closed at once; those that do not count any
    /// more for another reason, such as a trust anchor that is gone, are closed at their next request.
    package func apply(_ snapshot: RouterSnapshot) {
        let earlier = self.snapshot.withLock { current in
            defer { current = snapshot }
            return current
        }
        let suspects = snapshot.newlyListed(since: earlier)
        let cut = makeCut(.list)
        registry.withLock { registry in
            registry.setFixed(snapshot.routes)
            let changes = registry.takeChanges()
            Self.show(registry, services.metrics)
            for thread in threads {
                thread.mailbox.send { loop in
                    guard let worker = loop.context as? RouterWorker else { return }
                    worker.apply(changes)
                    worker.install(snapshot, suspects: suspects, cut)
                }
            }
        }
    }

    /// Changes what is registered, and has every request from now on decided by it, on open connections too.
    ///
    /// Blocks nobody but others who change routes.
    ///
    /// - Returns: what `body` returns.
    package func changeRoutes<Result>(_ body: (inout RouteRegistry) -> Result) -> Result {
        registry.withLock { registry in
            let result = body(&registry)
            let changes = registry.takeChanges()
            guard !changes.isEmpty else { return result }
            Self.show(registry, services.metrics)
            for thread in threads {
                thread.mailbox.send { ($0.context as? RouterWorker)?.apply(changes) }
            }
            return result
        }
    }

    /// The routes of this moment, in no order; others may change routes meanwhile.
    package func listRoutes() -> [ListedRoute] {
        registry.withLock { $0 }.listing
    }

    /// The mTLS domain of a host at this moment; nil when it is on none.
    package func domain(of host: HostName) -> MutualTLSDomain? {
        let current = snapshot.withLock { $0 }
        return host.withBytes { current.domain(of: $0) }
    }

    /// Finds the route that would take a request, in the table that requests are given out by.
    ///
    /// - Parameters:
    ///   - host: the host of the request.
    ///   - path: its path.
    ///   - body: gets the route, or nil when there is none; runs on a worker's thread and must not block.
    package func findRoute(_ host: HostName, path: String, then body: @escaping @Sendable (Route?) -> Void) {
        threads.first?.mailbox.send { loop in
            guard let worker = loop.context as? RouterWorker else { return }
            body(host.withBytes { worker.routes.lookup(host: $0, path: Array(path.utf8).span) })
        }
    }

    /// What the owners of its host have to say of a route of the bus; nil for a route of another origin.
    package func busBinding(of route: Route) -> BusBinding? {
        registry.withLock { $0.busBinding(of: route.pattern) }
    }

    /// What the bus registers that would take a request and may not, as the file has the host.
    package func refusedRegistration(_ host: HostName, path: String) -> RoutePattern? {
        registry.withLock { $0.refusedRegistration(host: host.description, path: path) }
    }

    private static func show(_ registry: borrowing RouteRegistry, _ metrics: RouterMetrics) {
        metrics.bus.routes.set(Double(registry.routeCount))
        metrics.bus.endpoints.set(Double(registry.endpointCount))
    }

    /// Takes over what has been revoked or released, and closes the open connections that it concerns.
    ///
    /// Returns when new handshakes and requests are judged by it; the workers close connections right after, without
    /// close_notify and without an answer. How long that took is in `RevocationMetrics/cutDuration`, together with the
    /// `elapsed` nanoseconds that the change had been on its way.
    package func apply(_ change: RevocationChange, elapsed: Int64 = 0) {
        let cut = makeCut(.feed, elapsed: elapsed)
        let revoked = services.revoked
        let keys = revoked.apply(change, now: WallClock.nanoseconds() / 1_000_000_000)
        services.metrics.revocation.entries.set(Double(revoked.count))
        guard !keys.isEmpty else { return }
        for thread in threads {
            thread.mailbox.send { ($0.context as? RouterWorker)?.cut(keys, cut) }
        }
    }

    /// Notes that all revocations up to now have been applied, and drops those of certificates that have ended.
    package func confirmRevocations() {
        let revoked = services.revoked
        let now = WallClock.nanoseconds()
        services.metrics.revocation.feedAge.set(now)
        revoked.dropEndedNowAndThen(now: now / 1_000_000_000)
        services.metrics.revocation.entries.set(Double(revoked.count))
        let monotonic = UInt64(clamping: MonotonicClock.nanoseconds())
        revoked.freshness.confirm(now: monotonic)
        revoked.checkFreshness(now: monotonic)
    }

    private func makeCut(_ cause: RevocationCut.Cause, elapsed: Int64 = 0) -> RevocationCut {
        RevocationCut(
            cause,
            workers: threads.count,
            elapsed: elapsed,
            metrics: services.metrics.revocation,
            logger: services.logger
        )
    }

    /// Stops to accept, lets requests in flight finish, then ends all threads.
    ///
    /// Blocks until it is done.
    ///
    /// - Parameter timeout: how long requests in flight may take; what is open then is cut.
    /// - Returns: whether nothing had to be cut.
    package func drain(within timeout: Duration) -> Bool {
        for thread in threads {
            thread.mailbox.send { ($0.context as? RouterWorker)?.drain() }
        }
        _ = services.drained.wait(upTo: timeout)
        for thread in threads {
            thread.mailbox.send { loop in
                (loop.context as? RouterWorker)?.finish()
                loop.stop()
            }
        }
        for thread in threads { thread.join() }
        return services.cutCount == 0
    }
}
