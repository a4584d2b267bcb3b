public import CountersignPolicy

/// What is wrong with the options of a route: the same for those of a file, of a manifest and of the control plane.
public enum RouteOptionRules {
    /// Every option that has a meaning.
    public static let names =
        [
            "mtls_allowed_apps", "mtls_allowed_spaces", "mtls_allowed_orgs", "mtls_allow_any", "route_policy_scope",
            "route_policy_sources",
        ] + RouteBalancing.optionNames + RouteTraffic.optionNames

    /// A problem with an option.
    public struct Problem: Sendable, Hashable {
        /// The option that it is about; nil when it is about all.
        public let option: String?
        /// One sentence without the name of the option.
        public let message: String
    }

    /// Finds every problem with the values of options that have a meaning; others are passed over.
    ///
    /// - Parameter options: the options of a route.
    public static func problems(of options: RouteOptions) -> [Problem] {
        self.policy(of: options).problems
    }

    /// Makes the policy of what can be used of the options, and finds every problem with the rest.
    ///
    /// - Parameter options: the options of a route.
    public static func policy(of options: RouteOptions) -> (policy: RoutePolicy, problems: [Problem]) {
        var found: [Problem] = []
        var ignored: [PolicyError] = []
        let policy = RoutePolicy(lenient: options, ignored: &ignored)
        _ = RouteTraffic(lenient: options, ignored: &ignored)
        for problem in ignored {
            let option = problem.options.first { options[$0] != nil }
            // The place names the option already.
            let label = "\(option ?? ""): "
            let isLabelled = problem.message.hasPrefix(label)
            let message = isLabelled ? String(problem.message.dropFirst(label.count)) : problem.message
            found.append(Problem(option: option, message: message))
        }
        var unclear: [(option: String, message: String)] = []
        _ = RouteBalancing(options, problems: &unclear)
        return (policy, found + unclear.map { Problem(option: $0.option, message: $0.message) })
    }
}
