import CountersignConfiguration
import CountersignRewriting
import CountersignRouter
import CountersignRouting
import CountersignTransport

extension RouterSettings {
    /// How requests are spread over endpoints.
    static func balancing(_ section: BalancingSection) -> BalancingPlan {
        var plan = BalancingPlan()
        switch section.algorithm {
        case .roundRobin: plan.algorithm = .roundRobin
        case .leastConnection: plan.algorithm = .leastConnection
        }
        if section.zonePreference == .locallyOptimistic { plan.preferredZone = section.zone }
        plan.slowStart = section.slowStart.nanoseconds
        plan.sticky.cookieNames = section.stickyCookies.map { Array($0.utf8) }
        plan.sticky.isAlwaysSecure = section.securesCookies
        return plan
    }

    /// When endpoints are left out for their failures.
    static func ejection(_ section: EjectionSection) -> EjectionRules {
        var rules = EjectionRules()
        rules.consecutiveFailures = section.consecutiveFailures
        rules.baseTime = section.baseTime.nanoseconds
        rules.longestTime = section.longestTime.nanoseconds
        rules.maximumPercent = section.maximumPercent
        rules.countsServerErrors = section.countsServerErrors
        return rules
    }

    /// Endpoints that are asked whether they are well: those of routes, and of upstreams that routes name.
    static func healthChecks(_ router: RouterSection, _ upstreams: [UpstreamSection]) -> [HealthCheckPlan] {
        var plans: [HealthCheckPlan] = []
        for route in router.routes {
            guard let section = route.healthCheck, case .endpoints(let endpoints) = route.target else { continue }
            plans.append(plan(section, "\(route.pattern)", endpoints, host: route.pattern.host))
        }
        for upstream in upstreams {
            guard let section = upstream.healthCheck,
                router.routes.contains(where: { $0.target.names(upstream.name) })
            else { continue }
            let url = upstream.url
            let host = url.host.contains(":") ? "[\(url.host)]" : url.host
            let isUsual = url.port == (url.isSecure ? 443 : 80)
            let authority = isUsual ? host : "\(host):\(url.port)"
            plans.append(plan(section, upstream.name, upstream.endpoints, host: authority))
        }
        return plans
    }

    private static func plan(
        _ section: HealthCheckSection,
        _ name: String,
        _ endpoints: [Endpoint],
        host: String
    ) -> HealthCheckPlan {
        HealthCheckPlan(
            name: name,
            endpoints: endpoints,
            path: section.path,
            host: section.host ?? host,
            interval: section.interval.nanoseconds,
            timeout: section.timeout.nanoseconds,
            healthyThreshold: section.healthyThreshold,
            unhealthyThreshold: section.unhealthyThreshold,
            statuses: section.statuses
        )
    }

    /// How often requests are tried again.
    static func retries(_ section: RetriesSection) -> RetryPlan {
        var plan = RetryPlan()
        plan.maximumAttempts = section.maximumAttempts
        plan.time = section.time.nanoseconds
        plan.percent = section.percent
        plan.minimumPerSecond = section.minimumPerSecond
        return plan
    }
}

extension RouteSection.Target {
    /// Whether it is the upstream of a name.
    fileprivate func names(_ name: String) -> Bool {
        if case .upstream(name) = self { true } else { false }
    }
}
