import CountersignTransport

/// Sends what connections have written in a turn of the loop, when it ends.
///
/// Whoever is sent to is woken for it. Those that find several requests or responses waiting work through them in one go,
/// where each would have slept and been woken again; and the router's own code stays in the processor's caches while it
/// reads, and the system's while it sends. Requests go first, so that endpoints are at work while responses are sent.
final class TurnFlush: TurnEndHandler {
    private var upstreams: [UpstreamConnection] = []
    private var clients: [ClientConnection] = []
    private var multiplexers: [ClientMultiplexer] = []

    private var isEmpty: Bool { upstreams.isEmpty && clients.isEmpty && multiplexers.isEmpty }

    /// Has a request sent.
    func add(_ upstream: UpstreamConnection) {
        upstreams.append(upstream)
    }

    /// Has a response sent.
    func add(_ client: ClientConnection) {
        clients.append(client)
    }

    /// Has the frames of streams sent: those of one turn go out in one record.
    func add(_ multiplexer: ClientMultiplexer) {
        multiplexers.append(multiplexer)
    }

    func turnEnded() {
        // Sending may bring about that more is written.
        while !isEmpty { flush() }
    }

    /// Sends now, where what follows takes so long that nothing is to wait for it.
    func flush() {
        // By position, as sending may add to them.
        var position = 0
        while position < upstreams.count {
            upstreams[position].flushDue()
            position += 1
        }
        upstreams.removeAll(keepingCapacity: true)
        position = 0
        while position < clients.count {
            clients[position].turnEnded()
            position += 1
        }
        clients.removeAll(keepingCapacity: true)
        position = 0
        while position < multiplexers.count {
            multiplexers[position].turnEnded()
            position += 1
        }
        multiplexers.removeAll(keepingCapacity: true)
    }
}
