import CountersignPolicy

/// The control plane that an authority serves: the section `authority.control`.
package struct ControlPlaneSection: Sendable {
    /// The database with domains, routes, policies and names.
    package var path: String

    /// Whether a new one is made where there is none.
    package var create = false

    /// Whether the owner of a caller has to allow each call, too.
    package var isBilateral = false

    /// The largest that a route's options may be as JSON, in bytes, 0...65536.
    package var maximumRouteOptionsSize = RouteOptions.defaultMaximumEncodedSize

    /// Where the section stands in the file.
    package var place: ConfigurationPlace

    /// Makes a section with the defaults.
    package init(path: String, place: ConfigurationPlace) {
        self.path = path
        self.place = place
    }
}

extension ControlPlaneSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `store` (path, required), `create` (boolean, default false)
    /// - `bilateral` (boolean, default false)
    /// - `max_route_options_size` (0...65536 bytes, default 1024)
    static func read(_ value: ValueReader) -> ControlPlaneSection? {
        value.mapping("the keys of \"control\"") { reader in
            let path = reader.required("store", "the file of its database, as in \"run/control.db\"")?.path()
            let create = reader.boolean("create", default: false)
            let bilateral = reader.boolean("bilateral", default: false)
            let size = reader.integer(
                "max_route_options_size",
                default: RouteOptions.defaultMaximumEncodedSize,
                in: 0...65536
            )
            guard let path else { return nil }
            var section = ControlPlaneSection(path: path, place: reader.place)
            section.create = create
            section.isBilateral = bilateral
            section.maximumRouteOptionsSize = size
            return section
        }
    }
}
