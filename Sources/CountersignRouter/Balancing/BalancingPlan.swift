package import CountersignRewriting

/// How requests are spread over endpoints where a route says nothing else.
package struct BalancingPlan: Sendable, Equatable {
    /// How the next endpoint is found.
    package enum Algorithm: Sendable, Hashable {
        case roundRobin
        case leastConnection
    }

    /// What counts for routes that do not say it.
    package var algorithm = Algorithm.roundRobin
    /// The availability zone whose endpoints are tried first; `nil` prefers none.
    package var preferredZone: String?
    /// In how many nanoseconds an endpoint that is new or back comes to its full share; 0 gives it that at once.
    package var slowStart: UInt64 = 0
    /// How sessions are kept with one instance.
    package var sticky = StickySessionPlan()

    package init() {}

    /// The same in memory of its own, so that workers which read it for each request do not share its reference counts.
    var copied: BalancingPlan {
        var copy = self
        copy.preferredZone = preferredZone.map { String(decoding: Array($0.utf8), as: UTF8.self) }
        copy.sticky.cookieNames = sticky.cookieNames.map { name in name.map(\.self) }
        return copy
    }
}
