import CountersignRouting
import CountersignTelemetry
import CountersignTransport

extension RouterWorker {
    func takeExchange() -> Exchange {
        spareExchanges.popLast() ?? Exchange(worker: self)
    }

    func giveBack(_ exchange: Exchange) {
        if spareExchanges.count < Self.spareLimit { spareExchanges.append(exchange) }
    }

    /// A queue for bytes that must wait; queues are shared by turns, so that idle connections hold none.
    func takeQueue() -> ByteQueue {
        spareQueues.popLast() ?? ByteQueue()
    }

    func giveBack(_ queue: ByteQueue) {
        guard spareQueues.count < Self.spareLimit else { return }
        queue.reset(keepingAtMost: Self.keptQueueSize)
        spareQueues.append(queue)
    }

    /// A connection to an endpoint for an exchange, a new one where `fresh`; `nil` when none can be tried.
    func connection(for exchange: Exchange, fresh: Bool) -> UpstreamConnection? {
        guard let state = exchange.routeState else { return nil }
        while let choice = state.choose(for: exchange, self) {
            if let connection = choice.pool.checkOut(fresh: fresh) {
                exchange.endpointPosition = choice.position
                return connection
            }
            // The system cannot even start to connect.
            choice.pool.failed(.connect, of: state)
            countUpstreamError(.connectRefused)
            exchange.tried.append(choice.pool)
        }
        return nil
    }

    func takeClientStream() -> ClientStream {
        spareClientStreams.popLast() ?? ClientStream(worker: self)
    }

    func giveBack(_ stream: ClientStream) {
        if spareClientStreams.count < Self.spareLimit { spareClientStreams.append(stream) }
    }

    func takeUpstreamStream() -> UpstreamStream {
        spareUpstreamStreams.popLast() ?? UpstreamStream(worker: self)
    }

    func giveBack(_ stream: UpstreamStream) {
        if spareUpstreamStreams.count < Self.spareLimit { spareUpstreamStreams.append(stream) }
    }

    private static let spareLimit = 256
}
