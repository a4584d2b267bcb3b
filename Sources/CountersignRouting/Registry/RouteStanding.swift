/// What owners of a host have to say of a route that the bus registers.
public enum BusBinding: Sendable, Hashable {
    /// The route says itself who may call.
    case free
    /// This route of the control plane says who may call.
    case route(RoutePattern)
    /// Nobody may call: a domain of the control plane enforces policies and has no route for it, or is not known yet.
    case enforcedDomain
}

extension RouteRegistry {
    /// Who says who may call a route that only the bus has; `nil` for every other route.
    public func busBinding(of pattern: RoutePattern) -> BusBinding? {
        guard let slot = slot(of: pattern), let entry = entries[slot], entry.fixed == nil, entry.controlled == nil
        else {
            return nil
        }
        switch entry.binding {
        case .free: return .free
        case .bound(let owner): return owner.map(BusBinding.route) ?? .enforcedDomain
        case .refused: return nil
        }
    }

    /// What the bus registers that would take a request and may not, as the file has the host; the nearest one.
    ///
    /// - Parameters:
    ///   - host: a host in its normal form.
    ///   - path: a path in its plain form, with or without a query.
    public func refusedRegistration(host: String, path: String) -> RoutePattern? {
        for host in Self.names(covering: host) {
            for path in Self.beginnings(of: path) {
                let text = host + path
                guard let slot = place(of: Array(text.utf8).span), let entry = entries[slot], entry.isRegistered,
                    entry.binding == .refused
                else { continue }
                return entry.pattern
            }
        }
        return nil
    }

    /// The host, and the wildcards that it is below, the nearest first.
    private static func names(covering host: String) -> [String] {
        var names = [host]
        var rest = Substring(host)
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            names.append("*." + rest)
        }
        return names
    }

    /// The paths that a path begins with, the longest first and the empty one last.
    private static func beginnings(of path: String) -> [String] {
        let plain = path.prefix { $0 != "?" }
        var beginnings = [""]
        var sofar = ""
        for segment in plain.split(separator: "/").prefix(RoutePattern.maximumDepth) {
            sofar += "/" + segment
            beginnings.append(sofar)
        }
        return beginnings.reversed()
    }
}
