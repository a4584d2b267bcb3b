package import CountersignPolicy

/// One permission: callers of a source may call a route, as one of the two sides sees it.
package struct PolicyRecord: Sendable, Hashable {
    /// Whose permission it is.
    package enum Side: String, Sendable, CaseIterable {
        /// The owner of the route lets the source in.
        case route
        /// The owner of the source lets it call out.
        case caller
    }

    /// Identity and times.
    package var header: RecordHeader
    /// Whose permission it is.
    package let side: Side
    /// Who may call.
    package let source: PolicySource
    /// The GUID of the route that may be called.
    package let route: String
    /// What people note about it.
    package var metadata: RecordMetadata

    package init(
        header: RecordHeader,
        side: Side,
        source: PolicySource,
        route: String,
        metadata: RecordMetadata = RecordMetadata()
    ) {
        self.header = header
        self.side = side
        self.source = source
        self.route = route
        self.metadata = metadata
    }
}
