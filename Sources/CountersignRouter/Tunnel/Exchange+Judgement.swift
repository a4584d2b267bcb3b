import CountersignHTTP1
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

/// An open tunnel is measured again while it lasts, as a request for it would be that came now.
///
/// Requests are decided upon one by one, and so need no such thing.
extension Exchange {
    /// Cuts the tunnel where the client's certificate does not count any more.
    ///
    /// One of which that cannot be told now goes on, as connections do. The certificate's end ends the connection with the
    /// time of a drain.
    ///
    /// - Returns: whether it goes on.
    func holdsTunnelIdentity() -> Bool {
        guard let client else { return false }
        switch worker.refreshIdentity(of: client) {
        case .current, .undetermined, .cut: break
        case .domainRemoved: refuse(.misdirected)
        case .rejected(let rejection) where rejection.code == .expired: break
        case .rejected(let rejection): refuseIdentity(rejection, client)
        }
        return !isFinished
    }

    /// Cuts the tunnel where domain, route and policy of now would not let it be opened.
    ///
    /// A route that is gone says nothing about its callers: its endpoints may be draining, and its tunnels go on.
    func judgeTunnel() {
        guard let client else { return }
        if let call {
            judge(call)
            return
        }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: headBytes.readable[head.host.start..<head.host.end])
        guard let host = unsafe HostName(hostHeader: Span<UInt8>(_unsafeBytes: bytes)) else { return }
        host.withBytes { judge(host: $0, client) }
    }

    private func judge(host: Span<UInt8>, _ client: ClientConnection) {
        domain = worker.snapshot.domain(of: host)
        guard client.isPlain || isMeant(for: host, client) else {
            refuse(.misdirected)
            return
        }
        guard let found = worker.routes.route(at: lookUp(host)) else { return }
        let scope = found.policy.asksForNearness ? routeState?.endpoint(at: endpointPosition)?.scope : nil
        switch decision(found, client, scope: scope) {
        case .deny(let denial): deny(denial, found, client)
        case .permit:
            switch tunnelKind {
            case .connect where !found.traffic.allowsTunnels: refuse(.tunnelNotAllowed)
            case .upgrade where found.traffic.upgrades != .allow: refuse(.upgradeNotAllowed)
            case .connect, .upgrade: break
            }
        }
    }
}

extension RouterWorker {
    /// Notes a tunnel that begins.
    func tunnelBegan(_ exchange: Exchange) {
        metrics.tunnels.count(exchange.tunnelKind, shard: loop.index)
        tunnels[ObjectIdentifier(exchange)] = exchange
    }

    /// Notes a tunnel that has ended.
    func tunnelEnded(_ exchange: Exchange) {
        metrics.tunnels.end(exchange.tunnelKind, shard: loop.index)
        tunnels[ObjectIdentifier(exchange)] = nil
    }

    /// Measures the open tunnels again: their identities each time, the rest where routes or the configuration changed.
    func judgeTunnels() {
        let hasChanged = tunnelsAreUnjudged
        tunnelsAreUnjudged = false
        for exchange in Array(tunnels.values) {
            let kind = exchange.tunnelKind
            if exchange.holdsTunnelIdentity(), hasChanged { exchange.judgeTunnel() }
            if exchange.isFinished { metrics.tunnels.withdrawn.add(kind, shard: loop.index) }
        }
    }
}
