import CountersignPKI
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Logging

extension RouterWorker {
    func accept(_ descriptor: Int32, from remote: SocketAddress, listener: Int) {
        guard services.takeConnection(limit: snapshot.limits.maximumConnections) else {
            metrics.refusedConnections.add(shard: loop.index)
            tellOfLimit(
                "connection limit reached, new connections are closed",
                ["max_connections": .stringConvertible(snapshot.limits.maximumConnections)]
            )
            Socket.abort(descriptor)
            return
        }
        let client = ClientConnection(worker: self, descriptor: descriptor, remote: remote, listener: listener)
        guard let token = loop.add(descriptor, client) else {
            services.giveConnection()
            Socket.close(descriptor)
            return
        }
        client.token = token
        clients[ObjectIdentifier(client)] = client
        loop.setDeadline(token, at: loop.now &+ timeouts.handshake.nanoseconds)
        metrics.acceptedConnections.add(shard: loop.index)
        metrics.openConnections.add(1, shard: loop.index)
        if let plan = snapshot.egress {
            client.identify(by: plan)
            return
        }
        if let rules = snapshot.traffic.proxyHeaders, !client.expectProxyHeader(rules) { client.abort() }
    }

    func clientClosed(_ client: ClientConnection) {
        guard clients.removeValue(forKey: ObjectIdentifier(client)) != nil else { return }
        connectionIndex.remove(client)
        client.leaveCallerPlace()
        services.giveConnection()
        metrics.openConnections.add(-1, shard: loop.index)
        reportIfEmpty()
    }

    func handshakeFinished(_ client: ClientConnection, _ session: TLSSession) {
        let duration = Int64(clamping: loop.now &- client.acceptedAt)
        metrics.mtls.handshakeDuration.observe(nanoseconds: duration, shard: loop.index)
        metrics.mtls.countHandshake(
            from: client.identity.peer == nil ? "" : "client",
            to: client.identity.domain?.name ?? "",
            result: session.isResumed ? .resumed : .full
        )
        client.logFragment = ConnectionLogFragment(client, session, form: logForm)
        client.limitLifetime()
        guard client.identity.peer != nil else { return }
        track(client)
        // What was revoked between the verification and now was sent to this worker before the index knew of this.
        if let rejection = feedRejection(of: client), rejection.code == .revoked {
            handshakeFailed(client, .certificateRejected(rejection))
            client.cut("revoked")
        }
    }

    func handshakeFailed(_ client: ClientConnection, _ failure: TLSFailure) {
        metrics.mtls.countHandshake(from: "", to: client.identity.domain?.name ?? "", result: failure.handshakeResult)
        metrics.mtls.countAuthFailure(reason: failure.metricLabel)
        guard takeRefusalLogTurn() else { return }
        logger.info(
            "handshake refused",
            metadata: [
                "reason": .string(failure.metricLabel),
                "explanation": .string(failure.explanation),
                "domain": .string(client.identity.domain?.name ?? ""),
                "sni": .string(String(decoding: client.identity.serverName, as: UTF8.self)),
                "remote": .string(client.remote.description),
            ]
        )
    }

    /// The client went away before the handshake was complete.
    func handshakeAbandoned(_ client: ClientConnection) {
        metrics.mtls.countHandshake(from: "", to: client.identity.domain?.name ?? "", result: .closed)
    }

    func standing(of peer: VerifiedPeer) -> IdentityStanding {
        guard peer.verifiedUntil < unixSeconds else { return .current }
        return .rejected(
            peer.validUntil < unixSeconds
                ? ChainRejection(.expired, "the client certificate, or one above it, has expired since the handshake")
                : ChainRejection(.revocationUnknown, "a revocation list has expired since the handshake")
        )
    }

    /// The client's certificate does not count any more, on a connection that was opened with it.
    func identityLost(_ client: ClientConnection, _ rejection: ChainRejection) {
        metrics.mtls.countAuthFailure(reason: rejection.metricLabel)
        guard takeRefusalLogTurn() else { return }
        logger.info(
            "client certificate no longer accepted",
            metadata: [
                "reason": .string(rejection.metricLabel),
                "explanation": .string(rejection.explanation),
                "domain": .string(client.identity.domain?.name ?? ""),
                "remote": .string(client.remote.description),
            ]
        )
    }
}

/// Whether the identity that a connection was opened with still counts.
enum IdentityStanding {
    case current
    /// The name of the handshake is on no mTLS domain any more.
    case domainRemoved
    case rejected(ChainRejection)
    /// Whether it is revoked cannot be told now; it may be, later.
    case undetermined
    /// It was revoked, and the connection has been cut.
    case cut
}

extension TLSFailure {
    var handshakeResult: HandshakeResult {
        if case .timeout = self { .timeout } else { .failure }
    }
}
