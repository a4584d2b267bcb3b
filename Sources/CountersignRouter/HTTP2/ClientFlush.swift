import CountersignTransport

/// Sends what connections of HTTP/2 wrote, at the end of a turn of the loop.
///
/// Responses of several streams that come in one turn then go out in one record and one call of the system.
final class ClientFlush: ReadinessHandler {
    private let loop: EventLoop
    private var token = HandlerToken.none
    private var waiting: [ClientMultiplexer] = []
    private var sending: [ClientMultiplexer] = []

    init(loop: EventLoop) {
        self.loop = loop
        token = loop.addTimer(self)
    }

    /// Has a connection flushed when the others of this turn had theirs.
    func add(_ multiplexer: ClientMultiplexer) {
        if waiting.isEmpty { loop.readAgain(token) }
        waiting.append(multiplexer)
    }

    /// The turn is over.
    func ready(_ readiness: Readiness) {
        // What sending brings about may be written to connections in turn.
        swap(&waiting, &sending)
        for multiplexer in sending { multiplexer.turnEnded() }
        sending.removeAll(keepingCapacity: true)
    }

    func deadlinePassed() {}
}
