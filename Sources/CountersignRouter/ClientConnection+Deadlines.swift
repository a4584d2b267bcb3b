import CountersignTransport

/// Two clocks run for an open connection: for what the client owes (a request, the rest of one), and, while bytes wait
/// for it to read, for its reading. What it sends never puts the second one off. Both stop at the connection's own end.
extension ClientConnection {
    /// Gives the client until then for its next step.
    func setRequestDeadline(_ timeout: Duration) {
        requestDeadline = worker.loop.now &+ timeout.nanoseconds
        arm()
    }

    /// The client owes nothing for now.
    func clearRequestDeadline() {
        requestDeadline = .max
        arm()
    }

    /// Bytes wait for the client: it has as long for each kilobyte as a slow sender has.
    func startWriteClock() {
        untilWriteProgress = Exchange.progressBytes
        let timeout = isTunnel ? worker.timeouts.tunnelIdle : worker.timeouts.bodyIdle
        writeDeadline = worker.loop.now &+ timeout.nanoseconds
        arm()
    }

    func stopWriteClock() {
        writeDeadline = .max
        arm()
    }

    /// A reader that keeps its pace gets its time anew with each kilobyte, not with each byte.
    func writeProgressed(_ count: Int) {
        untilWriteProgress -= count
        if untilWriteProgress <= 0, phase == .open { startWriteClock() }
    }

    func openDeadlinePassed() {
        let now = worker.loop.now
        if now >= endsAt { lifetimeEnded() }
        guard phase == .open else { return }
        if now >= writeDeadline {
            cut("client_stalled")
        } else if now >= requestDeadline {
            requestDeadline = .max
            requestDeadlinePassed()
        } else {
            arm()
        }
    }

    /// Sets the timer to the nearest of the connection's deadlines.
    func arm() {
        guard phase == .open else { return }
        worker.loop.setDeadline(token, at: min(requestDeadline, writeDeadline, endsAt))
    }

    private func requestDeadlinePassed() {
        if let http2 {
            http2.requestDeadlinePassed()
        } else if let exchange {
            exchange.clientTimedOut()
        } else if let inbound, !inbound.isEmpty {
            inbound.removeAll()
            let exchange = worker.takeExchange()
            self.exchange = exchange
            exchange.refuseLate(client: self, arrival: inboundSince)
        } else {
            close()
        }
    }
}
