import CountersignJSON
import CountersignPKI
import CountersignPolicy

/// The least policies that observed traffic needs, each in the words of the place where its route is.
package struct SuggestedPolicies {
    /// A place that routes are in.
    package enum Place: String, Sendable, CaseIterable {
        /// A router's configuration file.
        case file
        /// The control plane.
        case controlPlane = "control-plane"
        /// The bus.
        case bus
    }

    private struct Suggestion {
        let route: String
        let sources: [PolicySource: Int]
        var place = ""
        var scope = "any"

        /// The sources in an order that stays.
        var sorted: [(key: PolicySource, value: Int)] {
            sources.sorted { $0.key.description < $1.key.description }
        }

        var list: String { sorted.map(\.key.description).joined(separator: ",") }
    }

    private let observed: ObservedTraffic
    private var suggestions: [Place: [Suggestion]] = [:]
    private var unplaced: [String: String] = [:]

    init(_ observed: ObservedTraffic) {
        self.observed = observed
    }

    /// Takes a route and the place that it is in.
    mutating func add(_ route: String, _ seen: ObservedTraffic.Seen, _ home: RouteHomes.Home) {
        var suggestion = Suggestion(route: route, sources: seen.sources)
        let place: Place
        switch home {
        case .file(let written, let scope):
            (suggestion.place, suggestion.scope) = (written, scope)
            place = .file
        case .controlPlane: place = .controlPlane
        case .bus(let scope):
            suggestion.scope = scope
            place = .bus
        case .unknown(let reason):
            unplaced[route] = reason
            return
        }
        suggestions[place, default: []].append(suggestion)
    }

    /// The suggestions as YAML, a document for each place.
    ///
    /// - Parameters:
    ///   - only: the only place to write for; nil for all.
    ///   - directory: names for comments.
    func text(for only: Place?, _ directory: NameDirectory) -> String {
        var output =
            "# Who was seen to call. Check each line before you apply it: what is not seen here is refused then.\n"
        if observed.unread > 0 { output += "# \(observed.unread) lines are no records of requests that had a route.\n" }
        for (route, count) in observed.unusable.sorted(by: { $0.key < $1.key }) {
            output += "# \(Self.quoted(route)): \(count) requests that no policy of the route can let in.\n"
        }
        for (route, reason) in unplaced.sorted(by: { $0.key < $1.key }) {
            output += "# \(Self.quoted(route)): nothing is suggested: \(reason)\n"
        }
        var places = Place.allCases.filter { suggestions[$0] != nil && (only ?? $0) == $0 }
        if places.isEmpty { places = [only ?? .controlPlane] }
        for (index, place) in places.enumerated() {
            if index > 0 { output += "---\n" }
            let routes = (suggestions[place] ?? []).sorted { $0.route < $1.route }
            switch place {
            case .file: output += Self.file(routes, directory)
            case .controlPlane: output += Self.manifest(routes, directory)
            case .bus: output += Self.registrations(routes, directory)
            }
        }
        return output
    }

    private static func manifest(_ routes: [Suggestion], _ directory: NameDirectory) -> String {
        guard !routes.isEmpty else { return "applications: []\n" }
        var output =
            "# For the control plane: countersign routes apply -f\napplications:\n- name: observed\n  routes:\n"
        for route in routes {
            output += "  - route: \(quoted(route.route))\n    policies:\n"
            for (source, count) in route.sorted {
                output += "    - \(quoted(source.description))  # \(comment(source, count, directory))\n"
            }
        }
        return output
    }

    private static func file(_ routes: [Suggestion], _ directory: NameDirectory) -> String {
        guard !routes.isEmpty else { return "router: { routes: [] }\n" }
        var output =
            "# For the configuration file: these options in place of the routes' own about callers; then reload.\n"
        output += "router:\n  routes:\n"
        for route in routes {
            output += "  - route: \(quoted(route.route))  # \(PrintableText.escaped(route.place))\n"
            output += comments(route, "    ", directory)
            output += "    options:\n      route_policy_scope: \(route.scope)\n"
            output += "      route_policy_sources: \(quoted(route.list))\n"
        }
        return output
    }

    private static func registrations(_ routes: [Suggestion], _ directory: NameDirectory) -> String {
        guard !routes.isEmpty else { return "registrations: []\n" }
        var output =
            "# For the bus: these options of router.register, in place of those about callers, by every instance.\n"
        output += "registrations:\n"
        for route in routes {
            let options = JSONValue.object([
                .init("route_policy_scope", .string(route.scope)), .init("route_policy_sources", .string(route.list)),
            ])
            let message = JSONValue.object([.init("uris", .strings([route.route])), .init("options", options)])
            output += comments(route, "", directory) + "- \(message.compact)\n"
        }
        return output
    }

    private static func comments(_ route: Suggestion, _ indentation: String, _ directory: NameDirectory) -> String {
        route.sorted.map { source, count in
            "\(indentation)# \(source): \(comment(source, count, directory))\n"
        }.joined()
    }

    private static func comment(_ source: PolicySource, _ count: Int, _ directory: NameDirectory) -> String {
        let name = directory.shown(source)
        return "\(count) requests" + (name == source.description ? "" : ", \(quoted(name))")
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).compact }
}
