import CountersignHTTP1
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

extension Exchange {
    /// Decides in a fixed order: is this connection for this host, is there a route, may the caller use it.
    func decide() {
        guard let client else { return }
        if let origin = client.origin {
            decide(origin, client)
            return
        }
        guard isPlaintextTaken(client) else { return }
        // Tunnels are for callers that a domain has verified.
        guard head.method != .connect || client.identity.domain != nil && stream == nil else {
            refuse(stream == nil ? .connectRefused : .connectOnStream)
            return
        }
        guard holdsIdentity(client) else { return }
        let hostBytes = unsafe UnsafeRawBufferPointer(rebasing: headBytes.readable[head.host.start..<head.host.end])
        let hostHeader = unsafe Span<UInt8>(_unsafeBytes: hostBytes)
        let identity = client.identity
        if identity.domain != nil, identity.isNamed(hostHeader) {
            domain = identity.domain
            let serverName = identity.serverName
            decide(host: serverName.span, client)
            return
        }
        guard let host = HostName(hostHeader: hostHeader) else {
            refuse(client.identity.domain == nil ? .unknownRoute : .misdirected)
            return
        }
        host.withBytes { decide(host: $0, client) }
    }

    /// Whether the certificate of the connection still counts; if not, the request has been refused.
    private func holdsIdentity(_ client: ClientConnection) -> Bool {
        switch worker.refreshIdentity(of: client) {
        case .current: return true
        case .domainRemoved:
            keepsClient = false
            refuse(.misdirected)
        case .undetermined: refuse(.revocationUnknown)
        case .cut: break
        case .rejected(let rejection): refuseIdentity(rejection, client)
        }
        return false
    }

    /// The certificate of the connection does not count any more.
    func refuseIdentity(_ rejection: ChainRejection, _ client: ClientConnection) {
        keepsClient = false
        worker.identityLost(client, rejection)
        var fragment = AccessLogFragment(worker.logForm)
        fragment.add(.deniedReason, rejection.explanation)
        decisionLog = fragment
        outcome.authorization = .denied
        refuse(.certificateNoLongerValid)
    }

    private func decide(host: Span<UInt8>, _ client: ClientConnection) {
        if domain == nil { domain = worker.snapshot.domain(of: host) }
        guard client.isPlain || isMeant(for: host, client) else {
            refuse(.misdirected)
            return
        }
        let position = lookUp(host)
        guard let found = worker.routes.route(at: position) else {
            refuse(isHiddenFromPlaintext(client) ? .tlsRequired : .unknownRoute)
            return
        }
        route = found
        routeState = worker.state(of: found, at: position)
        authorize(found, client)
    }

    /// The position of the route that a request for the host is for.
    func lookUp(_ host: Span<UInt8>) -> Int {
        // A tunnel has no path (RFC 9110 section 9.3.6): it is for a route of the whole host.
        guard head.method != .connect else { return worker.routes.index(host: host, path: "/".utf8.span) }
        let path = head.path.isEmpty ? head.target : head.path
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: headBytes.readable[path.start..<path.end])
        return unsafe worker.routes.index(host: host, path: Span<UInt8>(_unsafeBytes: bytes))
    }

    /// Whether this connection may carry requests for a host.
    ///
    /// A host on an mTLS domain is served only on a connection whose handshake verified a client for that domain and
    /// asked for exactly this name; a connection of an mTLS domain serves no other host. Everything else is 421.
    func isMeant(for host: Span<UInt8>, _ client: ClientConnection) -> Bool {
        guard domain != nil || client.identity.domain != nil else { return true }
        guard let domain, domain === client.identity.domain, client.identity.peer != nil else { return false }
        return client.identity.isNamed(normalised: host)
    }

    /// Where the endpoint runs that is nearest to the caller, for a policy that asks how near it is.
    private func nearestScope(_ route: Route, _ caller: Caller) -> EndpointScope? {
        guard route.policy.asksForNearness else { return nil }
        let near = route.endpoints.first { route.policy.admits($0.scope, for: caller) }
        return (near ?? route.endpoints.first)?.scope
    }

    /// Whether the caller may use a route.
    ///
    /// - Parameter scope: where the endpoint runs, for a policy that asks how near it is.
    func decision(_ route: Route, _ client: ClientConnection, scope: EndpointScope?) -> Decision {
        guard !client.isPlain else { return decideWithoutTLS(route) }
        return Authorizer.decide(
            caller: client.identity.caller,
            domain: domain?.policy ?? .plain,
            route: route.policy,
            endpointScope: scope
        )
    }

    private func authorize(_ route: Route, _ client: ClientConnection) {
        switch decision(route, client, scope: nearestScope(route, client.identity.caller)) {
        case .permit(let permit):
            let isEnforced = domain != nil && permit.rule != .plaintext && permit.auditedDenial == nil
            asksForNearness = route.policy.asksForNearness && isEnforced
            decisionLog = client.logFragment.decision(route: route, rule: permit.rule, form: worker.logForm)
            guard holdsBoundToken(client) else { return }
            outcome.authorization = domain == nil ? .none : AccessLogAuthorization(permit.outcome)
            if let denial = permit.auditedDenial {
                worker.countAudit(denial.reason)
            } else if isEnforced {
                worker.countPermit()
            }
            forward(permit)
        case .deny(let denial): deny(denial, route, client)
        }
    }

    /// The caller may not use the route.
    func deny(_ denial: Denial, _ route: Route, _ client: ClientConnection) {
        decisionLog = client.logFragment.denial(route: route, denial, form: worker.logForm)
        outcome.authorization = .denied
        worker.countDenial(denial.reason)
        refuse(client.isPlain ? .tlsRequired : .forbidden)
    }
}

extension AccessLogAuthorization {
    init(_ outcome: AuthorizationOutcome) {
        self =
            switch outcome {
            case .allowed: .allowed
            case .denied: .denied
            case .notEnforced: .notEnforced
            case .wouldDeny: .wouldDeny
            }
    }
}
