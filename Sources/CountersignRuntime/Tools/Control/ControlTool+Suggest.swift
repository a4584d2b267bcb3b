extension ControlTool {
    /// Where routes are looked for, to write a suggestion for the place that they are in.
    package enum RoutesOf: Sendable {
        /// A running router, by its admin listener.
        case router(String)
        /// A router's configuration file and the copy of the control plane that it names.
        case configuration(String)
        /// The control plane.
        case controlPlane
    }

    /// Writes the least policies that the traffic of an access log needs, for the places that the routes are in.
    ///
    /// - Parameters:
    ///   - file: the JSON access log of a router.
    ///   - countsRefused: whether requests that were refused for want of a policy count, too.
    ///   - routes: where the routes are looked for.
    ///   - place: the only place to write for; nil for all.
    package func suggest(
        _ file: String,
        countsRefused: Bool,
        routes: RoutesOf,
        place: SuggestedPolicies.Place?
    ) -> ToolResult {
        admin.run { () throws(ToolError) in
            var observed = ObservedTraffic(countsRefused: countsRefused)
            for line in try ToolFile.read(file).split(separator: UInt8(ascii: "\n")) { observed.add(Array(line)) }
            // Names help people who read the suggestion; without a control plane there are none.
            let directory = (try? NameDirectory(connection)) ?? NameDirectory()
            var suggested = SuggestedPolicies(observed)
            let homes = try RouteHomes(routes, connection)
            for (route, seen) in observed.routes { try suggested.add(route, seen, homes.home(of: route, seen.example)) }
            return suggested.text(for: place, directory)
        }
    }
}
