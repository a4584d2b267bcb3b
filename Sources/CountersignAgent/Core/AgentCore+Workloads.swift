import CountersignPKI

extension AgentCore {
    /// Gives what there is for workloads, when it has changed.
    func publishHoldings(at now: Int64) {
        guard let publish = surroundings.workloads else { return }
        var holdings = WorkloadHoldings()
        holdings.authoritiesDER = trust.bundleAuthorities
        holdings.revocationLists = revocationListsInForce().map(\.der)
        for service in services {
            holdings.services[service.name] = holding(of: service, at: now)
        }
        let fingerprint = holdings.fingerprint
        guard fingerprint != publishedHoldings else { return }
        publishedHoldings = fingerprint
        publish(holdings)
    }

    private func holding(of service: ManagedIdentity, at now: Int64) -> WorkloadHoldings.Holding {
        guard service.revocation == nil else { return .withdrawn }
        // Without a bundle nobody could verify by it.
        guard let held = service.held, service.isUsable(at: now), trust.bundle != nil else { return .pending }
        return .held(held)
    }
}
