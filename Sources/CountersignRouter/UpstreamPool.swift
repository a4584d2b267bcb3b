import CountersignTelemetry
import CountersignTransport

/// One worker's idle connections to one endpoint address, the last used first.
final class UpstreamPool {
    let address: SocketAddress
    /// The address as the access log shows it.
    let name: String
    /// The access log's field for this endpoint.
    let logFragment: AccessLogFragment
    private unowned let worker: RouterWorker
    private var idle: [UpstreamConnection] = []

    init(worker: RouterWorker, address: SocketAddress) {
        self.worker = worker
        self.address = address
        self.name = address.description
        var fragment = AccessLogFragment(worker.logForm)
        fragment.add(.upstream, address.description)
        self.logFragment = fragment
    }

    /// A connection for an exchange: an idle one, or a new one; `nil` when the system cannot even start to connect.
    func checkOut(fresh: Bool) -> UpstreamConnection? {
        while !fresh, let connection = idle.popLast() {
            if connection.isUsable { return connection }
            connection.close()
        }
        return UpstreamConnection(worker: worker, pool: self)
    }

    /// Takes a connection back; `false` when enough are idle or the pool is no longer in use.
    func keep(_ connection: UpstreamConnection) -> Bool {
        guard idle.count < worker.snapshot.limits.maximumIdlePerEndpoint, worker.uses(self) else { return false }
        idle.append(connection)
        return true
    }

    /// Drops an idle connection that is closing.
    func forget(_ connection: UpstreamConnection) {
        idle.removeAll { $0 === connection }
    }

    func closeIdle() {
        let all = idle
        idle = []
        for connection in all { connection.close() }
    }
}
