import CountersignTelemetry
import CountersignTransport

/// One worker's idle connections to one endpoint address, the last used first.
final class UpstreamPool {
    let address: SocketAddress
    /// The address as the access log shows it.
    let name: String
    /// The access log's field for this endpoint.
    let logFragment: AccessLogFragment
    /// By how many routes' states it is held.
    var routeCount = 0
    private unowned let worker: RouterWorker
    private var idle: [UpstreamConnection] = []
    /// How many of them, from the front, were there before the turn that ``keptIn`` names by its time.
    private var settled = 0
    private var keptIn: UInt64 = 0

    init(worker: RouterWorker, address: SocketAddress) {
        self.worker = worker
        self.address = address
        self.name = address.description
        var fragment = AccessLogFragment(worker.logForm)
        fragment.add(.upstream, address.description)
        self.logFragment = fragment
    }

    /// A connection for an exchange: an idle one, or a new one; `nil` when the system cannot even start to connect.
    ///
    /// One that became idle in this turn of the loop is not used before the next: a backend that sends more than its
    /// response gets the time to show it. A client that has its next request wait already cannot have it sent there.
    func checkOut(fresh: Bool) -> UpstreamConnection? {
        settle()
        while !fresh, settled > 0 {
            settled -= 1
            idle.swapAt(settled, idle.count - 1)
            guard let connection = idle.popLast() else { break }
            if connection.isUsable { return connection }
            connection.close()
        }
        return UpstreamConnection(worker: worker, pool: self)
    }

    private func settle() {
        guard keptIn != worker.loop.now else { return }
        keptIn = worker.loop.now
        settled = idle.count
    }

    /// Takes a connection back; `false` when enough are idle or the pool is no longer in use.
    func keep(_ connection: UpstreamConnection) -> Bool {
        guard idle.count < worker.snapshot.limits.maximumIdlePerEndpoint, worker.uses(self) else { return false }
        settle()
        idle.append(connection)
        return true
    }

    /// Drops an idle connection that is closing.
    func forget(_ connection: UpstreamConnection) {
        guard let place = idle.firstIndex(where: { $0 === connection }) else { return }
        idle.remove(at: place)
        if place < settled { settled -= 1 }
    }

    func closeIdle() {
        let all = idle
        idle = []
        settled = 0
        for connection in all { connection.close() }
    }
}
