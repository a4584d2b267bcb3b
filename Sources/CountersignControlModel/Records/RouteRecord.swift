package import CountersignPolicy

/// A route: requests for a host and the beginning of a path, and where they are sent.
package struct RouteRecord: Sendable, Hashable {
    /// Identity and times.
    package var header: RecordHeader
    /// The GUID of its domain.
    package let domain: String
    /// The label in front of the domain; empty for the domain itself, `*` for every host below it.
    package let host: String
    /// The beginning of the path with a `/` before each segment; empty for the whole host.
    package let path: String
    /// The GUID of the space that the route belongs to.
    package let space: String?
    /// Where requests are sent; with none, instances that are registered on the bus for the same route serve it.
    package var destinations: [RouteDestination]
    /// What is said of the route; policies are no part of it.
    package var options: RouteOptions
    /// What people note about it.
    package var metadata: RecordMetadata

    package init(
        header: RecordHeader,
        domain: String,
        host: String,
        path: String,
        space: String? = nil,
        destinations: [RouteDestination] = [],
        options: RouteOptions = .empty,
        metadata: RecordMetadata = RecordMetadata()
    ) {
        self.header = header
        self.domain = domain
        self.host = host
        self.path = path
        self.space = space
        self.destinations = destinations
        self.options = options
        self.metadata = metadata
    }

    /// The route as a router knows it: host, domain and path.
    package func pattern(on domain: DomainRecord) -> String {
        (host.isEmpty ? "" : host + ".") + domain.name + path
    }
}
