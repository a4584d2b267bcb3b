import CountersignHTTP1
import CountersignPolicy
import CountersignRewriting
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

/// Which endpoint a request goes to, and whether it may go to another.
extension Exchange {
    /// The caller, where only endpoints near to it may serve the request; nil where any may.
    var nearCaller: Caller? { asksForNearness ? client?.identity.caller : nil }

    /// Whether the request can be sent once more without any harm, even if an endpoint has acted on it.
    var isRepeatable: Bool { head.method.isIdempotent && head.framing == .none }

    /// Whether the request was given to an endpoint before, which failed it.
    func hasTried(_ pool: UpstreamPool) -> Bool {
        !tried.isEmpty && tried.contains { $0 === pool }
    }

    /// Notes what decides about the endpoint of the request, while its fields are there.
    func noteAffinity() {
        let fields = worker.requestScanner.fields
        let bytes = unsafe headBytes.readable
        stickyInstance = unsafe StickySession.instance(in: fields, of: bytes, worker.balancing.sticky)
        guard case .hash(let hash) = route?.balancing,
            let value = unsafe StickySession.value(of: hash.header, in: fields, of: bytes)
        else { return }
        let range = unsafe UnsafeRawBufferPointer(rebasing: bytes[value.start..<value.end])
        affinity = unsafe ConsistentHashTable.hash(Span<UInt8>(_unsafeBytes: range))
    }

    /// Until when a connection that is opened for the request has to be there, in nanoseconds of the loop.
    var connectDeadline: UInt64 {
        let now = worker.loop.now
        let own = now &+ worker.timeouts.connect.nanoseconds
        return attempts <= 1 ? own : min(own, max(now, sentAt &+ worker.snapshot.retries.time))
    }

    /// Whether the request may be sent once more; if not, why is counted.
    func takeRetry() -> Bool {
        let plan = worker.snapshot.retries
        let shard = worker.loop.index
        var limit: WithheldRetry?
        if attempts >= plan.maximumAttempts {
            limit = .attempts
        } else if worker.loop.now > sentAt &+ plan.time {
            limit = .time
        } else if !worker.retryBudget.takeRetry(now: worker.loop.now, plan) {
            limit = .budget
        }
        guard let limit else { return true }
        worker.metrics.endpoints.withheldRetries.add(limit, shard: shard)
        return false
    }

    /// Notes that the endpoint of the request has failed it, which speaks against the endpoint.
    func endpointFailed(_ fault: EndpointFault) {
        upstream?.pool.failed(fault, of: routeState)
    }
}
