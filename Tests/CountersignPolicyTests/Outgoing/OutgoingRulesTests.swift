import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct OutgoingRulesTests {
    private func rules(_ change: (inout OutgoingRules) throws -> Void = { _ in }) throws -> OutgoingRules {
        var rules = OutgoingRules()
        rules.domains = [try HostPattern(parsing: "*.apps.internal"), try HostPattern(parsing: "one.internal")]
        try change(&rules)
        return rules
    }

    private func reason(
        _ rules: OutgoingRules,
        _ host: String,
        _ port: UInt16 = 80,
        _ kind: OutgoingRules.Kind = .request
    ) throws -> String {
        switch rules.way(to: try HostName(parsing: host), port: port, for: kind) {
        case .success(.domain(let position)): "domain \(position)"
        case .success(.other): "other"
        case .failure(let refusal): refusal.reason
        }
    }

    private func refusal(
        _ rules: OutgoingRules,
        _ address: String,
        _ host: String,
        _ port: UInt16 = 80
    ) throws -> String? {
        rules.refusal(of: try IPAddress(parsing: address), host: try HostName(parsing: host), port: port)?.reason
    }

    @Test func hostsOfDomainsGoToTheRoutersAndOthersAreRefused() throws {
        let rules = try rules()
        #expect(try reason(rules, "a.apps.internal") == "domain 0")
        #expect(try reason(rules, "ONE.internal.", 8080) == "domain 1")
        for host in ["apps.internal", "b.a.apps.internal", "two.internal", "192.0.2.1", "localhost"] {
            #expect(try reason(rules, host) == "destination_refused")
        }
    }

    @Test func tunnelsGoToListedPortsAlone() throws {
        let rules = try rules { $0.tunnelPorts = [443, 5432] }
        #expect(try reason(rules, "a.apps.internal", 443, .tunnel) == "domain 0")
        #expect(try reason(rules, "a.apps.internal", 5432, .tunnel) == "domain 0")
        #expect(try reason(rules, "a.apps.internal", 22, .tunnel) == "port_denied")
        #expect(try reason(rules, "a.apps.internal", 22) == "domain 0")
    }

    @Test func whatIsDeniedCountsBeforeEverythingElse() throws {
        let rules = try rules {
            $0.others = .pass
            $0.denied = [try Destination(parsing: "bad.apps.internal"), try Destination(parsing: "10.0.0.0/8:80")]
            $0.allowed = [try Destination(parsing: "10.1.0.0/16"), try Destination(parsing: "a.example")]
        }
        #expect(try reason(rules, "bad.apps.internal") == "destination_denied")
        #expect(try reason(rules, "10.1.2.3") == "destination_denied")
        #expect(try reason(rules, "10.1.2.3", 81) == "other")
        #expect(try refusal(rules, "10.1.2.3", "a.example") == "destination_denied")
        #expect(try refusal(rules, "10.1.2.3", "a.example", 81) == nil)
    }

    @Test func othersPassAsListedByNameOrNumber() throws {
        let rules = try rules {
            $0.others = .pass
            $0.allowed = [try Destination(parsing: "*.example"), try Destination(parsing: "192.0.2.0/24:443")]
        }
        #expect(try reason(rules, "a.example") == "other")
        #expect(try reason(rules, "a.elsewhere") == "destination_not_allowed")
        // It may lead to the block, which is known once it is resolved.
        #expect(try reason(rules, "a.elsewhere", 443) == "other")
        #expect(try refusal(rules, "192.0.2.5", "a.elsewhere", 443) == nil)
        #expect(try refusal(rules, "192.0.3.5", "a.elsewhere", 443) == "destination_not_allowed")
        #expect(try refusal(rules, "198.51.100.1", "a.example") == nil)
        #expect(try rules.way(to: HostName(parsing: "b.c"), port: 1, for: .request) != .success(.other))
    }

    @Test func reservedAddressesPassByTheirNumberAlone() throws {
        let open = try rules { $0.others = .pass }
        #expect(try reason(open, "169.254.169.254") == "other", "the address itself decides")
        #expect(try refusal(open, "169.254.169.254", "169.254.169.254") == "address_denied")
        #expect(try refusal(open, "127.0.0.1", "rebound.example") == "address_denied")
        #expect(try refusal(open, "192.0.2.1", "a.example") == nil)
        let named = try rules {
            $0.others = .pass
            $0.allowed = [try Destination(parsing: "localhost")]
        }
        #expect(try refusal(named, "127.0.0.1", "localhost") == "address_denied")
        let numbered = try rules {
            $0.others = .pass
            $0.allowed = [try Destination(parsing: "127.0.0.1:8080")]
        }
        #expect(try refusal(numbered, "127.0.0.1", "localhost", 8080) == nil)
        #expect(try refusal(numbered, "127.0.0.1", "localhost", 8081) == "address_denied")
    }

    @Test func routersAreReachedByTheirNumberWhereAListNamesIt() throws {
        let router = try IPAddress(parsing: "192.0.2.5")
        let named = try rules {
            $0.others = .pass
            $0.allowed = [try Destination(parsing: "192.0.2.5:443"), try Destination(parsing: "router.example")]
        }
        #expect(named.refusal(ofRouter: router, port: 443) == nil)
        #expect(named.refusal(ofRouter: try IPAddress(parsing: "64:ff9b::192.0.2.5"), port: 443) == nil)
        #expect(named.refusal(ofRouter: router, port: 8443)?.reason == "address_denied")
        let block = try rules {
            $0.others = .pass
            $0.allowed = [try Destination(parsing: "192.0.2.0/24"), try Destination(parsing: "192.0.2.4/31:443")]
        }
        #expect(block.refusal(ofRouter: router, port: 443)?.reason == "address_denied")
        #expect(try rules().refusal(ofRouter: router, port: 443)?.reason == "address_denied")
    }

    @Test func aPermitTellsTheWay() throws {
        let decision = Authorizer.decide(
            callTo: try HostName(parsing: "a.apps.internal"),
            port: 80,
            .request,
            by: try rules()
        )
        let permit = try decision.get().permit
        #expect(permit.rule == .outgoing(.domain(0)) && permit.rule.description == "egress:domain")
        #expect(permit.outcome == .allowed && permit.auditedDenial == nil)
        let refused = Authorizer.decide(callTo: try HostName(parsing: "a.b"), port: 80, .request, by: OutgoingRules())
        #expect(throws: OutgoingRules.Refusal.self) { try refused.get() }
    }
}
