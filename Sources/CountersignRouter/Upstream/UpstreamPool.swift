import CountersignTLS
import CountersignTelemetry
import CountersignTransport

/// One worker's idle connections to one endpoint, the last used first.
///
/// Facets: `+Security` (what is kept for endpoints over TLS), `+Health` (how the endpoint is doing).
final class UpstreamPool {
    let target: UpstreamTarget
    /// The access log's field for this endpoint.
    let logFragment: AccessLogFragment
    let worker: RouterWorker
    /// What connections over TLS present, where the endpoint wants to see something.
    let presented: UpstreamIdentityHolder
    /// The edition of it that idle connections were last measured by.
    var followedEdition: UInt64
    /// By how many routes' states it is held.
    var routeCount = 0
    /// Whether routes lead here: a reload may drop the pool while its connections still carry requests.
    private(set) var isInUse: Bool
    /// How the endpoint is doing, as far as this worker knows.
    var health = EndpointHealth()
    /// How many requests of this worker it has to answer.
    var load = 0
    /// Since when it is new or back, in nanoseconds of the loop; 0 when it has its full share.
    var rampFrom: UInt64 = 0
    /// Sessions that the endpoint gave for resuming, and the edition of the identity that they were made under.
    var resumptions: [TLSResumption] = []
    var resumptionEdition: UInt64 = 0
    /// Until when connections to an endpoint that does not speak TLS, and may be sent plain text, begin with that.
    var fallsBackUntil: UInt64 = 0
    private(set) var idle: [UpstreamConnection] = []
    /// The connections of an endpoint that speaks HTTP/2, in use or not; exchanges share them.
    private(set) var shared: [UpstreamConnection] = []
    /// How many of them, from the front, were there before the turn that ``keptIn`` names by its time.
    private var settled = 0
    private var keptIn: UInt64 = 0

    /// - Parameter isInUse: whether connections are kept; one that no route leads to carries a single request.
    init(worker: RouterWorker, target: UpstreamTarget, isInUse: Bool = true) {
        self.worker = worker
        self.isInUse = isInUse
        self.target = target
        self.presented = target.identity ?? worker.services.identity
        self.followedEdition = presented.edition
        var fragment = AccessLogFragment(worker.logForm)
        fragment.add(.upstream, target.address.description)
        self.logFragment = fragment
    }

    /// What the endpoint has to prove; `nil` for one that is reached in plain text.
    var security: UpstreamSecurity? { target.security }

    /// A connection for an exchange: an idle one, or a new one; `nil` when the system cannot even start to connect.
    ///
    /// One that became idle in this turn of the loop is not used before the next: a backend that sends more than its
    /// response gets the time to show it. A client that has its next request wait already cannot have it sent there.
    func checkOut(fresh: Bool) -> UpstreamConnection? {
        if target.speaksHTTP2 { return checkOutShared(fresh: fresh) }
        settle()
        while !fresh, settled > 0 {
            settled -= 1
            idle.swapAt(settled, idle.count - 1)
            guard let connection = idle.popLast() else { break }
            if connection.isUsable { return connection }
            connection.close()
        }
        guard let security else { return UpstreamConnection(worker: worker, pool: self) }
        return openSecure(security)
    }

    private func checkOutShared(fresh: Bool) -> UpstreamConnection? {
        if !fresh, let connection = shared.first(where: \.takesStream) { return connection }
        let opened: UpstreamConnection? =
            if let security { openSecure(security) } else { UpstreamConnection(worker: worker, pool: self) }
        if let opened, isInUse { shared.append(opened) }
        return opened
    }

    private func settle() {
        guard keptIn != worker.loop.now else { return }
        keptIn = worker.loop.now
        settled = idle.count
    }

    /// Takes a connection back; `false` when enough are idle or the pool is no longer in use.
    func keep(_ connection: UpstreamConnection) -> Bool {
        guard idle.count < worker.snapshot.limits.maximumIdlePerEndpoint, isInUse else { return false }
        settle()
        idle.append(connection)
        return true
    }

    /// Drops an idle connection that is closing.
    func forget(_ connection: UpstreamConnection) {
        if target.speaksHTTP2 {
            shared.removeAll { $0 === connection }
            return
        }
        guard let place = idle.firstIndex(where: { $0 === connection }) else { return }
        idle.remove(at: place)
        if place < settled { settled -= 1 }
    }

    /// Closes what is idle, and keeps nothing from here on.
    func retire() {
        isInUse = false
        forgetHealth()
        let all = idle
        idle = []
        settled = 0
        for connection in all { connection.close() }
        let left = shared
        shared = []
        for connection in left where connection.state == .idle { connection.close() }
    }
}
