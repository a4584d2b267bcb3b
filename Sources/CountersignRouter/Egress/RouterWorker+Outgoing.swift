import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouting
import CountersignTransport

extension RouterWorker {
    /// The way of a call to the routers; `nil` when there is none to verify them by.
    func routers(for call: OutgoingCall, _ plan: EgressPlan) -> RouteState? {
        let key = call.key
        if let known = outgoing.destinations[key] { return known.state }
        var security: UpstreamSecurity?
        if call.kind == .request {
            guard case .domain(let position) = call.way, let verifier = plan.verifier else { return nil }
            security = UpstreamSecurity(
                name: plan.rules.domains[position].description,
                verifier: verifier,
                expectedNames: [.dns(call.host)] + plan.routerNames,
                serverName: call.host.description,
                presentsIdentity: true,
                allowsFallback: false
            )
            guard security != nil else { return nil }
        }
        return keep(call, key, plan.routers, security, freshUntil: .max)
    }

    /// The way of a call to a host of no domain whose addresses are known already; `nil` when they have to be found out.
    func knownHost(of call: OutgoingCall) -> RouteState? {
        guard let known = outgoing.destinations[call.key], known.freshUntil > loop.now else { return nil }
        return known.state
    }

    /// The way of a call to addresses that the rules admit.
    func host(for call: OutgoingCall, at addresses: [SocketAddress]) -> RouteState? {
        let key = call.key
        let until = loop.now &+ OutgoingState.freshness
        if let known = outgoing.destinations[key], known.addresses == addresses.map(\.description) {
            outgoing.refresh(key, until: until)
            return known.state
        }
        return keep(call, key, addresses, nil, freshUntil: until)
    }

    private func keep(
        _ call: OutgoingCall,
        _ key: OutgoingState.Key,
        _ addresses: [SocketAddress],
        _ security: UpstreamSecurity?,
        freshUntil: UInt64
    ) -> RouteState? {
        let usesTLS = call.kind == .request && security != nil
        guard let route = Route(call, at: addresses, usesTLS: usesTLS) else { return nil }
        let reach = OutgoingReach(security: security, identity: call.workload.identity)
        let state = RouteState(of: route, reach: reach)
        let destination = OutgoingState.Destination(
            state: state,
            workload: call.workload,
            addresses: addresses.map(\.description),
            freshUntil: freshUntil
        )
        for gone in outgoing.keep(destination, for: key) { gone.release(self) }
        return state
    }

    /// Lets go of all ways; requests on them go on, and idle connections are closed.
    private func forgetDestinations() {
        for gone in outgoing.forgetDestinations() { gone.release(self) }
    }

    /// The rules may have changed: ways are found anew, and so are the callers of connections that carry no request.
    func forgetOutgoing() {
        guard snapshot.egress != nil else { return }
        forgetDestinations()
        for client in clients.values where client.origin != nil {
            guard let exchange = client.exchange else {
                client.endIdle()
                continue
            }
            if !exchange.isTunnel { exchange.keepsClient = false }
        }
    }

    /// Ends what is kept for calls.
    func finishOutgoing() {
        forgetDestinations()
        outgoing.identifying = [:]
        for resolution in outgoing.resolving.values { resolution.lookup.end() }
        outgoing.resolving = [:]
    }
}

extension Route {
    /// The route of a call: whatever is asked of a forward proxy goes to the same endpoints.
    fileprivate convenience init?(_ call: OutgoingCall, at addresses: [SocketAddress], usesTLS: Bool) {
        guard let pattern = try? RoutePattern(parsing: call.host.description),
            let options = try? RouteOptions([.init("tunnel", .boolean(true))])
        else { return nil }
        let endpoints = addresses.compactMap { address -> Endpoint? in
            guard let number = try? IPAddress(parsing: address.host) else { return nil }
            return Endpoint(host: number.description, port: address.port, resolved: number, usesTLS: usesTLS)
        }
        let definition = RouteDefinition(
            pattern: pattern,
            endpoints: endpoints,
            options: options,
            policy: .unstated,
            place: "egress"
        )
        self.init(definition)
    }
}
