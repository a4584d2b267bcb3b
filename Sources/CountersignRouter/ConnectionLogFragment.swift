import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouting
import CountersignTLS
import CountersignTelemetry
import CountersignTransport

/// The fields of a connection's access log lines that do not change, rendered once, and the last decision's.
struct ConnectionLogFragment {
    /// Client address, TLS and caller.
    private(set) var base = AccessLogFragment(.json)
    private var lastRoute: Route?
    private var lastRule: MatchedRule?
    private var lastFragment = AccessLogFragment(.json)
    private var lastDenial: Denial?

    init() {}

    /// Of a connection without TLS.
    init(_ client: ClientConnection, form: AccessLogForm) {
        base = AccessLogFragment(form)
        base.add(.remoteAddress, client.remote.description)
        base.add(.workload, client.origin?.workload?.name ?? "")
    }

    init(_ client: ClientConnection, _ session: TLSSession, form: AccessLogForm) {
        base = AccessLogFragment(form)
        base.add(.remoteAddress, client.remote.description)
        let serverName = client.identity.serverName
        base.add(.tlsSNI, serverName.span)
        base.add(.tlsVersion, session.versionName)
        base.add(.tlsCipher, session.cipherName)
        base.add(client.identity.callerLog(form))
    }

    /// The fields of an allowed request; rendered anew only when the connection's route or rule changes.
    mutating func decision(route: Route, rule: MatchedRule, form: AccessLogForm) -> AccessLogFragment {
        if lastRoute === route, lastRule == rule { return lastFragment }
        var fragment = AccessLogFragment(form)
        fragment.add(.route, route.pattern.description)
        fragment.add(.policy, rule.description)
        if case .audited(let denial) = rule { fragment.add(.deniedReason, denial.explanation) }
        lastRoute = route
        lastRule = rule
        lastDenial = nil
        lastFragment = fragment
        return fragment
    }

    /// The fields of a denied request; rendered anew only when the connection's route or denial changes.
    mutating func denial(route: Route, _ denial: Denial, form: AccessLogForm) -> AccessLogFragment {
        if lastRoute === route, lastDenial == denial { return lastFragment }
        var fragment = AccessLogFragment(form)
        fragment.add(.route, route.pattern.description)
        fragment.add(.policy, denial.policy)
        fragment.add(.deniedReason, denial.explanation)
        lastRoute = route
        lastRule = nil
        lastDenial = denial
        lastFragment = fragment
        return fragment
    }
}
