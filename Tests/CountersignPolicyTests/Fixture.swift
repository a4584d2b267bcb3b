import CountersignIdentity
import CountersignPolicy

/// Short ways to make the values that the tests are about.
enum Fixture {
    static func guid(_ text: String) throws -> CloudFoundryGUID { try CloudFoundryGUID(parsing: text) }

    static func caller(
        app: String? = nil,
        space: String? = nil,
        organization: String? = nil,
        spiffe: [String] = [],
        extraUnits: [String] = []
    ) -> Caller {
        var units = extraUnits
        if let app { units.append("app:\(app)") }
        if let space { units.append("space:\(space)") }
        if let organization { units.append("organization:\(organization)") }
        let level = RelativeDistinguishedName(units.map { NameAttribute(.organizationalUnit, $0) })
        return .verified(
            CallerIdentity(
                subject: DistinguishedName(encodingOrder: [level]),
                uriNames: spiffe,
                trustDomains: .unrestricted
            )
        )
    }

    static func options(_ pairs: [(String, RouteOptionValue)]) throws -> RouteOptions {
        try RouteOptions(pairs.map { RouteOptions.Element($0.0, $0.1) })
    }

    static func policy(_ pairs: (String, RouteOptionValue)...) throws -> RoutePolicy {
        try RoutePolicy(options(pairs))
    }

    /// A decision on a domain that decides by identity and admits everybody.
    static func decide(_ caller: Caller, _ route: RoutePolicy, at endpoint: EndpointScope? = nil) -> Decision {
        decide(caller, .mutualTLS(.cfIdentity(.anyAuthenticated)), route, at: endpoint)
    }

    static func decide(
        _ caller: Caller,
        _ domain: DomainPolicy,
        _ route: RoutePolicy,
        at endpoint: EndpointScope? = nil
    ) -> Decision {
        Authorizer.decide(caller: caller, domain: domain, route: route, endpointScope: endpoint)
    }
}
