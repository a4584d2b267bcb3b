/// What an endpoint is an instance of, and where it runs; all of it as its platform words it.
public struct EndpointInstance: Sendable, Hashable {
    /// The GUID of the application.
    public let application: String?
    /// The id of the instance.
    public let id: String?
    /// The number of the instance among those of its application.
    public let index: String?
    /// The availability zone.
    public let zone: String?
    /// The isolation segment.
    public let segment: String?

    /// An instance of which nothing is known.
    public static let unknown = EndpointInstance()

    /// Makes an instance from its parts.
    ///
    /// - Parameters:
    ///   - application: the GUID of the application.
    ///   - id: the id of the instance.
    ///   - index: its number among those of its application.
    ///   - zone: the availability zone.
    ///   - segment: the isolation segment.
    public init(
        application: String? = nil,
        id: String? = nil,
        index: String? = nil,
        zone: String? = nil,
        segment: String? = nil
    ) {
        self.application = application
        self.id = id
        self.index = index
        self.zone = zone
        self.segment = segment
    }

    /// The same, in the memory of another where that says the same.
    func sharing(_ other: EndpointInstance?) -> EndpointInstance {
        guard let other else { return self }
        return EndpointInstance(
            application: application == other.application ? other.application : application,
            id: id,
            index: index,
            zone: zone == other.zone ? other.zone : zone,
            segment: segment == other.segment ? other.segment : segment
        )
    }
}
