package import CountersignControlModel

/// One of several changes that are made together.
///
/// Domains are called by their names and routes by host and path, so that a change can be about what one before it makes.
package enum ControlStep: Sendable {
    /// Says what an organization, a space or an app is called.
    case putName(NameRecord.Kind, guid: String, name: String, parent: String?)
    /// Makes a domain.
    case createDomain(DomainDraft)
    /// Changes what people note about a domain.
    case updateDomain(name: String, MetadataChange)
    /// Makes a route; the draft's domain is its name.
    case createRoute(RouteDraft)
    /// Changes options and notes of a route.
    case updateRoute(url: String, OptionsChange, MetadataChange)
    /// Replaces all destinations of a route.
    case setDestinations(url: String, [DestinationDraft])
    /// Gives a permission; the draft's route is its host and path.
    case createPolicy(PolicyDraft)
    /// Changes what people note about a permission.
    case updatePolicy(PolicyRecord.Side, source: String, url: String, MetadataChange)
    /// Takes a permission back.
    case deletePolicy(PolicyRecord.Side, source: String, url: String)
}

/// Changes that are made all or not at all.
package struct ControlBatch: Sendable {
    /// The most changes of one batch.
    package static let maximumCount = 1_000_000

    /// The token of the state that they were worked out from; nil when any will do.
    package var version: String?
    /// The changes in their order.
    package var steps: [ControlStep]

    package init(version: String? = nil, steps: [ControlStep]) {
        self.version = version
        self.steps = steps
    }
}
