/// Which Cloud Foundry app holds a certificate, and in which space and organization it runs.
///
/// Instance identity certificates say it in organizational units of the subject: `OU=app:{guid}`, `OU=space:{guid}` and
/// `OU=organization:{guid}`, each at most once. The prefixes are lower-case and the values ``CloudFoundryGUID``s.
public struct CloudFoundryIdentity: Hashable, Sendable {
    /// The app.
    public let app: CloudFoundryGUID
    /// The space, when the certificate names one.
    public let space: CloudFoundryGUID?
    /// The organization, when the certificate names one.
    public let organization: CloudFoundryGUID?

    /// An identity with these parts.
    public init(app: CloudFoundryGUID, space: CloudFoundryGUID? = nil, organization: CloudFoundryGUID? = nil) {
        self.app = app
        self.space = space
        self.organization = organization
    }

    /// Reads the identity from a subject; `nil` when it names no app.
    ///
    /// Every unit is a separate attribute of the subject. Units without one of the prefixes mean nothing here.
    ///
    /// - Throws: ``IdentityAmbiguity`` when a unit is repeated, malformed, or imitated inside another attribute.
    public init?(subject: DistinguishedName) throws(IdentityAmbiguity) {
        guard !subject.attributes.contains(where: UnitImitation.isPresent) else { throw .imitatedUnit }
        let units = subject.organizationalUnits
        let app = try Self.value("app:", in: units, repeated: .repeatedApp)
        let space = try Self.value("space:", in: units, repeated: .repeatedSpace)
        let organization = try Self.value("organization:", in: units, repeated: .repeatedOrganization)
        guard let app else { return nil }
        self.init(app: app, space: space, organization: organization)
    }

    private static func value(
        _ prefix: String,
        in units: [String],
        repeated: IdentityAmbiguity
    ) throws(IdentityAmbiguity) -> CloudFoundryGUID? {
        let matches = units.filter { $0.utf8.starts(with: prefix.utf8) }
        guard let unit = matches.first else { return nil }
        guard matches.count == 1 else { throw repeated }
        // Cut by bytes: a combining mark after the colon would join it in one character.
        let value = String(decoding: unit.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        do {
            return try CloudFoundryGUID(parsing: value)
        } catch {
            throw .malformedUnit
        }
    }
}
