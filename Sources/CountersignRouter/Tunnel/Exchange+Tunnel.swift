import CountersignHTTP1
import CountersignPolicy
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

/// Two connections whose bytes are passed on as they come: after CONNECT, or after a switch to another protocol.
///
/// It is the request that opened it for as long as it lasts: it ends with the client's identity, a drain cuts it at its
/// deadline, and the access log has one line for it, at its end. Each side is read only while the other one takes what
/// comes. An end that one side announces in order is passed on, and the other direction goes on.
extension Exchange {
    var isTunnel: Bool { responsePhase == .tunnel }

    /// Whether the client's connection becomes a tunnel as soon as there is one to an endpoint.
    var awaitsTunnel: Bool { head.method == .connect && responsePhase == .awaited && !isFinished }

    /// Connects to an endpoint of the route for a CONNECT request (RFC 9110 section 9.3.6).
    func openTunnel(_ permit: Permit) {
        sentAt = EventLoop.monotonicNanoseconds()
        let nothing = worker.upstreamOut
        nothing.removeAll()
        dispatch(permit, bytes: nothing)
    }

    /// The connection to the endpoint is there: for CONNECT, the client is told.
    func upstreamOpened() {
        guard awaitsTunnel, let client else { return }
        noteResponse(200)
        let out = worker.clientOut
        out.removeAll()
        out.append("HTTP/1.1 200 OK\r\n\r\n")
        unsafe client.send(out.readable)
        beginTunnel(.connect)
    }

    func beginTunnel(_ kind: TunnelKind) {
        guard !isFinished, let client, let upstream else { return }
        responsePhase = .tunnel
        tunnelKind = kind
        isRequestComplete = false
        keepsClient = false
        upstream.isTunnel = true
        upstream.setDeadline(at: .max)
        tunnel.lastActivity = worker.loop.now
        tunnel.expectedServer = expectedServer
        let awaitsHello = tunnel.expectedServer != nil
        client.setRequestDeadline(awaitsHello ? worker.timeouts.handshake : worker.timeouts.tunnelIdle)
        worker.tunnelBegan(self)
        client.resume()
    }

    /// Passes on what the client sent; `false` when the endpoint takes nothing now.
    func relayFromClient(_ bytes: ByteQueue) -> Bool {
        guard let upstream, upstream.takesMore, !tunnel.hasClientEnded, holdsServerName(bytes) else { return false }
        outcome.bytesReceived &+= UInt64(bytes.count)
        tunnel.lastActivity = worker.loop.now
        upstream.send(bytes)
        return true
    }

    /// Passes on what the endpoint sent.
    func relayFromUpstream(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let client, !tunnel.hasToldClient else { return bytes.count }
        outcome.bytesSent &+= UInt64(bytes.count)
        tunnel.lastActivity = worker.loop.now
        unsafe client.send(bytes)
        return bytes.count
    }

    /// The client has ended its direction; the endpoint is told once all that came before has been sent.
    ///
    /// Over TLS an end counts when it was said inside of the session: anybody can make it up outside. Protocols that are
    /// switched to say themselves what is whole, and their clients often leave close_notify out.
    func clientEndedTunnel() {
        guard !tunnel.hasClientEnded, let client, let upstream else { return }
        guard tunnel.expectedServer == nil else {
            refuseTunnel(.tunnelNotTLS)
            return
        }
        guard client.hasEndedInOrder || tunnelKind == .upgrade || tunnel.hasToldClient else {
            cut("client_gone", status: outcome.status)
            return
        }
        guard client.inbound?.isEmpty ?? true, upstream.takesMore else { return }
        tunnel.hasClientEnded = true
        if tunnel.hasUpstreamEnded {
            finishTunnel()
        } else {
            upstream.endWriting()
        }
    }

    /// The endpoint has ended its direction; the client is told once all that came before has been sent.
    func upstreamEndedTunnel(isClean: Bool) {
        guard !tunnel.hasUpstreamEnded else { return }
        guard isClean else {
            worker.countUpstreamError(.closedEarly)
            cut("backend_cut_tunnel")
            return
        }
        tunnel.hasUpstreamEnded = true
        passEndToClient()
    }

    /// Tells the client of the endpoint's end, unless bytes wait for it yet.
    func passEndToClient() {
        guard tunnel.hasUpstreamEnded, !tunnel.hasToldClient, let client, clientTakesMore else { return }
        tunnel.hasToldClient = true
        if tunnel.hasClientEnded { finishTunnel() } else { client.endTunnelWriting() }
    }

    /// Both sides have ended in order.
    private func finishTunnel() {
        upstream?.isTunnel = false
        finish(upstreamReusable: false)
    }

    /// The time that a tunnel may be silent is over, or bytes have put that off.
    func tunnelDeadlinePassed() {
        guard tunnel.expectedServer == nil else {
            refuseTunnel(.tunnelNotTLS)
            return
        }
        let end = tunnel.lastActivity &+ worker.timeouts.tunnelIdle.nanoseconds
        guard worker.loop.now < end else {
            cut("tunnel_idle")
            return
        }
        client?.setRequestDeadline(.nanoseconds(Int64(clamping: end - worker.loop.now)))
    }
}
