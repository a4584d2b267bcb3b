public import CountersignIdentity

/// Where an endpoint runs, from the tags of its registration.
public struct EndpointScope: Hashable, Sendable {
    /// The tag `organization_id`.
    public let organization: CloudFoundryGUID?
    /// The tag `space_id`.
    public let space: CloudFoundryGUID?

    /// A place; an absent part never equals a caller's.
    public init(organization: CloudFoundryGUID?, space: CloudFoundryGUID?) {
        self.organization = organization
        self.space = space
    }
}
