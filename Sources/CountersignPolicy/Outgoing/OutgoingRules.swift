public import CountersignIdentity

/// Where the workloads of a host may call through its forward proxy; immutable and without I/O.
///
/// A rule that denies counts before every other. A host of ``domains`` goes to the routers; any other one passes only
/// where ``others`` says so, the lists let it, and each address that its name leads to is not reserved.
public struct OutgoingRules: Hashable, Sendable {
    /// What happens to calls to hosts of no domain.
    public enum Others: String, Hashable, Sendable, CaseIterable {
        /// They are refused.
        case refuse
        /// They pass as they are, as far as the lists let them.
        case pass
    }

    /// What is asked of the proxy.
    public enum Kind: Hashable, Sendable {
        /// A request that it is to forward.
        case request
        /// A tunnel.
        case tunnel
    }

    /// Where a call goes.
    public enum Way: Hashable, Sendable {
        /// To the routers, as a host of the domain at this position.
        case domain(Int)
        /// To the host itself.
        case other
    }

    /// Why a call is refused.
    public struct Refusal: Error, Hashable, Sendable {
        /// One word from a closed set, for metrics and logs.
        public let reason: String
        /// What is wrong and what would be right, for the caller.
        public let explanation: String
    }

    /// The hosts that are called with the workload's certificate.
    public var domains: [HostPattern] = []
    /// What happens to calls to other hosts.
    public var others = Others.refuse
    /// Which of the others pass; empty for all that are not denied.
    public var allowed: [Destination] = []
    /// What nobody may call, whatever else says so.
    public var denied: [Destination] = []
    /// The ports that tunnels may be opened to.
    public var tunnelPorts: [UInt16] = [443]

    /// Rules that refuse everything.
    public init() {}

    /// Decides about a call by what was asked for, before any name is resolved.
    public func way(to host: HostName, port: UInt16, for kind: Kind) -> Result<Way, Refusal> {
        if let rule = denied.first(where: { $0.contains(host, port: port) }) {
            return .failure(Self.denial(rule))
        }
        if kind == .tunnel, !tunnelPorts.contains(port) {
            let ports = tunnelPorts.map(String.init).joined(separator: ", ")
            return .failure(
                Refusal(
                    reason: "port_denied",
                    explanation: "tunnels are opened to port \(ports) alone (egress.connect_ports)"
                )
            )
        }
        if let position = domains.firstIndex(where: { $0.matches(host) }) { return .success(.domain(position)) }
        guard others == .pass else {
            return .failure(
                Refusal(
                    reason: "destination_refused",
                    explanation: "the host is of no domain of egress.domains, and others are refused (egress.others)"
                )
            )
        }
        // A name may be meant by a block of addresses, which is known once it is resolved.
        let isOpen =
            allowed.isEmpty
            || allowed.contains { $0.contains(host, port: port) || host.kind == .name && $0.mayBe(atPort: port) }
        guard isOpen else { return .failure(Self.unlisted) }
        return .success(.other)
    }

    /// Decides about one address that a host of no domain leads to; nil when it may be connected to.
    ///
    /// - Parameters:
    ///   - address: where the host was found to be.
    ///   - host: what was asked for.
    ///   - port: what is connected to.
    ///   - own: the addresses of this host itself, which are as little for its workloads as loopback is.
    public func refusal(of address: IPAddress, host: HostName, port: UInt16, own: Set<IPAddress> = []) -> Refusal? {
        if let rule = denied.first(where: { $0.contains(address, port: port) }) { return Self.denial(rule) }
        for reading in address.readings {
            let purpose = ReservedAddresses.purpose(of: reading) ?? (own.contains(reading) ? "this host" : nil)
            // To name an address in which a reserved one is embedded does not name that one.
            guard let purpose, !allowed.contains(where: { $0.names(reading, port: port) }) else { continue }
            return Self.reservation(of: address, as: reading, purpose)
        }
        let isListed = allowed.contains { $0.contains(address, port: port) || $0.contains(host, port: port) }
        return allowed.isEmpty || isListed ? nil : Self.unlisted
    }

    /// Decides about the address of a router as that of a host of no domain; nil when a list names it by number.
    ///
    /// Routers serve domains at their addresses, so that a call to the number of one could be for any of them.
    public func refusal(ofRouter address: IPAddress, port: UInt16) -> Refusal? {
        let isNamed = allowed.contains { rule in address.readings.contains { rule.names($0, port: port) } }
        guard !isNamed else { return nil }
        return Refusal(
            reason: "address_denied",
            explanation:
                "\(address) is one of egress.routers, which serve domains by their names; only egress.allow can name "
                + "such an address, by its number alone and not by a block"
        )
    }

    private static func reservation(of address: IPAddress, as reading: IPAddress, _ purpose: String) -> Refusal {
        let form = address.unmapped == reading ? "" : ", that is, \(reading)"
        return Refusal(
            reason: "address_denied",
            explanation:
                "the host leads to \(address)\(form), which is reserved (\(purpose)); only egress.allow can name such an "
                + "address, by its number alone and not by a block"
        )
    }

    private static func denial(_ rule: Destination) -> Refusal {
        Refusal(reason: "destination_denied", explanation: "egress.deny names \(rule)")
    }

    private static let unlisted = Refusal(
        reason: "destination_not_allowed",
        explanation: "the host is of no domain of egress.domains, and egress.allow does not name it"
    )
}

extension Destination {
    /// Whether it is a block of addresses, one of which a name may lead to.
    fileprivate func mayBe(atPort port: UInt16) -> Bool {
        guard case .addressed = host else { return false }
        return self.port == nil || self.port == port
    }
}
