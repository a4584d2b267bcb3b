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

    /// Binds the addresses and starts to serve.
    ///
    /// - Parameters:
    ///   - listen: the addresses for HTTPS; none of them may be in use.
    ///   - workers: the number of threads, at least 1.
    ///   - snapshot: what the first requests are decided by.
    ///   - metrics: where workers count, with a shard for each of them.
    ///   - accessLog: takes a record for each request; none are made without it.
    ///   - logger: takes what happens besides requests.
    /// - Throws: `SystemError` that names the address which cannot be bound, or when threads cannot be made.
    package init(
        listen: [SocketAddress],
        workers: Int,
        snapshot: RouterSnapshot,
        metrics: RouterMetrics,
        accessLog: AccessLogWriter?,
        logger: Logger
    ) throws {
        let count = max(1, workers)
        let services = RouterServices(metrics: metrics, accessLog: accessLog, logger: logger, workers: count)
        let sockets = try ListeningSockets(addresses: listen, workers: count)
        self.services = services
        self.addresses = sockets.addresses
        self.threads = try Self.start(count, sockets, services, snapshot)
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
        _ snapshot: RouterSnapshot
    ) throws -> [EventLoopThread] {
        var threads: [EventLoopThread] = []
        do {
            for index in 0..<count {
                let thread = try EventLoopThread(name: "router-\(index)", index: index) { loop in
                    let worker = RouterWorker(loop: loop, services: services, snapshot: snapshot)
                    loop.context = worker
                    for descriptor in sockets.descriptors[index] { try worker.listen(on: descriptor) }
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
    package func apply(_ snapshot: RouterSnapshot) {
        for thread in threads {
            thread.mailbox.send { ($0.context as? RouterWorker)?.install(snapshot) }
        }
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
