package import CountersignIdentity
package import CountersignIssuance

/// The registered services and the joined agents, indexed by everything that a request can name them by.
package struct Registry: Sendable {
    /// The services by name.
    package private(set) var services: [String: ServiceRegistration] = [:]
    /// The agents by name.
    package private(set) var agents: [String: AgentRegistration] = [:]
    private var servicesByID: [SPIFFEID: String] = [:]
    private var servicesByDNSName: [String: String] = [:]
    /// Registrations that are on their way into the store.
    private var pending: [ServiceRegistration] = []

    /// An index of these services and agents.
    package init(services: [ServiceRegistration], agents: [AgentRegistration]) {
        for service in services { put(service) }
        for agent in agents { put(agent) }
    }

    /// The service that carries this SPIFFE ID.
    package func service(withID id: SPIFFEID) -> ServiceRegistration? {
        servicesByID[id].flatMap { services[$0] }
    }

    /// The service that may carry this DNS name.
    package func service(withDNSName name: String) -> ServiceRegistration? {
        servicesByDNSName[name.lowercased()].flatMap { services[$0] }
    }

    /// The name of another service that already carries an identity of this one, or is about to.
    package func conflict(with service: ServiceRegistration) -> String? {
        let names = Set(service.dnsNames.map { $0.lowercased() })
        for other in pending where other.name != service.name {
            if other.spiffeID == service.spiffeID { return other.name }
            if other.dnsNames.contains(where: { names.contains($0.lowercased()) }) { return other.name }
        }
        if let other = servicesByID[service.spiffeID], other != service.name { return other }
        for name in service.dnsNames {
            if let other = servicesByDNSName[name.lowercased()], other != service.name { return other }
        }
        return nil
    }

    /// Whether a registration of that name is on its way into the store.
    package func isPending(_ name: String) -> Bool {
        pending.contains { $0.name == name }
    }

    /// Keeps a registration's names from others until ``end(_:)``.
    package mutating func begin(_ service: ServiceRegistration) {
        pending.append(service)
    }

    /// Ends what ``begin(_:)`` began, whether or not the store has taken the registration.
    package mutating func end(_ service: ServiceRegistration) {
        pending.removeAll { $0 == service }
    }

    /// Adds or replaces a service.
    package mutating func put(_ service: ServiceRegistration) {
        remove(service: service.name)
        services[service.name] = service
        servicesByID[service.spiffeID] = service.name
        for name in service.dnsNames { servicesByDNSName[name.lowercased()] = service.name }
    }

    /// Removes a service.
    package mutating func remove(service name: String) {
        guard let known = services.removeValue(forKey: name) else { return }
        servicesByID[known.spiffeID] = nil
        for name in known.dnsNames { servicesByDNSName[name.lowercased()] = nil }
    }

    /// Adds or replaces an agent.
    package mutating func put(_ agent: AgentRegistration) {
        agents[agent.name] = agent
    }

    /// Removes an agent.
    package mutating func remove(agent name: String) {
        agents[name] = nil
    }
}
