package import CountersignIdentity
package import CountersignRouting

/// Which service may call which, by host, method and path.
///
/// A caller that no entry names is not registered; one that is named may do what some entry of it allows.
package struct ServiceAllowList: Sendable, Hashable {
    /// One entry: all of its parts have to fit.
    package struct Entry: Sendable, Hashable {
        /// Who calls.
        package var caller: CallerPattern
        /// The host that is called; nil for any.
        package var host: HostPattern?
        /// The methods, in upper case; empty for any.
        package var methods: [String]
        /// The paths; empty for any.
        package var paths: [CallPath]

        /// Takes the parts.
        package init(
            caller: CallerPattern,
            host: HostPattern? = nil,
            methods: [String] = [],
            paths: [CallPath] = []
        ) {
            self.caller = caller
            self.host = host
            self.methods = methods
            self.paths = paths
        }
    }

    /// What the list says.
    package enum Decision: Sendable, Hashable {
        /// An entry allows the call.
        case allowed
        /// No entry names the caller.
        case notRegistered
        /// The caller's entries do not allow this call.
        case notAllowed
    }

    /// The entries, in any order.
    package let entries: [Entry]

    /// Takes the entries.
    package init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// Judges a call.
    ///
    /// - Parameters:
    ///   - caller: who calls.
    ///   - host: the host that is called, with a port or without.
    ///   - method: the method, which has a case.
    ///   - target: the path, with a query or without; one that could be read in two ways fits no entry that names paths.
    package func decision(caller: CallerNames, host: String, method: String, target: String) -> Decision {
        let own = entries.filter { $0.caller.fits(caller) }
        guard !own.isEmpty else { return .notRegistered }
        let name = HostName(hostHeader: Array(host.utf8).span)
        let path = Array(target.utf8.prefix { $0 != UInt8(ascii: "?") })
        let isPlain = CanonicalPath.isPlain(path.span)
        let isAllowed = own.contains { entry in
            if let pattern = entry.host {
                guard let name, pattern.matches(name) else { return false }
            }
            guard entry.methods.isEmpty || entry.methods.contains(method) else { return false }
            return entry.paths.isEmpty || isPlain && entry.paths.contains { $0.holds(plain: path) }
        }
        return isAllowed ? .allowed : .notAllowed
    }
}
