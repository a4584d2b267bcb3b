import CountersignHTTP1
import CountersignIdentity
import CountersignPolicy
import CountersignTelemetry
import CountersignTransport

/// A request of a local workload to the forward proxy.
extension Exchange {
    /// Decides in a fixed order: who calls, is it meant for a proxy, where does it go, may it go there.
    func decide(_ origin: LocalOrigin, _ client: ClientConnection) {
        guard let plan = worker.snapshot.egress else {
            refuse(.connectRefused)
            return
        }
        switch origin.caller {
        case .refused(let refusal):
            keepsClient = false
            refuse(refusal, to: nil)
        case .workload(let workload):
            guard head.targetForm == .absolute || head.targetForm == .authority else {
                keepsClient = false
                refuse(.notForProxy)
                return
            }
            decide(workload, plan)
        }
    }

    private func decide(_ workload: LocalWorkload, _ plan: EgressPlan) {
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: headBytes.readable[head.host.start..<head.host.end])
        let authority = unsafe Span<UInt8>(_unsafeBytes: bytes)
        guard let host = HostName(hostHeader: authority) else {
            refuse(.unusableHost)
            return
        }
        let kind: OutgoingRules.Kind = head.method == .connect ? .tunnel : .request
        let port = Self.port(in: authority) ?? (isSecureTarget ? 443 : 80)
        switch Authorizer.decide(callTo: host, port: port, kind, by: plan.rules) {
        case .failure(let refusal):
            refuse(LocalCallerRefusal(refusal.reason, refusal.explanation), to: nil)
        case .success(let decision):
            let call = OutgoingCall(workload, to: host, port: port, kind, decision.way, decision.permit)
            self.call = call
            guard decision.way == .other else {
                send(call, by: worker.routers(for: call, plan))
                return
            }
            guard !isSecureTarget else {
                refuse(.httpsNeedsConnect)
                return
            }
            reach(call, plan)
        }
    }

    /// Whether the target of a plain request asks for `https`: that is for the proxy to speak with a router, and for the
    /// client itself with anybody else.
    private var isSecureTarget: Bool {
        // Of the schemes that the scanner takes, `http:` has its colon where `https:` has its `s`.
        guard head.targetForm == .absolute else { return false }
        return unsafe headBytes.readable[head.target.start + 4] != UInt8(ascii: ":")
    }

    /// The port of an authority; `nil` where it has none.
    private static func port(in authority: Span<UInt8>) -> UInt16? {
        var position = authority.count
        var port: UInt32 = 0
        var factor: UInt32 = 1
        while position > 0 {
            position -= 1
            let byte = authority[position]
            if byte == UInt8(ascii: ":") { return position + 1 < authority.count ? UInt16(exactly: port) : nil }
            guard (0x30...0x39).contains(byte), factor <= 10_000 else { return nil }
            port += UInt32(byte - 0x30) * factor
            factor *= 10
        }
        return nil
    }

    /// Sends the request on its way.
    private func send(_ call: OutgoingCall, by state: RouteState?) {
        guard let client, let plan = worker.snapshot.egress else { return }
        guard let state else {
            refuse(.noEndpoints)
            return
        }
        route = state.route
        routeState = state
        outcome.authorization = .allowed
        decisionLog = client.logFragment.decision(route: state.route, rule: call.permit.rule, form: worker.logForm)
        count(call, plan, "allowed")
        forward(call.permit)
    }

    /// Sends the request to a host of no domain, once it is known where that is.
    private func reach(_ call: OutgoingCall, _ plan: EgressPlan) {
        if let known = worker.knownHost(of: call) {
            send(call, by: known)
            return
        }
        let host = call.host.description
        if call.host.kind == .address {
            reach(call, plan, SocketAddress(numericHost: host, port: call.port).map { [$0] } ?? [])
            return
        }
        let number = worker.outgoing.nextNumber()
        let lookup = NameLookup(number, of: worker, within: worker.timeouts.connect)
        let mailbox = worker.loop.mailbox
        let key = NameQueries.Key(workload: call.workload.name, host: host, port: call.port)
        let waiter = NameQueries.Waiter(interest: lookup.interest) { addresses in
            mailbox.send { ($0.context as? RouterWorker)?.resolved(number, .addresses(addresses)) }
        }
        guard plan.work.names.ask(key, waiter, plan.resolve) else {
            lookup.end()
            refuse(.tooManyNames, to: call)
            return
        }
        call.lookup = number
        worker.outgoing.resolving[number] = OutgoingState.Resolution(exchange: self, lookup: lookup)
    }

    /// The host's addresses are known: those that the rules admit are connected to, and no others.
    fileprivate func reach(_ call: OutgoingCall, _ plan: EgressPlan, _ addresses: [SocketAddress]) {
        guard !addresses.isEmpty else {
            count(call, plan, RouterError.unknownHost.label.description)
            refuse(.unknownHost)
            return
        }
        var refusal: OutgoingRules.Refusal?
        let admitted = addresses.filter { address in
            guard let number = try? IPAddress(parsing: address.host) else { return false }
            guard let found = plan.refusal(of: number, for: call, at: worker.loop.now) else { return true }
            refusal = refusal ?? found
            return false
        }
        guard !admitted.isEmpty else {
            refuse(LocalCallerRefusal(refusal?.reason ?? "", refusal?.explanation ?? ""), to: call)
            return
        }
        send(call, by: worker.host(for: call, at: admitted))
    }

    /// Nobody knows in time where the host is.
    fileprivate func resolverIsLate(_ call: OutgoingCall, _ plan: EgressPlan) {
        count(call, plan, RouterError.resolverTimeout.label.description)
        refuse(.resolverTimeout)
    }

    /// Cuts the tunnel where the rules of now would not let it be opened.
    func judge(_ call: OutgoingCall) {
        guard let plan = worker.snapshot.egress, plan.workloads.contains(call.workload.name),
            case .success(call.way) = plan.rules.way(to: call.host, port: call.port, for: call.kind),
            isAdmitted(call, plan)
        else {
            refuse(.tunnelWithdrawn)
            return
        }
    }

    /// Whether the address that a host of no domain was reached at is one that the rules admit.
    private func isAdmitted(_ call: OutgoingCall, _ plan: EgressPlan) -> Bool {
        guard call.way == .other, let address = upstream?.pool.target.address else { return true }
        guard let number = try? IPAddress(parsing: address.host) else { return false }
        return plan.refusal(of: number, for: call, at: worker.loop.now) == nil
    }

    private func refuse(_ refusal: LocalCallerRefusal, to call: OutgoingCall?) {
        guard let client, let plan = worker.snapshot.egress else { return }
        let isDenied = refusal.kind == .denied
        if isDenied { outcome.authorization = .denied }
        outcome.error = isDenied ? "egress_denied" : "egress_overloaded"
        if isDenied {
            var fragment = AccessLogFragment(worker.logForm)
            fragment.add(.deniedReason, "\(refusal.reason): \(refusal.explanation)")
            decisionLog = fragment
        }
        count(call, plan, refusal.reason)
        outcome.status = isDenied ? 403 : 503
        if !isRequestComplete || head.method == .connect { keepsClient = false }
        let title = isDenied ? "Forbidden" : "Service Unavailable"
        sendProblem(outcome.status, title, code: refusal.reason, refusal.explanation, client, comesAgain: !isDenied)
    }

    private func count(_ call: OutgoingCall?, _ plan: EgressPlan, _ result: String) {
        let destination =
            switch call?.way {
            case .domain: "domain"
            case .other: "other"
            case nil: ""
            }
        plan.metrics.calls.child(destination, head.method == .connect ? "tunnel" : "request", result).add()
    }
}

extension RouterWorker {
    /// Goes on with a request whose host was resolved, if that still waits for it.
    func resolved(_ number: UInt64, _ answer: NameLookup.Answer) {
        guard let resolution = outgoing.resolving.removeValue(forKey: number) else { return }
        resolution.lookup.end()
        let exchange = resolution.exchange
        guard let call = exchange.call, call.lookup == number, !exchange.isFinished, let plan = snapshot.egress else {
            return
        }
        call.lookup = 0
        guard case .addresses(let addresses) = answer else {
            exchange.resolverIsLate(call, plan)
            return
        }
        // Other requests were read in the meantime: the fields of this one are found again.
        guard unsafe requestScanner.scan(Span<UInt8>(_unsafeBytes: exchange.headBytes.readable)) == .complete else {
            exchange.refuse(.endpointFailure)
            return
        }
        exchange.reach(call, plan, addresses)
    }
}
