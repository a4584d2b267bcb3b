import CountersignPKI
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Logging

extension RouterWorker {
    /// Makes sure that a connection's identity still counts, before a request.
    ///
    /// After a change of what is revoked, the certificates are looked up anew. After a reload, the domain of the
    /// connection is, and where its trust anchors or lists changed, the certificate is verified against the new ones. A
    /// certificate also stops to count with its own end, and with that of a revocation list that it was verified by.
    func refreshIdentity(of client: ClientConnection) -> IdentityStanding {
        guard let held = client.identity.domain else { return .current }
        if client.checkedGeneration != services.revoked.generation, let rejection = feedRejection(of: client) {
            // A connection outlives a feed that is away, so that it can serve again; a revoked certificate ends it.
            guard rejection.code == .revoked else { return .undetermined }
            cut(client, rejection)
            return .cut
        }
        if client.checkedEdition != edition {
            let name = client.identity.serverName
            let current = snapshot.domain(of: name.span)
            guard let current, client.identity.peer != nil else { return .domainRemoved }
            if current !== held, let rejection = adopt(current, client) {
                guard rejection.code == .revoked else { return .rejected(rejection) }
                cut(client, rejection)
                return .cut
            }
            client.checkedEdition = edition
        }
        return client.identity.peer.map { standing(of: $0) } ?? .domainRemoved
    }

    /// What the feed of revocations has against a connection; nil when it may be used, which is remembered.
    func feedRejection(of client: ClientConnection) -> ChainRejection? {
        guard let peer = client.identity.peer else { return nil }
        // Read before the lookup, so that a change in between is found at the next request.
        let generation = services.revoked.generation
        if let rejection = services.revoked.rejection(of: peer) { return rejection }
        client.checkedGeneration = generation
        return nil
    }

    /// Lets the index know which certificates an open connection depends on.
    func track(_ client: ClientConnection) {
        connectionIndex.remove(client)
        guard let peer = client.identity.peer else { return }
        connectionIndex.insert(client, of: peer) {
            peer.revocationKeys.byKeyIdentifier + peer.revocationKeys.byIssuerName
        }
    }

    /// Cuts the open connections that depend on certificates which the feed has revoked.
    func cut(_ keys: [RevocationKey], _ report: RevocationCut) {
        var closed = 0
        for client in connections(under: keys) where client.phase != .closed {
            cut(client, ChainRejection(.revoked, "its certificate, or one above it, was revoked"))
            closed += 1
        }
        closed += cutUpstreams(under: keys)
        report.finish(closed: closed, shard: loop.index)
    }

    /// Takes over a snapshot, and judges anew the open connections of certificates that its lists have come to name.
    func install(_ next: RouterSnapshot, suspects: [RevocationKey], _ report: RevocationCut) {
        install(next)
        var closed = 0
        for client in connections(under: suspects) where client.phase == .open {
            let name = client.identity.serverName
            judgeAnew(client, domain: next.domain(of: name.span))
            if client.phase == .closed { closed += 1 }
        }
        report.finish(closed: closed, shard: loop.index)
    }

    private func judgeAnew(_ client: ClientConnection, domain: MutualTLSDomain?) {
        guard let domain, client.identity.peer != nil else {
            client.cut("domain_removed")
            return
        }
        if let rejection = adopt(domain, client) { cut(client, rejection) }
    }

    /// Puts a connection under another edition of its domain, where its certificate counts there.
    ///
    /// - Returns: why it does not.
    private func adopt(_ domain: MutualTLSDomain, _ client: ClientConnection) -> ChainRejection? {
        guard let peer = client.identity.peer else { return nil }
        let serverName = client.identity.serverName
        guard domain.verifier.trustEpoch != client.identity.trustEpoch else {
            client.identity = identity(serverName: serverName, domain: domain, peer: peer)
            return nil
        }
        switch domain.verifier.verify(UnverifiedPeerChain(derCertificates: [peer.leafDER] + peer.issuersDER)) {
        case .success(let verified):
            client.identity = identity(serverName: serverName, domain: domain, peer: verified)
            client.limitLifetime()
            track(client)
            return nil
        case .failure(let rejection): return rejection
        }
    }

    /// Few keys are looked up; when there are more than connections depend on, it is those that are gone through.
    private func connections(under keys: [RevocationKey]) -> [ClientConnection] {
        guard keys.count > connectionIndex.keyCount else { return connectionIndex.connections(under: keys) }
        let all = Set(keys)
        return connectionIndex.connections { all.contains($0) }
    }

    private func cut(_ client: ClientConnection, _ rejection: ChainRejection) {
        let isRevoked = rejection.code == .revoked
        if isRevoked { metrics.revocation.closedConnections.add(shard: loop.index) }
        metrics.mtls.countAuthFailure(reason: rejection.metricLabel)
        if takeRefusalLogTurn() {
            logger.info(
                "connection closed",
                metadata: [
                    "reason": .string(rejection.metricLabel),
                    "explanation": .string(rejection.explanation),
                    "domain": .string(client.identity.domain?.name ?? ""),
                    "serial": .string(client.identity.peer?.serialHex ?? ""),
                    "remote": .string(client.remote.description),
                ]
            )
        }
        client.cut(isRevoked ? "revoked" : "certificate_rejected")
    }
}
